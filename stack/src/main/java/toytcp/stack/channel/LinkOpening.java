package toytcp.stack.channel;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.PromiseNotifier;

import java.net.SocketAddress;

/// Has the stack started before the one who binds or connects the link hears that it is done.
///
/// Netty fulfils that promise before it fires `channelActive`. Who waits for it on another thread
/// and then opens a channel of the stack there would, now and then, still find a stack without a
/// link.
final class LinkOpening extends ChannelOutboundHandlerAdapter {
    private final TcpStackHandler stack;

    LinkOpening(TcpStackHandler stack) {
        this.stack = stack;
    }

    @Override
    public void bind(ChannelHandlerContext ctx, SocketAddress local, ChannelPromise promise) {
        ctx.bind(local, startingFirst(ctx, promise));
    }

    @Override
    public void connect(
            ChannelHandlerContext ctx,
            SocketAddress remote,
            SocketAddress local,
            ChannelPromise promise) {
        ctx.connect(remote, local, startingFirst(ctx, promise));
    }

    private ChannelPromise startingFirst(ChannelHandlerContext ctx, ChannelPromise promise) {
        ChannelPromise opened = ctx.newPromise();
        opened.addListener(
                _ -> {
                    if (ctx.channel().isActive()) {
                        stack.start();
                    }
                });
        // Listeners are called in their order. A cancelled promise cancels the connection attempt.
        PromiseNotifier.cascade(opened, promise);
        return opened;
    }
}
