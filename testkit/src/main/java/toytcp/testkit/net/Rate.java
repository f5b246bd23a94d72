package toytcp.testkit.net;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Rates as text, as the `tc` of Linux writes them.
final class Rate {
    private static final Pattern SYNTAX = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kmg]?)bit");

    private Rate() {}

    /// @return bits per second
    static long parse(String text) {
        Matcher matcher = SYNTAX.matcher(text.toLowerCase(Locale.ROOT).strip());
        if (!matcher.matches()) {
            throw wrong(text);
        }
        int zeros = "kmg".indexOf(matcher.group(2)) * 3 + 3;
        BigDecimal number = new BigDecimal(matcher.group(1));
        BigDecimal bits = number.scaleByPowerOfTen(matcher.group(2).isEmpty() ? 0 : zeros);
        long rate = bits.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
        if (rate < 1 || rate == Long.MAX_VALUE) {
            throw wrong(text);
        }
        return rate;
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "a rate is a number of bits a second, such as 10mbit, 1.5gbit, 64kbit or 9600bit;"
                        + " got '"
                        + text
                        + "'");
    }
}
