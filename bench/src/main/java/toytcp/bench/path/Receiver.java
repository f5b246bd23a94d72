package toytcp.bench.path;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;

import java.util.concurrent.atomic.LongAdder;

/// The kernel's TCP at the other end: counts what arrives, and throws it away.
final class Receiver implements AutoCloseable {
    private final Octets octets;
    private final LongAdder arrived = new LongAdder();
    private final LongAdder wrong = new LongAdder();
    private final Channel channel;

    private Receiver(EventLoopGroup group, String address, Octets octets) throws Exception {
        this.octets = octets;
        channel =
                new ServerBootstrap()
                        .group(group)
                        .channel(EpollServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel child) {
                                        child.pipeline().addLast(new Sink());
                                    }
                                })
                        .bind(address, 0)
                        .sync()
                        .channel();
    }

    /// Listens on a free port.
    ///
    /// @param group lives in the namespace of the address
    static Receiver open(EventLoopGroup group, String address, Octets octets) throws Exception {
        return new Receiver(group, address, octets);
    }

    /// Where to connect to.
    java.net.SocketAddress address() {
        return channel.localAddress();
    }

    /// Octets that arrived in all flows, in order.
    long arrived() {
        return arrived.sum();
    }

    /// Reads that had other octets than were sent.
    long wrong() {
        return wrong.sum();
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
    }

    /// One flow.
    private final class Sink extends SimpleChannelInboundHandler<ByteBuf> {
        private long offset;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf data) {
            if (!octets.matches(data, offset)) {
                wrong.increment();
            }
            offset += data.readableBytes();
            arrived.add(data.readableBytes());
        }

        /// The sender ends a run with RST.
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
