package toytcp.stack.channel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;

/// Closes a channel when its event loop is shut down, as the loop itself does with channels that have a
/// file descriptor. Called on that event loop.
final class ShutdownHook implements Runnable {
    private final Runnable close;

    ShutdownHook(Channel channel) {
        this(() -> channel.unsafe().close(channel.unsafe().voidPromise()));
    }

    /// @param close what to do instead of closing the channel
    ShutdownHook(Runnable close) {
        this.close = close;
    }

    /// The channel joined the event loop.
    void joined(EventLoop loop) {
        if (loop instanceof SingleThreadEventExecutor executor) {
            executor.addShutdownHook(this);
        }
    }

    /// The channel leaves the event loop.
    void leaving(EventLoop loop) {
        if (loop instanceof SingleThreadEventExecutor executor) {
            executor.removeShutdownHook(this);
        }
    }

    @Override
    public void run() {
        close.run();
    }
}
