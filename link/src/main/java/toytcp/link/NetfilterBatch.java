package toytcp.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A batch of nf_tables messages for one table, with the few expressions that rules of ours have.
///
/// A rule is a list of expressions over one register: load something, compare it, and so on; the first
/// comparison that is not true ends the rule.
final class NetfilterBatch {
    static final int HOOK_PREROUTING = 0;
    static final int HOOK_OUTPUT = 3;

    static final int META_MARK = 3;
    static final int META_PROTOCOL = 16;
    static final int META_PACKET_TYPE = 19;
    static final int NETWORK_HEADER = 1;
    static final int TRANSPORT_HEADER = 2;
    static final int IS_EQUAL = 0;
    static final int IS_NOT_EQUAL = 1;
    static final int IS_AT_MOST = 3;
    static final int IS_AT_LEAST = 5;
    static final int DROP = 0;
    static final int ACCEPT = 1;

    private static final int SUBSYSTEM = 10;
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

    private static final int SOCKET_TRANSPARENT = 0;
    private static final int FIB_ADDRESS_TYPE = 3;
    private static final int FIB_DESTINATION = 2;

    private final NetlinkMessage message = new NetlinkMessage();
    private final String table;
    private final String chain;

    /// @param table the name of the table
    /// @param chain the name of its one chain
    NetfilterBatch(String table, String chain) {
        this.table = table;
        this.chain = chain;
        message.beginBatch(SUBSYSTEM);
    }

    /// Makes the table, owned by the socket that this is sent on, and the chain.
    void create(int hook) {
        message.begin(NEW_TABLE, FLAG_CREATE | FLAG_EXCLUSIVE, FAMILY_IPV4)
                .text(TABLE_NAME, table)
                .number(TABLE_FLAGS, TABLE_OWNED)
                .end();
        message.begin(NEW_CHAIN, FLAG_CREATE | FLAG_EXCLUSIVE, FAMILY_IPV4)
                .text(CHAIN_TABLE, table)
                .text(CHAIN_NAME, chain)
                .beginNested(CHAIN_HOOK)
                .number(HOOK_NUMBER, hook)
                .number(HOOK_PRIORITY, 0)
                .endNested()
                .text(CHAIN_TYPE, "filter")
                .end();
    }

    /// Takes the rules out of the chain.
    void clear() {
        message.begin(DELETE_RULE, 0, FAMILY_IPV4)
                .text(RULE_TABLE, table)
                .text(RULE_CHAIN, chain)
                .end();
    }

    /// Its expressions follow, then [#endRule].
    ///
    /// @param last whether it is the last one: its acknowledgement says that the batch took effect
    void beginRule(boolean last) {
        int flags = last ? FLAG_ACKNOWLEDGE : 0;
        message.begin(NEW_RULE, flags | FLAG_CREATE | FLAG_APPEND, FAMILY_IPV4)
                .text(RULE_TABLE, table)
                .text(RULE_CHAIN, chain)
                .beginNested(RULE_EXPRESSIONS);
    }

    void endRule() {
        message.endNested().end();
    }

    byte[] finish() {
        return message.endBatch(SUBSYSTEM).toByteArray();
    }

    void loadMeta(int key) {
        beginExpression("meta").number(2, key).number(1, REGISTER).endNested().endNested();
    }

    /// Sets what [#value] put into the register.
    void setMeta(int key) {
        beginExpression("meta").number(2, key).number(3, REGISTER).endNested().endNested();
    }

    void value(byte... value) {
        beginExpression("immediate")
                .number(1, REGISTER)
                .beginNested(2)
                .octets(DATA_VALUE, value)
                .endNested()
                .endNested()
                .endNested();
    }

    void loadPayload(int base, int offset, int length) {
        beginExpression("payload")
                .number(1, REGISTER)
                .number(2, base)
                .number(3, offset)
                .number(4, length)
                .endNested()
                .endNested();
    }

    /// Whether the socket that the packet is for is transparent: 0 or 1. Ends the rule if there is no
    /// socket.
    void loadSocket() {
        beginExpression("socket")
                .number(1, SOCKET_TRANSPARENT)
                .number(2, REGISTER)
                .endNested()
                .endNested();
    }

    /// The type of the destination address, `RTN_...`, in host order.
    void loadAddressType() {
        beginExpression("fib")
                .number(1, REGISTER)
                .number(2, FIB_ADDRESS_TYPE)
                .number(3, FIB_DESTINATION)
                .endNested()
                .endNested();
    }

    void compare(int operation, byte... value) {
        beginExpression("cmp")
                .number(1, REGISTER)
                .number(2, operation)
                .beginNested(3)
                .octets(DATA_VALUE, value)
                .endNested()
                .endNested()
                .endNested();
    }

    /// register = register & mask ^ 0.
    void maskWith(byte... mask) {
        beginExpression("bitwise")
                .number(1, REGISTER)
                .number(2, REGISTER)
                .number(3, mask.length)
                .beginNested(4)
                .octets(DATA_VALUE, mask)
                .endNested()
                .beginNested(5)
                .octets(DATA_VALUE, new byte[mask.length])
                .endNested()
                .endNested()
                .endNested();
    }

    void count() {
        beginExpression("counter").endNested().endNested();
    }

    void verdict(int code) {
        beginExpression("immediate")
                .number(1, VERDICT_REGISTER)
                .beginNested(2)
                .beginNested(DATA_VERDICT)
                .number(VERDICT_CODE, code)
                .endNested()
                .endNested()
                .endNested()
                .endNested();
    }

    static byte[] port(int port) {
        return new byte[] {(byte) (port >>> 8), (byte) port};
    }

    static byte[] inNetworkOrder(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    static byte[] inHostOrder(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }

    /// Its attributes follow, then two times [NetlinkMessage#endNested].
    private NetlinkMessage beginExpression(String name) {
        return message.beginNested(LIST_ELEMENT)
                .text(EXPRESSION_NAME, name)
                .beginNested(EXPRESSION_DATA);
    }
}
