package toytcp.codec;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;

/// One whole IP datagram without its header: what [Ipv4Codec] reads, and what it writes.
///
/// Addresses are two `long`s each, see [IpAddresses]. The packet owns its payload: releasing the
/// packet releases the payload.
///
/// @param srcHigh upper half of the source address
/// @param srcLow lower half of the source address
/// @param dstHigh upper half of the destination address
/// @param dstLow lower half of the destination address
/// @param protocol the protocol of the payload, 0 to 255
/// @param ttl time to live or hop limit, 0 to 255; 0 when sending means: the default of the codec
/// @param trafficClass DS field and ECN bits, 0 to 255 (RFC 2474, RFC 3168)
/// @param checksum what is known of the payload's checksum
/// @param payload the transport header and its data
/// @param headroom how many octets just before the reader index of `payload` belong to this packet
///     alone, so that a header may be written into them; 0 or more, and never more than the reader
///     index. Whoever sets it promises that the packet is written once and that nobody else looks at
///     `payload`: its reader index moves
public record IpPacket(
        long srcHigh,
        long srcLow,
        long dstHigh,
        long dstLow,
        int protocol,
        int ttl,
        int trafficClass,
        ChecksumState checksum,
        ByteBuf payload,
        int headroom)
        implements ReferenceCounted {

    /// The protocol number of TCP.
    public static final int TCP = 6;

    /// The protocol number of ICMP.
    public static final int ICMP = 1;

    /// Checks the headroom.
    ///
    /// @throws IllegalArgumentException if there are not that many octets before the payload
    public IpPacket {
        if (headroom < 0 || headroom > payload.readerIndex()) {
            throw new IllegalArgumentException(
                    "headroom is 0 to the %d octets before the payload, got %d"
                            .formatted(payload.readerIndex(), headroom));
        }
    }

    /// A packet without headroom: its payload is left as it is, and may be shared.
    public IpPacket(
            long srcHigh,
            long srcLow,
            long dstHigh,
            long dstLow,
            int protocol,
            int ttl,
            int trafficClass,
            ChecksumState checksum,
            ByteBuf payload) {
        this(srcHigh, srcLow, dstHigh, dstLow, protocol, ttl, trafficClass, checksum, payload, 0);
    }

    /// `10.0.0.1 > 10.0.1.1 proto 6 ttl 64 tos 0x0 len 52`.
    @Override
    public String toString() {
        return "%s > %s proto %d ttl %d tos 0x%x len %d"
                .formatted(
                        IpAddresses.toInetAddress(srcHigh, srcLow).getHostAddress(),
                        IpAddresses.toInetAddress(dstHigh, dstLow).getHostAddress(),
                        protocol,
                        ttl,
                        trafficClass,
                        payload.readableBytes());
    }

    @Override
    public int refCnt() {
        return payload.refCnt();
    }

    @Override
    public IpPacket retain() {
        payload.retain();
        return this;
    }

    @Override
    public IpPacket retain(int increment) {
        payload.retain(increment);
        return this;
    }

    @Override
    public IpPacket touch() {
        payload.touch();
        return this;
    }

    @Override
    public IpPacket touch(Object hint) {
        payload.touch(hint);
        return this;
    }

    @Override
    public boolean release() {
        return payload.release();
    }

    @Override
    public boolean release(int decrement) {
        return payload.release(decrement);
    }
}
