package toytcp.stack.tcp;

/// The least of the values of the last five to ten minutes: of the period that is running, and of the one
/// before.
final class WindowedMinimum {
    /// As in Linux.
    static final long PERIOD_NANOS = 300_000_000_000L;

    private static final long NONE = Long.MAX_VALUE;

    private long since;
    private long current = NONE;
    private long previous = NONE;

    void add(long value, long nowNanos) {
        if (nowNanos - since >= PERIOD_NANOS) {
            // What is older than two periods is forgotten.
            previous = nowNanos - since < 2 * PERIOD_NANOS ? current : NONE;
            current = NONE;
            since = nowNanos;
        }
        current = Math.min(current, value);
    }

    /// 0 before the first value.
    long get() {
        long least = Math.min(current, previous);
        return least == NONE ? 0 : least;
    }
}
