package toytcp.link;

import toytcp.stack.ip.PacketLink.PortRange;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// The nf_tables batches that keep the kernel's RSTs for claimed ports from leaving.
///
/// What `nft` would print of a rule:
/// `meta l4proto tcp tcp flags & rst != 0 meta mark != MARK ip saddr ADDRESS tcp sport FIRST-LAST
/// counter drop`. The kernel's RST has no mark (only with the sysctl `fwmark_reflect` it copies the
/// one of the packet it answers), ours has.
final class ResetRules {
    static final int SUBSYSTEM = 10;

    private static final int FAMILY_IPV4 = 2;
    private static final int NEW_TABLE = SUBSYSTEM << 8;
    private static final int NEW_CHAIN = SUBSYSTEM << 8 | 3;
    private static final int NEW_RULE = SUBSYSTEM << 8 | 6;
    private static final int DELETE_RULE = SUBSYSTEM << 8 | 8;

    private static final int FLAG_ACKNOWLEDGE = 0x4;
    private static final int FLAG_EXCLUSIVE = 0x200;
    private static final int FLAG_CREATE = 0x400;
    private static final int FLAG_APPEND = 0x800;

    private static final int TABLE_NAME = 1;
    private static final int TABLE_FLAGS = 2;
    private static final int TABLE_OWNED = 2;

    private static final int CHAIN_TABLE = 1;
    private static final int CHAIN_NAME = 3;
    private static final int CHAIN_HOOK = 4;
    private static final int CHAIN_TYPE = 7;
    private static final int HOOK_NUMBER = 1;
    private static final int HOOK_PRIORITY = 2;
    private static final int HOOK_OUTPUT = 3;
    private static final String CHAIN = "output";

    private static final int RULE_TABLE = 1;
    private static final int RULE_CHAIN = 2;
    private static final int RULE_EXPRESSIONS = 4;
    private static final int LIST_ELEMENT = 1;
    private static final int EXPRESSION_NAME = 1;
    private static final int EXPRESSION_DATA = 2;

    private static final int REGISTER = 1;
    private static final int VERDICT_REGISTER = 0;
    private static final int DATA_VALUE = 1;
    private static final int DATA_VERDICT = 2;
    private static final int VERDICT_CODE = 1;
    private static final int DROP = 0;

    private static final int META_MARK = 3;
    private static final int META_PROTOCOL = 16;
    private static final int NETWORK_HEADER = 1;
    private static final int TRANSPORT_HEADER = 2;
    private static final int IS_EQUAL = 0;
    private static final int IS_NOT_EQUAL = 1;
    private static final int IS_AT_MOST = 3;
    private static final int IS_AT_LEAST = 5;

    private static final int SOURCE_FIELD = 12;
    private static final int PORT_FIELD = 0;
    private static final int FLAGS_FIELD = 13;
    private static final byte RST = 4;

    private final NetlinkMessage message = new NetlinkMessage();
    private final String table;

    private ResetRules(String table) {
        this.table = table;
    }

    /// Makes the table, owned by the socket that this is sent on, with these rules in it.
    static byte[] create(String table, List<PortClaim> claims) {
        ResetRules batch = new ResetRules(table);
        batch.message.beginBatch(SUBSYSTEM);
        batch.newTable();
        batch.newChain();
        return batch.finish(claims);
    }

    /// Puts these rules in the place of those that are there.
    static byte[] replace(String table, List<PortClaim> claims) {
        ResetRules batch = new ResetRules(table);
        batch.message.beginBatch(SUBSYSTEM);
        batch.message
                .begin(DELETE_RULE, 0, FAMILY_IPV4)
                .text(RULE_TABLE, table)
                .text(RULE_CHAIN, CHAIN)
                .end();
        return batch.finish(claims);
    }

    private byte[] finish(List<PortClaim> claims) {
        for (int i = 0; i < claims.size(); i++) {
            // One acknowledgement, for the last: it says that the batch took effect.
            newRule(claims.get(i), i == claims.size() - 1 ? FLAG_ACKNOWLEDGE : 0);
        }
        return message.endBatch(SUBSYSTEM).toByteArray();
    }

