package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.PathMetrics;

import java.util.concurrent.TimeUnit;

/// What connections that ended learnt of their peers' paths, for the next ones (RFC 9040, 6).
///
/// A fixed number of places, one for each hash of an address: who talks to more peers forgets some. The
/// table is made with the first entry. An entry ends after an hour; paths change.
final class PathMemory {
    /// A power of two.
    static final int PLACES = 1024;

    static final long LIFETIME_NANOS = TimeUnit.HOURS.toNanos(1);

    private record Entry(long high, long low, PathMetrics metrics) {}

    private Entry @Nullable [] entries;

    /// What is known of the path to an address, or null.
    @Nullable PathMetrics get(long high, long low, long nowNanos) {
        if (entries == null) {
            return null;
        }
        Entry entry = entries[AddressTable.place(high, low, PLACES)];
        boolean known = entry != null && entry.low == low && entry.high == high;
        boolean young = known && nowNanos - entry.metrics.atNanos() < LIFETIME_NANOS;
        return young ? entry.metrics : null;
    }

    /// A connection ended in good order.
    void put(long high, long low, PathMetrics metrics) {
        PathMetrics merged = metrics.merge(get(high, low, metrics.atNanos()));
        if (entries == null) {
            entries = new Entry[PLACES];
        }
        entries[AddressTable.place(high, low, PLACES)] = new Entry(high, low, merged);
    }
}
