package toytcp.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.MessageToMessageCodec;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Reads and writes TCP headers (RFC 9293, 3.1): [IpPacket]s on the side of the link, [TcpSegment]s
/// on the side of the stack. One handler per channel.
///
/// **Reading.** A segment that no host may send is dropped and counted under a `TCP_` reason of
/// [DropReason]; nothing is thrown. The checksum comes first: of a segment with a wrong one, nothing
/// else is looked at. The payload of the packet becomes the payload of the segment without a copy.
///
/// **Writing.** Header, options and checksum go into a small direct buffer of their own, which has
/// room for an IPv4 header in front (see [IpPacket#headroom()]): a pure ACK ends as one buffer, a
/// segment with data as one composite buffer of headers and unchanged data. Window, timestamps and
/// so on are written as they stand. A segment that cannot be written fails its promise with an
/// [EncoderException] and is counted as [DropReason#UNSUPPORTED_MESSAGE].
///
/// Packets of other protocols, and messages of other types, pass through in both directions.
public final class TcpSegmentCodec extends MessageToMessageCodec<IpPacket, TcpSegment> {
    /// Octets in a header without options.
    public static final int HEADER_LENGTH = 20;

    private static final int FLAGS = 0x1ff;

    /// Where the checksum stands in the header.
    private static final int CHECKSUM = 16;

    private final DropCounters counters;
    private final boolean acceptPartialChecksums;

    /// A codec that counts what it drops in `counters`.
    ///
    /// @param acceptPartialChecksums whether a checksum is right, too, if it covers the pseudo-header
    ///     only: so arrives what never left this machine, because the sender left the rest to
    ///     hardware that was not there. Never for packets that crossed a real network: their data
    ///     would be unprotected
    public TcpSegmentCodec(DropCounters counters, boolean acceptPartialChecksums) {
        super(IpPacket.class, TcpSegment.class);
        this.counters = counters;
        this.acceptPartialChecksums = acceptPartialChecksums;
    }

    @Override
    public boolean acceptInboundMessage(Object msg) throws Exception {
        return msg instanceof IpPacket packet && packet.protocol() == IpPacket.TCP;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, IpPacket msg, List<Object> out) {
        DropReason defect = defect(msg);
        if (defect != null) {
            counters.count(defect);
            return;
        }
        ByteBuf buf = msg.payload();
        int start = buf.readerIndex();
        int headerLength = headerLength(buf, start);
        TcpSegment segment = readHeader(msg, buf, start);
        int end = start + headerLength;
        if (headerLength > HEADER_LENGTH
                && !TcpOptions.parse(buf, start + HEADER_LENGTH, end, segment)) {
            counters.count(DropReason.TCP_OPTION_LENGTH);
            return;
        }
        if (buf.writerIndex() > end) {
            // The packet is ours and ends here, so its buffer can go on as it is.
            segment.payload(buf.readerIndex(end).retain());
        }
        out.add(segment);
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, TcpSegment msg, List<Object> out) {
        refuseUnsupported(msg);
        int headerLength = HEADER_LENGTH + TcpOptions.length(msg);
        int capacity = Ipv4Codec.HEADER_LENGTH + headerLength;
        ByteBuf header = ctx.alloc().directBuffer(capacity, capacity);
        try {
            header.setIndex(Ipv4Codec.HEADER_LENGTH, Ipv4Codec.HEADER_LENGTH);
            writeHeader(header, headerLength, msg);
            writeChecksum(header, msg);
        } catch (RuntimeException e) {
            header.release();
            throw e;
        }
        out.add(
                new IpPacket(
                        msg.srcHigh(),
                        msg.srcLow(),
                        msg.dstHigh(),
                        msg.dstLow(),
                        IpPacket.TCP,
                        msg.ttl(),
                        msg.trafficClass(),
                        ChecksumState.VERIFIED,
                        Buffers.join(ctx.alloc(), header, msg.payload()),
                        Ipv4Codec.HEADER_LENGTH));
    }

    private @Nullable DropReason defect(IpPacket packet) {
        ByteBuf buf = packet.payload();
        int length = buf.readableBytes();
        if (length < HEADER_LENGTH) {
            return DropReason.TCP_TRUNCATED;
        }
        int start = buf.readerIndex();
        if (!isChecksumRight(packet, buf, start, length)) {
            return DropReason.TCP_CHECKSUM;
        }
        int headerLength = headerLength(buf, start);
        if (headerLength < HEADER_LENGTH || headerLength > length) {
            return DropReason.TCP_DATA_OFFSET;
        }
        int ports = buf.getInt(start);
        if (ports >>> 16 == 0 || (ports & 0xffff) == 0) {
            return DropReason.TCP_PORT_ZERO;
        }
        int flags = buf.getUnsignedByte(start + 13);
        if ((flags & TcpFlags.SYN) != 0 && (flags & (TcpFlags.FIN | TcpFlags.RST)) != 0) {
            return DropReason.TCP_FLAGS;
        }
        return null;
    }

