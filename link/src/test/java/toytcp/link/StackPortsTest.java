package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.ReferenceCountUtil;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import toytcp.stack.channel.TcpStack;
import toytcp.stack.ip.PacketLink.PortRange;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ports for active opens on an address that the kernel and other stacks use, too.
@Timeout(60)
class StackPortsTest {
    private static final int MOST = 4096;
    private static final int ALL = 20_736;
    private static final int PORT = 7000;
    private static final int AT_ONCE = 250;

    private final List<TestStack> stacks = new ArrayList<>();
    @AutoClose private Namespaces net;
    private EventLoopGroup servers;

    @TempDir private Path directory;

    @BeforeEach
    void open() {
        net = Namespaces.create();
        servers =
                new MultiThreadIoEventLoopGroup(1, net.threads(net.b), EpollIoHandler.newFactory());
    }

    @AfterEach
    void close() {
        stacks.forEach(TestStack::close);
        if (servers != null) {
            servers.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void twoLinksOnOneAddressShareAllPortsThatTheKernelLeaves() throws Exception {
        try (TestLink first = link();
                TestLink second = link()) {
            BitSet taken = new BitSet();
            List<PortRange> ofFirst = new ArrayList<>();
            while (taken.cardinality() < ALL / 2) {
                ofFirst.add(take(first, 512, taken));
                take(second, MOST, taken);
            }
            while (taken.cardinality() < ALL) {
                take(second, 1, taken);
            }
            assertEquals(ALL, taken.cardinality());
            assertTrue(taken.nextSetBit(32_768) > 60_999);
            assertEquals(16_384, taken.nextSetBit(0));
            String message =
                    assertThrows(BindException.class, () -> take(first, 1, new BitSet()))
                            .getMessage();
            assertTrue(message.contains("each of the 81 blocks of 256 ports"), message);
            assertTrue(message.contains("net.ipv4.ip_local_port_range"), message);
            assertTrue(message.contains("ephemeralPorts(first, last)"), message);
            PortRange back = ofFirst.getLast();
            first.onLoop(
                    () -> {
                        first.channel.giveBack(back);
                        return null;
                    });
            assertEquals(back, take(second, 512, new BitSet()));
        }
    }

    @Test
    void anotherProcessHasPortsOfItsOwnAndLeavesThemWhenItIsKilled() throws Exception {
        try (TestLink ours = link();
                LinkProcess other =
                        new LinkProcess(
                                net.a,
                                List.of(),
                                List.of("--enable-native-access=ALL-UNNAMED"),
                                directory.resolve("log"),
                                Namespaces.A_ADDRESS,
                                LinkHolder.EPHEMERAL,
                                "512")) {
            assertEquals("ready 61184 to 61695", other.state());
            assertEquals(new PortRange(61_696, 62_207), take(ours, 512, new BitSet()));
            other.kill();
            assertEquals(new PortRange(61_184, 61_695), take(ours, 1024, new BitSet()));
        }
    }

    @Test
    void aBlockInWhichAProgramOfTheKernelHasAPortIsLeftAlone() throws Exception {
        InetAddress address = InetAddress.getByName(Namespaces.A_ADDRESS);
        try (TestLink link = link();
                ServerSocket _ = net.call(net.a, () -> new ServerSocket(61_500, 1, address));
                ServerSocket _ = net.call(net.a, () -> new ServerSocket(61_952))) {
            assertEquals(new PortRange(61_184, 61_439), take(link, 512, new BitSet()));
            assertEquals(new PortRange(61_696, 61_951), take(link, 512, new BitSet()));
            assertEquals(new PortRange(62_208, 62_719), take(link, 512, new BitSet()));
        }
    }

    @Test
    void aRangeOfTheUsersChoiceAndBlocksExcludeEachOther() throws Exception {
        try (TestLink blocks = link();
                TestLink chosen = link()) {
            chosen.claim(61_200, 61_700);
            chosen.claim(61_200, 61_700);
            chosen.claim(10_000, 10_100);
            chosen.release(61_200, 61_700);
            assertEquals(new PortRange(61_952, 62_463), take(blocks, 512, new BitSet()));
            for (int[] overlap :
                    new int[][] {{61_940, 62_000}, {62_300, 63_000}, {62_207, 62_208}}) {
                BindException error =
                        assertThrows(
                                BindException.class, () -> chosen.claim(overlap[0], overlap[1]));
                assertTrue(
                        error.getMessage().startsWith("Address already in use"),
                        error.getMessage());
            }
            chosen.claim(61_701, 61_951);
            chosen.release(61_200, 61_700);
            assertEquals(new PortRange(61_184, 61_695), take(blocks, 1024, new BitSet()));
        }
    }

    @Test
    void aStackHoldsTwoThousandConnectionsToOneServer() throws Exception {
        CountDownLatch echoed = new CountDownLatch(2000);
        Channel server = serve();
        List<Channel> connections = stack().connect(2000, new Counter(echoed));
        for (Channel connection : connections) {
            connection.writeAndFlush(connection.alloc().buffer(1).writeByte(7));
        }
        assertTrue(echoed.await(20, TimeUnit.SECONDS), () -> echoed.getCount() + " are silent");
        assertEquals(2000, ports(connections).cardinality());
        assertTrue(connections.stream().allMatch(Channel::isActive));
        server.close().sync();
    }

    @Test
    void twoStacksOnOneAddressNeverHaveTheSamePort() throws Exception {
        CountDownLatch echoed = new CountDownLatch(2 * 700);
        serve();
        TestStack first = stack();
        TestStack second = stack();
        List<Channel> ofFirst = first.connect(300, new Counter(echoed));
        List<Channel> ofSecond = second.connect(700, new Counter(echoed));
        ofFirst.addAll(first.connect(400, new Counter(echoed)));
        BitSet ports = ports(ofFirst);
        assertEquals(700, ports.cardinality());
        assertFalse(ports.intersects(ports(ofSecond)));
        for (List<Channel> connections : List.of(ofFirst, ofSecond)) {
            connections.forEach(c -> c.writeAndFlush(c.alloc().buffer(1).writeByte(7)));
        }
        assertTrue(echoed.await(20, TimeUnit.SECONDS), () -> echoed.getCount() + " are silent");
        // What one had is free for the other when it is closed.
        stacks.remove(first);
        first.close();
        assertEquals(2, second.connect(2, new Counter(echoed)).size());
        try (TestLink third = link()) {
            PortRange free = take(third, 512, new BitSet());
            assertTrue(ports.get(free.first(), free.last() + 1).cardinality() > 0);
        }
    }

    private TestLink link() throws Exception {
        return net.linkA();
    }

    /// What the link gives now is entered into `taken`.
    private static PortRange take(TestLink link, int wanted, BitSet taken) throws Exception {
        PortRange range = link.onLoop(() -> link.channel.ephemeralPorts(wanted));
        int known = taken.nextSetBit(range.first());
        assertTrue(known < 0 || known > range.last(), () -> range + " was taken before");
        taken.set(range.first(), range.last() + 1);
        return range;
    }

    private static BitSet ports(List<Channel> connections) {
        BitSet ports = new BitSet();
        for (Channel connection : connections) {
            ports.set(((InetSocketAddress) connection.localAddress()).getPort());
        }
        return ports;
    }

    /// The kernel of the other namespace sends back what it gets.
    private Channel serve() throws Exception {
        ChannelFuture bound =
                net.call(
                        net.b,
                        () ->
                                new ServerBootstrap()
                                        .group(servers)
                                        .channel(EpollServerSocketChannel.class)
                                        .option(ChannelOption.SO_BACKLOG, 4096)
                                        .childHandler(new KernelEcho())
                                        .bind(Namespaces.B_ADDRESS, PORT));
        return bound.sync().channel();
    }

    private TestStack stack() throws Exception {
        TestStack stack = new TestStack(net);
        stacks.add(stack);
        return stack;
    }

    private static final class TestStack {
        private final TcpStack stack = TcpStack.builder().build();
        private final EventLoopGroup group;
        private final Channel link;

        private TestStack(Namespaces net) throws InterruptedException {
            group =
                    new MultiThreadIoEventLoopGroup(
                            1, net.threads(net.a), EpollIoHandler.newFactory());
            link =
                    new Bootstrap()
                            .group(group)
                            .channel(RawSocketChannel.class)
                            .handler(stack.linkHandler())
                            .bind(Namespaces.A_ADDRESS, 0)
                            .sync()
                            .channel();
        }

        private List<Channel> connect(int count, Counter handler) {
            Bootstrap client =
                    new Bootstrap()
                            .group(group)
                            .channelFactory(stack::newSocketChannel)
                            .handler(handler);
            List<Channel> connections = new ArrayList<>();
            while (connections.size() < count) {
                List<ChannelFuture> attempts = new ArrayList<>();
                for (int i = 0; i < Math.min(AT_ONCE, count - connections.size()); i++) {
                    attempts.add(client.connect(Namespaces.B_ADDRESS, PORT));
                }
                for (ChannelFuture attempt : attempts) {
                    connections.add(attempt.syncUninterruptibly().channel());
                }
            }
            return connections;
        }

        private void close() {
            link.close().syncUninterruptibly();
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Sharable
    private static final class KernelEcho extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // the stack has gone, and its connections with it
        }
    }

    @Sharable
    private static final class Counter extends ChannelInboundHandlerAdapter {
        private final CountDownLatch messages;

        private Counter(CountDownLatch messages) {
            this.messages = messages;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
            messages.countDown();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // the link was closed below it
        }
    }
}
