package toytcp.link;

import java.util.List;

/// The nf_tables batches that hide from the kernel's TCP what it has no socket for.
///
/// What `nft` would print, for each claim two rules behind a first one for the loopback network:
/// ```
/// ip daddr 127.0.0.0/8 accept
/// meta l4proto tcp ip daddr PREFIX tcp dport FIRST-LAST fib daddr type local socket transparent <= 1 counter accept
/// meta l4proto tcp ip daddr PREFIX tcp dport FIRST-LAST fib daddr type local counter meta pkttype set other
/// ```
/// `socket` looks the packet's socket up as the kernel's TCP will: a connection, a TIME-WAIT, a
/// listener. Where there is one the packet is the kernel's. All others for the claim get the type of
/// packets for another host: the kernel's TCP then discards them without an RST, and the filter of
/// our raw socket, which gets its copy before that, takes exactly these. So each packet has one
/// owner, at each moment, also when the kernel's sockets come and go. What is to be forwarded is not
/// touched (`fib daddr type local`).
final class InterceptRules implements OwnedTable.Rules {
    /// `PACKET_OTHERHOST`.
    static final int OTHER_HOST = 3;

    private static final String CHAIN = "prerouting";
    private static final int DESTINATION_FIELD = 16;
    private static final int DESTINATION_PORT_FIELD = 2;

    /// `RTN_LOCAL`.
    private static final int LOCAL = 2;

    private static final PortClaim LOOPBACK = PortClaim.shared(127 << 24, 8, 1, 65535);

    /// Whether a claim lies in the loopback network, all of which is the kernel's.
    static boolean isLoopback(PortClaim claim) {
        return claim.length() >= LOOPBACK.length()
                && (claim.address() & LOOPBACK.mask()) == LOOPBACK.address();
    }

    @Override
    public byte[] create(String table, List<PortClaim> claims) {
        NetfilterBatch batch = new NetfilterBatch(table, CHAIN);
        batch.create(NetfilterBatch.HOOK_PREROUTING);
        return finish(batch, claims);
    }

    @Override
    public byte[] replace(String table, List<PortClaim> claims) {
        NetfilterBatch batch = new NetfilterBatch(table, CHAIN);
        batch.clear();
        return finish(batch, claims);
    }

    private static byte[] finish(NetfilterBatch batch, List<PortClaim> claims) {
        batch.beginRule(false);
        compareDestination(batch, LOOPBACK);
        batch.verdict(NetfilterBatch.ACCEPT);
        batch.endRule();
        for (int i = 0; i < claims.size(); i++) {
            batch.beginRule(false);
            match(batch, claims.get(i));
            batch.loadSocket();
            batch.compare(NetfilterBatch.IS_AT_MOST, (byte) 1);
            batch.count();
            batch.verdict(NetfilterBatch.ACCEPT);
            batch.endRule();
            batch.beginRule(i == claims.size() - 1);
            match(batch, claims.get(i));
            batch.count();
            batch.value((byte) OTHER_HOST);
            batch.setMeta(NetfilterBatch.META_PACKET_TYPE);
            batch.endRule();
        }
        return batch.finish();
    }

    private static void match(NetfilterBatch batch, PortClaim claim) {
        batch.loadMeta(NetfilterBatch.META_PROTOCOL);
        batch.compare(NetfilterBatch.IS_EQUAL, (byte) LinuxSockets.IPPROTO_TCP);
        compareDestination(batch, claim);
        ResetRules.comparePorts(batch, DESTINATION_PORT_FIELD, claim.ports());
        batch.loadAddressType();
        batch.compare(NetfilterBatch.IS_EQUAL, NetfilterBatch.inHostOrder(LOCAL));
    }

    private static void compareDestination(NetfilterBatch batch, PortClaim claim) {
        if (claim.length() == 0) {
            return;
        }
        batch.loadPayload(NetfilterBatch.NETWORK_HEADER, DESTINATION_FIELD, 4);
        if (claim.length() < Integer.SIZE) {
            batch.maskWith(NetfilterBatch.inNetworkOrder(claim.mask()));
        }
        batch.compare(NetfilterBatch.IS_EQUAL, NetfilterBatch.inNetworkOrder(claim.address()));
    }
}
