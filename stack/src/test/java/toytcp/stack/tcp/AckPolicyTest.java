package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// When an ACK is due (RFC 9293, 3.8.6.3; RFC 5681, 4.2), and how many challenges are (RFC 5961, 7).
class AckPolicyTest {
    private static final long SECOND = 1_000_000_000L;

    private final AckPolicy acks = new AckPolicy();

    @Test
    void atFirstNothingIsDue() {
        assertFalse(acks.isDueNow());
        assertFalse(acks.isPending());
        assertEquals(0, acks.takeDuplicates());
    }

    @Test
    void everySecondFullSegmentIsAcknowledgedAtOnce() {
        acks.textArrived(1000, 1000);
        assertTrue(acks.isPending());
        assertFalse(acks.isDueNow());
        acks.textArrived(999, 1000);
        assertFalse(acks.isDueNow());
        acks.textArrived(1, 1000);
        assertTrue(acks.isDueNow());
    }

    @Test
    void anAckThatLeftSettlesEverything() {
        acks.textArrived(1500, 1000);
        acks.acknowledgeNow();
        acks.sent();
        assertFalse(acks.isPending());
        assertFalse(acks.isDueNow());
        acks.textArrived(1500, 1000);
        assertFalse(acks.isDueNow());
    }

    @Test
    void eachSegmentBeyondAGapGetsADuplicateAckOfItsOwn() {
        acks.outOfOrder();
        acks.outOfOrder();
        acks.outOfOrder();
        assertTrue(acks.isDueNow());
        assertEquals(3, acks.takeDuplicates());
        assertEquals(0, acks.takeDuplicates());
    }

    @Test
    void aGapThatClosedInTheSameBatchNeedsOneAckOnly() {
        acks.outOfOrder();
        acks.outOfOrder();
        acks.gapClosed();
        assertEquals(0, acks.takeDuplicates());
        assertTrue(acks.isDueNow());
    }

    @Test
    void tenChallengesLeaveInFiveSeconds() {
        for (int i = 0; i < 10; i++) {
            assertTrue(isChallenged(7 * SECOND + i), "challenge " + i);
        }
        assertFalse(isChallenged(7 * SECOND + 10));
        assertFalse(isChallenged(12 * SECOND - 1));
        for (int i = 0; i < 10; i++) {
            assertTrue(isChallenged(12 * SECOND));
        }
        assertFalse(isChallenged(12 * SECOND));
    }

    @Test
    void challengesAreAllowedFromTimeZero() {
        assertTrue(isChallenged(0));
    }

    @Test
    void aThrottledChallengeDoesNotHoldBackAnAckThatIsDue() {
        for (int i = 0; i < 20; i++) {
            acks.challenge(SECOND);
        }
        acks.sent();
        acks.acknowledgeNow();
        acks.challenge(SECOND);
        assertTrue(acks.isDueNow());
    }

    private boolean isChallenged(long nowNanos) {
        acks.challenge(nowNanos);
        boolean due = acks.isDueNow();
        acks.sent();
        return due;
    }
}
