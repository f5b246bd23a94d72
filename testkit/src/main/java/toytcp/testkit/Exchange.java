package toytcp.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Everything that happened in a script, as text: one line each, with its virtual time.
///
/// `>` leaves the connection under test, `<` arrives at it, `#` is what it told its user, and a
/// line without a mark is what the script did.
final class Exchange {
    private record Line(long atNanos, String text) {}

    private final List<Line> lines = new ArrayList<>();

    /// Adds a line and returns its index.
    int add(long atNanos, char mark, String text) {
        lines.add(new Line(atNanos, mark + " " + text));
        return lines.size() - 1;
    }

    int size() {
        return lines.size();
    }

    /// The error that shows the whole exchange with a marker at `marked`, below what was wrong.
    AssertionError failure(String wrong, int marked) {
        StringBuilder text = new StringBuilder(wrong).append(System.lineSeparator());
        for (int i = 0; i < lines.size(); i++) {
            text.append(line(i, i == marked)).append(System.lineSeparator());
        }
        return new AssertionError(text);
    }

    /// The error that shows what was expected and what was there.
    AssertionError failure(String what, String expected, String actual, int marked) {
        return failure(
                "%s%n  expected: %s%n  actual:   %s".formatted(what, expected, actual), marked);
    }

    /// All lines.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            text.append(line(i, false)).append(System.lineSeparator());
        }
        return text.toString();
    }

    private String line(int index, boolean marked) {
        Line line = lines.get(index);
        return "%s +%s %s".formatted(marked ? "==>" : "   ", seconds(line.atNanos), line.text);
    }

    /// Seconds with as many decimals as needed, at least three.
    static String seconds(long nanos) {
        String text =
                String.format(Locale.ROOT, "%d.%09d", nanos / 1_000_000_000, nanos % 1_000_000_000);
        int end = text.length();
        while (text.charAt(end - 1) == '0' && end > text.length() - 6) {
            end--;
        }
        return text.substring(0, end);
    }
}
