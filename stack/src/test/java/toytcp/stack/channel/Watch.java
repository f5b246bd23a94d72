package toytcp.stack.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;

/// The first handler of a channel: sees how its connection ends, whatever the others make of it.
final class Watch extends ChannelInboundHandlerAdapter {
    /// What a connection's end looks like from the other side.
    enum End {
        /// There is no end to be seen, or no connection.
        NOTHING,
        /// `channelInactive`, or the event of a half-closed channel, without an exception.
        FIN,
        /// "Connection reset".
        RST,
        /// "Connection timed out".
        TIMED_OUT,
        /// "Network is down": its own link is gone.
        LINK_DOWN,
        /// Anything else.
        UNKNOWN
    }

    private End end = End.NOTHING;
    private boolean passing;
    boolean active;
    boolean inactive;
    int received;

    /// Shows what it sees to the handlers behind it, too.
    Watch passing() {
        passing = true;
        return this;
    }

    End end() {
        return end;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        active = true;
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inactive = true;
        ended(End.FIN);
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            ended(End.FIN);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        received++;
        if (passing) {
            ctx.fireChannelRead(message);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.startsWith("Connection reset")) {
            ended(End.RST);
        } else if (message.startsWith("Connection timed out")) {
            ended(End.TIMED_OUT);
        } else if (message.startsWith("Network is down")) {
            ended(End.LINK_DOWN);
        } else {
            ended(End.UNKNOWN);
        }
        if (passing) {
            ctx.fireExceptionCaught(cause);
        }
    }

    /// The first one counts: a channel that was reset becomes inactive, too.
    private void ended(End how) {
        if (end == End.NOTHING) {
            end = how;
        }
    }
}
