package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The life of a channel: registration, binding, options, closing.
class RawSocketChannelTest {
    @AutoClose private static Namespaces net;

    @TempDir private Path directory;

    @BeforeAll
    static void makeNamespaces() {
        net = Namespaces.create();
    }

    @Test
    void aBoundChannelIsActiveAndHasItsAddress() throws Exception {
        try (TestLink link = net.linkA()) {
            assertTrue(link.channel.isActive());
            assertEquals(
                    new InetSocketAddress(Namespaces.A_ADDRESS, 0), link.channel.localAddress());
            assertTrue(link.channel.deliversPartialChecksums());
        }
    }

    @Test
    void closingLeavesNothingBehind() throws Exception {
        try (TestLink link = net.linkA()) {
            link.claim(7000, 7000);
            // With the line of headings, and the socket for ICMP errors.
            assertEquals(3, rawSockets());
            link.channel.close().sync();
            assertEquals(1, rawSockets());
            assertEquals("", net.in(net.a, "nft list ruleset"));
            assertFalse(link.channel.isOpen());
            assertThrows(
                    ClosedChannelException.class,
                    () -> link.channel.route(InetAddress.getByName(Namespaces.B_ADDRESS)));
            assertThrows(ClosedChannelException.class, () -> link.claim(7000, 7000));
            link.release(7000, 7000);
        }
    }

    @Test
    void anAddressThatIsNotLocalIsAnErrorWithItsRemedy() {
        BindException error =
                assertThrows(
                        BindException.class,
                        () -> new TestLink(net.threads(net.a), Namespaces.B_ADDRESS).close());
        assertTrue(error.getMessage().contains("ip addr add 10.77.0.2"), error.getMessage());
    }

    @Test
    void aSecondBindIsRefused() throws Exception {
        try (TestLink link = net.linkA()) {
            link.claim(7000, 7000);
            ChannelFuture again = link.channel.bind(new InetSocketAddress("127.0.0.1", 0)).await();
            assertTrue(again.cause().getMessage().contains("bound already"));
            assertEquals(
                    new InetSocketAddress(Namespaces.A_ADDRESS, 0), link.channel.localAddress());
        }
    }

    @Test
    void whatCannotBeBoundIsRefusedWithAReason() throws Exception {
        assertRefused(new InetSocketAddress(Namespaces.A_ADDRESS, 80), "port 0, not to 80");
        assertRefused(new InetSocketAddress("::1", 0), "IPv4 only");
        assertRefused(InetSocketAddress.createUnresolved("nowhere.invalid", 0), "nowhere.invalid");
        assertRefused(new SocketAddress() {}, "an IPv4 address");
    }

    @Test
    void theWildcardOfIpv6StandsForAllAddresses() throws Exception {
        try (TestLink link = new TestLink(net.threads(net.a), "::")) {
            assertEquals(new InetSocketAddress("0.0.0.0", 0), link.channel.localAddress());
        }
    }

    @Test
    void anotherTransportsLoopIsRefusedWithTheRightOne() throws Exception {
        EventLoopGroup nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        ChannelFuture bound = bootstrap(nio).bind("127.0.0.1", 0).await();
        assertInstanceOf(IllegalStateException.class, bound.cause());
        assertTrue(bound.cause().getMessage().contains("EpollIoHandler.newFactory()"));
        shutDown(nio);
    }

    @Test
    void aRawSocketIsNotConnected() throws Exception {
        try (TestLink link = net.linkA()) {
            ChannelFuture connected =
                    link.channel.connect(new InetSocketAddress(Namespaces.B_ADDRESS, 7)).await();
            assertInstanceOf(UnsupportedOperationException.class, connected.cause());
            assertTrue(link.channel.isActive());
        }
    }

