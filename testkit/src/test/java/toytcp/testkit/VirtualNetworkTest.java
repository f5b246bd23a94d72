package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.junit.jupiter.api.Test;

import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

class VirtualNetworkTest {
    private static final LinkFaults LINE = LinkFaults.NONE.delay(Duration.ofMillis(20));

    @Test
    void anOrdinaryApplicationRunsInVirtualTime() {
        try (var network = new VirtualNetwork(7)) {
            VirtualHost server = server(network, LINE);
            VirtualHost client = client(network, server, LINE);
            Collector collector = new Collector();
            Channel channel =
                    network.await(client.bootstrap().handler(collector).connect(server.at(7)));
            assertEquals(40_000_000, network.clock().nanoTime());
            channel.writeAndFlush(Unpooled.wrappedBuffer("hello".getBytes()));
            network.runUntil(() -> collector.text.length() == 5);
            assertEquals("hello", collector.text.toString());
            assertEquals(80_000_000, network.clock().nanoTime());
        }
    }

    @Test
    void theSameSeedGivesTheSamePackets() {
        LinkFaults faults = LINE.drop(0.1).duplicate(0.1).corrupt(0.1);
        assertEquals(exchange(3, faults), exchange(3, faults));
    }

    @Test
    void theLogShowsPacketsWithRelativeNumbersAndTheirFate() {
        String log = exchange(1, LINE.duplicate(1));
        assertTrue(log.startsWith("+0.000 10.0.0.1:"), log);
        assertTrue(log.contains(" > 10.0.1.1:7 S 0:0 win 65535 <mss 1460,"), log);
        assertTrue(log.contains(" . 1:1449 ack 1 "), log);
        assertTrue(log.contains("(twice)"), log);
    }

    @Test
    void aRefusedConnectionFailsItsFuture() {
        try (var network = new VirtualNetwork(1)) {
            VirtualHost server = server(network, LINE);
            VirtualHost client = client(network, server, LINE);
            var refused = client.bootstrap().handler(new Collector()).connect(server.at(8));
            var error = assertThrows(AssertionError.class, () -> network.await(refused));
            assertInstanceOf(ConnectException.class, error.getCause());
            assertTrue(error.getMessage().startsWith("seed 1: the future failed"));
        }
    }

    @Test
    void packetsToHostsWithoutALineAreLost() {
        try (var network = new VirtualNetwork(1)) {
            VirtualHost client = network.host("10.0.0.1");
            client.bootstrap().handler(new Collector()).connect(network.host("10.0.1.1").at(7));
            network.run(Duration.ofSeconds(1));
            assertTrue(network.toString().contains("(lost: no line to there)"));
        }
    }

    @Test
    void whatNeverHappensIsAFailure() {
        try (var network = new VirtualNetwork(9)) {
            network.host("10.0.0.1");
            var error = assertThrows(AssertionError.class, () -> network.runUntil(() -> false));
            assertTrue(error.getMessage().startsWith("seed 9: what was waited for did not happen"));
        }
    }

    private static String exchange(long seed, LinkFaults faults) {
        try (var network = new VirtualNetwork(seed, 100_000)) {
            VirtualHost server = server(network, faults);
            VirtualHost client = client(network, server, faults);
            Collector collector = new Collector();
            Channel channel =
                    network.await(client.bootstrap().handler(collector).connect(server.at(7)));
            String text = "0123456789".repeat(5000);
            for (int i = 0; i < text.length(); i += 1000) {
                channel.writeAndFlush(
                        ByteBufUtil.writeAscii(channel.alloc(), text.substring(i, i + 1000)));
            }
            network.runUntil(() -> collector.text.length() >= text.length());
            assertEquals(text, collector.text.toString());
            channel.close();
            network.run(Duration.ofMinutes(5));
            return network.toString();
        }
    }

    private static VirtualHost server(VirtualNetwork network, LinkFaults faults) {
        VirtualHost server = network.host("10.0.1.1");
        network.await(server.serverBootstrap().childHandler(new Echo()).bind(server.at(7)));
        return server;
    }

    private static VirtualHost client(
            VirtualNetwork network, VirtualHost server, LinkFaults faults) {
        VirtualHost client = network.host("10.0.0.1");
        network.connect(client, server, faults);
        return client;
    }

    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg);
        }
    }

    private static final class Collector extends ChannelInboundHandlerAdapter {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            var data = (ByteBuf) msg;
            text.append(data.toString(StandardCharsets.US_ASCII));
            data.release();
        }
    }
}
