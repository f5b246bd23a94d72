package toytcp.stack.channel;

import java.util.concurrent.TimeUnit;

/// The path MTUs that connections have learnt, by the address of the peer, for others to the same peer
/// (RFC 1191, 6.2). An entry ends after ten minutes (6.3), one below 1280 octets, which hardly any path is, after
/// the five that RFC 1191, 3, demands at least: so much less lasts what a forged message can do. Only what a
/// connection believes gets here.
final class PathMtus {
    private static final int PLACES = 512;

    private static final long LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long SHORT_LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(5);

    /// What every path carries that carries IPv6 too (RFC 8200, 5).
    private static final int USUAL_MTU = 1280;

    private final AddressTable mtus = new AddressTable(PLACES);
    private int changes;

    /// How often something was learnt: a connection that has seen another number looks again.
    int changes() {
        return changes;
    }

    /// The path MTU to an address in octets, or 0 if nothing was learnt.
    int get(long high, long low, long nowNanos) {
        return mtus.get(high, low, nowNanos);
    }

    /// @param mtu octets of a packet, 68 to 65535
    void put(long high, long low, int mtu, long nowNanos) {
        long lifetime = mtu < USUAL_MTU ? SHORT_LIFETIME_NANOS : LIFETIME_NANOS;
        mtus.put(high, low, mtu, nowNanos + lifetime);
        changes++;
    }
}
