package toytcp.stack.channel;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// The maximum segment sizes of the routes to peers that connect, remembered for a short time: asking a
/// link may cost it several system calls, and clients come back.
///
/// A fixed number of places, one for each hash of an address, so a flood of addresses costs no memory; it
/// pushes others out, which costs them a question. Nothing tells of a change of the routes, so an entry
/// ends after a few seconds, and all of them end when the link could not send a packet. A size that is
/// too old does what one does that changes during a connection.
final class SegmentSizes {
    /// A power of two.
    private static final int PLACES = 1024;

    private static final long LIFETIME_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final long[] highs = new long[PLACES];
    private final long[] lows = new long[PLACES];
    private final long[] ends = new long[PLACES];

    /// 0 in an empty place.
    private final int[] sizes = new int[PLACES];

    /// The size for an address, or 0 if it is not known.
    int get(long high, long low, long nowNanos) {
        int place = place(high, low);
        boolean known = lows[place] == low && highs[place] == high && nowNanos < ends[place];
        return known ? sizes[place] : 0;
    }

    void put(long high, long low, int size, long nowNanos) {
        int place = place(high, low);
        highs[place] = high;
        lows[place] = low;
        ends[place] = nowNanos + LIFETIME_NANOS;
        sizes[place] = size;
    }

    /// The route to this address may have changed.
    void forget(long high, long low) {
        int place = place(high, low);
        if (lows[place] == low && highs[place] == high) {
            sizes[place] = 0;
        }
    }

    /// The routes may have changed.
    void forget() {
        Arrays.fill(sizes, 0);
    }

    private static int place(long high, long low) {
        long hash = (low ^ high * 31) * 0x9e3779b97f4a7c15L;
        return (int) (hash >>> 40) & PLACES - 1;
    }
}
