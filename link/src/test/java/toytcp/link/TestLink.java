package toytcp.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.ReferenceCountUtil;

import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink.PortRange;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/// A raw channel on a loop of its own, and what it has received.
final class TestLink implements AutoCloseable {
    static final long SECONDS = 10;

    final EventLoopGroup group;
    final RawSocketChannel channel;
    final LinkedBlockingQueue<ByteBuf> received = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Integer> batches = new LinkedBlockingQueue<>();

    TestLink(ThreadFactory threads, String address) throws Exception {
        this(threads, address, new Bootstrap());
    }

    TestLink(ThreadFactory threads, String address, Bootstrap bootstrap) throws Exception {
        group = new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory());
        ChannelFuture bound =
                bootstrap
                        .group(group)
                        .channel(RawSocketChannel.class)
                        .handler(new Collector())
                        .bind(address, 0)
                        .await();
        channel = (RawSocketChannel) bound.channel();
        if (!bound.isSuccess()) {
            close();
            throw (Exception) bound.cause();
        }
    }

    void claim(int first, int last) throws Exception {
        claim(((InetSocketAddress) channel.localAddress()).getAddress(), first, last);
    }

    void claim(InetAddress address, int first, int last) throws Exception {
        onLoop(
                () -> {
                    channel.claim(address, new PortRange(first, last));
                    return null;
                });
    }

    void release(int first, int last) throws Exception {
        release(((InetSocketAddress) channel.localAddress()).getAddress(), first, last);
    }

    void release(InetAddress address, int first, int last) throws Exception {
        onLoop(
                () -> {
                    channel.release(address, new PortRange(first, last));
                    return null;
                });
    }

    void intercept(String network, int first, int last) throws Exception {
        onLoop(
                () -> {
                    channel.intercept(IpPrefix.parse(network), new PortRange(first, last));
                    return null;
                });
    }

    void release(String network, int first, int last) throws Exception {
        onLoop(
                () -> {
                    channel.release(IpPrefix.parse(network), new PortRange(first, last));
                    return null;
                });
    }

    <T> T onLoop(Callable<T> task) throws Exception {
        var future = channel.eventLoop().submit(task).await();
        if (!future.isSuccess()) {
            throw (Exception) future.cause();
        }
        return future.getNow();
    }

    /// The next packet; the caller releases it.
    ByteBuf next() throws InterruptedException {
        ByteBuf packet = received.poll(SECONDS, TimeUnit.SECONDS);
        if (packet == null) {
            throw new AssertionError(
                    "no packet came; batches " + batches + ", failures " + failures);
        }
        return packet;
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        group.shutdownGracefully(0, SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
        received.forEach(ReferenceCountUtil::release);
        received.clear();
    }

    private final class Collector extends ChannelInboundHandlerAdapter {
        private int batch;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            batch++;
            received.add((ByteBuf) message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            batches.add(batch);
            batch = 0;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failures.add(cause);
        }
    }
}
