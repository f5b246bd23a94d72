package toytcp.testkit;

import io.netty.util.concurrent.MockTicker;

import org.jspecify.annotations.Nullable;

import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/// Virtual time and what is due in it.
///
/// Events run in the order of their times, those of one time in the order in which they were added:
/// so the same program gives the same run, always. As a Netty ticker the clock may also drive an
/// `EmbeddedChannel` or a `ManualIoEventLoop`. One thread only.
public final class VirtualClock implements MockTicker {
    /// An event that may lose its reason, or be put off: asked before time moves for it.
    public interface Alarm extends Runnable {
        /// When it is wanted, as things stand.
        ///
        /// @param atNanos when it would run
        /// @return `atNanos` to let it run, a later time to ask again then, `Long.MAX_VALUE` for never
        long dueNanos(long atNanos);
    }

    private static final int MAX_EVENTS_AT_ONE_TIME = 100_000;

    private record Event(long atNanos, long sequence, Runnable action) {}

    private final int maxEventsNow;
    private final PriorityQueue<Event> events = new PriorityQueue<>(VirtualClock::compare);
    private long nowNanos;
    private long sequence;
    private int eventsNow;

    /// A clock at 0 without events.
    public VirtualClock() {
        this(MAX_EVENTS_AT_ONE_TIME);
    }

    /// A clock at 0 without events.
    ///
    /// @param maxEventsAtOneTime with more of them time has stopped
    public VirtualClock(int maxEventsAtOneTime) {
        maxEventsNow = maxEventsAtOneTime;
    }

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
        Event event = next();
        if (event == null) {
            return false;
        }
        events.remove();
        eventsNow = event.atNanos > nowNanos ? 0 : eventsNow + 1;
        if (eventsNow > maxEventsNow) {
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
        while (nextNanos() <= endNanos && runNext()) {
            // Once more.
        }
        nowNanos = Math.max(nowNanos, endNanos);
    }

    /// Whether nothing is due any more.
    public boolean isIdle() {
        return next() == null;
    }

    /// When the next event is due, `Long.MAX_VALUE` if there is none.
    public long nextNanos() {
        Event event = next();
        return event == null ? Long.MAX_VALUE : event.atNanos;
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

    /// The first event that is wanted, still in the queue.
    private @Nullable Event next() {
        Event event;
        while ((event = events.peek()) != null && event.action instanceof Alarm alarm) {
            long due = alarm.dueNanos(event.atNanos);
            if (due <= event.atNanos) {
                break;
            }
            events.remove();
            if (due != Long.MAX_VALUE) {
                at(due, alarm);
            }
        }
        return event;
    }

    private static int compare(Event a, Event b) {
        int byTime = Long.compare(a.atNanos, b.atNanos);
        return byTime != 0 ? byTime : Long.compare(a.sequence, b.sequence);
    }
}
