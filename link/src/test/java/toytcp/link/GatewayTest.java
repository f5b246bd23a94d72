package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import toytcp.codec.DropReason;
import toytcp.stack.channel.ListenAddress;
import toytcp.stack.channel.PendingConnection;
import toytcp.stack.channel.TcpChannelOption;
import toytcp.stack.channel.TcpStack;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A whole stack on a raw socket that serves what it has no address for; the kernel of another
/// namespace connects.
@Timeout(60)
class GatewayTest {
    private static final String NETWORK = "10.5.0.0/16";

    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private final TcpStack stack = TcpStack.builder().build();
    @AutoClose private Namespaces net;
    private EventLoopGroup group;
    private Channel link;

    @BeforeEach
    void open() throws Exception {
        net = Namespaces.create();
        net.in(net.a, "ip route add local " + NETWORK + " dev lo");
        net.in(net.b, "ip route add " + NETWORK + " via " + Namespaces.A_ADDRESS);
        group = new MultiThreadIoEventLoopGroup(1, net.threads(net.a), EpollIoHandler.newFactory());
        link =
                new Bootstrap()
                        .group(group)
                        .channel(RawSocketChannel.class)
                        .handler(stack.linkHandler())
                        .bind("0.0.0.0", 0)
                        .sync()
                        .channel();
    }

