package toytcp.stack.channel;

import java.util.concurrent.TimeUnit;

/// The path MTUs that connections have learnt, by the address of the peer, for others to the same peer
/// (RFC 1191, 6.2). An entry ends after ten minutes (6.3), one below 1280 octets, which hardly any path is, after
/// the five that RFC 1191, 3, demands at least: so much less lasts what a forged message can do.
///
/// A fixed number of places, one for each hash of an address, so nobody can make it grow; an address pushes
/// another one out, which then has to be learnt again. Only what a connection believes gets here.
final class PathMtus {
    /// A power of two.
    private static final int PLACES = 512;

    private static final long LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long SHORT_LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(5);

    /// What every path carries that carries IPv6 too (RFC 8200, 5).
    private static final int USUAL_MTU = 1280;

    /// Made with the first entry: most stacks never have one.
    private long[] highs = {};

    private long[] lows = {};
    private long[] ends = {};
    private int[] mtus = {};
    private int changes;

    /// How often something was learnt: a connection that has seen another number looks again.
    int changes() {
        return changes;
    }

    /// The path MTU to an address in octets, or 0 if nothing was learnt.
    int get(long high, long low, long nowNanos) {
        if (mtus.length == 0) {
            return 0;
        }
        int place = place(high, low);
        boolean known = lows[place] == low && highs[place] == high && nowNanos < ends[place];
        return known ? mtus[place] : 0;
    }

    /// @param mtu octets of a packet, 68 to 65535
    void put(long high, long low, int mtu, long nowNanos) {
        if (mtus.length == 0) {
            highs = new long[PLACES];
            lows = new long[PLACES];
            ends = new long[PLACES];
            mtus = new int[PLACES];
        }
        int place = place(high, low);
        highs[place] = high;
        lows[place] = low;
        ends[place] = nowNanos + (mtu < USUAL_MTU ? SHORT_LIFETIME_NANOS : LIFETIME_NANOS);
        mtus[place] = mtu;
        changes++;
    }

    private static int place(long high, long low) {
        long hash = (low ^ high * 31) * 0x9e3779b97f4a7c15L;
        return (int) (hash >>> 40) & PLACES - 1;
    }
}
