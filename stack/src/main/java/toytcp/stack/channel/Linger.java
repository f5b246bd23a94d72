package toytcp.stack.channel;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// SO_LINGER above zero: puts the end of `close()` off until everything that was sent is
/// acknowledged, or the time is over. Nothing blocks: the rest of the close is a task that waits.
///
/// When the time is over the channel closes all the same, and the connection goes on delivering
/// what it has, as with kernel sockets. So it does when the event loop is shut down, since that cancels
/// what is scheduled.
final class Linger implements Executor {
    private final TcpSocketChannel channel;
    private final int seconds;
    private final ShutdownHook shutdownHook = new ShutdownHook(this::finish);
    private @Nullable EventLoop loop;
    private @Nullable Runnable close;
    private @Nullable ScheduledFuture<?> timer;

    Linger(TcpSocketChannel channel, int seconds) {
        this.channel = channel;
        this.seconds = seconds;
    }

    /// Called once, on the event loop, with the rest of the close.
    @Override
    public void execute(Runnable task) {
        loop = channel.eventLoop();
        if (loop.isShuttingDown()) {
            task.run();
            return;
        }
        close = task;
        shutdownHook.joined(loop);
        timer = loop.schedule(this::finish, seconds, TimeUnit.SECONDS);
        channel.flow().close(true);
    }

    /// Ends the wait.
    void finish() {
        Runnable task = close;
        if (task == null) {
            return;
        }
        close = null;
        shutdownHook.leaving(loop);
        timer.cancel(false);
        task.run();
    }
}
