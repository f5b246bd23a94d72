package toytcp.stack.channel;

import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.netty.util.concurrent.Ticker;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;

/// An event loop in virtual time that runs on the test's thread, and only within [#pump]: everything
/// else happens outside of it, so that whoever calls a channel from there hands over as from another
/// thread. It is shut down as every loop of Netty is, with its hooks.
final class VirtualLoop extends SingleThreadEventLoop {
    private final @Nullable Ticker ticker;
    private boolean running;
    private boolean hooksHaveRun;

    VirtualLoop(Ticker ticker) {
        // Started only to be shut down; the shutdown is over when the call is.
        super(null, Runnable::run, false, 1 << 20, RejectedExecutionHandlers.reject());
        this.ticker = ticker;
    }

    /// Runs what is due, and what that calls forth.
    ///
    /// @return whether there was anything
    boolean pump() {
        running = true;
        try {
            return !isShutdown() && runAllTasks();
        } finally {
            running = false;
        }
    }

    /// Ends the loop, as a whole.
    void shutDown() {
        pump();
        running = true;
        try {
            // Without a hook it would sleep, and wait for a clock that stands still.
            addShutdownHook(() -> hooksHaveRun = true);
            shutdownGracefully(0, 0, TimeUnit.SECONDS);
            // The wake-up that came too late.
            pollTask();
        } finally {
            running = false;
        }
    }

    /// Nanoseconds to the next scheduled task, or -1 if none is scheduled.
    long nextNanos() {
        running = true;
        try {
            return nextScheduledTaskNano();
        } finally {
            running = false;
        }
    }

    @Override
    protected void run() {
        while (!confirmShutdown()) {
            // Once more.
        }
    }

    @Override
    protected boolean confirmShutdown() {
        if (hooksHaveRun && !isShutdown()) {
            // As above.
            addTask(() -> {});
        }
        return super.confirmShutdown();
    }

    @Override
    public void execute(Runnable task) {
        if (isShutdown() && !running) {
            reject(task);
        }
        addTask(task);
    }

    @Override
    public void lazyExecute(Runnable task) {
        execute(task);
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return running;
    }

    @Override
    public Ticker ticker() {
        // The super class asks for the time before it has begun.
        return ticker == null ? Ticker.newMockTicker() : ticker;
    }
}
