package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.codec.TcpSegment;

/// The segments that are out, and RACK_detect_loss () (RFC 8985, 6.2, step 5); the round trip is 100.
class SentSegmentsTest {
    private static final int UNA = -3500;
    private static final int MSS = 1000;

    private final RttEstimator estimator = new RttEstimator(TcpConfig.DEFAULT);
    private final Rack rack = new Rack(estimator, new Timestamps(0, false));
    private final SackScoreboard board = new SackScoreboard();
    private final SentSegments segments = new SentSegments();

    SentSegmentsTest() {
        estimator.sample(100, 0);
    }

    /// Sends segments, one each unit of time.
    private void send(int from, int to, long start) {
        for (int i = from; i < to; i++) {
            segments.sent(UNA + i * MSS, UNA + (i + 1) * MSS, MSS, start + i - from);
        }
    }

    private void hold(int from, int to, long now) {
        TcpSegment ack = new TcpSegment().ack(UNA).sack(UNA + from * MSS, UNA + to * MSS);
        rack.beginAck(ack);
        board.update(ack, UNA, UNA + 100 * MSS, segments, rack, now);
    }

    @Test
    void whatWasSentEarlierThanAHeldSegmentIsLostAfterTheReorderingWindow() {
        send(0, 10, 0);
        hold(3, 4, 103);
        // What was delivered was sent at 3.
        assertEquals(3 + 125 - 103, segments.detectLoss(rack, 125, 103));
        assertEquals(0, segments.lostOctets());
        // The oldest three were sent at 0, 1 and 2.
        assertEquals(2, segments.detectLoss(rack, 125, 126));
        assertEquals(2000, segments.lostOctets());
        assertEquals(0, segments.detectLoss(rack, 125, 127));
        assertEquals(3000, segments.lostOctets());
        assertEquals(0, segments.nextLost());
    }

    @Test
    void whatIsSentAgainIsLostOnlyIfSomethingLaterArrives() {
        send(0, 6, 0);
        hold(1, 4, 103);
        segments.detectLoss(rack, 100, 103);
        assertEquals(1000, segments.lostOctets());
        segments.sent(UNA, UNA + MSS, MSS, 110);
        assertEquals(1000, segments.repairedOctets());
        assertEquals(-1, segments.nextLost());
        hold(4, 6, 115);
        segments.detectLoss(rack, 100, 500);
        assertEquals(1000, segments.repairedOctets());
        segments.sent(UNA + 6 * MSS, UNA + 7 * MSS, MSS, 111);
        hold(6, 7, 211);
        segments.detectLoss(rack, 100, 211);
        assertEquals(1000, segments.lostOctets());
        assertEquals(0, segments.repairedOctets());
        assertEquals(0, segments.nextLost());
    }

    @Test
    void theSumsFollowWhatIsAcknowledgedAndHeld() {
        send(0, 10, 0);
        hold(7, 10, 110);
        segments.detectLoss(rack, 100, 110);
        assertEquals(7000, segments.lostOctets());
        assertEquals(3, segments.heldSegments());
        hold(1, 2, 111);
        assertEquals(6000, segments.lostOctets());
        segments.acknowledge(UNA + 2500, rack, 112);
        assertEquals(4500, segments.lostOctets());
        assertEquals(3, segments.heldSegments());
        assertEquals(UNA + 2500, segments.startAt(0));
        segments.acknowledge(UNA + 8000, rack, 113);
        assertEquals(0, segments.lostOctets());
        assertEquals(2, segments.heldSegments());
        segments.loseAll();
        assertEquals(0, segments.heldSegments());
        assertEquals(2000, segments.lostOctets());
    }

    @Test
    void aSegmentThatIsHeldInPartIsNotHeld() {
        send(0, 3, 0);
        TcpSegment ack = new TcpSegment().ack(UNA).sack(UNA + 1500, UNA + 3000);
        board.update(ack, UNA, UNA + 3000, segments, rack, 103);
        assertEquals(1, segments.heldSegments());
    }

