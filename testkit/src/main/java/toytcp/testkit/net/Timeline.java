package toytcp.testkit.net;

import toytcp.testkit.VirtualClock;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What is due in a network, and the order in which it happens: first what is due on the lines at this moment, then what
/// the event loops have to do, in the order in which they got it, and only then time moves.
final class Timeline {
    private static final int MAX_STEPS_AT_ONE_TIME = 5_000_000;
    private static final long MAX_STEPS = 50_000_000;

    private record Elsewhere(VirtualEventLoop loop, Runnable task) {}

    final VirtualClock clock = new VirtualClock(Integer.MAX_VALUE);

    private final Network network;
    private final Queue<VirtualEventLoop> ready = new ArrayDeque<>();

    /// What other threads execute on the event loops.
    private final Queue<Elsewhere> elsewhere = new ConcurrentLinkedQueue<>();

    private Thread owner = Thread.currentThread();

    private boolean running;
    private int planned;
    private long stepsLeft;
    private int stepsNow;

    Timeline(Network network) {
        this.network = network;
    }

    /// A network may be made on one thread and used on another one, as JUnit does for tests with a timeout.
    void enter() {
        owner = Thread.currentThread();
    }

    boolean isOwner(Thread thread) {
        return thread == owner;
    }

    /// The event loop has something to do at this moment.
    void ready(VirtualEventLoop loop) {
        ready.add(loop);
    }

    void executeFromElsewhere(VirtualEventLoop loop, Runnable task) {
        elsewhere.add(new Elsewhere(loop, task));
    }

    void plan(long atNanos, Runnable action) {
        planned++;
        clock.at(
                atNanos,
                () -> {
                    planned--;
                    if (!network.isClosed()) {
                        action.run();
                    }
                });
    }

    /// Actions that are planned and have not run.
    int planned() {
        return planned;
    }

    /// Begins a run, which [#end] ends.
    ///
    /// @param hasEnd whether it will be over at some time, whatever happens
    void begin(boolean hasEnd) {
        enter();
        if (network.isClosed()) {
            throw new IllegalStateException("this network was closed");
        }
        if (running) {
            throw new IllegalStateException(
                    "time passes already: within a handler or an action use listeners, or"
                            + " net.at(..)");
        }
        running = true;
        stepsLeft = hasEnd ? Long.MAX_VALUE : MAX_STEPS;
        stepsNow = 0;
    }

    void end() {
        running = false;
    }

    /// Lets one thing happen.
    ///
    /// @return false if nothing is left up to `endNanos`
    boolean step(long endNanos) {
        for (Elsewhere work; (work = elsewhere.poll()) != null; ) {
            work.loop.execute(work.task);
        }
        long next = clock.nextNanos();
        boolean now = next <= clock.nanoTime();
        VirtualEventLoop loop = now ? null : ready.poll();
        if (loop == null && next > endNanos) {
            return false;
        }
        if (!now && loop == null) {
            stepsNow = 0;
        }
        count();
        if (loop != null) {
            loop.pump();
        } else {
            clock.runNext();
        }
        return true;
    }

    /// Whether anything is due at any time.
    boolean isIdle() {
        return clock.isIdle();
    }

    /// Lets all that is left happen, once the network is closed: packets under way are released where they arrive.
    void drain() {
        for (VirtualEventLoop loop; (loop = ready.poll()) != null; ) {
            // The end of one host may concern handlers on another.
            loop.pump();
        }
        while (clock.runNext()) {
            // Once more.
        }
    }

    private void count() {
        if (++stepsNow > MAX_STEPS_AT_ONE_TIME) {
            throw stuck(
                    "time stands still: more than %,d things happened at once"
                            .formatted(MAX_STEPS_AT_ONE_TIME));
        }
        if (--stepsLeft < 0) {
            throw stuck("there is no end: %,d things happened in one run".formatted(MAX_STEPS));
        }
    }

    /// An error that tells what is alive.
    AssertionError stuck(String wrong) {
        return network.failure("%s; alive are%n%s".formatted(wrong, network.alive()));
    }
}
