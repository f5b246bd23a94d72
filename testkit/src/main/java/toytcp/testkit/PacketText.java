package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;

import toytcp.codec.DropCounters;
import toytcp.codec.IcmpCodec;
import toytcp.codec.IpAddresses;
import toytcp.codec.Ipv4Codec;
import toytcp.codec.SegmentFormat;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.codec.TcpSegmentCodec;

import java.util.HashMap;
import java.util.Map;

/// Whole packets as text; sequence numbers count from the SYN that this object has seen.
public final class PacketText {
    private final Map<String, Integer> initialNumbers = new HashMap<>();
    private final DropCounters drops = new DropCounters();
    private final EmbeddedChannel codec =
            new EmbeddedChannel(
                    new Ipv4Codec(drops), new IcmpCodec(drops), new TcpSegmentCodec(drops, true));

    /// A reader that has seen nothing yet.
    public PacketText() {}

    /// `10.0.0.1:49152 > 10.0.1.1:7 S 0:0 win 65535 <mss 1460>`; leaves the packet as it is.
    public String of(ByteBuf packet) {
        codec.writeInbound(packet.retainedDuplicate());
        Object message = codec.readInbound();
        if (message == null) {
            return packet.readableBytes() + " octets that are no packet";
        }
        try {
            return message instanceof TcpSegment segment ? of(segment) : message.toString();
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /// Ends it.
    public void close() {
        codec.finishAndReleaseAll();
    }

    private String of(TcpSegment segment) {
        String from = end(segment.srcHigh(), segment.srcLow(), segment.srcPort());
        String to = end(segment.dstHigh(), segment.dstLow(), segment.dstPort());
        String flow = from + " > " + to;
        if (segment.has(TcpFlags.SYN)) {
            initialNumbers.put(flow, segment.seq());
        }
        int seqBase = initialNumbers.getOrDefault(flow, 0);
        int ackBase = initialNumbers.getOrDefault(to + " > " + from, 0);
        return flow + " " + SegmentFormat.format(segment, seqBase, ackBase);
    }

    private static String end(long high, long low, int port) {
        return IpAddresses.toInetAddress(high, low).getHostAddress() + ":" + port;
    }
}
