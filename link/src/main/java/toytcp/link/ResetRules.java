package toytcp.link;

import toytcp.stack.ip.PacketLink.PortRange;

import java.util.List;

/// The nf_tables batches that keep the kernel's RSTs for claimed ports from leaving.
///
/// What `nft` would print of a rule:
/// `meta l4proto tcp tcp flags & rst != 0 meta mark != MARK ip saddr ADDRESS tcp sport FIRST-LAST
/// counter drop`. The kernel's RST has no mark (only with the sysctl `fwmark_reflect` it copies the
/// one of the packet it answers), ours has.
final class ResetRules implements OwnedTable.Rules {
    private static final String CHAIN = "output";
    private static final int SOURCE_FIELD = 12;
    private static final int PORT_FIELD = 0;
    private static final int FLAGS_FIELD = 13;
    private static final byte RST = 4;

    @Override
    public byte[] create(String table, List<PortClaim> claims) {
        NetfilterBatch batch = new NetfilterBatch(table, CHAIN);
        batch.create(NetfilterBatch.HOOK_OUTPUT);
        return finish(batch, claims);
    }

    @Override
    public byte[] replace(String table, List<PortClaim> claims) {
        NetfilterBatch batch = new NetfilterBatch(table, CHAIN);
        batch.clear();
        return finish(batch, claims);
    }

    private static byte[] finish(NetfilterBatch batch, List<PortClaim> claims) {
        for (int i = 0; i < claims.size(); i++) {
            batch.beginRule(i == claims.size() - 1);
            dropResets(batch, claims.get(i));
            batch.endRule();
        }
        return batch.finish();
    }

    /// RST first: of all the packets that leave the machine, few get further in the rule.
    private static void dropResets(NetfilterBatch batch, PortClaim claim) {
        batch.loadMeta(NetfilterBatch.META_PROTOCOL);
        batch.compare(NetfilterBatch.IS_EQUAL, (byte) LinuxSockets.IPPROTO_TCP);
        batch.loadPayload(NetfilterBatch.TRANSPORT_HEADER, FLAGS_FIELD, 1);
        batch.maskWith(RST);
        batch.compare(NetfilterBatch.IS_NOT_EQUAL, (byte) 0);
        batch.loadMeta(NetfilterBatch.META_MARK);
        batch.compare(NetfilterBatch.IS_NOT_EQUAL, NetfilterBatch.inHostOrder(RawSocket.MARK));
        if (!claim.isWildcard()) {
            batch.loadPayload(NetfilterBatch.NETWORK_HEADER, SOURCE_FIELD, 4);
            batch.compare(NetfilterBatch.IS_EQUAL, NetfilterBatch.inNetworkOrder(claim.address()));
        }
        comparePorts(batch, PORT_FIELD, claim.ports());
        batch.count();
        batch.verdict(NetfilterBatch.DROP);
    }

    static void comparePorts(NetfilterBatch batch, int field, PortRange ports) {
        batch.loadPayload(NetfilterBatch.TRANSPORT_HEADER, field, 2);
        if (ports.size() == 1) {
            batch.compare(NetfilterBatch.IS_EQUAL, NetfilterBatch.port(ports.first()));
        } else {
            batch.compare(NetfilterBatch.IS_AT_LEAST, NetfilterBatch.port(ports.first()));
            batch.compare(NetfilterBatch.IS_AT_MOST, NetfilterBatch.port(ports.last()));
        }
    }
}
