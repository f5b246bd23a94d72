package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A link whose promise is done before its `channelActive` is fired, as Netty's channels do it.
@Timeout(30)
class LinkOpeningTest {
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final TcpStack stack = TcpStack.builder().address("10.0.0.1/24").build();
    private final Bootstrap bootstrap =
            new Bootstrap()
                    .group(group)
                    .channel(NioDatagramChannel.class)
                    .handler(stack.linkHandler());

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void whoeverHearsThatTheLinkIsBoundFindsTheStackStarted() throws Exception {
        ChannelPromise bound = bootstrap.register().sync().channel().newPromise();
        finds(bound, () -> bound.channel().bind(loopback(), bound));
    }

    @Test
    void whoeverHearsThatTheLinkIsConnectedFindsTheStackStarted() throws Exception {
        ChannelPromise connected = bootstrap.register().sync().channel().newPromise();
        var remote = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
        finds(connected, () -> connected.channel().connect(remote, connected));
    }

    @Test
    void aLinkThatIsRefusedStartsNothing() throws Exception {
        Channel other =
                new Bootstrap()
                        .group(group)
                        .channel(NioDatagramChannel.class)
                        .handler(new ChannelInboundHandlerAdapter())
                        .bind(loopback())
                        .sync()
                        .channel();
        ChannelFuture refused = bootstrap.bind(other.localAddress()).await();
        assertInstanceOf(BindException.class, refused.cause());
        assertThrows(SocketException.class, () -> stack.handler("a test"));
        other.close().sync();
    }

    /// Asks inside of the promise's listener: that is before anything that is fired later.
    private void finds(ChannelFuture opened, Runnable open) throws Exception {
        CompletableFuture<TcpStackHandler> found = new CompletableFuture<>();
        opened.addListener(
                (ChannelFutureListener)
                        future -> {
                            try {
                                future.sync();
                                found.complete(stack.handler("a test"));
                            } catch (Exception e) {
                                found.completeExceptionally(e);
                            }
                        });
        open.run();
        assertSame(opened.channel().eventLoop(), found.get(20, TimeUnit.SECONDS).eventLoop());
        opened.channel().close().sync();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
