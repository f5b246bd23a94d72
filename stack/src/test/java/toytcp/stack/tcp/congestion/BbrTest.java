package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// BBR by draft-ietf-ccwg-bbr over a path of its own: 10 Mbit/s in octets of text, 40 ms, so the
/// bandwidth-delay product is 50 segments of 1000 octets.
class BbrTest {
    private static final int MSS = 1000;
    private static final long MS = 1_000_000;
    private static final long SECOND = 1000 * MS;
    private static final double RATE = 1_250_000;
    private static final long RTT = 40 * MS;
    private static final int PRODUCT = 50_000;

    private final Bbr bbr = new Bbr(MSS);
    private final BbrPath path = new BbrPath(bbr, MSS, RATE, RTT);

    /// 5.6.1, the table.
    @ParameterizedTest
    @CsvSource({
        "STARTUP, 2.77, 2",
        "DRAIN, 0.5, 2",
        "DOWN, 0.9, 2",
        "CRUISE, 1, 2",
        "REFILL, 1, 2",
        "UP, 1.25, 2.25",
        "PROBE_RTT, 1, 0.5"
    })
    void theGainsAreTheDrafts(BbrPhase phase, double pacing, double window) {
        assertEquals(pacing, phase.pacingGain);
        assertEquals(window, phase.cwndGain);
    }

    @Test
    void theConstantsAreTheDrafts() {
        assertEquals(0.7, BbrModel.BETA);
        assertEquals(0.02, BbrModel.LOSS_THRESHOLD);
        assertEquals(0.15, BbrModel.HEADROOM);
        assertEquals(10 * SECOND, BbrMinRtt.FILTER);
        assertEquals(5 * SECOND, BbrMinRtt.INTERVAL);
    }

    /// InitPacingRate (): C.InitialCwnd / 1 ms, and 2.77 times that.
    @Test
    void itBeginsWithTheInitialWindowInAMillisecond() {
        assertEquals("bbr", bbr.name());
        assertEquals(10_000, bbr.window());
        assertEquals(27_700_000, bbr.pacingRate());
        assertTrue(bbr.governsRecovery());
        assertTrue(bbr.usesDeliveryRate());
    }

    @Test
    void theFirstRoundTripTimeMakesTheRateASensibleOne() {
        bbr.onAck(new AckSample().smoothedRttNanos(100 * MS));
        assertEquals(277_000, bbr.pacingRate());
    }

    /// 5.3.1.1: "doubling the sending rate each round".
    @Test
    void startupFindsTheBandwidthInAboutAsManyRoundsAsItHasDoublings() {
        while (bbr.model().maximum() < 0.95 * RATE) {
            path.run(MS);
            assertEquals(BbrPhase.STARTUP, bbr.phase());
        }
        // log2 (50 / 10) = 2.3, one until the first ACK.
        assertTrue(bbr.roundCount() <= 5, bbr.roundCount() + " rounds");
        // Three rounds without growth, and the pipe is full.
        int rounds = bbr.roundCount();
        while (bbr.phase() == BbrPhase.STARTUP) {
            path.run(MS);
        }
        assertTrue(bbr.roundCount() - rounds <= 4, bbr.roundCount() - rounds + " rounds");
        assertEquals(BbrPhase.DRAIN, bbr.phase());
    }

    @Test
    void theQueueOfTheStartIsDrainedAndStaysShort() {
        while (bbr.phase() != BbrPhase.DRAIN) {
            path.run(MS);
        }
        // BBR.cwnd_gain bounds it to one product.
        assertTrue(path.takeMaximumQueue() <= 1.1 * PRODUCT + 10 * MSS);
        path.run(SECOND);
        path.takeMaximumQueue();
        path.run(3 * SECOND);
        assertTrue(path.takeMaximumQueue() < 1.4 * PRODUCT);
    }