    @AfterEach
    void close() throws InterruptedException {
        if (link != null) {
            link.close().sync();
        }
        if (group != null) {
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    private ServerBootstrap server(ChannelHandler child) {
        return new ServerBootstrap()
                .group(group)
                .channelFactory(stack::newServerSocketChannel)
                .childHandler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                accepted.add(channel);
                                channel.pipeline().addLast(child);
                            }
                        });
    }

    private Socket connect(String address, int port) throws Exception {
        return net.call(net.b, () -> new Socket(address, port));
    }

    private static void assertEchoed(Socket client, int octets) throws IOException {
        byte[] data = new byte[octets];
        new Random(octets).nextBytes(data);
        client.getOutputStream().write(data);
        client.shutdownOutput();
        assertArrayEquals(data, client.getInputStream().readAllBytes());
    }

    @Test
    void everyAddressAndPortOfANetworkIsServedAsItself() throws Exception {
        server(new Echo()).bind(ListenAddress.of(NETWORK)).sync();
        Random random = new Random(1);
        for (int i = 0; i < 40; i++) {
            String address = "10.5." + random.nextInt(256) + "." + (1 + random.nextInt(254));
            int port = 1 + random.nextInt(65535);
            try (Socket client = connect(address, port)) {
                assertEchoed(client, 100_000);
            }
            Channel child = accepted.poll(10, TimeUnit.SECONDS);
            assertEquals(new InetSocketAddress(address, port), child.localAddress());
        }
        assertThrows(ConnectException.class, () -> connect(Namespaces.A_ADDRESS, 4711));
    }

    @Test
    void ncTalksToManyPorts() throws Exception {
        server(new Echo()).bind(ListenAddress.of(NETWORK, 1000, 1999)).sync();
        for (int port : new int[] {1000, 1500, 1999}) {
            String answer =
                    net.in(
                            net.b,
                            "timeout 10 bash -c echo${IFS}hello|nc${IFS}-N${IFS}10.5.9.9${IFS}"
                                    + port);
            assertEquals("hello\n", answer);
        }
        assertThrows(ConnectException.class, () -> connect("10.5.9.9", 2000));
    }

    @Test
    void everythingIsAcceptedButWhatTheKernelServes() throws Exception {
        server(new Echo()).bind(ListenAddress.any()).sync();
        try (ServerSocket kernel = net.call(net.a, () -> new ServerSocket(7000));
                Socket client = connect(Namespaces.A_ADDRESS, 7000);
                Socket peer = kernel.accept()) {
            peer.getOutputStream().write(7);
            assertEquals(7, client.getInputStream().read());
            assertTrue(accepted.isEmpty());
            try (Socket ours = connect(Namespaces.A_ADDRESS, 7001)) {
                assertEchoed(ours, 1_000_000);
            }
            client.getOutputStream().write(8);
            assertEquals(8, peer.getInputStream().read());
        }
        assertNotNull(accepted.poll(10, TimeUnit.SECONDS));
        assertNull(accepted.poll());
    }

    @Test
    void clientsOfTheSameHostAreServedToo() throws Exception {
        server(new Echo()).bind(ListenAddress.of(NETWORK)).sync();
        try (Socket client = net.call(net.a, () -> new Socket("10.5.3.3", 80))) {
            assertEchoed(client, 300_000);
        }
    }

    /// Connects upstream first, with the destination port, and accepts only then.
    @Test
    void aProxyAcceptsOnlyWhatItCouldConnect() throws Exception {
        try (ServerSocket upstream = net.call(net.b, () -> new ServerSocket(7000))) {
            server(new ChannelInboundHandlerAdapter())
                    .option(TcpChannelOption.TCP_PENDING_ACCEPT_MILLIS, 10_000)
                    .handler(new ConnectFirst())
                    .bind(ListenAddress.of(NETWORK))
                    .sync();
            try (Socket client = connect("10.5.1.1", 7000);
                    Socket connected = upstream.accept()) {
                assertEquals(
                        InetAddress.getByName(Namespaces.A_ADDRESS), connected.getInetAddress());
                Channel child = accepted.poll(10, TimeUnit.SECONDS);
                assertEquals(new InetSocketAddress("10.5.1.1", 7000), child.localAddress());
                assertEquals(client.getLocalSocketAddress(), child.remoteAddress());
            }
            ConnectException refusal =
                    assertThrows(ConnectException.class, () -> connect("10.5.1.1", 7001));
            assertEquals("Connection refused", refusal.getMessage());
            assertTrue(accepted.isEmpty());
        }
    }

    /// 100,000 SYNs from all over: the oldest half-open connections make room, and if the flood fills the
    /// socket an honest SYN is repeated.
    @Test
    void aFloodOfSynsStopsNoHonestClient() throws Exception {
        net.in(net.a, "ip route add 198.18.0.0/15 via " + Namespaces.B_ADDRESS);
        server(new Echo()).bind(ListenAddress.of(NETWORK)).sync();
        try (TestLink flood = new TestLink(net.threads(net.b), "0.0.0.0");
                var loop = Executors.newSingleThreadExecutor(net.threads(net.b))) {
            Future<?> flooding = loop.submit(() -> flood(flood));
            int served = 0;
            int failedInARow = 0;
            while (!flooding.isDone() || served == 0) {
                try (Socket client = connect("10.5.1.1", 80)) {
                    assertEchoed(client, 1000);
                    served++;
                    failedInARow = 0;
                } catch (SocketException | TimeoutException e) {
                    // On a machine so busy that packets lie in the socket for half a second.
                    failedInARow++;
                    assertTrue(failedInARow < 10, e::toString);
                }
            }
            flooding.get();
        }
        assertTrue(stack.drops().get(DropReason.SYN_QUEUE_FULL) > 0);
    }

    private static Void flood(TestLink link) throws InterruptedException {
        for (int i = 0; i < 100_000; i++) {
            InetSocketAddress from =
                    new InetSocketAddress(
                            "198.18." + (i >>> 8 & 255) + "." + (i & 255), 1 + (i >>> 4));
            InetSocketAddress to = new InetSocketAddress("10.5.1.1", 80);
            ChannelFuture sent = link.channel.writeAndFlush(Packets.tcp(from, to, Packets.SYN, 0));
            if (i % 100 == 0) {
                sent.sync();
            }
        }
        return null;
    }

    @Test
    void aDeferredAcceptWaitsForTheDataOfAKernel() throws Exception {
        server(new Echo())
                .option(TcpChannelOption.TCP_DEFER_ACCEPT, 30)
                .bind(ListenAddress.of(NETWORK, 80))
                .sync();
        try (Socket client = connect("10.5.1.1", 80);
                Socket other = connect("10.5.1.2", 80)) {
            assertEchoed(other, 10);
            Channel child = accepted.poll(10, TimeUnit.SECONDS);
            assertEquals(new InetSocketAddress("10.5.1.2", 80), child.localAddress());
            assertNull(accepted.poll(), "the first has not said anything");
            assertEchoed(client, 10);
            assertNotNull(accepted.poll(10, TimeUnit.SECONDS));
        }
    }

    private final class ConnectFirst extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (!(event instanceof PendingConnection pending)) {
                context.fireUserEventTriggered(event);
                return;
            }
            new Bootstrap()
                    .group(group)
                    .channelFactory(stack::newSocketChannel)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(Namespaces.B_ADDRESS, pending.localAddress().getPort())
                    .addListener(
                            (ChannelFuture connected) -> {
                                if (connected.isSuccess()) {
                                    pending.accept();
                                } else {
                                    pending.reject();
                                }
                            });
        }
    }

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            context.writeAndFlush(context.alloc().buffer(0))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }
}
