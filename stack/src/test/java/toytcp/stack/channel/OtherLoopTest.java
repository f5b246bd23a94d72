package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.socket.SocketChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import toytcp.stack.tcp.TcpConfig;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Real threads: each link on a loop of its own, the channels on others.
@Timeout(60)
class OtherLoopTest {
    private static final InetSocketAddress SERVER = new InetSocketAddress("10.0.1.1", 40000);

    enum Where {
        ON_THE_LINKS_LOOP,
        ON_A_DEFAULT_LOOP,
        ON_AN_IO_LOOP
    }

    private final List<EventLoopGroup> groups = new ArrayList<>();
    private final TcpConfig config = TcpConfig.DEFAULT.with(draft -> draft.timeWaitNanos = 0);
    private final TcpStack clientStack =
            TcpStack.builder().address("10.0.0.1/24").config(config).build();
    private final TcpStack serverStack =
            TcpStack.builder().address("10.0.1.1/24").config(config).build();
    private final EventLoopGroup clientLoop = group(new DefaultEventLoop());
    private final EventLoopGroup serverLoop = group(new DefaultEventLoop());
    private final PipeLink clientLink = new PipeLink();
    private final PipeLink serverLink = new PipeLink();

    @BeforeEach
    void openLinks() throws InterruptedException {
        PipeLink.join(clientLink, serverLink);
        clientLink.pipeline().addLast(clientStack.linkHandler());
        serverLink.pipeline().addLast(serverStack.linkHandler());
        clientLoop.register(clientLink).sync();
        serverLoop.register(serverLink).sync();
    }

