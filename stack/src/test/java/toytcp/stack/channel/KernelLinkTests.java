package toytcp.stack.channel;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;

import org.junit.jupiter.api.AfterEach;

import toytcp.codec.IpAddresses;
import toytcp.codec.TcpSegment;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/// What the tests of a stack over a [KernelLink] share.
abstract class KernelLinkTests {
    static final InetAddress OURS = KernelLink.ADDRESS;

    /// What the link was asked for.
    final List<String> claims = new ArrayList<>();

    TcpStack stack;
    KernelLink link;
    private HandMade peer;

    final void open(TcpStack.Builder builder, boolean broken) {
        stack = builder.build();
        link = new KernelLink(claims, broken, stack.linkHandler());
        peer = new HandMade(link);
    }

    @AfterEach
    final void close() {
        link.finishAndReleaseAll();
        peer.close();
    }

    final ChannelFuture connect(String address) {
        ChannelFuture future =
                new Bootstrap()
                        .group(link.eventLoop())
                        .disableResolver()
                        .channelFactory(stack::newSocketChannel)
                        .handler(new Recorder())
                        .connect(new InetSocketAddress(address, 80));
        link.runPendingTasks();
        return future;
    }

    final ChannelFuture listen(int port) {
        return listen(new InetSocketAddress(port));
    }

    final ChannelFuture listen(SocketAddress address) {
        ChannelFuture future =
                new ServerBootstrap()
                        .group(link.eventLoop())
                        .channelFactory(stack::newServerSocketChannel)
                        .childHandler(new Recorder())
                        .bind(address);
        link.runPendingTasks();
        return future;
    }

    /// What the stack has sent since the last call.
    final List<TcpSegment> sent() {
        return peer.answers();
    }

    final void deliver(TcpSegment segment) {
        link.writeInbound(packet(segment));
    }

    /// The caller releases it, or gives it to the link.
    final ByteBuf packet(TcpSegment segment) {
        return peer.packet(segment);
    }

    /// A segment from a host that is no stack.
    static TcpSegment toPort(int port) {
        return new TcpSegment()
                .from(0, IpAddresses.low(InetAddress.ofLiteral("198.51.100.7")), 1234)
                .to(0, IpAddresses.low(OURS), port)
                .window(1000);
    }
}
