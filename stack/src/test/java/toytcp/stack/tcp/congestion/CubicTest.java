package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The window of CUBIC, by the equations of RFC 9438.
class CubicTest extends CubicTests {
    @Test
    void theConstantsAreTheRfcs() {
        assertEquals(0.7, Cubic.BETA);
        assertEquals(0.4, Cubic.C);
        // 3 * (1 - 0.7) / (1 + 0.7)
        assertEquals(0.529_411_764_7, Cubic.ALPHA, 1e-9);
    }

    @Test
    void aNewConnectionStartsWithTenSegmentsAndNoThreshold() {
        assertEquals(10_000, cubic.window());
        assertEquals(Integer.MAX_VALUE, cubic.slowStartThreshold());
        assertEquals("cubic", cubic.name());
    }

    @Test
    void slowStartGrowsByWhatIsAcknowledged() {
        ack(1000);
        assertEquals(11_000, cubic.window());
        ack(20_000);
        assertEquals(19_000, cubic.window());
    }

    @Test
    void lossTakesThreeTenthsOfTheWindow() {
        cubic.takeOver(100_000, 50_000);
        // A batch of ACKs has taken much out of the flight, and nothing could follow yet.
        cubic.onLoss(60_000, nowNanos);
        assertEquals(70_000, cubic.window());
        assertEquals(70_000, cubic.slowStartThreshold());
        assertEquals(100_000, cubic.wMax());
    }

    @Test
    void theThresholdIsNeverBelowTwoSegments() {
        cubic.takeOver(2000, 2000);
        cubic.onLoss(2000, nowNanos);
        assertEquals(2000, cubic.slowStartThreshold());
        assertEquals(2000, cubic.window());
    }

    @Test
    void recoveryEndsWithoutABurstIfLittleIsInFlight() {
        lossAt(100_000);
        cubic.onRecovered(10_000, nowNanos);
        assertEquals(10_000, cubic.window());
        // Back to the threshold by slow start, and only then the next stage begins.
        ack(10_000);
        assertEquals(12_000, cubic.window());
    }

    /// K = cbrt((W_max - cwnd_epoch) / C); after a loss at W_max that is cbrt(W_max * 0.3 / 0.4).
    @ParameterizedTest
    @CsvSource({"100, 4.217163", "1000, 9.085603", "10000, 19.574338", "36, 3"})
    void kIsTheCubeRootOfWhatWasTaken(int segments, double seconds) {
        lossAt(segments * MSS);
        cubic.onRecovered(segments * MSS, nowNanos);
        ack(1);
        assertEquals(seconds, cubic.k(), 1e-6);
    }

    /// W_cubic(t) = 0.4 * (t - K)^3 + W_max with W_max = 1000 segments, so K = 9.0856 s, beyond reach of
    /// the Reno-friendly region at a round trip of 100 ms: at each whole second the window is on the
    /// curve, one round trip ahead.
    @ParameterizedTest
    @CsvSource({
        "1, 796.3",
        "3, 914.2",
        "5, 974.7",
        "7, 996.9",
        "9, 1000.0",
        "10, 1000.4",
        "12, 1011.0",
        "15, 1087.0"
    })
    void theWindowFollowsTheCurve(int seconds, double segments) {
        lossAt(1_000_000);
        cubic.onRecovered(1_000_000, nowNanos);
        ack(1);
        long begin = nowNanos;
        while (nowNanos - begin < seconds * SECOND) {
            roundTrip();
        }
        double t = seconds + 0.1 - cubic.k();
        assertEquals(segments, 0.4 * t * t * t + 1000, 0.05);
        assertEquals(segments, cubic.window() / 1000.0, 0.01 * segments);
    }

    @Test
    void theWindowNeverGrowsByMoreThanHalfARoundTrip() {
        cubic.takeOver(10_000, 10_000);
        ack(1);
        // Hours of full windows with a gap of a minute: the curve is far above.
        nowNanos += 60 * SECOND;
        cubic.onAck(sample(10_000, true));
        assertEquals(15_000, cubic.window());
    }

    @Test
    void anAckOfMoreThanTheWindowCountsForTheWindow() {
        cubic.takeOver(10_000, 10_000);
        ack(1);
        nowNanos += 60 * SECOND;
        cubic.onAck(sample(50_000, true));
        assertEquals(15_000, cubic.window());
    }