    @Test
    void itFillsTheLine() {
        path.run(2 * SECOND);
        long before = path.delivered();
        path.run(10 * SECOND);
        double used = (path.delivered() - before) / (10 * RATE);
        // 1 % is the margin, and ProbeRTT takes some 2 %.
        assertTrue(used > 0.94 && used <= 1.01, used + "");
        assertEquals(RATE, bbr.model().maximum(), 0.03 * RATE);
        assertEquals(RTT + MSS / RATE * 1e9, bbr.minRtt().nanos(), 0.05 * RTT);
    }

    /// 5.3.3: DOWN, CRUISE, REFILL, UP, and again.
    @Test
    void probesFollowEachOtherInTheirOrder() {
        while (bbr.phase() != BbrPhase.CRUISE) {
            path.run(MS / 2);
        }
        var order = new StringBuilder();
        BbrPhase last = null;
        while (bbr.phase() != BbrPhase.PROBE_RTT) {
            if (bbr.phase() != last) {
                last = bbr.phase();
                order.append(last).append(' ');
            }
            path.run(MS / 2);
        }
        assertEquals("CRUISE REFILL UP DOWN CRUISE ", order.toString());
    }

    /// 5.3.3.8: after 2 to 3 seconds, or as many rounds as there are segments in the product, at most 63.
    @Test
    void theWaitForTheNextProbeIsTwoToThreeSeconds() {
        var probe = new BbrProbe();
        for (int i = 0; i < 1000; i++) {
            probe.startDown(i * 1448L, i * 12_345_678L);
            long wait = probe.waitNanos();
            assertTrue(wait >= 2 * SECOND && wait < 3 * SECOND, wait + " ns");
            assertFalse(probe.isTime(63, i * 12_345_678L + wait));
            assertTrue(probe.isTime(63, i * 12_345_678L + wait + 1));
        }
        probe.startDown(1, 1);
        long one = probe.waitNanos();
        probe.startDown(1, 2);
        assertNotEquals(one, probe.waitNanos());
        int rounds = 0;
        while (!probe.isTime(1000, 2)) {
            probe.onAck(true);
            rounds++;
        }
        assertTrue(rounds == 62 || rounds == 63, rounds + " rounds");
    }

    /// 5.3.4: "Up to once every BBR.ProbeRTTInterval = 5 seconds".
    @Test
    void probeRttHalvesTheFlightFor200Milliseconds() {
        long begin = path.now;
        while (bbr.phase() != BbrPhase.PROBE_RTT) {
            path.run(MS);
        }
        double after = (path.now - begin) / 1e9;
        assertTrue(after > 5 && after < 5.7, after + " s");
        long start = path.now;
        path.run(60 * MS);
        assertTrue(path.inFlight() <= PRODUCT / 2 + 2 * MSS, path.inFlight() + " in flight");
        while (bbr.phase() == BbrPhase.PROBE_RTT) {
            path.run(MS);
        }
        double length = (path.now - start) / 1e6;
        assertTrue(length >= 200 && length < 320, length + " ms");
        assertEquals(BbrPhase.CRUISE, bbr.phase());
        assertTrue(bbr.window() >= 1.5 * PRODUCT, bbr.window() + "");
        long next = path.now;
        while (bbr.phase() != BbrPhase.PROBE_RTT) {
            path.run(MS);
        }
        assertTrue(path.now - next >= 5 * SECOND - MS, path.now - next + " ns");
    }

    @Test
    void aPathThatBecomesFasterIsFoundByProbing() {
        path.run(4 * SECOND);
        path.rate = 3 * RATE;
        path.run(8 * SECOND);
        assertEquals(3 * RATE, bbr.model().maximum(), 0.1 * RATE);
    }

    @Test
    void aPathThatBecomesSlowerIsNoticedWithinTwoCycles() {
        path.run(4 * SECOND);
        path.rate = RATE / 2;
        // A cycle takes up to 3 seconds, and two of them are remembered.
        path.run(12 * SECOND);
        assertEquals(RATE / 2, bbr.model().maximum(), 0.05 * RATE);
    }

