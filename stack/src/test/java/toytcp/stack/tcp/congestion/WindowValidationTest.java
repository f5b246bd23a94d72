package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Congestion window validation (RFC 7661), at a round trip of 100 ms.
class WindowValidationTest {
    private static final long MS = 1_000_000;
    private static final long RTT = 100 * MS;
    private static final int CWND = 20_000;

    private final WindowValidation validation = new WindowValidation();
    private long nowNanos = 7_000 * MS;

    @Test
    void atFirstPipeAckIsUndefinedAndTheWindowValid() {
        assertEquals(WindowValidation.UNDEFINED, validation.pipeAck());
        ack(100);
        assertEquals(WindowValidation.UNDEFINED, validation.pipeAck());
        assertTrue(validation.isValidated());
    }

    @Test
    void withoutARoundTripTimeNothingIsMeasured() {
        for (int i = 0; i < 100; i++) {
            nowNanos += RTT;
            validation.onAck(new AckSample().acked(1000).nowNanos(nowNanos), CWND);
        }
        assertEquals(WindowValidation.UNDEFINED, validation.pipeAck());
    }

    @Test
    void pipeAckIsWhatARoundTripAcknowledges() {
        roundTrip(12_000);
        ack(1);
        assertEquals(12_000, validation.pipeAck());
    }

    @Test
    void halfOfTheWindowIsEnough() {
        roundTrip(10_000);
        ack(1);
        assertTrue(validation.isValidated());
        validation.reset();
        nowNanos += RTT;
        roundTrip(9_999);
        ack(1);
        assertFalse(validation.isValidated());
    }

    @Test
    void theMostOfTheLastSecondCounts() {
        roundTrip(12_000);
        for (int i = 0; i < 8; i++) {
            roundTrip(1000);
        }
        ack(1);
        assertEquals(12_000, validation.pipeAck());
        for (int i = 0; i < 4; i++) {
            roundTrip(1000);
        }
        ack(1);
        // With the octet of the ACK in between.
        assertEquals(1001, validation.pipeAck());
        assertFalse(validation.isValidated());
    }

    @Test
    void aPauseDoesNotMakeASampleLarger() {
        ack(3000);
        nowNanos += 50 * RTT;
        ack(3000);
        ack(3000);
        assertTrue(validation.pipeAck() <= 3000, "pipeACK " + validation.pipeAck());
    }

    @Test
    void moreUseOfTheWindowValidatesItAgain() {
        roundTrip(5000);
        ack(1);
        assertFalse(validation.isValidated());
        roundTrip(15_000);
        nowNanos += RTT;
        ack(1);
        assertTrue(validation.isValidated());
    }

    /// The window doubles in each round trip, and what is acknowledged is always what was allowed before.
    @Test
    void slowStartIsValidated() {
        int cwnd = 10_000;
        for (int i = 0; i < 10; i++) {
            for (int acked = 0; acked < 10; acked++) {
                AckSample sample = new AckSample().acked(cwnd / 10).smoothedRttNanos(RTT);
                validation.onAck(sample.nowNanos(nowNanos), cwnd + acked * cwnd / 10);
                assertTrue(validation.isValidated(), () -> "pipeACK " + validation.pipeAck());
                nowNanos += RTT / 10;
            }
            cwnd *= 2;
        }
    }

    @Test
    void eachNonValidatedPeriodIsToldOnce() {
        roundTrip(5000);
        ack(1);
        assertEquals(0, validation.takeExpired(nowNanos + WindowValidation.NVP - 1));
        assertEquals(1, validation.takeExpired(nowNanos + WindowValidation.NVP));
        assertEquals(0, validation.takeExpired(nowNanos + WindowValidation.NVP));
        assertEquals(2, validation.takeExpired(nowNanos + 3 * WindowValidation.NVP));
    }

    @Test
    void aValidWindowNeverExpires() {
        roundTrip(15_000);
        ack(1);
        assertEquals(0, validation.takeExpired(nowNanos + 3 * WindowValidation.NVP));
    }

    /// Ten ACKs within a round trip; the next ACK is in the next one.
    private void roundTrip(int octets) {
        for (int i = 0; i < 10; i++) {
            ack(octets / 10 + (i < octets % 10 ? 1 : 0));
            nowNanos += RTT / 10;
        }
    }

    private void ack(int octets) {
        validation.onAck(
                new AckSample().acked(octets).smoothedRttNanos(RTT).nowNanos(nowNanos), CWND);
    }
}
