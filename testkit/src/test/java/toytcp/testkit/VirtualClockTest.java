package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

class VirtualClockTest {
    private final VirtualClock clock = new VirtualClock();
    private final List<String> log = new ArrayList<>();

    @Test
    void eventsRunInTheOrderOfTheirTimesAndThenAsTheyWereAdded() {
        clock.at(20, () -> note("c"));
        clock.at(10, () -> note("a"));
        clock.at(10, () -> note("b"));
        clock.runUntil(30);
        assertEquals(List.of("a 10", "b 10", "c 20"), log);
        assertEquals(30, clock.nanoTime());
    }

    @Test
    void anEventMayAddEventsEvenForNow() {
        clock.at(
                10,
                () -> {
                    note("a");
                    clock.after(0, () -> note("b"));
                    clock.at(5, () -> note("late"));
                    clock.after(5, () -> note("c"));
                });
        clock.runUntil(15);
        assertEquals(List.of("a 10", "b 10", "late 10", "c 15"), log);
        assertTrue(clock.isIdle());
    }

    @Test
    void timeStopsBeforeWhatIsDueLater() {
        clock.at(10, () -> note("a"));
        clock.advance(9, TimeUnit.NANOSECONDS);
        assertEquals(List.of(), log);
        assertFalse(clock.isIdle());
        clock.sleep(1, TimeUnit.NANOSECONDS);
        assertEquals(List.of("a 10"), log);
        assertFalse(clock.runNext());
    }

    @Test
    void anEventThatAddsItselfForEverIsFound() {
        clock.at(7, this::again);
        var error = assertThrows(IllegalStateException.class, () -> clock.runUntil(100));
        assertTrue(error.getMessage().startsWith("time stands still at 7 ns"));
    }

    @Test
    void anEmbeddedChannelCanLiveByThisClock() {
        var channel = EmbeddedChannel.builder().ticker(clock).build();
        channel.eventLoop().schedule(() -> note("task"), 50, TimeUnit.NANOSECONDS);
        clock.advance(49, TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
        assertEquals(List.of(), log);
        clock.advance(1, TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
        assertEquals(List.of("task 50"), log);
        channel.finishAndReleaseAll();
    }

    private void again() {
        clock.after(0, this::again);
    }

    private void note(String what) {
        log.add(what + " " + clock.nanoTime());
    }

    /// Due at a time that may change.
    private final class Reminder implements VirtualClock.Alarm {
        private long due;
        private long ran = -1;

        Reminder(long due) {
            this.due = due;
        }

        @Override
        public long dueNanos(long atNanos) {
            return Math.max(due, atNanos);
        }

        @Override
        public void run() {
            ran = clock.nanoTime();
        }
    }

    @Test
    void anAlarmThatLostItsReasonDoesNotMoveTheTime() {
        Reminder reminder = new Reminder(10);
        clock.at(10, reminder);
        assertEquals(10, clock.nextNanos());
        reminder.due = Long.MAX_VALUE;
        assertTrue(clock.isIdle());
        assertFalse(clock.runNext());
        assertEquals(0, clock.nanoTime());
        assertEquals(-1, reminder.ran);
    }

    @Test
    void anAlarmThatIsPutOffRunsThen() {
        Reminder reminder = new Reminder(10);
        clock.at(10, reminder);
        reminder.due = 30;
        assertEquals(30, clock.nextNanos());
        clock.runUntil(20);
        assertEquals(-1, reminder.ran);
        clock.runUntil(40);
        assertEquals(30, reminder.ran);
    }
}
