package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;

import toytcp.codec.DropCounters;
import toytcp.codec.IpPacket;
import toytcp.codec.Ipv4Codec;
import toytcp.codec.SegmentFormat;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.codec.TcpSegmentCodec;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Looks at the packets of one host of [TwoStacks] without losing any.
final class SegmentTap implements Predicate<ByteBuf> {
    /// A packet, as far as tests ask; sequence numbers are absolute.
    record Seen(int ttl, int trafficClass, int flags, int mss, int octets, String text) {
        boolean isSyn() {
            return (flags & TcpFlags.SYN) != 0;
        }
    }

    final List<Seen> seen = new ArrayList<>();

    @Override
    public boolean test(ByteBuf packet) {
        DropCounters drops = new DropCounters();
        EmbeddedChannel ip = new EmbeddedChannel(new Ipv4Codec(drops));
        ip.writeInbound(packet.retainedDuplicate());
        IpPacket header = ip.readInbound();
        EmbeddedChannel tcp = new EmbeddedChannel(new TcpSegmentCodec(drops, false));
        int ttl = header.ttl();
        int trafficClass = header.trafficClass();
        tcp.writeInbound(header);
        TcpSegment segment = tcp.readInbound();
        seen.add(
                new Seen(
                        ttl,
                        trafficClass,
                        segment.flags(),
                        segment.mss(),
                        segment.payload().readableBytes(),
                        SegmentFormat.format(segment, 0, 0)));
        segment.release();
        ip.finishAndReleaseAll();
        tcp.finishAndReleaseAll();
        return false;
    }

    List<Integer> octets() {
        return seen.stream().map(Seen::octets).filter(octets -> octets > 0).toList();
    }
}
