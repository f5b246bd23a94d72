package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.codec.TcpSegment;

/// RFC 8985, 6.2, step by step, with a round trip of 100 units of time and segments of 1000 octets.
class RackTest {
    private static final long RTT = 100;

    private final RttEstimator estimator = new RttEstimator(TcpConfig.DEFAULT);
    private final Rack rack = new Rack(estimator, new Timestamps(0, false));

    RackTest() {
        estimator.sample(RTT, 0);
    }

    @Test
    void ofTwoDeliveredSegmentsTheOneThatWasSentLastCounts() {
        rack.onDelivered(50, 2000, false, 150);
        rack.onDelivered(40, 9000, false, 150);
        assertTrue(rack.isSentBefore(49, 9000));
        assertFalse(rack.isSentBefore(51, 1000));
    }

    /// "If t1 == t2 AND seq1 > seq2": coarse clocks give many segments the same time.
    @Test
    void equalTimesAreToldApartBySequence() {
        rack.onDelivered(50, 2000, false, 150);
        assertTrue(rack.isSentBefore(50, 1000));
        assertFalse(rack.isSentBefore(50, 2000));
        assertFalse(rack.isSentBefore(50, 3000));
        rack.onDelivered(50, 3000, false, 150);
        assertTrue(rack.isSentBefore(50, 2000));
    }

    @Test
    void theRoundTripIsThatOfTheSegmentThatWasSentLast() {
        rack.onDelivered(50, 1000, true, 170);
        rack.onDelivered(20, 2000, false, 170);
        assertEquals(120, rack.settleNanos(true, 0));
        rack.beginAck(new TcpSegment());
        rack.onDelivered(30, 3000, false, 180);
        assertEquals(150, rack.settleNanos(true, 0));
    }

    /// Step 2: "If rtt < RACK.min_rtt: Continue".
    @Test
    void anAnswerThatCameTooSoonIsNotThatOfTheRetransmission() {
        rack.onDelivered(0, 1000, false, 100);
        rack.beginAck(new TcpSegment());
        // Within an eighth of 100 it may be a shorter packet.
        rack.onDelivered(60, 2000, true, 147);
        assertFalse(rack.isSentBefore(59, 1000));
        rack.onDelivered(60, 2000, true, 148);
        assertTrue(rack.isSentBefore(59, 1000));
    }

    /// Step 4: without reordering no window in recovery, and none once DupThresh segments are held.
    @Test
    void withoutReorderingTheWindowIsOnlyForTheFirstReports() {
        assertEquals(25, rack.reorderingWindow(false, 0));
        assertEquals(25, rack.reorderingWindow(false, 2));
        assertEquals(0, rack.reorderingWindow(false, 3));
        assertEquals(0, rack.reorderingWindow(true, 1));
    }

    /// Step 3: an original below RACK.fack.
    @Test
    void anOriginalThatArrivesLateIsReordering() {
        rack.onDelivered(10, 3000, false, 110);
        rack.onDelivered(5, 1000, true, 110);
        assertEquals(0, rack.reorderingWindow(true, 5));
        rack.onDelivered(6, 2000, false, 110);
        assertEquals(25, rack.reorderingWindow(true, 5));
    }

    @Test
    void aRecoveryInVainIsReorderingToo() {
        assertEquals(0, rack.reorderingWindow(true, 5));
        rack.onSpurious();
        assertEquals(25, rack.reorderingWindow(true, 5));
    }

    /// Step 4: (N+1) * min_RTT / 4 after N round trips with a D-SACK, at most SRTT.
    @Test
    void reportedDuplicatesEnlargeTheWindowOnceARoundTrip() {
        rack.onDuplicateReported(1000, 5000);
        rack.onDuplicateReported(2000, 6000);
        rack.onDuplicateReported(4999, 9000);
        assertEquals(50, rack.reorderingWindow(false, 0));
        rack.onDuplicateReported(5000, 9000);
        assertEquals(75, rack.reorderingWindow(false, 0));
        rack.onDuplicateReported(9000, 12_000);
        rack.onDuplicateReported(12_000, 15_000);
        assertEquals(100, rack.reorderingWindow(false, 0));
    }

    @Test
    void sixteenRecoveriesLaterTheWindowIsSmallAgain() {
        rack.onDuplicateReported(1000, 5000);
        for (int i = 0; i < 15; i++) {
            rack.onRecovered();
        }
        assertEquals(50, rack.reorderingWindow(false, 0));
        rack.onRecovered();
        assertEquals(25, rack.reorderingWindow(false, 0));
    }
}
