package toytcp.testkit;

import java.util.ArrayDeque;
import java.util.Deque;

/// The latest lines of what happened in a [CoreNetwork].
final class NetworkLog {
    private record Line(long atNanos, String text) {}

    private final Deque<Line> lines = new ArrayDeque<>();
    private final int limit;

    NetworkLog(int limit) {
        this.limit = limit;
    }

    void add(long atNanos, String text) {
        if (lines.size() == limit) {
            lines.removeFirst();
        }
        lines.add(new Line(atNanos, text));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            text.append('+').append(Exchange.seconds(line.atNanos)).append(' ').append(line.text);
            text.append(System.lineSeparator());
        }
        return text.toString();
    }
}
