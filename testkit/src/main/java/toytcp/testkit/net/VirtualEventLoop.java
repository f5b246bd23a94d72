package toytcp.testkit.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// The event loop of a [Host], in virtual time: its tasks run on the thread that runs the network, and only
/// within [#pump].
///
/// It belongs to the application and to the stack below it. When it is shut down, the application's channels are
/// closed, and the stack goes on, as that of an operating system does when a program ends: FINs are sent, and
/// connections pass through TIME-WAIT.
final class VirtualEventLoop extends AbstractScheduledEventExecutor implements EventLoop {
    /// So many tasks at one moment mean that some task adds itself again and again.
    private static final int MAX_TASKS_AT_ONCE = 5_000_000;

    private static final int MAX_TASKS_AT_THE_END = 100_000;

    /// A task that was scheduled, for the report of what keeps a network alive.
    record Scheduled(ScheduledFuture<?> future, Object task, boolean repeated) {
        long delayNanos() {
            return future.getDelay(TimeUnit.NANOSECONDS);
        }
    }

    private final Host host;
    private final Network network;
    private final Timeline timeline;
    private final Ticker ticker;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Promise<Void> terminated = new DefaultPromise<>(ImmediateEventExecutor.INSTANCE);
    private final List<Channel> channels = new ArrayList<>();
    private final List<Scheduled> scheduled = new ArrayList<>();

    private int channelsToSweep = 16;
    private int scheduledToSweep = 64;
    private boolean shuttingDown;
    private boolean ready;
    private boolean pumping;

    VirtualEventLoop(Host host, Network network, Ticker ticker) {
        this.host = host;
        this.network = network;
        timeline = network.timeline();
        this.ticker = ticker;
    }

    @Override
    public Ticker ticker() {
        return ticker;
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return timeline.isOwner(thread);
    }

    @Override
    public void execute(Runnable task) {
        if (inEventLoop()) {
            tasks.add(task);
            makeReady();
        } else {
            timeline.executeFromElsewhere(this, task);
        }
    }

    /// The network runs this loop before time moves on.
    void makeReady() {
        if (!ready && !pumping) {
            ready = true;
            timeline.ready(this);
        }
    }

    /// Runs what is due, and what that calls forth.
    void pump() {
        ready = false;
        pumping = true;
        try {
            host.deliver();
            runTasks();
            if (shuttingDown && !terminated.isDone()) {
                endApplication();
                runTasks();
            }
        } finally {
            pumping = false;
        }
        long next = nextTaskNanos();
        if (next != Long.MAX_VALUE) {
            host.wakeUpAt(next);
        }
        if (host.hasArrivals()) {
            // What it sent to itself.
            makeReady();
        }
    }

    private void runTasks() {
        int budget = network.isClosed() ? MAX_TASKS_AT_THE_END : MAX_TASKS_AT_ONCE;
        fetchFromScheduledTaskQueue(tasks);
        for (Runnable task; (task = tasks.poll()) != null; ) {
            safeExecute(task);
            if (--budget == 0) {
                tooMany(task);
            } else if (tasks.isEmpty()) {
                fetchFromScheduledTaskQueue(tasks);
            }
        }
    }

    private void tooMany(Runnable task) {
        tasks.clear();
        if (!network.isClosed()) {
            throw timeline.stuck(
                    "time stands still: the last of %,d tasks on the event loop of %s was %s"
                            .formatted(MAX_TASKS_AT_ONCE, host, Alive.name(task)));
        }
    }

    /// When the next scheduled task is due; `Long.MAX_VALUE` if there is none.
    long nextTaskNanos() {
        long delay = nextScheduledTaskNano();
        return delay < 0 ? Long.MAX_VALUE : host.nowNanos() + delay;
    }

    // ---- tasks in the future

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        return track(super.schedule(task, delay, unit), task, false);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        return track(super.schedule(task, delay, unit), task, false);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
            Runnable task, long initialDelay, long period, TimeUnit unit) {
        return track(super.scheduleAtFixedRate(task, initialDelay, period, unit), task, true);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
            Runnable task, long initialDelay, long delay, TimeUnit unit) {
        return track(super.scheduleWithFixedDelay(task, initialDelay, delay, unit), task, true);
    }

    private <F extends ScheduledFuture<?>> F track(F future, Object task, boolean repeated) {
        if (inEventLoop()) {
            if (scheduled.size() >= scheduledToSweep) {
                scheduled.removeIf(entry -> entry.future.isDone());
                scheduledToSweep = Math.max(64, 2 * scheduled.size());
            }
            scheduled.add(new Scheduled(future, task, repeated));
            makeReady();
        }
        return future;
    }

    /// What is scheduled and neither done nor cancelled.
    List<Scheduled> scheduled() {
        return scheduled.stream().filter(entry -> !entry.future.isDone()).toList();
    }

    // ---- channels

    @Override
    public EventLoop next() {
        return this;
    }

    @Override
    public EventLoopGroup parent() {
        return null;
    }

    @Override
    public ChannelFuture register(Channel channel) {
        return register(new DefaultChannelPromise(channel, this));
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        if (inEventLoop()) {
            remember(promise.channel());
        } else {
            execute(() -> remember(promise.channel()));
        }
        promise.channel().unsafe().register(this, promise);
        return promise;
    }

    @Override
    @Deprecated
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        remember(channel);
        channel.unsafe().register(this, promise);
        return promise;
    }

    private void remember(Channel channel) {
        if (channels.size() >= channelsToSweep) {
            channels.removeIf(one -> !one.isOpen());
            channelsToSweep = Math.max(16, 2 * channels.size());
        }
        channels.add(channel);
    }

    /// Closes the channels of the application.
    void closeChannels() {
        List<Channel> open = List.copyOf(channels);
        channels.clear();
        open.forEach(Channel::close);
    }

    // ---- the end

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        if (inEventLoop()) {
            shuttingDown = true;
            makeReady();
        } else {
            execute(() -> shutdownGracefully(quietPeriod, timeout, unit));
        }
        return terminated;
    }

    @Override
    @Deprecated
    public void shutdown() {
        shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    /// The quiet period is over when the application has nothing to do now: everything is on one thread.
    private void endApplication() {
        closeChannels();
        terminated.setSuccess(null);
    }

    /// Ends everything, with the host.
    void end() {
        closeChannels();
        pump();
        cancelScheduledTasks();
        scheduled.clear();
        terminated.trySuccess(null);
    }

    @Override
    public Future<?> terminationFuture() {
        return terminated;
    }

    @Override
    public boolean isShuttingDown() {
        return shuttingDown;
    }

    @Override
    public boolean isShutdown() {
        return terminated.isDone();
    }

    @Override
    public boolean isTerminated() {
        return terminated.isDone();
    }

    /// Waiting does not let virtual time pass: whoever needs that calls [Network#await].
    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }

    @Override
    public String toString() {
        return "the event loop of " + host;
    }
}
