package toytcp.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Builds a batch of netlink messages for netfilter, octet by octet.
///
/// Headers are in the order of this machine. The attributes of nf_tables carry numbers in network
/// order, and register values just as they shall lie in the register.
final class NetlinkMessage {
    static final int HEADER = 16;

    private static final int NETFILTER_HEADER = 4;
    private static final int ATTRIBUTE_HEADER = 4;
    private static final int NESTED = 0x8000;
    private static final int REQUEST = 1;
    private static final int FAMILY_UNSPECIFIED = 0;
    private static final int BATCH_BEGIN = 16;
    private static final int BATCH_END = 17;
    private static final int MAX_DEPTH = 8;

    private ByteBuffer data = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
    private int messageStart;
    private int sequence;
    private final int[] nestedStarts = new int[MAX_DEPTH];
    private int depth;

    /// Everything up to [#endBatch] takes effect together or not at all.
    ///
    /// @param subsystem `NFNL_SUBSYS_...`
    NetlinkMessage beginBatch(int subsystem) {
        return begin(BATCH_BEGIN, 0, FAMILY_UNSPECIFIED, subsystem).end();
    }

    NetlinkMessage endBatch(int subsystem) {
        return begin(BATCH_END, 0, FAMILY_UNSPECIFIED, subsystem).end();
    }

    /// Starts a message; its attributes follow.
    ///
    /// @param type subsystem and message
    /// @param flags `NLM_F_...` besides `NLM_F_REQUEST`
    /// @param family `NFPROTO_...`
    NetlinkMessage begin(int type, int flags, int family) {
        return begin(type, flags, family, 0);
    }

    NetlinkMessage end() {
        data.putInt(messageStart, data.position() - messageStart);
        return this;
    }

    NetlinkMessage number(int attribute, int value) {
        startAttribute(attribute, Integer.BYTES);
        data.putInt(networkOrder(value));
        return this;
    }

    NetlinkMessage text(int attribute, String value) {
        byte[] octets = value.getBytes(StandardCharsets.US_ASCII);
        startAttribute(attribute, octets.length + 1);
        data.put(octets);
        data.put((byte) 0);
        return pad();
    }

    NetlinkMessage octets(int attribute, byte... value) {
        startAttribute(attribute, value.length);
        data.put(value);
        return pad();
    }

    /// Starts an attribute that holds attributes, up to [#endNested].
    NetlinkMessage beginNested(int attribute) {
        nestedStarts[depth++] = data.position();
        startAttribute(attribute | NESTED, 0);
        return this;
    }

    NetlinkMessage endNested() {
        int start = nestedStarts[--depth];
        data.putShort(start, (short) (data.position() - start));
        return this;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(data.array(), data.position());
    }

    private NetlinkMessage begin(int type, int flags, int family, int resource) {
        ensureRoom(HEADER + NETFILTER_HEADER);
        messageStart = data.position();
        data.putInt(0).putShort((short) type).putShort((short) (flags | REQUEST));
        data.putInt(sequence++).putInt(0);
        data.put((byte) family).put((byte) 0);
        data.put((byte) (resource >>> 8)).put((byte) resource);
        return this;
    }

    private void startAttribute(int attribute, int length) {
        ensureRoom(ATTRIBUTE_HEADER + length + Integer.BYTES);
        data.putShort((short) (ATTRIBUTE_HEADER + length)).putShort((short) attribute);
    }

    private NetlinkMessage pad() {
        while (data.position() % Integer.BYTES != 0) {
            data.put((byte) 0);
        }
        return this;
    }

    private void ensureRoom(int length) {
        if (data.remaining() < length) {
            ByteBuffer larger =
                    ByteBuffer.allocate(2 * data.capacity() + length)
                            .order(ByteOrder.nativeOrder());
            data = larger.put(data.flip());
        }
    }

    private static int networkOrder(int value) {
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
                ? value
                : Integer.reverseBytes(value);
    }
}
