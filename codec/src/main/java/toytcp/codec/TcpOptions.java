package toytcp.codec;

import io.netty.buffer.ByteBuf;

/// The options of a TCP header: octets to the fields of a [TcpSegment] and back.
///
/// Known are maximum segment size (RFC 9293, 3.2), window scale and timestamps (RFC 7323, 2.2 and
/// 3.2), SACK-permitted and SACK (RFC 2018, 2 and 3), and AccECN (RFC 9768, 3.2.3); all others are
/// skipped by their length.
final class TcpOptions {
    /// The most octets that options may take: data offset 15 less the fixed header.
    static final int MAX_LENGTH = 40;

    private static final int END_OF_LIST = 0;
    private static final int NO_OPERATION = 1;
    private static final int MAXIMUM_SEGMENT_SIZE = 2;
    private static final int WINDOW_SCALE = 3;
    private static final int SACK_PERMITTED = 4;
    private static final int SACK = 5;
    private static final int TIMESTAMPS = 8;
    private static final int ACC_ECN_0 = 172;
    private static final int ACC_ECN_1 = 174;
    private static final int ACC_ECN_FIELD = 3;

    /// The first four octets of the layout that RFC 7323, appendix A recommends.
    private static final int ALIGNED_TIMESTAMPS =
            NO_OPERATION << 24 | NO_OPERATION << 16 | TIMESTAMPS << 8 | 10;

    private TcpOptions() {}

    /// Reads the options from `from` up to `end` into `segment`; whether their lengths are right.
    ///
    /// Nearly all segments of a connection begin with aligned timestamps: those are read at once,
    /// and only what follows them goes through the general parser.
    static boolean parse(ByteBuf buf, int from, int end, TcpSegment segment) {
        int rest = from;
        if (end - from >= 12 && buf.getInt(from) == ALIGNED_TIMESTAMPS) {
            segment.timestamps(buf.getInt(from + 4), buf.getInt(from + 8));
            rest = from + 12;
        }
        return parseAny(buf, rest, end, segment);
    }

    /// [#parse] without the fast path.
    static boolean parseAny(ByteBuf buf, int from, int end, TcpSegment segment) {
        int at = from;
        while (at < end) {
            int kind = buf.getUnsignedByte(at);
            if (kind == END_OF_LIST) {
                return true;
            }
            if (kind == NO_OPERATION) {
                at++;
                continue;
            }
            // RFC 9293, 3.1: "TCP implementations MUST be prepared to handle an illegal option
            // length" (MUST-7).
            int length = at + 1 < end ? buf.getUnsignedByte(at + 1) : 0;
            if (length < 2 || length > end - at || !isRightLength(kind, length)) {
                return false;
            }
            read(buf, at, kind, length, segment);
            at += length;
        }
        return true;
    }

    private static boolean isRightLength(int kind, int length) {
        return switch (kind) {
            case MAXIMUM_SEGMENT_SIZE -> length == 4;
            case WINDOW_SCALE -> length == 3;
            case SACK_PERMITTED -> length == 2;
            case SACK -> length >= 10 && (length - 2) % 8 == 0;
            case TIMESTAMPS -> length == 10;
            default -> true;
        };
    }

    private static void read(ByteBuf buf, int at, int kind, int length, TcpSegment segment) {
        switch (kind) {
            case SACK -> segment.sack(readEdges(buf, at + 2, (length - 2) / 4));
            case TIMESTAMPS -> segment.timestamps(buf.getInt(at + 2), buf.getInt(at + 6));
            case ACC_ECN_0, ACC_ECN_1 -> readAccEcn(buf, at, kind, length, segment);
            default -> {
                // The other three are sent only with a SYN (RFC 9293, 3.2; RFC 2018, 2), and "a
                // Window Scale option in a segment without a SYN bit MUST be ignored"
                // (RFC 7323, 2.2).
                if (segment.has(TcpFlags.SYN)) {
                    readSynOption(buf, at, kind, segment);
                }
            }
        }
    }

    private static void readSynOption(ByteBuf buf, int at, int kind, TcpSegment segment) {
        switch (kind) {
            case MAXIMUM_SEGMENT_SIZE -> segment.mss(buf.getUnsignedShort(at + 2));
            case WINDOW_SCALE -> segment.windowScale(buf.getUnsignedByte(at + 2));
            case SACK_PERMITTED -> segment.sackPermitted(true);
            default -> {
                // Not known: RFC 9293, 3.1, MUST-6 says to ignore it without error.
            }
        }
    }