    private void newTable() {
        message.begin(NEW_TABLE, FLAG_CREATE | FLAG_EXCLUSIVE, FAMILY_IPV4)
                .text(TABLE_NAME, table)
                .number(TABLE_FLAGS, TABLE_OWNED)
                .end();
    }

    private void newChain() {
        message.begin(NEW_CHAIN, FLAG_CREATE | FLAG_EXCLUSIVE, FAMILY_IPV4)
                .text(CHAIN_TABLE, table)
                .text(CHAIN_NAME, CHAIN)
                .beginNested(CHAIN_HOOK)
                .number(HOOK_NUMBER, HOOK_OUTPUT)
                .number(HOOK_PRIORITY, 0)
                .endNested()
                .text(CHAIN_TYPE, "filter")
                .end();
    }

    /// RST first: of all the packets that leave the machine, few get further in the rule.
    private void newRule(PortClaim claim, int flags) {
        message.begin(NEW_RULE, flags | FLAG_CREATE | FLAG_APPEND, FAMILY_IPV4)
                .text(RULE_TABLE, table)
                .text(RULE_CHAIN, CHAIN)
                .beginNested(RULE_EXPRESSIONS);
        loadMeta(META_PROTOCOL);
        compare(IS_EQUAL, (byte) LinuxSockets.IPPROTO_TCP);
        loadPayload(TRANSPORT_HEADER, FLAGS_FIELD, 1);
        maskWith(RST);
        compare(IS_NOT_EQUAL, (byte) 0);
        loadMeta(META_MARK);
        compare(IS_NOT_EQUAL, inHostOrder(RawSocket.MARK));
        if (!claim.isWildcard()) {
            loadPayload(NETWORK_HEADER, SOURCE_FIELD, 4);
            compare(IS_EQUAL, inNetworkOrder(claim.address()));
        }
        PortRange ports = claim.ports();
        loadPayload(TRANSPORT_HEADER, PORT_FIELD, 2);
        if (ports.size() == 1) {
            compare(IS_EQUAL, port(ports.first()));
        } else {
            compare(IS_AT_LEAST, port(ports.first()));
            compare(IS_AT_MOST, port(ports.last()));
        }
        beginExpression("counter").endNested().endNested();
        drop();
        message.endNested().end();
    }

    private void loadMeta(int key) {
        beginExpression("meta").number(2, key).number(1, REGISTER).endNested().endNested();
    }

    private void loadPayload(int base, int offset, int length) {
        beginExpression("payload")
                .number(1, REGISTER)
                .number(2, base)
                .number(3, offset)
                .number(4, length)
                .endNested()
                .endNested();
    }

    private void compare(int operation, byte... value) {
        beginExpression("cmp")
                .number(1, REGISTER)
                .number(2, operation)
                .beginNested(3)
                .octets(DATA_VALUE, value)
                .endNested()
                .endNested()
                .endNested();
    }

    /// One octet: register = register & mask ^ 0.
    private void maskWith(byte mask) {
        beginExpression("bitwise")
                .number(1, REGISTER)
                .number(2, REGISTER)
                .number(3, 1)
                .beginNested(4)
                .octets(DATA_VALUE, mask)
                .endNested()
                .beginNested(5)
                .octets(DATA_VALUE, (byte) 0)
                .endNested()
                .endNested()
                .endNested();
    }

    private void drop() {
        beginExpression("immediate")
                .number(1, VERDICT_REGISTER)
                .beginNested(2)
                .beginNested(DATA_VERDICT)
                .number(VERDICT_CODE, DROP)
                .endNested()
                .endNested()
                .endNested()
                .endNested();
    }

    /// Its attributes follow, then two times [NetlinkMessage#endNested].
    private NetlinkMessage beginExpression(String name) {
        return message.beginNested(LIST_ELEMENT)
                .text(EXPRESSION_NAME, name)
                .beginNested(EXPRESSION_DATA);
    }

    private static byte[] port(int port) {
        return new byte[] {(byte) (port >>> 8), (byte) port};
    }

    private static byte[] inNetworkOrder(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] inHostOrder(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }
}