    @AfterEach
    void close() throws InterruptedException {
        clientLink.close().sync();
        serverLink.close().sync();
        for (EventLoopGroup group : groups.reversed()) {
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    private EventLoopGroup group(EventLoopGroup group) {
        groups.add(group);
        return group;
    }

    private EventLoopGroup group(Where where, EventLoopGroup linkLoop) {
        return switch (where) {
            case ON_THE_LINKS_LOOP -> linkLoop;
            case ON_A_DEFAULT_LOOP -> group(new DefaultEventLoop());
            case ON_AN_IO_LOOP ->
                    group(new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory()));
        };
    }

    private Bootstrap client(Where where, ChannelHandler handler) {
        return new Bootstrap()
                .group(group(where, clientLoop))
                .channelFactory(clientStack::newSocketChannel)
                .handler(handler);
    }

    private ServerBootstrap server(Where where, ChannelHandler handler) {
        return new ServerBootstrap()
                .group(group(where, serverLoop), group(where, serverLoop))
                .channelFactory(serverStack::newServerSocketChannel)
                .childHandler(handler);
    }

    /// Counts down when so much was received, and when the channel is closed.
    private static final class Sink extends Recorder {
        private final int expected;
        private final CountDownLatch complete = new CountDownLatch(1);
        private final CountDownLatch inactive = new CountDownLatch(1);

        private Sink(int expected) {
            this.expected = expected;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) throws IOException {
            super.channelRead(ctx, msg);
            if (received.size() == expected) {
                complete.countDown();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            super.channelInactive(ctx);
            inactive.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void bulkIsEchoedOnAnyLoop(Where where) throws InterruptedException {
        byte[] octets = new byte[3_000_000];
        new Random(1).nextBytes(octets);
        server(where, new Echo()).bind(SERVER).sync();
        Sink sink = new Sink(octets.length);
        Channel channel = client(where, sink).connect(SERVER).sync().channel();
        assertEquals(SERVER, channel.remoteAddress());
        assertEquals("10.0.0.1", ((InetSocketAddress) channel.localAddress()).getHostString());
        channel.writeAndFlush(Unpooled.wrappedBuffer(octets)).sync();
        sink.complete.await();
        assertArrayEquals(octets, sink.received.toByteArray());
        channel.close().sync();
        sink.inactive.await();
        assertTrue(sink.exceptions.isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void halfClosureCrossesLoops(Where where) throws InterruptedException {
        Sink server = new Sink(1_000_000);
        server(where, server)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .bind(SERVER)
                .sync();
        Sink client = new Sink(500_000);
        SocketChannel channel =
                (SocketChannel)
                        client(where, client)
                                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                                .connect(SERVER)
                                .sync()
                                .channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1_000_000])).sync();
        channel.shutdownOutput().sync();
        server.complete.await();
        server.channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[500_000])).sync();
        client.complete.await();
        assertTrue(channel.isOutputShutdown());
        server.channel.close().sync();
        channel.close().sync();
        assertTrue(client.exceptions.isEmpty());
        assertTrue(server.exceptions.isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void aResetCrossesLoops(Where where) throws InterruptedException {
        Sink server = new Sink(10);
        server(where, server).bind(SERVER).sync();
        Channel channel =
                client(where, new Recorder())
                        .option(ChannelOption.SO_LINGER, 0)
                        .connect(SERVER)
                        .sync()
                        .channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[10])).sync();
        server.complete.await();
        channel.close().sync();
        server.inactive.await();
        SocketException cause =
                assertInstanceOf(SocketException.class, server.exceptions.getFirst());
        assertTrue(cause.getMessage().startsWith("Connection reset"), cause::getMessage);
    }

    /// Counts down when a packet with data has reached the connection.
    private static final class Arrival extends ChannelInboundHandlerAdapter {
        private final CountDownLatch arrived;

        private Arrival(CountDownLatch arrived) {
            this.arrived = arrived;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            // More than headers with the options of a SYN,ACK.
            boolean data = ((ByteBuf) msg).readableBytes() > 100;
            ctx.fireChannelRead(msg);
            if (data) {
                arrived.countDown();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void closingWithUnreadDataResetsOnAnyLoop(Where where) throws InterruptedException {
        CountDownLatch arrived = new CountDownLatch(1);
        clientLink.pipeline().addFirst(new Arrival(arrived));
        Sink server = new Sink(1);
        server(where, server).bind(SERVER).sync();
        Channel channel =
                client(where, new Recorder())
                        .option(ChannelOption.AUTO_READ, false)
                        .connect(SERVER)
                        .sync()
                        .channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1])).sync();
        server.complete.await();
        server.channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[100])).sync();
        arrived.await();
        channel.close().sync();
        server.inactive.await();
        assertInstanceOf(SocketException.class, server.exceptions.getFirst());
    }

    @ParameterizedTest
    @EnumSource
    void backPressureCrossesLoops(Where where) throws InterruptedException {
        Sink server = new Sink(400_000);
        server(where, server)
                .option(ChannelOption.SO_RCVBUF, 50_000)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(SERVER)
                .sync();
        Channel channel =
                client(where, new Recorder())
                        .option(ChannelOption.SO_SNDBUF, 50_000)
                        .connect(SERVER)
                        .sync()
                        .channel();
        ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[400_000]));
        assertFalse(written.await(300));
        assertEquals(0, server.reads);
        server.channel.config().setAutoRead(true);
        written.sync();
        server.complete.await();
        channel.close().sync();
        server.inactive.await();
    }

    @ParameterizedTest
    @EnumSource
    void aShrunkSendBufferStillTakesWhatWasPromised(Where where) throws InterruptedException {
        Sink server = new Sink(60_000);
        server(where, server).bind(SERVER).sync();
        Channel channel = client(where, new Recorder()).connect(SERVER).sync().channel();
        channel.config().setOption(ChannelOption.SO_SNDBUF, 1000);
        for (int i = 0; i < 6; i++) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[10_000]));
        }
        server.complete.await();
        channel.close().sync();
    }

    @ParameterizedTest
    @EnumSource
    void aChildsSmallSendBufferIsHonoured(Where where) throws InterruptedException {
        Recorder greeter =
                new Recorder() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[20_000]))
                                .addListener(ChannelFutureListener.CLOSE);
                    }
                };
        server(where, greeter).childOption(ChannelOption.SO_SNDBUF, 1000).bind(SERVER).sync();
        Sink client = new Sink(20_000);
        client(where, client).connect(SERVER).sync();
        client.inactive.await();
        assertEquals(20_000, client.received.size());
    }

    @ParameterizedTest
    @EnumSource
    void errorsCrossLoops(Where where) throws InterruptedException {
        Bootstrap bootstrap = client(where, new Echo());
        ChannelFuture refused = bootstrap.connect(SERVER).await();
        assertInstanceOf(ConnectException.class, refused.cause());
        refused.channel().closeFuture().sync();
        server(where, new Echo()).bind(SERVER).sync();
        ChannelFuture twice = server(where, new Echo()).bind(SERVER).await();
        assertInstanceOf(BindException.class, twice.cause());
        InetSocketAddress local = new InetSocketAddress("10.0.0.1", 777);
        Channel first = bootstrap.connect(SERVER, local).sync().channel();
        assertEquals(local, first.localAddress());
        ChannelFuture second = bootstrap.connect(SERVER, local).await();
        assertInstanceOf(BindException.class, second.cause());
        Channel unconnected = bootstrap.bind(0).sync().channel();
        assertTrue(((InetSocketAddress) unconnected.localAddress()).getPort() >= 49152);
        unconnected.connect(SERVER).sync();
        assertTrue(unconnected.isActive());
    }

    @ParameterizedTest
    @EnumSource
    void bindAndConnectMayBeCalledInARow(Where where) throws InterruptedException {
        server(where, new Echo()).bind(SERVER).sync();
        Channel channel = client(where, new Recorder()).register().sync().channel();
        channel.bind(new InetSocketAddress("10.0.0.1", 888));
        channel.connect(SERVER).sync();
        assertEquals(new InetSocketAddress("10.0.0.1", 888), channel.localAddress());
    }

    @ParameterizedTest
    @EnumSource
    void lingerCrossesLoops(Where where) throws InterruptedException {
        Sink server = new Sink(2_000_000);
        server(where, server).bind(SERVER).sync();
        Channel channel =
                client(where, new Recorder())
                        .option(ChannelOption.SO_LINGER, 30)
                        .connect(SERVER)
                        .sync()
                        .channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[2_000_000])).sync();
        channel.close().sync();
        server.complete.await();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedLinkFailsChannelsOnAnyLoop(Where where) throws InterruptedException {
        server(where, new Echo()).bind(SERVER).sync();
        Sink client = new Sink(1);
        client(where, client).connect(SERVER).sync();
        clientLink.close().sync();
        client.inactive.await();
        assertInstanceOf(SocketException.class, client.exceptions.getFirst());
    }

    @Test
    void aChannelMovesToAnotherLoopAndBack() throws InterruptedException {
        server(Where.ON_A_DEFAULT_LOOP, new Echo()).bind(SERVER).sync();
        Sink sink = new Sink(300);
        Channel channel = client(Where.ON_THE_LINKS_LOOP, sink).connect(SERVER).sync().channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[100])).sync();
        EventLoopGroup other = group(new DefaultEventLoop());
        channel.deregister().sync();
        other.register(channel).sync();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[100])).sync();
        channel.deregister().sync();
        clientLoop.register(channel).sync();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[100])).sync();
        sink.complete.await();
        channel.close().sync();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ON_THE_LINKS_LOOP")
    void aLoopThatIsShutDownClosesItsChannels(Where where) throws InterruptedException {
        Sink sink = new Sink(4);
        server(Where.ON_THE_LINKS_LOOP, sink).bind(SERVER).sync();
        Bootstrap bootstrap = client(where, new Recorder());
        Channel channel = bootstrap.connect(SERVER).sync().channel();
        channel.writeAndFlush(Unpooled.copyInt(1)).sync();
        sink.complete.await();
        bootstrap.config().group().shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        assertFalse(channel.isOpen());
        sink.inactive.await();
        assertEquals(List.of(), sink.exceptions, "the peer gets a FIN");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ON_THE_LINKS_LOOP")
    void aLoopThatIsShutDownClosesItsListeners(Where where) throws InterruptedException {
        ServerBootstrap bootstrap = server(where, new Echo());
        Channel listener = bootstrap.bind(SERVER).sync().channel();
        bootstrap.config().group().shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        assertFalse(listener.isOpen());
        ChannelFuture refused =
                client(Where.ON_THE_LINKS_LOOP, new Recorder()).connect(SERVER).await();
        assertInstanceOf(ConnectException.class, refused.cause());
    }

    @ParameterizedTest
    @EnumSource(Where.class)
    void aProxyAcceptsWhatItHasSeenPending(Where where) throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
        ServerBootstrap bootstrap =
                server(
                                where,
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        accepted.add(channel);
                                    }
                                })
                        .option(TcpChannelOption.TCP_PENDING_ACCEPT_MILLIS, 30_000)
                        .handler(
                                new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void userEventTriggered(
                                            ChannelHandlerContext ctx, Object event) {
                                        PendingConnection pending = (PendingConnection) event;
                                        seen.add(Endpoints.end(pending.localAddress()));
                                        boolean odd = pending.localAddress().getPort() % 2 == 1;
                                        // From a thread that belongs to nobody.
                                        Thread.startVirtualThread(
                                                odd ? pending::reject : pending::accept);
                                    }
                                });
        ListenAddress all = ListenAddress.of("10.5.0.0/16");
        Channel listening = bootstrap.bind(all).sync().channel();
        assertEquals(all, ((TcpServerChannel) listening).listenAddress());
        assertInstanceOf(
                BindException.class, server(where, new Recorder()).bind(all).await().cause());
        Bootstrap client = client(where, new Recorder());
        Channel connected = client.connect("10.5.1.2", 80).sync().channel();
        Channel child = accepted.poll(30, TimeUnit.SECONDS);
        assertEquals(new InetSocketAddress("10.5.1.2", 80), child.localAddress());
        ChannelFuture refused = client(where, new Recorder()).connect("10.5.1.2", 81).await();
        assertInstanceOf(ConnectException.class, refused.cause());
        assertEquals(List.of("10.5.1.2:80", "10.5.1.2:81"), seen);
        connected.close().sync();
        child.closeFuture().sync();
        listening.close().sync();
    }
}
