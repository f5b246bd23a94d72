package toytcp.bench.path;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;

import toytcp.link.RawSocketChannel;
import toytcp.stack.channel.TcpChannelOption;
import toytcp.stack.channel.TcpStack;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// One end that sends without end: our stack or the kernel's, with the same handler on top.
final class Sender implements AutoCloseable {
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CONGESTION = 13;
    private static final int NAME_LENGTH = 16;
    private static final RawUnixChannelOption CONGESTION =
            new RawUnixChannelOption("TCP_CONGESTION", IPPROTO_TCP, TCP_CONGESTION, NAME_LENGTH);

    private final Supplier<Bootstrap> flows;
    private final Channel link;

    private Sender(Supplier<Bootstrap> flows, Channel link) {
        this.flows = flows;
        this.link = link;
    }

    /// Our stack over a raw socket.
    ///
    /// @param group one event loop, in the namespace of the address
    /// @param algorithm of the congestion control, for example `cubic`
    static Sender ours(EventLoopGroup group, String address, String algorithm, Octets octets)
            throws Exception {
        TcpStack stack = TcpStack.builder().address(address).build();
        Channel link =
                new Bootstrap()
                        .group(group)
                        .channel(RawSocketChannel.class)
                        .handler(stack.linkHandler())
                        .bind(address, 0)
                        .sync()
                        .channel();
        return new Sender(
                () ->
                        new Bootstrap()
                                .group(group)
                                .channelFactory(stack::newSocketChannel)
                                .option(ChannelOption.SO_LINGER, 0)
                                .option(TcpChannelOption.TCP_CONGESTION, algorithm)
                                .handler(new Source(octets)),
                link);
    }

    /// The kernel's TCP, by Netty's epoll transport.
    ///
    /// @param group lives in the namespace of the sender
    /// @param algorithm as for ours; `sysctl net.ipv4.tcp_available_congestion_control` must have it
    static Sender kernel(EventLoopGroup group, String algorithm, Octets octets) {
        byte[] name = Arrays.copyOf(algorithm.getBytes(StandardCharsets.US_ASCII), NAME_LENGTH);
        return new Sender(
                () ->
                        new Bootstrap()
                                .group(group)
                                .channel(EpollSocketChannel.class)
                                .option(ChannelOption.SO_LINGER, 0)
                                // Each flow has its own, because Netty reads the buffer empty.
                                .option(CONGESTION, ByteBuffer.wrap(name))
                                .handler(new Source(octets)),
                null);
    }

    /// Opens flows, which send as soon as they are connected.
    List<Channel> connect(SocketAddress receiver, int count) {
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            channels.add(flows.get().connect(receiver).channel());
        }
        return channels;
    }

    /// Ends flows at once, with RST.
    static void end(List<Channel> flows) {
        flows.forEach(flow -> flow.close().awaitUninterruptibly());
    }

    @Override
    public void close() {
        if (link != null) {
            link.close().awaitUninterruptibly();
        }
    }

    /// Keeps its flow supplied.
    @Sharable
    private static final class Source extends ChannelInboundHandlerAdapter {
        private final Octets octets;

        Source(Octets octets) {
            this.octets = octets;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            fill(ctx);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            fill(ctx);
        }

        private void fill(ChannelHandlerContext ctx) {
            while (ctx.channel().isActive() && ctx.channel().isWritable()) {
                ctx.writeAndFlush(octets.next(ctx.alloc()));
            }
        }
    }
}
