package toytcp.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.MessageToMessageCodec;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Reads and writes IPv4 headers (RFC 791): `ByteBuf`s with one whole packet each on the side of the
/// link, [IpPacket]s on the side of the stack. One handler per channel.
///
/// **Reading.** A packet that no host may send, or that this stack cannot use, is dropped and counted
/// under an `IP_` reason of [DropReason]; nothing is thrown. Options are skipped, octets beyond the
/// total length are cut off, and the payload is a retained slice of the packet. Packets of up to
/// 65535 octets are normal.
///
/// Deviation: RFC 9293, 3.9.2.1, wants source routes that an application can give (MUST-51, MUST-52), and
/// answers that go back the way of a source route that arrived (MUST-53, SHLD-24). There are none here, as
/// networks and hosts drop such packets (RFC 7126, 4.3 and 4.4; Linux unless `accept_source_route` is set):
/// whoever sends one would direct our answers, under any source address, past himself. A route that came to
/// its end is skipped as other options are, and the answer goes the usual way; a packet that is to go on from
/// here is dropped, since we are no router (RFC 1122, 3.3.5).
///
/// **Writing.** A packet that asks for it by [IpPacket#headroom()] gets its header in place, just
/// before its payload; any other one becomes a composite buffer of a header and the unchanged
/// payload. A packet that cannot be written fails its promise with an [EncoderException] and is
/// counted as [DropReason#UNSUPPORTED_MESSAGE].
///
/// Messages of other types pass through in both directions. There is no reassembly and no
/// fragmentation: packets leave with "don't fragment" set.
public final class Ipv4Codec extends MessageToMessageCodec<ByteBuf, IpPacket> {
    /// Octets in a header without options.
    public static final int HEADER_LENGTH = 20;

    /// The most octets in a packet, header included.
    public static final int MAX_LENGTH = 65535;

    /// The time to live of packets that do not say their own (RFC 1122, 3.2.1.7).
    public static final int DEFAULT_TTL = 64;

    private static final int VERSION_4_WITHOUT_OPTIONS = 0x45;
    private static final int END_OF_LIST = 0;
    private static final int NO_OPERATION = 1;
    private static final int LOOSE_SOURCE_ROUTE = 131;
    private static final int STRICT_SOURCE_ROUTE = 137;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

    private final DropCounters counters;

    /// A codec that counts what it drops in `counters`.
    public Ipv4Codec(DropCounters counters) {
        super(ByteBuf.class, IpPacket.class);
        this.counters = counters;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf msg, List<Object> out) {
        DropReason defect = defect(msg);
        if (defect != null) {
            counters.count(defect);
            return;
        }
        int start = msg.readerIndex();
        int first = msg.getInt(start);
        int headerLength = headerLength(first);
        int third = msg.getInt(start + 8);
        out.add(
                new IpPacket(
                        IpAddresses.V4_HIGH,
                        IpAddresses.v4Low(msg.getInt(start + 12)),
                        IpAddresses.V4_HIGH,
                        IpAddresses.v4Low(msg.getInt(start + 16)),
                        third >>> 16 & 0xff,
                        third >>> 24,
                        first >>> 16 & 0xff,
                        ChecksumState.UNVERIFIED,
                        msg.retainedSlice(start + headerLength, (first & 0xffff) - headerLength)));
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, IpPacket msg, List<Object> out) {
        ByteBuf payload = msg.payload();
        int length = HEADER_LENGTH + payload.readableBytes();
        refuseUnsupported(msg, length);
        if (msg.headroom() >= HEADER_LENGTH) {
            int start = payload.readerIndex() - HEADER_LENGTH;
            writeHeader(payload, start, msg, length);
            out.add(payload.readerIndex(start).retain());
        } else {
            out.add(withHeader(ctx.alloc(), msg, length));
        }
    }

    private static @Nullable DropReason defect(ByteBuf packet) {
        int available = packet.readableBytes();
        if (available < HEADER_LENGTH) {
            return DropReason.IP_TRUNCATED;
        }
        int start = packet.readerIndex();
        int first = packet.getInt(start);
        int headerLength = headerLength(first);
        int totalLength = first & 0xffff;
        if (first >>> 28 != 4) {
            return DropReason.IP_VERSION;
        }
        if (headerLength < HEADER_LENGTH || headerLength > totalLength) {
            return DropReason.IP_HEADER_LENGTH;
        }
        if (totalLength > available) {
            return DropReason.IP_TRUNCATED;
        }
        if (sumOfHeader(packet, start, headerLength) != InternetChecksum.VALID) {
            return DropReason.IP_CHECKSUM;
        }
        if ((packet.getInt(start + 4) & MORE_FRAGMENTS_OR_OFFSET) != 0) {
            return DropReason.IP_FRAGMENT;
        }
        if (!isPossibleSource(packet.getInt(start + 12), packet.getInt(start + 16))) {
            return DropReason.IP_SOURCE;
        }
        boolean routed = headerLength > HEADER_LENGTH && isToGoOn(packet, start, headerLength);
        return routed ? DropReason.IP_SOURCE_ROUTE : null;
    }

