package toytcp.stack.channel;

import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// SO_LINGER above zero: puts the end of `close()` off until everything that was sent is
/// acknowledged, or the time is over. Nothing blocks: the rest of the close is a task that waits.
///
/// When the time is over the channel closes all the same, and the connection goes on delivering
/// what it has, as with kernel sockets.
final class Linger implements Executor {
    private final TcpSocketChannel channel;
    private final int seconds;
    private @Nullable Runnable close;
    private @Nullable ScheduledFuture<?> timer;

    Linger(TcpSocketChannel channel, int seconds) {
        this.channel = channel;
        this.seconds = seconds;
    }

    /// Called once, on the event loop, with the rest of the close.
    @Override
    public void execute(Runnable task) {
        close = task;
        timer = channel.eventLoop().schedule(this::finish, seconds, TimeUnit.SECONDS);
        channel.flow().close(true);
    }

    /// Ends the wait.
    void finish() {
        Runnable task = close;
        if (task == null) {
            return;
        }
        close = null;
        timer.cancel(false);
        task.run();
    }
}