    private boolean isChecksumRight(IpPacket packet, ByteBuf buf, int start, int length) {
        if (packet.checksum() == ChecksumState.VERIFIED) {
            return true;
        }
        int pseudoHeader =
                InternetChecksum.pseudoHeader(
                        packet.srcHigh(),
                        packet.srcLow(),
                        packet.dstHigh(),
                        packet.dstLow(),
                        IpPacket.TCP,
                        length);
        // A sender that leaves the checksum to hardware puts the sum over the pseudo-header, not
        // complemented, into the field.
        if (acceptPartialChecksums && buf.getUnsignedShort(start + CHECKSUM) == pseudoHeader) {
            return true;
        }
        int sum = InternetChecksum.sum(buf, start, length);
        return InternetChecksum.add(pseudoHeader, sum) == InternetChecksum.VALID;
    }

    private static int headerLength(ByteBuf buf, int start) {
        return (buf.getByte(start + 12) >>> 4 & 0xf) * 4;
    }

    private static TcpSegment readHeader(IpPacket packet, ByteBuf buf, int start) {
        int ports = buf.getInt(start);
        int offsetFlagsWindow = buf.getInt(start + 12);
        TcpSegment segment =
                new TcpSegment()
                        .from(packet.srcHigh(), packet.srcLow(), ports >>> 16)
                        .to(packet.dstHigh(), packet.dstLow(), ports & 0xffff)
                        .seq(buf.getInt(start + 4))
                        .flag(offsetFlagsWindow >>> 16 & FLAGS)
                        .window(offsetFlagsWindow & 0xffff)
                        .ttl(packet.ttl())
                        .trafficClass(packet.trafficClass());
        if (segment.has(TcpFlags.ACK)) {
            segment.ack(buf.getInt(start + 8));
        }
        if (segment.has(TcpFlags.URG)) {
            segment.urgentPointer(buf.getUnsignedShort(start + 18));
        }
        return segment;
    }

    private void refuseUnsupported(TcpSegment segment) {
        String defect = null;
        int shorts =
                segment.srcPort() | segment.dstPort() | segment.window() | segment.urgentPointer();
        boolean synOnly =
                segment.mss() != TcpSegment.ABSENT
                        || segment.windowScale() != TcpSegment.ABSENT
                        || segment.sackPermitted();
        if ((shorts & ~0xffff) != 0) {
            defect = "ports, window and urgent pointer must be 0 to 65535";
        } else if ((segment.flags() & ~FLAGS) != 0) {
            defect = "flags must be bits of TcpFlags";
        } else if (synOnly && !segment.has(TcpFlags.SYN)) {
            // RFC 9293, 3.2 (MUST-65); RFC 2018, 2; RFC 7323, 2.2.
            defect = "mss, window scale and SACK-permitted go with SYN only";
        } else if (segment.accEcnFields() != TcpSegment.ABSENT && !segment.has(TcpFlags.ACK)) {
            // RFC 9768, 3.2.3.2.1.
            defect = "AccECN goes with ACK only";
        } else if (synOnly && (segment.mss() < TcpSegment.ABSENT || segment.mss() > 0xffff)) {
            defect = "mss must be 0 to 65535";
        } else if (synOnly
                && (segment.windowScale() < TcpSegment.ABSENT || segment.windowScale() > 0xff)) {
            defect = "window scale must be 0 to 255";
        }
        if (defect != null) {
            counters.count(DropReason.UNSUPPORTED_MESSAGE);
            throw new EncoderException("cannot write segment " + segment + ": " + defect);
        }
    }

    private static void writeHeader(ByteBuf header, int headerLength, TcpSegment segment) {
        header.writeInt(segment.srcPort() << 16 | segment.dstPort())
                .writeInt(segment.seq())
                .writeInt(segment.ack())
                .writeInt(headerLength / 4 << 28 | segment.flags() << 16 | segment.window())
                .writeInt(segment.urgentPointer());
        TcpOptions.write(header, segment);
    }

    private static void writeChecksum(ByteBuf header, TcpSegment segment) {
        ByteBuf payload = segment.payload();
        int length = header.readableBytes() + payload.readableBytes();
        int sum =
                InternetChecksum.pseudoHeader(
                        segment.srcHigh(),
                        segment.srcLow(),
                        segment.dstHigh(),
                        segment.dstLow(),
                        IpPacket.TCP,
                        length);
        // The header has an even length, so the payload begins on a word boundary.
        sum = InternetChecksum.add(sum, InternetChecksum.sum(header));
        sum = InternetChecksum.add(sum, InternetChecksum.sum(payload));
        header.setShort(header.readerIndex() + CHECKSUM, InternetChecksum.complement(sum));
    }
}
