package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A table of deadlines.
class TimersTest {
    private final Timers timers = new Timers();

    @ParameterizedTest
    @EnumSource(Timers.Kind.class)
    void aTimerExpiresAtItsDeadlineOnce(Timers.Kind kind) {
        assertFalse(timers.isArmed(kind));
        assertFalse(timers.expire(kind, Long.MAX_VALUE - 1));
        timers.arm(kind, 100);
        assertTrue(timers.isArmed(kind));
        assertFalse(timers.expire(kind, 99));
        assertTrue(timers.isArmed(kind));
        assertTrue(timers.expire(kind, 100));
        assertFalse(timers.isArmed(kind));
        assertFalse(timers.expire(kind, 101));
    }

    @ParameterizedTest
    @EnumSource(Timers.Kind.class)
    void theNextDeadlineIsTheEarliestOfAll(Timers.Kind kind) {
        assertEquals(Timers.NEVER, timers.next());
        for (Timers.Kind other : Timers.Kind.values()) {
            timers.arm(other, 1000);
        }
        timers.arm(kind, 999);
        assertEquals(999, timers.next());
        timers.stop(kind);
        assertEquals(1000, timers.next());
        assertFalse(timers.isArmed(kind));
    }

    @Test
    void armingAgainMovesTheDeadline() {
        timers.arm(Timers.Kind.PERSIST, 100);
        timers.arm(Timers.Kind.PERSIST, 200);
        assertFalse(timers.expire(Timers.Kind.PERSIST, 199));
        assertEquals(200, timers.next());
    }

    @Test
    void stopAllLeavesNothing() {
        for (Timers.Kind kind : Timers.Kind.values()) {
            timers.arm(kind, 1);
        }
        timers.stopAll();
        assertEquals(Timers.NEVER, timers.next());
        for (Timers.Kind kind : Timers.Kind.values()) {
            assertFalse(timers.isArmed(kind));
        }
    }

    @ParameterizedTest
    @EnumSource(Timers.Kind.class)
    void onlySomeTimersTakeThePeersSilenceForASign(Timers.Kind kind) {
        boolean silence =
                switch (kind) {
                    case RETRANSMISSION, REORDER, LOSS_PROBE, KEEP_ALIVE, GIVE_UP -> true;
                    case PERSIST, DELAYED_ACK, PACING, CORK, TIME_WAIT -> false;
                };
        assertFalse(timers.isSilenceDue(1000));
        timers.arm(kind, 100);
        assertFalse(timers.isSilenceDue(99));
        assertEquals(silence, timers.isSilenceDue(100));
        assertEquals(silence, timers.isSilenceDue(101));
    }

    @Test
    void aDeadlineIsBroughtForwardAndNeverPutOff() {
        timers.arm(Timers.Kind.PERSIST, 100);
        timers.bringForward(Timers.Kind.PERSIST, 200);
        assertEquals(100, timers.deadline(Timers.Kind.PERSIST));
        timers.bringForward(Timers.Kind.PERSIST, 50);
        assertEquals(50, timers.deadline(Timers.Kind.PERSIST));
    }
}