    /// Whether there is a source route whose pointer has not passed its end (RFC 791, 3.1). Options that are
    /// not well-formed end the search: what cannot be read cannot be followed either.
    private static boolean isToGoOn(ByteBuf packet, int start, int headerLength) {
        int at = start + HEADER_LENGTH;
        int end = start + headerLength;
        while (at + 2 < end) {
            int kind = packet.getUnsignedByte(at);
            if (kind == NO_OPERATION) {
                at++;
                continue;
            }
            int length = packet.getUnsignedByte(at + 1);
            if (kind == END_OF_LIST || length < 2 || length > end - at) {
                return false;
            }
            if (kind == LOOSE_SOURCE_ROUTE || kind == STRICT_SOURCE_ROUTE) {
                return length > 2 && packet.getUnsignedByte(at + 2) <= length;
            }
            at += length;
        }
        return false;
    }

    private static int headerLength(int first) {
        return (first >>> 24 & 0xf) * 4;
    }

    private static int sumOfHeader(ByteBuf packet, int start, int headerLength) {
        long words = 0;
        for (int i = 0; i < headerLength; i += 4) {
            words += packet.getUnsignedInt(start + i);
        }
        return InternetChecksum.fold(words);
    }

    /// RFC 1122, 3.2.1.3: "A host MUST silently discard an incoming datagram containing an IP source
    /// address that is invalid by the rules of this section." Directed broadcasts are not known here.
    private static boolean isPossibleSource(int source, int destination) {
        int network = source >>> 24;
        if (network == 127) {
            // Such addresses must not appear outside a host, but a link may be inside one.
            return destination >>> 24 == 127;
        }
        boolean multicast = network >>> 4 == 0xe;
        boolean limitedBroadcast = source == -1;
        return network != 0 && !multicast && !limitedBroadcast;
    }

    private void refuseUnsupported(IpPacket packet, int length) {
        String defect = null;
        if (!IpAddresses.isV4(packet.srcHigh(), packet.srcLow())
                || !IpAddresses.isV4(packet.dstHigh(), packet.dstLow())) {
            defect = "both addresses must be IPv4: this pipeline carries no other packets";
        } else if (length > MAX_LENGTH) {
            defect =
                    "the packet would have "
                            + length
                            + " octets, and IPv4 ends at "
                            + MAX_LENGTH
                            + ": split the payload";
        } else if (((packet.protocol() | packet.ttl() | packet.trafficClass()) & ~0xff) != 0) {
            defect = "protocol, ttl and trafficClass must be 0 to 255";
        }
        if (defect != null) {
            counters.count(DropReason.UNSUPPORTED_MESSAGE);
            throw new EncoderException("cannot write " + packet + ": " + defect);
        }
    }

    private static ByteBuf withHeader(ByteBufAllocator alloc, IpPacket packet, int length) {
        ByteBuf header = alloc.directBuffer(HEADER_LENGTH, HEADER_LENGTH);
        writeHeader(header.writerIndex(HEADER_LENGTH), 0, packet, length);
        return Buffers.join(alloc, header, packet.payload());
    }

    private static void writeHeader(ByteBuf buf, int start, IpPacket packet, int length) {
        writeWords(
                buf,
                start,
                VERSION_4_WITHOUT_OPTIONS << 24 | packet.trafficClass() << 16 | length,
                (packet.ttl() == 0 ? DEFAULT_TTL : packet.ttl()) << 24 | packet.protocol() << 16,
                IpAddresses.toV4(packet.srcLow()),
                IpAddresses.toV4(packet.dstLow()));
    }

    /// A header with the defaults, for packets that no channel writes.
    static void writeHeader(
            ByteBuf buf, int start, int protocol, int source, int destination, int length) {
        int first = VERSION_4_WITHOUT_OPTIONS << 24 | length;
        writeWords(buf, start, first, DEFAULT_TTL << 24 | protocol << 16, source, destination);
    }

    /// The identification is 0: RFC 6864, 4.1: "Originating sources MAY set the IPv4 ID field of
    /// atomic datagrams to any value", and with "don't fragment" set all of ours are atomic.
    private static void writeWords(
            ByteBuf buf, int start, int first, int third, int source, int destination) {
        long words =
                Integer.toUnsignedLong(first)
                        + DONT_FRAGMENT
                        + Integer.toUnsignedLong(third)
                        + Integer.toUnsignedLong(source)
                        + Integer.toUnsignedLong(destination);
        int checksum = InternetChecksum.complement(InternetChecksum.fold(words));
        buf.setInt(start, first);
        buf.setInt(start + 4, DONT_FRAGMENT);
        buf.setInt(start + 8, third | checksum);
        buf.setInt(start + 12, source);
        buf.setInt(start + 16, destination);
    }
}
