package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The window of NewReno, event by event: RFC 5681, 6582, 6928 and 3465.
class NewRenoTest {
    private static final int MSS = 1000;

    private final NewReno reno = new NewReno(MSS);

    /// RFC 6928, 2: `min (10*MSS, max (2*MSS, 14600))`.
    @ParameterizedTest
    @CsvSource({
        "64, 640",
        "536, 5360",
        "1448, 14480",
        "1460, 14600",
        "1461, 14600",
        "7300, 14600",
        "7301, 14602",
        "8948, 17896",
        "65495, 130990"
    })
    void theInitialWindowIsTenSegmentsWithinLimits(int mss, int window) {
        assertEquals(window, new NewReno(mss).window());
    }

    @Test
    void atFirstNoThresholdIsKnown() {
        assertEquals(Integer.MAX_VALUE, reno.slowStartThreshold());
        assertEquals("newreno", reno.name());
    }

    @Test
    void slowStartGrowsByWhatIsAcknowledged() {
        ack(300);
        assertEquals(10_300, reno.window());
        ack(1000);
        assertEquals(11_300, reno.window());
    }

    @Test
    void aStretchAckCountsForTwoSegmentsAtMost() {
        ack(2000);
        assertEquals(12_000, reno.window());
        ack(9000);
        assertEquals(14_000, reno.window());
    }

    @Test
    void aWindowThatDidNotLimitTheSenderDoesNotGrow() {
        reno.onAck(new AckSample().acked(1000).flightSize(1000));
        assertEquals(10_000, reno.window());
    }

    @Test
    void lossHalvesWhatIsInFlight() {
        reno.onLoss(20_000, 0);
        assertEquals(10_000, reno.slowStartThreshold());
        assertEquals(10_000, reno.window());
    }

    @Test
    void theThresholdIsNeverBelowTwoSegments() {
        reno.onLoss(3000, 0);
        assertEquals(2000, reno.slowStartThreshold());
        reno.onRecovered(0, 0);
        reno.onRetransmissionTimeout(1000, true, 0);
        assertEquals(2000, reno.slowStartThreshold());
    }

    @Test
    void recoveryEndsAtTheThresholdIfEnoughIsInFlight() {
        reno.onLoss(20_000, 0);
        reno.onRecovered(15_000, 0);
        assertEquals(10_000, reno.window());
    }

    @Test
    void recoveryEndsWithoutABurstIfLittleIsInFlight() {
        reno.onLoss(20_000, 0);
        reno.onRecovered(5000, 0);
        assertEquals(5000, reno.window());
    }

    @Test
    void recoveryThatTookCareOfBurstsEndsAtTheThreshold() {
        reno.onLoss(20_000, 0);
        reno.onRecovered(Integer.MAX_VALUE, 0);
        assertEquals(10_000, reno.window());
    }

    @Test
    void avoidanceGrowsByOneSegmentForEachWindow() {
        reno.onLoss(20_000, 0);
        reno.onRecovered(10_000, 0);
        for (int i = 0; i < 9; i++) {
            ack(1000);
            assertEquals(10_000, reno.window());
        }
        ack(1000);
        assertEquals(11_000, reno.window());
        for (int i = 0; i < 10; i++) {
            ack(1000);
            assertEquals(11_000, reno.window());
        }
        ack(1000);
        assertEquals(12_000, reno.window());
    }

    @Test
    void avoidanceCountsOctetsNotAcks() {
        reno.onLoss(20_000, 0);
        reno.onRecovered(10_000, 0);
        for (int i = 0; i < 99; i++) {
            ack(100);
        }
        assertEquals(10_000, reno.window());
        ack(100);
        assertEquals(11_000, reno.window());
    }