    @Test
    void theRingGrowsAndWraps() {
        for (int i = 0; i < 1000; i++) {
            send(3 * i, 3 * i + 5, i);
            segments.acknowledge(UNA + (3 * i + 3) * MSS, rack, 100 + i);
        }
        assertEquals(UNA + 3000 * MSS, segments.startAt(0));
        assertEquals(UNA + 3001 * MSS, segments.endAt(0));
        send(3002, 3100, 5000);
        assertEquals(UNA + 3100 * MSS, segments.endAt(99));
    }

    @Test
    void whenTooManyAreOutItSaysSo() {
        for (int i = 0; i < SentSegments.MAX_SEGMENTS; i++) {
            assertFalse(segments.isFull());
            segments.sent(UNA + i, UNA + i + 1, MSS, i);
        }
        assertTrue(segments.isFull());
        segments.acknowledge(UNA + 1, rack, SentSegments.MAX_SEGMENTS);
        assertFalse(segments.isFull());
    }

    @Test
    void whatIsCutKeepsItsStateAndItsTime() {
        send(0, 20, 0);
        hold(4, 6, 103);
        segments.detectLoss(rack, 100, 103);
        assertEquals(4000, segments.lostOctets());
        segments.sent(UNA, UNA + MSS, MSS, 110);
        segments.cut(400);
        assertEquals(4000, segments.lostOctets());
        assertEquals(1000, segments.repairedOctets());
        assertEquals(6, segments.heldSegments());
        int lost = segments.nextLost();
        assertEquals(UNA + 1000, segments.startAt(lost));
        assertEquals(UNA + 1400, segments.endAt(lost));
        // Each piece counts for itself.
        segments.sent(UNA + 1000, UNA + 1400, 400, 120);
        assertEquals(1400, segments.repairedOctets());
        assertEquals(UNA + 1400, segments.startAt(segments.nextLost()));
        // In the order of the last transmission, the oldest in flight is segment 6, then come the
        // others.
        hold(6, 10, 130);
        assertEquals(0, segments.detectLoss(rack, 0, 130));
        assertEquals(4000, segments.lostOctets());
        hold(19, 20, 140);
        segments.detectLoss(rack, 100, 140);
        assertEquals(4000 + 9000, segments.lostOctets());
        segments.acknowledge(UNA + 20 * MSS, rack, 150);
        assertEquals(0, segments.lostOctets() + segments.repairedOctets());
        assertEquals(0, segments.heldSegments());
    }

    @Test
    void whatFitsIsNotCutNorIsAFinCutOff() {
        segments.sent(UNA, UNA + 400, 1000, 0);
        segments.sent(UNA + 400, UNA + 1401, 1000, 1);
        segments.cut(1000);
        assertEquals(UNA + 400, segments.lastStart());
        segments.cut(500);
        assertEquals(UNA + 900, segments.lastStart());
    }

    @Test
    void onlyWhatIsTooLargeIsLost() {
        segments.sent(UNA, UNA + 400, 1000, 0);
        segments.sent(UNA + 400, UNA + 1400, 1000, 1);
        segments.lose(UNA, UNA + 1400, 1001);
        assertEquals(0, segments.lostOctets());
        segments.lose(UNA, UNA + 1400, 1000);
        assertEquals(1000, segments.lostOctets());
        assertEquals(1, segments.nextLost());
        segments.lose(UNA, UNA + 400, 1);
        assertEquals(1400, segments.lostOctets());
    }

    @Test
    void whatIsLostIsCutAsIfItHadBeenSentAtOnce() {
        send(0, 3, 0);
        segments.lose(UNA, UNA + 3 * MSS, 1);
        segments.cut(800);
        int from = UNA;
        for (int end : new int[] {800, 1600, 2400, 3000}) {
            assertEquals(UNA + end, segments.endAt(segments.nextLost()));
            segments.sent(from, UNA + end, 800, end);
            from = UNA + end;
        }
        assertEquals(-1, segments.nextLost());
        assertEquals(3000, segments.repairedOctets());
    }
}
