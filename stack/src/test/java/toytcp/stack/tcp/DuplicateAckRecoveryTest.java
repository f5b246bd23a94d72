package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.LossRecovery.Phase;
import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.NewReno;

/// The steps of RFC 6582, 3.2, with segments of 1000 octets.
class DuplicateAckRecoveryTest {
    private static final int ISS = -3001;
    private static final int MSS = 1000;

    private final SendSequence snd = new SendSequence(ISS);
    private final NewReno congestion = new NewReno(MSS);
    private final LossRecovery recovery =
            new DuplicateAckRecovery(
                    snd, congestion, new RttEstimator(TcpConfig.DEFAULT), new Timestamps(0, false));

    DuplicateAckRecoveryTest() {
        snd.mss = MSS;
        snd.updateWindow(1 << 20, 0, ISS + 1);
        snd.advance(ISS + 1);
        snd.acknowledge(ISS + 1);
    }

    @Test
    void theWindowAllowsWhatIsNotYetOut() {
        assertEquals(10_000, recovery.allowance());
        send(4);
        assertEquals(6000, recovery.allowance());
        snd.cursor = snd.una;
        assertEquals(10_000, recovery.allowance());
    }

    @Test
    void theThirdDuplicateAckStartsRecovery() {
        send(10);
        assertFalse(duplicateStartsRecovery());
        assertFalse(duplicateStartsRecovery());
        assertTrue(duplicateStartsRecovery());
        // cwnd = ssthresh + 3*SMSS = 5000 + 3000
        assertEquals(5000, congestion.slowStartThreshold());
        assertEquals(8000 - 10_000, recovery.allowance());
        assertFalse(duplicateStartsRecovery());
    }

    /// RFC 3042, 2: "The congestion window (cwnd) MUST NOT be changed", and what is out stays below it
    /// plus two segments; RFC 5681, 3.2, step 2: FlightSize MUST NOT include that.
    @Test
    void theFirstTwoDuplicatesLetASegmentOutEachThatCountsInNoFlightSize() {
        send(10);
        for (int i = 1; i <= 2; i++) {
            duplicates(1);
            assertEquals(1000, recovery.allowance());
            send(1);
            recovery.onSent(snd.nxt - MSS, snd.nxt, true, 0);
            assertEquals(10_000, congestion.window());
        }
        assertTrue(duplicateStartsRecovery());
        assertEquals(5000, congestion.slowStartThreshold());
    }

    @Test
    void afterATimeoutDuplicatesLetNothingOut() {
        send(10);
        recovery.onRetransmissionTimeout(true, 0);
        duplicates(2);
        assertEquals(1000, recovery.allowance());
    }

    @Test
    void newDataStartsTheCountAnew() {
        send(10);
        duplicates(2);
        ack(1);
        assertFalse(recovery.phase == Phase.FAST);
        assertFalse(duplicateStartsRecovery());
        assertFalse(duplicateStartsRecovery());
        assertTrue(duplicateStartsRecovery());
    }

    @Test
    void furtherDuplicatesLetNewSegmentsOut() {
        send(10);
        duplicates(3);
        duplicates(2);
        assertEquals(0, recovery.allowance());
        duplicates(1);
        assertEquals(1000, recovery.allowance());
    }

    @Test
    void aFullAcknowledgementEndsRecovery() {
        send(10);
        duplicates(9);
        send(4);
        ack(10);
        assertEquals(Phase.NONE, recovery.phase);
        // min (ssthresh, max(FlightSize, SMSS) + SMSS) = min (5000, 4000 + 1000)
        assertEquals(5000, congestion.window());
        assertEquals(1000, recovery.allowance());
        ack(1);
        assertFalse(recovery.phase == Phase.FAST);
    }

    @Test
    void anAckOfLessThanRecoverIsPartialAndOnlyTheFirstOneRestartsTheTimer() {
        send(10);
        duplicates(3);
        assertTrue(recovery.nextRepair());
        assertTrue(ack(1));
        assertTrue(recovery.nextRepair());
        assertEquals(snd.una, recovery.repairFrom);
        assertFalse(ack(8));
        assertTrue(recovery.nextRepair());
        assertTrue(ack(1));
        assertFalse(recovery.nextRepair());
        assertEquals(Phase.NONE, recovery.phase);
    }

    @Test
    void theFirstPartialAckOfTheNextRecoveryRestartsTheTimerToo() {
        send(10);
        duplicates(3);
        ack(5);
        ack(5);
        send(10);
        ack(1);
        duplicates(3);
        assertTrue(ack(1));
        assertFalse(ack(1));
    }

