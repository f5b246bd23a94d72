package toytcp.testkit.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import toytcp.testkit.OctetPattern;

/// One host sends octets to another one, which counts them.
@Sharable
final class Traffic extends ChannelInboundHandlerAdapter {
    static final int PORT = 7;

    int received;
    long lastNanos;
    private final Network net;

    /// @param to the host that listens
    Traffic(Network net, Host to) {
        this.net = net;
        net.await(to.serverBootstrap().childHandler(this).bind(to.at(PORT)));
    }

    /// Connects, sends, and closes.
    ChannelFuture send(Host from, Host to, int octets) {
        ChannelFuture connected = connect(from, to);
        connected.addListener(
                _ -> {
                    Channel channel = connected.channel();
                    ByteBuf data = OctetPattern.buffer(channel.alloc(), 0, octets);
                    channel.writeAndFlush(data).addListener(_ -> channel.close());
                });
        return connected;
    }

    static ChannelFuture connect(Host from, Host to) {
        Bootstrap bootstrap = from.bootstrap().handler(new ChannelInboundHandlerAdapter());
        return bootstrap.connect(to.at(PORT));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        received += ((ByteBuf) msg).readableBytes();
        ((ByteBuf) msg).release();
        lastNanos = net.nowNanos();
    }
}
