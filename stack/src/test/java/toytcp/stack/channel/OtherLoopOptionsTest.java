package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import toytcp.stack.tcp.TcpInfo;
import toytcp.stack.tcp.TcpState;
import toytcp.testkit.Rfc;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Options and snapshots of channels that do not live on the loop of their link, with real threads, asked
/// for by a thread that is none of theirs.
@Timeout(60)
class OtherLoopOptionsTest {
    private static final InetSocketAddress SERVER = new InetSocketAddress("10.0.1.1", 40000);

    private final TcpStack clientStack = TcpStack.builder().address("10.0.0.1/24").build();
    private final TcpStack serverStack = TcpStack.builder().address("10.0.1.1/24").build();
    private final EventLoop clientLoop = new DefaultEventLoop();
    private final EventLoop serverLoop = new DefaultEventLoop();
    private final EventLoop channelLoop = new DefaultEventLoop();
    private final PipeLink clientLink = new PipeLink();
    private final PipeLink serverLink = new PipeLink();

    /// TTL and traffic class of each packet with text that reaches the server.
    private final BlockingQueue<List<Integer>> headers = new LinkedBlockingQueue<>();

    private final BlockingQueue<Channel> children = new LinkedBlockingQueue<>();

    /// The user events of the children, and what was read until then.
    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void open() throws InterruptedException {
        PipeLink.join(clientLink, serverLink);
        clientLink.pipeline().addLast(clientStack.linkHandler());
        serverLink.pipeline().addLast(new Tap(), serverStack.linkHandler());
        clientLoop.register(clientLink).sync();
        serverLoop.register(serverLink).sync();
    }

    @AfterEach
    void close() throws InterruptedException {
        if (!clientLoop.isShutdown()) {
            clientLink.close().sync();
        }
        serverLink.close().sync();
        for (EventLoop loop : List.of(channelLoop, clientLoop, serverLoop)) {
            loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        }
    }

    private final class Tap extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf packet = (ByteBuf) msg;
            // More than headers with the options of a SYN.
            if (packet.readableBytes() > 100) {
                int at = packet.readerIndex();
                int ttl = packet.getUnsignedByte(at + 8);
                headers.add(List.of(ttl, (int) packet.getUnsignedByte(at + 1)));
            }
            ctx.fireChannelRead(msg);
        }
    }

    private void listen() throws InterruptedException {
        new ServerBootstrap()
                .group(channelLoop)
                .channelFactory(serverStack::newServerSocketChannel)
                .option(ChannelOption.SO_RCVBUF, 1 << 20)
                .childOption(TcpChannelOption.TCP_REPORTS, true)
                .childHandler(
                        new Recorder() {
                            @Override
                            public void channelActive(ChannelHandlerContext ctx) {
                                children.add(ctx.channel());
                            }

                            @Override
                            public void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
                                told.add(evt);
                                told.add(text());
                            }
                        })
                .bind(SERVER)
                .sync();
    }

    private Bootstrap client() {
        return new Bootstrap()
                .group(channelLoop)
                .channelFactory(clientStack::newSocketChannel)
                .handler(new Recorder());
    }

    private static void write(Channel channel, int octets) throws InterruptedException {
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[octets])).sync();
    }

    @Test
    void theHeaderOfPacketsCrossesLoops() throws InterruptedException {
        listen();
        Channel channel =
                client().option(TcpChannelOption.IP_TTL, 5)
                        .option(ChannelOption.IP_TOS, 0x28)
                        .connect(SERVER)
                        .sync()
                        .channel();
        write(channel, 100);
        assertEquals(List.of(5, 0x28), headers.take());
        channel.config().setOption(TcpChannelOption.IP_TTL, 6);
        channel.config().setOption(ChannelOption.IP_TOS, 0x08);
        write(channel, 100);
        List<Integer> next;
        do {
            next = headers.take();
            // On a busy machine the first may have been sent again.
        } while (next.equals(List.of(5, 0x28)));
        assertEquals(List.of(6, 0x08), next);
    }

    @Test
    void theLowWaterMarkBoundsWhatAChannelElsewhereHandsDown() throws InterruptedException {
        listen();
        Channel channel =
                client().option(ChannelOption.SO_SNDBUF, 1 << 20)
                        .option(TcpChannelOption.TCP_NOTSENT_LOWAT, 5000L)
                        .connect(SERVER)
                        .sync()
                        .channel();
        Channel child = children.take();
        child.config().setAutoRead(false);
        child.config().setOption(TcpChannelOption.TCP_NOTSENT_LOWAT, 1L);
        for (int i = 0; i < 50; i++) {
            write(channel, 10_000);
            TcpInfo info = ((TcpChannel) channel).tcpInfo().sync().getNow();
            // Below the mark there is always room for a whole segment.
            assertTrue(info.notsentBytes() < 5000 + info.sndMss(), info::toString);
        }
        write(child, 100_000);
        // What it has not read is its own.
        child.close().sync();
    }

    @Test
    void aSnapshotCountsWhatWasWrittenBefore() throws InterruptedException {
        listen();
        Channel channel = client().connect(SERVER).sync().channel();
        Future<TcpInfo> asked =
                channelLoop
                        .submit(
                                () -> {
                                    channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[10]));
                                    return ((TcpChannel) channel).tcpInfo();
                                })
                        .sync()
                        .getNow();
        TcpInfo info = asked.sync().getNow();
        assertEquals(TcpState.ESTABLISHED, info.state());
        assertEquals(10, info.bytesSent() + info.notsentBytes());
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-32")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-33")
    void urgentDataCrossesLoopsAndIsCountedFromTheNextRead() throws InterruptedException {
        listen();
        Channel channel = client().connect(SERVER).sync().channel();
        Channel child = children.take();
        child.config().setAutoRead(false);
        // What waits on the other loop, unread, is ahead of it too.
        write(channel, 10);
        while (((TcpChannel) child).tcpInfo().sync().getNow().bytesReceived() < 10) {
            Thread.onSpinWait();
        }
        channel.writeAndFlush(new UrgentData(Unpooled.wrappedBuffer(new byte[4]))).sync();
        var report = (TcpReport.UrgentAhead) told.take();
        int read = told.take().toString().length();
        assertEquals(14, report.octets() + read);
        child.close().sync();
    }

    @Test
    void aFailedAttemptHasNoSnapshot() throws InterruptedException {
        Channel channel = client().register().sync().channel();
        assertInstanceOf(ConnectException.class, channel.connect(SERVER).await().cause());
        channel.closeFuture().sync();
        assertInstanceOf(
                ClosedChannelException.class, ((TcpChannel) channel).tcpInfo().await().cause());
    }

    @Test
    void theListOfFlowsComesToAnyThread() throws InterruptedException {
        listen();
        Channel channel = client().connect(SERVER).sync().channel();
        List<FlowSnapshot> flows = clientStack.flows().sync().getNow();
        assertEquals(1, flows.size());
        assertEquals(channel.localAddress(), flows.getFirst().local());
        assertEquals(1, clientStack.counters().currEstab());
        assertEquals(TcpState.LISTEN, serverStack.flows().sync().getNow().getFirst().state());
    }

    @Test
    void aStackWhoseLoopIsGoneHasNoFlows() throws InterruptedException {
        clientLoop.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        assertEquals(List.of(), clientStack.flows().sync().getNow());
    }
}
