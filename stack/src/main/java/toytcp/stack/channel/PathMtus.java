package toytcp.stack.channel;

import java.util.concurrent.TimeUnit;

/// The path MTUs that connections have learnt, by the address of the peer, for others to the same peer
/// (RFC 1191, 6.2). An entry ends after ten minutes (6.3). Only what a connection believes gets here.
final class PathMtus {
    private static final int PLACES = 512;

    private final AddressTable mtus = new AddressTable(PLACES, TimeUnit.MINUTES.toNanos(10));
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
        mtus.put(high, low, mtu, nowNanos);
        changes++;
    }
}