    /// 5.5.4: "the estimator discards application-limited samples".
    @Test
    void anApplicationThatSendsLittleDoesNotLowerTheEstimate() {
        path.run(4 * SECOND);
        double before = bbr.model().maximum();
        path.application = 10 * MSS;
        path.run(20 * SECOND);
        assertEquals(before, bbr.model().maximum(), 0.02 * before);
        assertTrue(bbr.pacingRate() > 0.85 * RATE, bbr.pacingRate() + "");
    }

    /// 5.5.3: 2 % are tolerated.
    @Test
    void randomLossOfOnePercentHardlyMatters() {
        path.lossEvery = 100;
        path.run(2 * SECOND);
        long before = path.delivered();
        path.run(20 * SECOND);
        double used = (path.delivered() - before) / (20 * RATE);
        assertTrue(used > 0.9, used + "");
    }

    @Test
    void lossOfTenPercentIsAnswered() {
        path.run(4 * SECOND);
        path.lossEvery = 10;
        path.run(2 * SECOND);
        assertTrue(bbr.model().longTermInFlight() < 2 * PRODUCT);
    }

    /// 5.5.10.3: max (latest, 0.7 * bound), once a round.
    @Test
    void lossWhileCruisingLowersTheShortTermBounds() {
        path.run(2 * SECOND);
        while (bbr.phase() != BbrPhase.CRUISE) {
            path.run(MS);
        }
        assertEquals(BbrModel.UNBOUNDED, bbr.model().shortTermInFlight());
        path.lossEvery = 5;
        path.run(3 * RTT);
        assertTrue(bbr.model().shortTermInFlight() < 2 * PRODUCT);
        assertTrue(bbr.model().shortTermBandwidth() <= RATE * 1.02);
        path.lossEvery = 0;
        while (bbr.phase() != BbrPhase.REFILL) {
            path.run(MS);
        }
        assertEquals(BbrModel.UNBOUNDED, bbr.model().shortTermInFlight());
    }

    /// 5.3.1.3 by a queue of a tenth of the product.
    @Test
    void startupEndsByLossIfTheQueueIsShort() {
        path.queue = PRODUCT / 10;
        path.run(MS);
        while (bbr.phase() == BbrPhase.STARTUP) {
            path.run(MS);
            bbr.onLoss(path.inFlight(), path.now);
        }
        assertTrue(bbr.model().longTermInFlight() != BbrModel.UNBOUNDED || path.delivered() > 0);
        path.run(2 * SECOND);
        long before = path.delivered();
        path.run(5 * SECOND);
        assertTrue((path.delivered() - before) / (5 * RATE) > 0.85);
    }

    @Test
    void aTimeoutLeavesOneSegmentAndTheWindowComesBack() {
        path.run(2 * SECOND);
        int before = bbr.window();
        bbr.onRetransmissionTimeout(path.inFlight(), true, path.now);
        assertEquals(MSS, bbr.window());
        path.run(SECOND);
        assertTrue(bbr.window() >= 0.9 * before, bbr.window() + " after " + before);
    }

    @Test
    void aLostSynLeavesOneSegment() {
        bbr.onRetransmissionTimeout(0, true, path.now);
        assertEquals(MSS, bbr.window());
    }

    /// 5.5.11.2.
    @Test
    void aSpuriousRecoveryIsUndone() {
        path.run(2 * SECOND);
        while (bbr.phase() != BbrPhase.UP) {
            path.run(MS);
        }
        int bound = bbr.model().longTermInFlight();
        int window = bbr.window();
        AckSample loss = new AckSample().lost(MSS).txInFlight(40_000).nowNanos(path.now);
        bbr.onSegmentLost(loss.lostSinceSent(4 * MSS).totalDelivered(path.delivered()));
        bbr.onLoss(path.inFlight(), path.now);
        // HandleInflightTooHigh ()
        assertEquals(BbrPhase.DOWN, bbr.phase());
        assertTrue(bbr.model().longTermInFlight() < 1.1 * PRODUCT);
        bbr.onSpuriousLoss(path.inFlight(), path.now);
        assertEquals(BbrPhase.REFILL, bbr.phase());
        assertEquals(bound, bbr.model().longTermInFlight());
        assertTrue(bbr.window() >= window);
    }

