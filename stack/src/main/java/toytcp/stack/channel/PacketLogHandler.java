package toytcp.stack.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import toytcp.codec.IpPacket;

/// Logs each IP packet that passes; in the pipeline only if the trace level was on when the link
/// started.
final class PacketLogHandler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (msg instanceof IpPacket packet) {
            FlowLog.packetReceived(packet);
        }
        ctx.fireChannelRead(msg);
    }
}
