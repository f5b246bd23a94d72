package toytcp.demo;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

import java.util.concurrent.TimeUnit;

/// The kernel's TCP in the place of ours: the verbs must not see a difference.
final class KernelNetwork implements Network {
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @Override
    public Bootstrap client() {
        return new Bootstrap().group(group).channel(NioSocketChannel.class);
    }

    @Override
    public ServerBootstrap server() {
        return new ServerBootstrap().group(group).channel(NioServerSocketChannel.class);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
