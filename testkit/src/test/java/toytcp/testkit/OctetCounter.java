package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// Counts what arrives, on all its channels.
@Sharable
final class OctetCounter extends ChannelInboundHandlerAdapter {
    private long octets;

    long octets() {
        return octets;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf data = (ByteBuf) msg;
        octets += data.readableBytes();
        data.release();
    }
}