    /// RFC 9768, 3.2.3: other lengths than those of whole fields are taken as far as fields are whole;
    /// 3.2.3.2.1: "If there is somehow an AccECN Option on a SYN, it MUST be ignored"; and it tells
    /// nothing without an ACK.
    private static void readAccEcn(ByteBuf buf, int at, int kind, int length, TcpSegment segment) {
        if (!segment.has(TcpFlags.ACK)) {
            return;
        }
        int fields = Math.min((length - 2) / ACC_ECN_FIELD, TcpSegment.MAX_ACC_ECN_FIELDS);
        int first = fields > 0 ? buf.getUnsignedMedium(at + 2) : 0;
        int ce = fields > 1 ? buf.getUnsignedMedium(at + 2 + ACC_ECN_FIELD) : 0;
        int last = fields > 2 ? buf.getUnsignedMedium(at + 2 + 2 * ACC_ECN_FIELD) : 0;
        if (kind == ACC_ECN_0) {
            segment.accEcn0(fields, first, ce, last);
        } else {
            segment.accEcn1(fields, first, ce, last);
        }
    }

    private static int[] readEdges(ByteBuf buf, int from, int count) {
        int[] edges = new int[count];
        for (int i = 0; i < count; i++) {
            edges[i] = buf.getInt(from + 4 * i);
        }
        return edges;
    }

    /// How many octets [#write] takes for the options of `segment`: a multiple of 4, at most
    /// [#MAX_LENGTH].
    static int length(TcpSegment segment) {
        int length = lengthWithoutSack(segment);
        int blocks = sackBlocks(segment, length);
        return blocks == 0 ? length : length + 4 + 8 * blocks;
    }

    /// Writes the options of `segment` at the writer index, each on a word boundary, in the order and
    /// with the padding that Linux uses.
    ///
    /// SACK blocks that do not fit beside the other options are left out. It is the first ones that
    /// matter: they report what came last (RFC 2018, 4).
    static void write(ByteBuf buf, TcpSegment segment) {
        if (segment.mss() != TcpSegment.ABSENT) {
            buf.writeInt(MAXIMUM_SEGMENT_SIZE << 24 | 4 << 16 | segment.mss());
        }
        if (segment.hasTimestamps()) {
            // SACK-permitted takes the place of the padding.
            int before = segment.sackPermitted() ? SACK_PERMITTED << 8 | 2 : 0x0101;
            buf.writeInt(before << 16 | TIMESTAMPS << 8 | 10);
            buf.writeInt(segment.tsVal());
            buf.writeInt(segment.tsEcr());
        } else if (segment.sackPermitted()) {
            buf.writeInt(0x0101 << 16 | SACK_PERMITTED << 8 | 2);
        }
        if (segment.windowScale() != TcpSegment.ABSENT) {
            buf.writeInt(NO_OPERATION << 24 | WINDOW_SCALE << 16 | 3 << 8 | segment.windowScale());
        }
        if (segment.accEcnFields() != TcpSegment.ABSENT) {
            writeAccEcn(buf, segment);
        }
        int blocks = sackBlocks(segment, lengthWithoutSack(segment));
        if (blocks > 0) {
            buf.writeInt(0x0101 << 16 | SACK << 8 | 2 + 8 * blocks);
            for (int i = 0; i < blocks; i++) {
                buf.writeInt(segment.sackLeft(i));
                buf.writeInt(segment.sackRight(i));
            }
        }
    }

    private static void writeAccEcn(ByteBuf buf, TcpSegment segment) {
        int fields = segment.accEcnFields();
        int length = 2 + ACC_ECN_FIELD * fields;
        int end = buf.writerIndex() + TcpSegment.accEcnLength(fields);
        buf.writeShort((segment.isAccEcnOrder1() ? ACC_ECN_1 : ACC_ECN_0) << 8 | length);
        for (int i = 0; i < fields; i++) {
            buf.writeMedium(segment.accEcnField(i));
        }
        while (buf.writerIndex() < end) {
            buf.writeByte(NO_OPERATION);
        }
    }

    private static int lengthWithoutSack(TcpSegment segment) {
        int length = segment.mss() == TcpSegment.ABSENT ? 0 : 4;
        if (segment.accEcnFields() != TcpSegment.ABSENT) {
            length += TcpSegment.accEcnLength(segment.accEcnFields());
        }
        length += segment.windowScale() == TcpSegment.ABSENT ? 0 : 4;
        if (segment.hasTimestamps()) {
            return length + 12;
        }
        return segment.sackPermitted() ? length + 4 : length;
    }

    private static int sackBlocks(TcpSegment segment, int used) {
        return Math.min(segment.sackCount(), (MAX_LENGTH - used - 4) / 8);
    }
}
