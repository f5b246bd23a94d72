package toytcp.stack.tcp;

/// How many octets the connections of one stack may hold together: what arrived and was not consumed,
/// what waits behind gaps, what was written and is not acknowledged.
///
/// There are three zones, as in Linux's `tcp_mem`. While little is used each connection has the buffers
/// that its settings and its tuning give it. Under *pressure*, from two thirds of the limit until less
/// than half is used again, no buffer grows, windows are not enlarged beyond a few segments, and
/// out-of-order text is not kept beyond that. *Exhausted*, windows close and nothing new is taken. But
/// each connection keeps a minimum of 4 to 16 KiB a direction, so that none of them stands still: the
/// limit can be exceeded by these minimums, and by nothing else.
///
/// Shared by connections that are driven by one thread; it locks nothing.
public final class MemoryBudget {
    /// The least limit in octets.
    public static final long LEAST = 1 << 16;

    /// How much of the budget is used.
    public enum Zone {
        /// So little that nobody is limited by it.
        FREE,
        /// So much that nothing grows.
        PRESSURE,
        /// All of it.
        EXHAUSTED
    }

    private final long limit;
    private final long high;
    private final long low;
    private Zone zone = Zone.FREE;
    private long used;
    private long peak;
    private long pressures;
    private long exhaustions;

    /// @param limit octets, from [#LEAST]
    /// @throws IllegalArgumentException if it is less
    public MemoryBudget(long limit) {
        if (limit < LEAST) {
            throw new IllegalArgumentException(
                    "the memory of a stack must be at least " + LEAST + " octets, got " + limit);
        }
        this.limit = limit;
        high = limit / 3 * 2;
        low = limit / 2;
    }

    /// A budget that is never used up.
    public static MemoryBudget unlimited() {
        return new MemoryBudget(Long.MAX_VALUE);
    }

    /// The limit in octets.
    public long limit() {
        return limit;
    }

    /// Octets that are held now.
    public long used() {
        return used;
    }

    /// The most octets that were ever held.
    public long peak() {
        return peak;
    }

    /// The zone that they lie in.
    public Zone zone() {
        return zone;
    }

    /// How often pressure began.
    public long pressures() {
        return pressures;
    }

    /// How often all was used.
    public long exhaustions() {
        return exhaustions;
    }

    /// Octets that are left, 0 or more.
    long left() {
        return Math.max(0, limit - used);
    }

    /// A connection holds more, or less.
    void add(long octets) {
        used += octets;
        peak = Math.max(peak, used);
        Zone before = zone;
        if (used >= limit) {
            zone = Zone.EXHAUSTED;
        } else if (used >= high) {
            zone = Zone.PRESSURE;
        } else if (used < low) {
            zone = Zone.FREE;
        } else if (zone == Zone.EXHAUSTED) {
            zone = Zone.PRESSURE;
        }
        if (zone != before) {
            pressures += before == Zone.FREE ? 1 : 0;
            exhaustions += zone == Zone.EXHAUSTED ? 1 : 0;
        }
    }
}