    @Test
    void aPartialAckDeflatesByWhatItAcknowledgesAndAddsASegment() {
        send(10);
        duplicates(8);
        // cwnd = 5000 + 8000; the partial ACK takes 6000 and gives 1000.
        assertEquals(3000, recovery.allowance());
        ack(6);
        assertEquals(13_000 - 6000 + 1000 - 4000, recovery.allowance());
    }

    @Test
    void aPartialAckOfOneSegmentAddsIt() {
        send(10);
        duplicates(8);
        ack(1);
        assertEquals(13_000 - 1000 + 1000 - 9000, recovery.allowance());
    }

    @Test
    void aPartialAckOfLessThanASegmentAddsNone() {
        send(10);
        duplicates(8);
        ackOctets(999);
        assertEquals(13_000 - 999 - (10_000 - 999), recovery.allowance());
    }

    /// RFC 6582, 3.2, step 3: "Deflate the congestion window by the amount of new data acknowledged",
    /// even if more is acknowledged than duplicates inflated it by.
    @Test
    void aPartialAckDeflatesTheWindowItselfToo() {
        send(10);
        duplicates(8);
        send(3);
        ack(9);
        // cwnd = 5000 + 8000 - 9000 + 1000; 1 old segment and 3 new ones are out.
        assertEquals(5000 - 4000, recovery.allowance());
    }

    @Test
    void deflationLeavesOneSegmentAtLeast() {
        send(10);
        duplicates(3);
        ack(9);
        // 5000 + 3000 - 9000 would be negative: nothing is left, then a segment is added.
        assertEquals(1000 - 1000, recovery.allowance());
    }

    /// RFC 5681, 3.2: a sender may "limit the number of times cwnd is artificially inflated during loss
    /// recovery to the number of outstanding segments", against bogus duplicates.
    @Test
    void moreDuplicatesThanSegmentsDoNotInflateTheWindow() {
        send(10);
        duplicates(10);
        assertEquals(5000, recovery.allowance());
        duplicates(3_000_000);
        assertEquals(5000, recovery.allowance());
    }

    @Test
    void duplicatesOfTheRecoveryPointDoNotStartAnotherRecovery() {
        send(10);
        duplicates(3);
        ack(10);
        send(5);
        // "ack_number - 1 > recover" does not hold: these may be caused by our own retransmissions.
        for (int i = 0; i < 6; i++) {
            assertFalse(duplicateStartsRecovery());
        }
        assertEquals(5000, congestion.slowStartThreshold());
    }

    @Test
    void duplicatesBeyondTheRecoveryPointDo() {
        send(10);
        duplicates(3);
        ack(10);
        send(5);
        ack(1);
        duplicates(2);
        assertTrue(duplicateStartsRecovery());
        assertEquals(2000, congestion.slowStartThreshold());
    }

    @Test
    void aLossOfTheFirstSegmentIsFoundByDuplicatesToo() {
        send(4);
        duplicates(2);
        assertTrue(duplicateStartsRecovery());
    }

    @Test
    void aTimeoutEndsRecoveryAndSendsAgainFromTheStart() {
        send(10);
        duplicates(5);
        recovery.onRetransmissionTimeout(true, 0);
        assertEquals(snd.una, snd.cursor);
        assertEquals(ISS + 1 + 10_000, snd.nxt);
        assertEquals(1000, recovery.allowance());
        assertEquals(5000, congestion.slowStartThreshold());
        ack(1);
        assertFalse(recovery.phase == Phase.FAST);
    }

    @Test
    void duplicatesAfterATimeoutDoNotStartRecoveryUntilAllWasAcknowledged() {
        send(10);
        recovery.onRetransmissionTimeout(true, 0);
        ack(5);
        for (int i = 0; i < 6; i++) {
            assertFalse(duplicateStartsRecovery());
        }
        ack(5);
        send(10);
        ack(1);
        duplicates(2);
        assertTrue(duplicateStartsRecovery());
    }

    private void send(int segments) {
        snd.advance(snd.cursor + segments * MSS);
    }

    private void duplicates(int count) {
        for (int i = 0; i < count; i++) {
            onAck(0, true);
        }
    }

    private boolean duplicateStartsRecovery() {
        boolean before = recovery.phase == Phase.FAST;
        duplicates(1);
        return !before && recovery.phase == Phase.FAST && recovery.nextRepair();
    }

    /// @return whether the timer starts anew
    private boolean ack(int segments) {
        return ackOctets(segments * MSS);
    }

    private boolean ackOctets(int octets) {
        snd.acknowledge(snd.una + octets);
        return onAck(octets, false);
    }

    private boolean onAck(int octets, boolean duplicate) {
        AckSample sample = new AckSample().acked(octets).flightSize(snd.flightSize() + octets);
        return recovery.onAck(new TcpSegment().ack(snd.una), duplicate, 0, sample);
    }
}
