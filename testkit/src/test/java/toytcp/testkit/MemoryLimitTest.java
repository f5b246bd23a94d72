package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.stack.channel.TcpCounters;
import toytcp.testkit.net.Host;
import toytcp.testkit.net.LinkQueue;
import toytcp.testkit.net.Network;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A thousand connections of a stack that has 16 MiB for all of them.
class MemoryLimitTest {
    private static final int FLOWS = 1000;
    private static final int EACH = 40_000;
    private static final long LIMIT = 16 << 20;

    /// What each connection keeps: two segments are less.
    private static final int MINIMUM = 4096;

    private final List<Exchange> servers = new ArrayList<>();
    private final List<Exchange> clients = new ArrayList<>();

    /// Sends its octets, then reads those of the other side, then closes; reads only when it is told to.
    private static final class Exchange extends ChannelInboundHandlerAdapter {
        private final int octets;
        int received;
        boolean closed;
        Throwable failure;
        Channel channel;

        Exchange(int octets) {
            this.octets = octets;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            channel = ctx.channel();
            send(octets);
        }

        void send(int octets) {
            if (octets > 0) {
                channel.writeAndFlush(channel.alloc().directBuffer(octets).writeZero(octets))
                        .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            }
        }

        void read() {
            channel.config().setAutoRead(true);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = (ByteBuf) msg;
            received += data.readableBytes();
            data.release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            closed = true;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            failure = cause;
        }
    }

    private Host listen(Network network) {
        Host host = network.host("server", stack -> stack.memory(LIMIT));
        network.await(
                host.serverBootstrap()
                        .option(ChannelOption.SO_BACKLOG, FLOWS)
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        servers.add(new Exchange(0));
                                        channel.pipeline().addLast(servers.getLast());
                                    }
                                })
                        .bind(host.at(7)));
        return host;
    }

    private static void connect(Network network, Host a, Host b) {
        LinkQueue queue = LinkQueue.octets(4 << 20);
        network.link(a, b).delay(Duration.ofMillis(5)).rate("1gbit").queue(queue);
    }

    private void connect(Host from, Host to, int octets) {
        for (int i = 0; i < FLOWS; i++) {
            Exchange exchange = new Exchange(octets);
            clients.add(exchange);
            from.bootstrap()
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(exchange)
                    .connect(to.at(7));
        }
    }

    private static void assertBounded(TcpCounters counters, int directions) {
        assertTrue(counters.memoryPeak() >= LIMIT - MINIMUM, counters::toString);
        assertTrue(
                counters.memoryPeak() <= LIMIT + (long) FLOWS * MINIMUM * directions,
                counters::toString);
        assertTrue(counters.memoryPressures() > 0 && counters.memoryExhaustions() > 0);
    }

    @Test
    void whatArrivesIsBoundedAndAllOfItArrives() {
        try (var network = Network.create(1)) {
            Host host = listen(network);
            Host other = network.host("client", stack -> stack.memory(1L << 30));
            connect(network, other, host);
            connect(other, host, EACH);
            network.run(Duration.ofSeconds(20));
            assertEquals(FLOWS, servers.size());
            TcpCounters counters = host.stack().counters();
            assertBounded(counters, 1);
            assertTrue(host.stack().drops().get(DropReason.MEMORY_LIMIT) > 0);
            servers.forEach(Exchange::read);
            network.runUntil(() -> servers.stream().allMatch(server -> server.received == EACH));
            assertBounded(counters, 1);
            assertEquals(0, counters.memoryUsed());
            clients.forEach(client -> client.channel.close());
            network.run(Duration.ofMinutes(2));
            assertTrue(servers.stream().allMatch(server -> server.closed));
            assertTrue(servers.stream().allMatch(server -> server.failure == null));
            assertEquals(0, counters.currEstab());
        }
    }

    @Test
    void whatIsWrittenIsBoundedAndAllOfItArrives() {
        try (var network = Network.create(1)) {
            Host host = listen(network);
            Host other = network.host("client", stack -> stack.memory(1L << 30));
            connect(network, other, host);
            connect(other, host, 0);
            network.run(Duration.ofSeconds(5));
            assertEquals(FLOWS, servers.size());
            // Twice, as the receive windows of the others take the first 64 KiB.
            servers.forEach(server -> server.send(EACH));
            servers.forEach(server -> server.send(EACH));
            network.run(Duration.ofSeconds(10));
            TcpCounters counters = host.stack().counters();
            clients.forEach(Exchange::read);
            network.runUntil(
                    () -> clients.stream().allMatch(client -> client.received == 2 * EACH));
            assertBounded(counters, 1);
            network.run(Duration.ofSeconds(1));
            assertEquals(0, counters.memoryUsed());
            assertTrue(clients.stream().allMatch(client -> client.failure == null));
        }
    }

    @Test
    void withMemoryEnoughNobodyNoticesThatThereIsALimit() {
        try (var network = Network.create(1)) {
            Host host = listen(network);
            Host other = network.host("client");
            connect(network, other, host);
            connect(other, host, 10_000);
            network.run(Duration.ofSeconds(5));
            TcpCounters counters = host.stack().counters();
            assertEquals(10_000L * FLOWS, counters.memoryUsed());
            assertEquals(0, counters.memoryPressures());
            assertEquals(0, host.stack().drops().get(DropReason.MEMORY_LIMIT));
            servers.forEach(Exchange::read);
            network.runUntil(() -> servers.stream().allMatch(server -> server.received == 10_000));
            network.run(Duration.ofSeconds(1));
            assertEquals(0, counters.memoryUsed());
        }
    }
}
