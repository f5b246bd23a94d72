package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;

import toytcp.codec.DropCounters;
import toytcp.codec.IpAddresses;
import toytcp.codec.Ipv4Codec;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.codec.TcpSegmentCodec;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// Hand-made segments for a link, and the link's answers as segments.
final class HandMade implements AutoCloseable {
    private final EmbeddedChannel link;
    private final EmbeddedChannel codec =
            new EmbeddedChannel(
                    new Ipv4Codec(new DropCounters()),
                    new TcpSegmentCodec(new DropCounters(), false));

    HandMade(EmbeddedChannel link) {
        this.link = link;
    }

    /// A segment from a host that is no stack: 198.51.0.0 plus `host`.
    static TcpSegment segment(int host, int port, String to, int toPort) {
        return new TcpSegment()
                .from(IpAddresses.V4_HIGH, IpAddresses.v4Low(0xc6330000 + host), port)
                .to(IpAddresses.V4_HIGH, IpAddresses.low(InetAddress.ofLiteral(to)), toPort)
                .window(65535);
    }

    static TcpSegment syn(int host, int port, String to, int toPort) {
        return segment(host, port, to, toPort).flag(TcpFlags.SYN);
    }

    /// What the stack sends when this arrives.
    List<TcpSegment> deliver(TcpSegment segment) {
        link.writeInbound(packet(segment));
        return answers();
    }

    /// The caller releases it, or gives it to the link.
    ByteBuf packet(TcpSegment segment) {
        codec.writeOutbound(segment);
        return codec.readOutbound();
    }

    /// What the stack has sent since.
    List<TcpSegment> answers() {
        link.runPendingTasks();
        List<TcpSegment> answers = new ArrayList<>();
        for (ByteBuf packet : TwoStacks.sent(link)) {
            codec.writeInbound(packet);
            answers.add(codec.readInbound());
        }
        return answers;
    }

    @Override
    public void close() {
        codec.finishAndReleaseAll();
    }
}