    /// Figure 4: on short paths the window grows by alpha segments a round trip, and by one once it is
    /// back at what it was before the loss.
    @Test
    void onAShortPathItGrowsLikeReno() {
        smoothedRtt = MS;
        lossAt(20_000);
        cubic.onRecovered(20_000, nowNanos);
        assertEquals(14_000, cubic.window());
        for (int i = 0; i < 5; i++) {
            roundTrip();
        }
        // Of a window of 14.5 segments, 14 are acknowledged in a round trip here.
        assertEquals(14_000 + 5 * 529.4, cubic.window(), 100);
        while (cubic.window() < 20_000) {
            roundTrip();
        }
        int before = cubic.window();
        roundTrip();
        assertEquals(before + 1000, cubic.window(), 60);
        assertEquals(cubic.wEst(), cubic.window(), 1);
    }

    /// 1 Gbit/s and 100 ms are 8333 segments. CUBIC is back at full speed after K; NewReno needs a round trip
    /// for each segment.
    @Test
    void aLongFatPathIsFullAgainAfterSecondsNotMinutes() {
        int full = 8333 * MSS;
        lossAt(full);
        cubic.onRecovered(full, nowNanos);
        long begin = nowNanos;
        while (cubic.window() < full - MSS) {
            roundTrip();
        }
        // K is 18.4 s.
        double seconds = (nowNanos - begin) / 1e9;
        assertTrue(seconds < 18.5, seconds + " s");
        NewReno reno = new NewReno(MSS);
        reno.takeOver(full, full);
        reno.onLoss(full, nowNanos);
        reno.onRecovered(full, nowNanos);
        for (int roundTrips = 0; roundTrips < 185; roundTrips++) {
            reno.onAck(sample(reno.window(), true));
        }
        assertTrue(reno.window() < 0.53 * full, "NewReno: " + reno.window());
    }

    @Test
    void aWindowThatDidNotComeBackLeavesRoomToOthers() {
        lossAt(100_000);
        cubic.onRecovered(100_000, nowNanos);
        assertEquals(100_000, cubic.wMax());
        ack(1);
        int window = cubic.window();
        assertTrue(window < 100_000);
        cubic.onLoss(window, nowNanos);
        // 4.7: cwnd * (1 + beta) / 2
        assertEquals(window * 0.85, cubic.wMax(), 1);
    }

    @Test
    void aWindowThatGrewBeyondIsRemembered() {
        lossAt(100_000);
        cubic.onRecovered(100_000, nowNanos);
        while (cubic.window() < 101_000) {
            roundTrip();
        }
        int window = cubic.window();
        cubic.onLoss(window, nowNanos);
        assertEquals(window, cubic.wMax(), 1);
        assertEquals(window * 0.7, cubic.window(), 1);
    }

    @Test
    void aTimeoutLeavesOneSegmentAndTheThresholdOfALoss() {
        cubic.takeOver(100_000, 50_000);
        cubic.onRetransmissionTimeout(80_000, true, nowNanos);
        assertEquals(1000, cubic.window());
        assertEquals(56_000, cubic.slowStartThreshold());
        cubic.onRetransmissionTimeout(1000, false, nowNanos);
        assertEquals(56_000, cubic.slowStartThreshold());
        // RFC 3465, 2.3: after a timeout an ACK counts for one segment.
        ack(4000);
        assertEquals(2000, cubic.window());
    }

    @Test
    void aTimeoutInARecoveryDoesNotRaiseTheThreshold() {
        lossAt(100_000);
        // Duplicate ACKs let much out since.
        cubic.onRetransmissionTimeout(300_000, true, nowNanos);
        assertEquals(70_000, cubic.slowStartThreshold());
        // The recovery is over.
        cubic.onRetransmissionTimeout(200_000, true, nowNanos);
        assertEquals(140_000, cubic.slowStartThreshold());
    }

    /// 4.8: K is 0 and W_max the window at which the stage begins, so the window is convex at once.
    @Test
    void afterATimeoutTheStageBeginsOnThePlateau() {
        lossAt(100_000);
        cubic.onRecovered(100_000, nowNanos);
        cubic.onRetransmissionTimeout(20_000, true, nowNanos);
        while (cubic.window() < cubic.slowStartThreshold()) {
            ack(1000);
        }
        assertEquals(14_000, cubic.window());
        ack(1);
        assertEquals(0, cubic.k());
        assertEquals(14_000, cubic.wMax());
    }

