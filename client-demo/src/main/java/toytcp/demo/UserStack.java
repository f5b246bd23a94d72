package toytcp.demo;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;

import toytcp.link.RawSocketChannel;
import toytcp.stack.channel.TcpStack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/// A stack of our own over a raw socket, on one event loop: this is all that a program needs to
/// leave the kernel's TCP behind.
final class UserStack implements Network {
    private final TcpStack stack;
    private final EventLoopGroup group;
    private final Channel link;

    private UserStack(TcpStack stack, EventLoopGroup group, Channel link) {
        this.stack = stack;
        this.group = group;
        this.link = link;
    }

    /// Opens the link.
    ///
    /// @param local a local IPv4 address, or the wildcard address for all of them
    /// @throws Exception if the raw socket cannot be opened; the message says what to do
    static UserStack open(InetAddress local) throws Exception {
        TcpStack.Builder builder = TcpStack.builder();
        if (!local.isAnyLocalAddress()) {
            builder.address(local.getHostAddress());
        }
        TcpStack stack = builder.build();
        EventLoopGroup group =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("toytcp"), EpollIoHandler.newFactory());
        try {
            Channel link =
                    new Bootstrap()
                            .group(group)
                            .channel(RawSocketChannel.class)
                            .handler(stack.linkHandler())
                            .bind(new InetSocketAddress(local, 0))
                            .sync()
                            .channel();
            return new UserStack(stack, group, link);
        } catch (Throwable e) {
            shutdown(group);
            throw e;
        }
    }

    @Override
    public Bootstrap client() {
        return new Bootstrap().group(group).channelFactory(stack::newSocketChannel);
    }

    @Override
    public ServerBootstrap server() {
        return new ServerBootstrap().group(group).channelFactory(stack::newServerSocketChannel);
    }

    @Override
    public void close() {
        link.close().awaitUninterruptibly();
        shutdown(group);
    }

    private static void shutdown(EventLoopGroup group) {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