    /// InflightAtLoss (): (0.02 * 100,000 - 1000) / 0.98 octets of the lost burst were still good.
    @Test
    void theBoundIsWhereTheLossesCrossedTheThreshold() {
        AckSample loss = new AckSample().lost(10_000).txInFlight(110_000).lostSinceSent(11_000);
        assertTrue(BbrModel.isTooHigh(loss, MSS));
        assertEquals(101_020, BbrModel.inFlightAtLoss(loss));
        assertFalse(BbrModel.isTooHigh(loss.lostSinceSent(2200), MSS));
        assertTrue(BbrModel.isTooHigh(loss.lostSinceSent(2201), MSS));
        // One segment is never too much.
        assertFalse(BbrModel.isTooHigh(loss.txInFlight(10_000).lostSinceSent(1000), MSS));
    }

    /// 5.4.1: "BBR leaves C.cwnd as-is and paces packets at exactly BBR.bw".
    @Test
    void afterSilenceItGoesOnAtTheRateOfThePath() {
        path.run(2 * SECOND);
        int window = bbr.window();
        path.application = 0;
        path.run(20 * SECOND);
        path.application = Integer.MAX_VALUE;
        bbr.onRestartAfterIdle(20 * SECOND, path.now);
        bbr.onTransmitStart(path.now);
        assertEquals(window, bbr.window());
        assertEquals(0.99 * RATE, bbr.pacingRate(), 0.03 * RATE);
        path.run(RTT + 2 * MS);
        // The silence was long enough for the queue: no ProbeRTT.
        assertNotEquals(BbrPhase.PROBE_RTT, bbr.phase());
    }

    @Test
    void aMarkIsTakenForALoss() {
        path.run(100 * MS);
        assertEquals(BbrPhase.STARTUP, bbr.phase());
        bbr.onCongestionMark(path.inFlight(), path.now);
        path.run(2 * RTT);
        assertNotEquals(BbrPhase.STARTUP, bbr.phase());
        assertNotEquals(BbrModel.UNBOUNDED, bbr.model().longTermInFlight());
    }

    /// MinPipeCwnd: 4 segments.
    @Test
    void theWindowIsNeverBelowFourSegmentsWhileAcksCome() {
        path.run(2 * SECOND);
        path.rate = 2_000;
        path.run(60 * SECOND);
        assertTrue(bbr.window() >= 4 * MSS, bbr.window() + "");
    }

    @Test
    void anUntouchedWindowFollowsTheSegmentSize() {
        bbr.onMaximumSegmentSize(500);
        assertEquals(5000, bbr.window());
    }

    @Test
    void aTickOfFifteenMillisecondsWillDo() {
        var sample = new AckSample();
        long delivered = 0;
        for (int i = 0; i < 3500; i++) {
            // Three ACKs a round trip, with what the line delivered since the last tick.
            path.now += 15 * MS;
            delivered += 18_750;
            sample.nowNanos(path.now).delivered(18_750).acked(18_750).totalDelivered(delivered);
            sample.inFlight(Math.min(40_000, bbr.window()))
                    .rttNanos(45 * MS)
                    .smoothedRttNanos(45 * MS);
            sample.priorDelivered(Math.max(0, delivered - 56_250)).rateDelivered(56_250);
            sample.rateIntervalNanos(45 * MS).deliveryRate(1_250_000).txInFlight(50_000);
            bbr.onAck(sample);
        }
        assertEquals(RATE, bbr.model().maximum(), 1);
        assertTrue(bbr.pacingRate() > 0.85 * RATE && bbr.pacingRate() < 1.3 * RATE);
        assertTrue(bbr.window() > 40_000 && bbr.window() < 200_000, bbr.window() + "");
    }
}
