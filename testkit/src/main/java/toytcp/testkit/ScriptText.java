package toytcp.testkit;

import toytcp.codec.SegmentFormat;

import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/// A line of a script: the text form of a segment with what only scripts have added to it.
///
/// These additions are: a time in front (`+200ms`), the option `TS` without values (timestamps
/// whose values do not matter), the option `noTS` (no timestamps), and `<>` (no options at all).
///
/// @param afterNanos the time in front, or [#NO_TIME]
/// @param parsed the segment itself
/// @param timestamps what the text says on timestamps
/// @param optionsMentioned whether the text has a list of options, be it an empty one
record ScriptText(
        long afterNanos,
        SegmentFormat.Parsed parsed,
        Timestamps timestamps,
        boolean optionsMentioned) {

    /// The value of [#afterNanos()] when the text has no time.
    static final long NO_TIME = -1;

    /// What a text says on timestamps.
    enum Timestamps {
        /// nothing
        UNMENTIONED,
        /// `TS`
        BARE,
        /// `TS val 1 ecr 2`
        GIVEN,
        /// `noTS`
        NONE
    }

    /// @throws IllegalArgumentException if the text has mistakes; the message shows it
    static ScriptText parse(String text, int seqBase, int ackBase) {
        String rest = text.strip();
        long afterNanos = NO_TIME;
        if (rest.startsWith("+")) {
            int space = rest.indexOf(' ');
            if (space < 0) {
                throw new IllegalArgumentException("a segment follows the time, got: " + text);
            }
            afterNanos = duration(rest.substring(1, space), text);
            rest = rest.substring(space).strip();
        }
        int open = rest.indexOf('<');
        if (open < 0) {
            SegmentFormat.Parsed parsed = SegmentFormat.parse(rest, seqBase, ackBase);
            return new ScriptText(afterNanos, parsed, Timestamps.UNMENTIONED, false);
        }
        if (!rest.endsWith(">")) {
            throw new IllegalArgumentException("options end with >, got: " + text);
        }
        Timestamps timestamps = Timestamps.UNMENTIONED;
        StringJoiner options = new StringJoiner(",", " <", ">").setEmptyValue("");
        for (String option : rest.substring(open + 1, rest.length() - 1).split(",")) {
            String name = option.strip();
            switch (name) {
                case "" -> {}
                case "TS" -> timestamps = Timestamps.BARE;
                case "noTS" -> timestamps = Timestamps.NONE;
                default -> {
                    options.add(name);
                    timestamps = name.startsWith("TS ") ? Timestamps.GIVEN : timestamps;
                }
            }
        }
        String plain = rest.substring(0, open).strip() + options;
        return new ScriptText(
                afterNanos, SegmentFormat.parse(plain, seqBase, ackBase), timestamps, true);
    }

    private static long duration(String duration, String text) {
        int digits = 0;
        while (digits < duration.length() && "0123456789.".indexOf(duration.charAt(digits)) >= 0) {
            digits++;
        }
        long unit =
                switch (duration.substring(digits)) {
                    case "ns" -> 1;
                    case "us" -> TimeUnit.MICROSECONDS.toNanos(1);
                    case "ms" -> TimeUnit.MILLISECONDS.toNanos(1);
                    case "s" -> TimeUnit.SECONDS.toNanos(1);
                    default ->
                            throw new IllegalArgumentException(
                                    "a time is a number and ns, us, ms or s, got: " + text);
                };
        return Math.round(Double.parseDouble(duration.substring(0, digits)) * unit);
    }
}
