package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.Test;

import toytcp.stack.channel.TcpChannel;
import toytcp.stack.tcp.TcpInfo;
import toytcp.testkit.net.Host;
import toytcp.testkit.net.Link;
import toytcp.testkit.net.LinkQueue;
import toytcp.testkit.net.Network;

import java.time.Duration;
import java.util.function.Consumer;

/// What tuned buffers do for whole stacks on a long fat path: 100 Mbit/s and 100 ms.
class TunedBuffersTest {
    private static final Duration ROUND_TRIP = Duration.ofMillis(100);
    private static final int PRODUCT = 1_250_000;

    /// Of a full-sized packet, with timestamps, what is text.
    private static final double TEXT = 1448.0 / 1500;

    /// Megabits of text a second, measured over five seconds, once it flows.
    private static double download(Consumer<ServerBootstrap> server, Consumer<Bootstrap> client) {
        try (var network = Network.create(1)) {
            Host host = network.host("server");
            Host user = network.host("client");
            Link link = network.link(host, user).delay(ROUND_TRIP.dividedBy(2));
            link.from(host).rate("100mbit").queue(LinkQueue.octets(PRODUCT));
            ServerBootstrap listening = host.serverBootstrap().childHandler(new Source());
            server.accept(listening);
            network.await(listening.bind(host.at(80)));
            var sink = new OctetCounter();
            Bootstrap connecting = user.bootstrap().handler(sink);
            client.accept(connecting);
            Channel channel = network.await(connecting.connect(host.at(80)));
            network.run(Duration.ofSeconds(6));
            long before = sink.octets();
            network.run(Duration.ofSeconds(5));
            double rate = (sink.octets() - before) * 8 / 5e6;
            TcpInfo info = network.await(((TcpChannel) channel).tcpInfo());
            assertEquals(sink.octets(), info.bytesReceived());
            channel.close();
            return rate;
        }
    }

    @Test
    void aDownloadWithDefaultsFillsTheLink() {
        double rate = download(_ -> {}, _ -> {});
        assertTrue(rate > 0.95 * 100 * TEXT, rate + " Mbit/s");
    }

    @Test
    void aReceiveWindowOf64KiBDoesNot() {
        double rate = download(_ -> {}, client -> client.option(ChannelOption.SO_RCVBUF, 65_536));
        assertTrue(rate > 4 && rate < 5.3, rate + " Mbit/s");
    }

    @Test
    void aSendBufferOf64KiBDoesNotEither() {
        double rate =
                download(server -> server.childOption(ChannelOption.SO_SNDBUF, 65_536), _ -> {});
        assertTrue(rate > 4 && rate < 5.3, rate + " Mbit/s");
    }

    /// Writes for ever, as fast as the channel is writable.
    @Sharable
    private static final class Source extends ChannelInboundHandlerAdapter {
        private static final int CHUNK = 16 * 1024;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            write(ctx);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            write(ctx);
        }

        private static void write(ChannelHandlerContext ctx) {
            while (ctx.channel().isActive() && ctx.channel().isWritable()) {
                ctx.writeAndFlush(ctx.alloc().directBuffer(CHUNK).writeZero(CHUNK));
            }
        }
    }
}