    @Test
    void whatIsCountedBeyondAWindowCountsForTheNext() {
        reno.onLoss(20_000, 0);
        reno.onRecovered(10_000, 0);
        for (int i = 0; i < 4; i++) {
            ack(3000);
        }
        assertEquals(11_000, reno.window());
        ack(8999);
        assertEquals(11_000, reno.window());
        ack(1);
        assertEquals(12_000, reno.window());
    }

    @Test
    void whatWasCountedBeforeALossDoesNotCountAfterIt() {
        reno.onLoss(20_000, 0);
        reno.onRecovered(10_000, 0);
        ack(9000);
        reno.onLoss(20_000, 0);
        reno.onRecovered(10_000, 0);
        ack(9000);
        assertEquals(10_000, reno.window());
    }

    @Test
    void aTimeoutLeavesOneSegment() {
        reno.onRetransmissionTimeout(20_000, true, 0);
        assertEquals(1000, reno.window());
        assertEquals(10_000, reno.slowStartThreshold());
    }

    @Test
    void aTimeoutInARecoveryDoesNotRaiseTheThreshold() {
        reno.onLoss(20_000, 0);
        // Duplicate ACKs let much out since.
        reno.onRetransmissionTimeout(60_000, true, 0);
        assertEquals(10_000, reno.slowStartThreshold());
        // The recovery is over.
        reno.onRetransmissionTimeout(40_000, true, 0);
        assertEquals(20_000, reno.slowStartThreshold());
    }

    @Test
    void aRepeatedTimeoutKeepsTheThreshold() {
        reno.onRetransmissionTimeout(20_000, true, 0);
        reno.onRetransmissionTimeout(6000, false, 0);
        assertEquals(1000, reno.window());
        assertEquals(10_000, reno.slowStartThreshold());
    }

    /// RFC 3465, 2.3: in a slow start phase that follows a timeout "a TCP MUST use L=1*SMSS", since an
    /// ACK may then cover what left the network long ago.
    @Test
    void afterATimeoutAnAckCountsForOneSegmentAtMost() {
        reno.onRetransmissionTimeout(8000, true, 0);
        ack(3000);
        assertEquals(2000, reno.window());
        ack(3000);
        assertEquals(3000, reno.window());
        ack(3000);
        assertEquals(4000, reno.window());
        // Now at ssthresh: avoidance.
        ack(3000);
        assertEquals(4000, reno.window());
    }

    @Test
    void slowStartAfterAnIdleTimeCountsStretchAcksAgain() {
        reno.onRetransmissionTimeout(40_000, true, 0);
        while (reno.window() < 20_000) {
            ack(1000);
        }
        reno.onRestartAfterIdle(1_000_000_000, 0);
        assertEquals(10_000, reno.window());
        ack(2000);
        assertEquals(12_000, reno.window());
    }

    @Test
    void slowStartAfterALaterRecoveryCountsStretchAcksAgain() {
        reno.onRetransmissionTimeout(20_000, true, 0);
        reno.onLoss(20_000, 0);
        reno.onRecovered(2000, 0);
        assertEquals(2000, reno.window());
        ack(2000);
        assertEquals(4000, reno.window());
    }

    @Test
    void aTimeoutEndsRecovery() {
        reno.onLoss(20_000, 0);
        reno.onRetransmissionTimeout(20_000, true, 0);
        ack(1000);
        assertEquals(2000, reno.window());
    }

    @Test
    void idleTimeLeavesAtMostTheInitialWindow() {
        ack(2000);
        reno.onRestartAfterIdle(1_000_000_000, 0);
        assertEquals(10_000, reno.window());
        reno.onRetransmissionTimeout(20_000, true, 0);
        reno.onRestartAfterIdle(1_000_000_000, 0);
        assertEquals(1000, reno.window());
    }

