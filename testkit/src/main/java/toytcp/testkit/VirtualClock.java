package toytcp.testkit;

import io.netty.util.concurrent.MockTicker;

import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/// Virtual time and what is due in it.
///
/// Events run in the order of their times, those of one time in the order in which they were added:
/// so the same program gives the same run, always. As a Netty ticker the clock may also drive an
/// `EmbeddedChannel` or a `ManualIoEventLoop`. One thread only.
public final class VirtualClock implements MockTicker {
    private static final int MAX_EVENTS_AT_ONE_TIME = 100_000;

    private record Event(long atNanos, long sequence, Runnable action) {}

    private final PriorityQueue<Event> events = new PriorityQueue<>(VirtualClock::compare);
    private long nowNanos;
    private long sequence;
    private int eventsNow;

    /// A clock at 0 without events.
    public VirtualClock() {}

    /// Virtual time in nanoseconds; begins with 0.
    @Override
    public long nanoTime() {
        return nowNanos;
    }

    /// Adds an event.
    ///
    /// @param atNanos when; a time in the past means now
    public void at(long atNanos, Runnable action) {
        events.add(new Event(Math.max(atNanos, nowNanos), sequence++, action));
    }

    /// Adds an event that is due `nanos` from now.
    public void after(long nanos, Runnable action) {
        at(nowNanos + nanos, action);
    }

    /// Moves to the next event and runs it.
    ///
    /// @return whether there was one
    /// @throws IllegalStateException if time has stopped: ever more events at the same time
    public boolean runNext() {
        Event event = events.poll();
        if (event == null) {
            return false;
        }
        eventsNow = event.atNanos > nowNanos ? 0 : eventsNow + 1;
        if (eventsNow > MAX_EVENTS_AT_ONE_TIME) {
            throw new IllegalStateException(
                    "time stands still at "
                            + nowNanos
                            + " ns: some event adds itself again and again");
        }
        nowNanos = event.atNanos;
        event.action.run();
        return true;
    }

    /// Runs all events up to `endNanos`, those at that time too, and moves there.
    public void runUntil(long endNanos) {
        while (!events.isEmpty() && events.peek().atNanos <= endNanos) {
            runNext();
        }
        nowNanos = Math.max(nowNanos, endNanos);
    }

    /// Whether nothing is due any more.
    public boolean isIdle() {
        return events.isEmpty();
    }

    /// Runs all events on the way.
    @Override
    public void advance(long amount, TimeUnit unit) {
        runUntil(nowNanos + unit.toNanos(amount));
    }

    /// The same as [#advance]: nobody waits in virtual time.
    @Override
    public void sleep(long delay, TimeUnit unit) {
        advance(delay, unit);
    }

    private static int compare(Event a, Event b) {
        int byTime = Long.compare(a.atNanos, b.atNanos);
        return byTime != 0 ? byTime : Long.compare(a.sequence, b.sequence);
    }
}