    @Test
    void bufferSizesAreOptions() throws Exception {
        Bootstrap sizes =
                new Bootstrap()
                        .option(ChannelOption.SO_RCVBUF, 1 << 20)
                        .option(ChannelOption.SO_SNDBUF, 50_000);
        try (TestLink link = net.linkA(sizes)) {
            assertEquals(2 << 20, link.channel.config().getOption(ChannelOption.SO_RCVBUF));
            assertEquals(100_000, link.channel.config().getOption(ChannelOption.SO_SNDBUF));
            link.channel.config().setOption(ChannelOption.SO_RCVBUF, 2 << 20);
            assertEquals(4 << 20, link.channel.config().getOption(ChannelOption.SO_RCVBUF));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> link.channel.config().setOption(ChannelOption.SO_SNDBUF, 0));
            assertFalse(link.channel.config().setOption(ChannelOption.TCP_NODELAY, true));
        }
        try (TestLink link = net.linkA()) {
            assertEquals(
                    2 * RawSocket.DEFAULT_RECEIVE_BUFFER,
                    link.channel.config().getOption(ChannelOption.SO_RCVBUF));
        }
    }

    @Test
    void aChannelMovesToAnotherLoop() throws Exception {
        EventLoopGroup second =
                new MultiThreadIoEventLoopGroup(1, net.threads(net.a), EpollIoHandler.newFactory());
        try (TestLink link = net.linkA();
                TestLink peer = net.linkB()) {
            link.claim(61000, 61000);
            link.channel.deregister().sync();
            second.register(link.channel).sync();
            InetSocketAddress from = new InetSocketAddress(Namespaces.B_ADDRESS, 62000);
            InetSocketAddress to = new InetSocketAddress(Namespaces.A_ADDRESS, 61000);
            peer.channel.writeAndFlush(Packets.tcp(from, to, Packets.RST, 0)).sync();
            link.next().release();
            link.channel.close().sync();
        } finally {
            shutDown(second);
        }
    }

    @Test
    void aLoopThatShutsDownClosesItsChannels() throws Exception {
        try (TestLink link = net.linkA()) {
            shutDown(link.group);
            assertTrue(link.channel.closeFuture().await(TestLink.SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void withoutNativeAccessTheErrorNamesTheFlag() throws Exception {
        Path log = directory.resolve("log");
        try (LinkProcess process =
                new LinkProcess(
                        net.a,
                        List.of(),
                        List.of("--illegal-native-access=deny"),
                        log,
                        Namespaces.A_ADDRESS,
                        "7000",
                        "7000")) {
            String state = process.state();
            assertTrue(state.contains("--enable-native-access=ALL-UNNAMED"), state);
        }
    }

    @Test
    void anotherSystemIsRefusedByName() {
        assertEquals(null, LinuxSupport.checkSystem("Linux", "aarch64"));
        assertEquals(null, LinuxSupport.checkSystem("Linux", "amd64"));
        assertTrue(LinuxSupport.checkSystem("Linux", "s390x").getMessage().contains("s390x"));
        assertTrue(
                LinuxSupport.checkSystem("Mac OS X", "aarch64").getMessage().contains("Mac OS X"));
    }

    /// Lines of the kernel's table; the first is its heading.
    private static long rawSockets() throws IOException {
        return net.in(net.a, "cat /proc/net/raw").lines().count();
    }

    private static void assertRefused(SocketAddress address, String word) throws Exception {
        EventLoopGroup group =
                new MultiThreadIoEventLoopGroup(1, net.threads(net.a), EpollIoHandler.newFactory());
        ChannelFuture bound = bootstrap(group).bind(address).await();
        shutDown(group);
        assertFalse(bound.channel().isOpen());
        assertInstanceOf(SocketException.class, bound.cause());
        assertTrue(bound.cause().getMessage().contains(word), bound.cause().getMessage());
    }

    private static Bootstrap bootstrap(EventLoopGroup group) {
        return new Bootstrap()
                .group(group)
                .channel(RawSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter());
    }

    /// With a quiet period: without one, Netty's loop may end before it has closed its channels.
    private static void shutDown(EventLoopGroup group) {
        group.shutdownGracefully(20, 1000 * TestLink.SECONDS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly();
    }
}
