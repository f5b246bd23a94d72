package toytcp.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.jspecify.annotations.Nullable;

/// Reads ICMP errors about TCP segments (RFC 792): [IpPacket]s in, [IcmpError]s out. One handler per
/// channel, before a [TcpSegmentCodec] or behind it.
///
/// A message that is damaged, or quotes no TCP segment of which the first eight octets are there, is
/// dropped and counted under an `ICMP_` reason of [DropReason]; nothing is thrown. So is Source Quench,
/// whoever sends it: "A TCP MUST silently discard" it (RFC 6633, 4; RFC 9293, 3.9.2.2, MUST-55). Other
/// ICMP messages, packets of other protocols, and messages of other types pass through.
///
/// Nothing is written but by [#error], for those who are a hop themselves.
public final class IcmpCodec extends ChannelInboundHandlerAdapter {
    private static final int HEADER_LENGTH = 8;
    private static final int SOURCE_QUENCH = 4;
    private static final int FRAGMENT_OFFSET = 0x1fff;

    /// "at least the first 64 bits of the original datagram's data": the ports and the sequence number.
    private static final int QUOTED_TCP = 8;

    /// RFC 1812, 4.3.2.3: "as much of the original datagram as possible without the length of the ICMP
    /// datagram exceeding 576 bytes".
    private static final int MAX_LENGTH = 576;

    private final DropCounters counters;

    /// What became of the messages since the last [#channelReadComplete].
    private boolean dropped;

    private boolean passed;

    /// A codec that counts what it drops in `counters`.
    public IcmpCodec(DropCounters counters) {
        this.counters = counters;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        boolean icmp = msg instanceof IpPacket packet && packet.protocol() == IpPacket.ICMP;
        Object read = icmp ? read((IpPacket) msg) : msg;
        if (read == null) {
            dropped = true;
        } else {
            passed = true;
            ctx.fireChannelRead(read);
        }
    }

    /// Whoever reads one by one and got nothing must not wait for ever.
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        boolean again = dropped && !passed && !ctx.channel().config().isAutoRead();
        dropped = false;
        passed = false;
        ctx.fireChannelReadComplete();
        if (again) {
            ctx.read();
        }
    }

    /// @return the packet itself if it is nobody's error, or null if it was dropped
    private @Nullable Object read(IpPacket packet) {
        ByteBuf buf = packet.payload();
        int type = buf.isReadable() ? buf.getUnsignedByte(buf.readerIndex()) : 0;
        boolean truncated = buf.readableBytes() < HEADER_LENGTH;
        if (!truncated && type != SOURCE_QUENCH && !isError(type)) {
            return packet;
        }
        DropReason defect = truncated ? DropReason.ICMP_TRUNCATED : defect(buf, type);
        IcmpError error = defect == null ? read(packet, buf, type) : null;
        packet.release();
        if (defect != null) {
            counters.count(defect);
        }
        return error;
    }

    /// An ICMP error about a packet, as a router or a tunnel sends it: a whole IPv4 packet to the source
    /// of that packet. The caller owns it; `packet` stays as it is.
    ///
    /// @param packet a whole IPv4 packet
    /// @param from the IPv4 address of who sends the error, see [IpAddresses#toV4]
    /// @param type [IcmpError#UNREACHABLE] or one of its siblings, 0 to 255
    /// @param code 0 to 255
    /// @param mtu for [IcmpError#FRAGMENTATION_NEEDED] the largest packet that would have passed, in
    ///     octets (RFC 1191, 4); else 0
    public static ByteBuf error(
            ByteBufAllocator alloc, ByteBuf packet, int from, int type, int code, int mtu) {
        int start = packet.readerIndex();
        int room = MAX_LENGTH - Ipv4Codec.HEADER_LENGTH - HEADER_LENGTH;
        int quoted = Math.min(packet.readableBytes(), room);
        int capacity = Ipv4Codec.HEADER_LENGTH + HEADER_LENGTH + quoted;
        ByteBuf error = alloc.directBuffer(capacity, capacity);
        error.writeZero(Ipv4Codec.HEADER_LENGTH);
        error.writeInt(type << 24 | code << 16).writeInt(mtu).writeBytes(packet, start, quoted);
        int message = Ipv4Codec.HEADER_LENGTH;
        int sum = InternetChecksum.sum(error, message, HEADER_LENGTH + quoted);
        error.setShort(message + 2, InternetChecksum.complement(sum));
        Ipv4Codec.writeHeader(error, 0, IpPacket.ICMP, from, packet.getInt(start + 12), capacity);
        return error;
    }

    private static boolean isError(int type) {
        return type == IcmpError.UNREACHABLE
                || type == IcmpError.TIME_EXCEEDED
                || type == IcmpError.PARAMETER_PROBLEM;
    }

    private static @Nullable DropReason defect(ByteBuf buf, int type) {
        int start = buf.readerIndex();
        int length = buf.readableBytes();
        if (InternetChecksum.sum(buf, start, length) != InternetChecksum.VALID) {
            return DropReason.ICMP_CHECKSUM;
        }
        if (type == SOURCE_QUENCH) {
            return DropReason.ICMP_SOURCE_QUENCH;
        }
        int quote = start + HEADER_LENGTH;
        int available = length - HEADER_LENGTH;
        if (available < Ipv4Codec.HEADER_LENGTH + QUOTED_TCP) {
            return DropReason.ICMP_TRUNCATED;
        }
        int first = buf.getInt(quote);
        int headerLength = (first >>> 24 & 0xf) * 4;
        if (first >>> 28 != 4
                || headerLength < Ipv4Codec.HEADER_LENGTH
                || (first & 0xffff) < headerLength + QUOTED_TCP) {
            return DropReason.ICMP_QUOTE;
        }
        if (available < headerLength + QUOTED_TCP) {
            return DropReason.ICMP_TRUNCATED;
        }
        boolean firstFragment = (buf.getInt(quote + 4) & FRAGMENT_OFFSET) == 0;
        int ports = buf.getInt(quote + headerLength);
        boolean tcp = firstFragment && buf.getUnsignedByte(quote + 9) == IpPacket.TCP;
        boolean named = ports >>> 16 != 0 && (ports & 0xffff) != 0;
        return tcp && named ? null : DropReason.ICMP_QUOTE;
    }

    private static IcmpError read(IpPacket packet, ByteBuf buf, int type) {
        int start = buf.readerIndex();
        int quote = start + HEADER_LENGTH;
        int first = buf.getInt(quote);
        int headerLength = (first >>> 24 & 0xf) * 4;
        int ports = buf.getInt(quote + headerLength);
        return new IcmpError(
                type,
                buf.getUnsignedByte(start + 1),
                buf.getUnsignedShort(start + 6),
                packet.srcHigh(),
                packet.srcLow(),
                IpAddresses.V4_HIGH,
                IpAddresses.v4Low(buf.getInt(quote + 12)),
                ports >>> 16,
                IpAddresses.V4_HIGH,
                IpAddresses.v4Low(buf.getInt(quote + 16)),
                ports & 0xffff,
                buf.getInt(quote + headerLength + 4),
                first & 0xffff,
                headerLength);
    }
}