    @Test
    void hyStartEndsTheFirstSlowStartWithoutALoss() {
        long rtt = 100 * MS;
        int rounds = 0;
        while (cubic.slowStartThreshold() == Integer.MAX_VALUE) {
            assertTrue(++rounds < 20, "never");
            // The queue grows with the window.
            rtt += 20 * MS;
            slowStartRound(rtt);
        }
        assertEquals(cubic.window(), cubic.slowStartThreshold());
        assertEquals(HyStart.Phase.DONE, cubic.slowStartPhase());
        // 4.10: K is 0, W_max is the window.
        int window = cubic.window();
        ack(1);
        assertEquals(0, cubic.k());
        assertEquals(window, cubic.wMax());
    }

    @Test
    void laterSlowStartsAreTheStandardOnes() {
        cubic.onRetransmissionTimeout(1_000_000, true, nowNanos);
        long rtt = 100 * MS;
        for (int i = 0; i < 12; i++) {
            rtt += 20 * MS;
            slowStartRound(rtt);
        }
        assertEquals(HyStart.Phase.SLOW_START, cubic.slowStartPhase());
        assertEquals(700_000, cubic.slowStartThreshold());
    }

    /// 4.2: t does not include periods in which the application did not use the window.
    @Test
    void timeWithoutUseOfTheWindowDoesNotCount() {
        lossAt(1_000_000);
        cubic.onRecovered(1_000_000, nowNanos);
        for (int i = 0; i < 10; i++) {
            roundTrip();
        }
        int window = cubic.window();
        for (int i = 0; i < 600; i++) {
            nowNanos += 100 * MS;
            cubic.onAck(sample(1000, false));
        }
        assertEquals(window, cubic.window());
        // The curve goes on where it was; a minute later on it, the window would be half as large
        // again.
        roundTrip();
        assertTrue(cubic.window() < 1.05 * window, window + " to " + cubic.window());
    }

    @Test
    void aPauseShorterThanTheTimeoutDoesNotCountEither() {
        lossAt(1_000_000);
        cubic.onRecovered(1_000_000, nowNanos);
        roundTrip();
        int window = cubic.window();
        cubic.onAck(sample(1000, false));
        nowNanos += 60 * SECOND;
        roundTrip();
        assertTrue(cubic.window() < 1.05 * window, window + " to " + cubic.window());
    }

    /// RFC 7661, 4.4.1: (Max(pipeACK, LossFlightSize)) / 2
    @Test
    void aLossInAWindowThatWasNotUsedIsAnsweredByWhatWas() {
        cubic.takeOver(100_000, 100_000);
        useOnly(30_000);
        cubic.onLoss(4000, nowNanos);
        assertEquals(15_000, cubic.window());
        assertEquals(30_000, cubic.wMax());
        cubic.onRecovered(15_000, nowNanos);
        cubic.takeOver(100_000, 100_000);
        useOnly(30_000);
        cubic.onLoss(40_000, nowNanos);
        assertEquals(20_000, cubic.window());
    }

    @Test
    void afterARecoveryTheWindowCountsAsValidated() {
        cubic.takeOver(100_000, 100_000);
        useOnly(30_000);
        cubic.onLoss(40_000, nowNanos);
        cubic.onRecovered(20_000, nowNanos);
        cubic.onLoss(10_000, nowNanos);
        assertEquals(14_000, cubic.window());
    }

    @Test
    void theWindowHasALimit() {
        cubic.takeOver((1 << 30) - 1, Integer.MAX_VALUE);
        ack(1 << 20);
        ack(1 << 20);
        assertEquals(1 << 30, cubic.window());
    }

    @Test
    void aClockThatStartsAnywhereWill() {
        nowNanos = Long.MAX_VALUE - 4 * SECOND;
        theWindowFollowsTheCurve(9, 1000.0);
    }

    @Test
    void theInitialWindowFollowsTheSegmentSize() {
        cubic.onMaximumSegmentSize(500);
        assertEquals(5000, cubic.window());
        cubic.takeOver(600, 600);
        cubic.onMaximumSegmentSize(1400);
        assertEquals(1400, cubic.window());
    }
}