    /// RFC 5681, 3.1: "during congestion avoidance, cwnd MUST NOT be increased by more than SMSS bytes
    /// per RTT", also not by what was counted for the larger window before the idle time.
    @Test
    void whatWasCountedBeforeAnIdleTimeDoesNotCountAfterIt() {
        reno.onLoss(24_000, 0);
        reno.onRecovered(24_000, 0);
        while (reno.window() < 100_000) {
            ack(1000);
        }
        for (int i = 0; i < 99; i++) {
            ack(1000);
        }
        assertEquals(100_000, reno.window());
        reno.onRestartAfterIdle(1_000_000_000, 0);
        ack(2000);
        assertEquals(12_000, reno.window());
        for (int i = 0; i < 11; i++) {
            ack(1000);
            assertEquals(12_000, reno.window());
        }
        ack(1000);
        assertEquals(13_000, reno.window());
    }

    /// RFC 4015, 3, steps 0 and 9: `pipe_prev <- max (FlightSize, ssthresh)`, and then
    /// `cwnd <- FlightSize + min (bytes_acked, IW)`, `ssthresh <- pipe_prev`.
    @Test
    void aSpuriousTimeoutIsUndoneWithoutABurst() {
        reno.takeOver(40_000, 30_000);
        reno.onRetransmissionTimeout(36_000, true, 0);
        assertEquals(18_000, reno.slowStartThreshold());
        ack(1000);
        reno.onSpuriousLoss(20_000, 0);
        assertEquals(30_000, reno.window());
        assertEquals(36_000, reno.slowStartThreshold());
        ack(2000);
        assertEquals(32_000, reno.window());
    }

    @Test
    void aSpuriousTimeoutNeverGivesMoreThanThereWas() {
        reno.takeOver(40_000, 50_000);
        reno.onRetransmissionTimeout(40_000, true, 0);
        reno.onSpuriousLoss(38_000, 0);
        assertEquals(40_000, reno.window());
        assertEquals(50_000, reno.slowStartThreshold());
    }

    @Test
    void aRepeatedTimeoutRemembersWhatWasBeforeTheFirst() {
        reno.takeOver(40_000, 30_000);
        reno.onRetransmissionTimeout(40_000, true, 0);
        reno.onRetransmissionTimeout(40_000, false, 0);
        reno.onSpuriousLoss(40_000, 0);
        assertEquals(40_000, reno.window());
        assertEquals(40_000, reno.slowStartThreshold());
    }

    @Test
    void aSpuriousRecoveryIsUndone() {
        ack(1000);
        reno.onLoss(11_000, 0);
        assertEquals(5500, reno.window());
        reno.onSpuriousLoss(9000, 0);
        assertEquals(11_000, reno.window());
        // No loss was ever seen: slow start goes on.
        assertEquals(Integer.MAX_VALUE, reno.slowStartThreshold());
        ack(1000);
        assertEquals(12_000, reno.window());
    }

    @Test
    void anUntouchedWindowFollowsTheSegmentSize() {
        reno.onMaximumSegmentSize(1460);
        assertEquals(14_600, reno.window());
        reno.onMaximumSegmentSize(536);
        assertEquals(5360, reno.window());
    }

    @Test
    void aWindowInUseStaysButHoldsASegment() {
        reno.onRetransmissionTimeout(20_000, true, 0);
        reno.onMaximumSegmentSize(500);
        assertEquals(1000, reno.window());
        reno.onMaximumSegmentSize(1200);
        assertEquals(1200, reno.window());
        reno.onRetransmissionTimeout(0, true, 0);
        assertEquals(2400, reno.slowStartThreshold());
    }

    @Test
    void theWindowIsBounded() {
        NewReno large = new NewReno(65_495);
        for (int i = 0; i < 20_000; i++) {
            large.onAck(limited(1 << 20, 1 << 20));
        }
        assertEquals(1 << 30, large.window());
    }

    private void ack(int octets) {
        reno.onAck(limited(octets, reno.window()));
    }

    private static AckSample limited(int octets, int flightSize) {
        return new AckSample().acked(octets).flightSize(flightSize).windowLimited(true);
    }
}
