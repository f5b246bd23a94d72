package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// What CUBIC remembers: over a loss that was none (RFC 9438, 4.9), and over times in which the application
/// did not use the window (RFC 7661).
class CubicMemoryTest extends CubicTests {
    /// 4.9.2: cwnd, cwnd_prior, ssthresh, W_max, K, t_epoch and W_est come back, so the curve goes on where
    /// it was.
    @Test
    void aSpuriousRecoveryIsUndone() {
        lossAt(1_000_000);
        cubic.onRecovered(1_000_000, nowNanos);
        for (int i = 0; i < 20; i++) {
            roundTrip();
        }
        int window = cubic.window();
        double wEst = cubic.wEst();
        double k = cubic.k();
        cubic.onLoss(window, nowNanos);
        assertEquals(window * 0.7, cubic.window(), 1);
        assertEquals(window * 0.85, cubic.wMax(), 1);
        cubic.onSpuriousLoss(window / 2, nowNanos);
        assertEquals(window, cubic.window());
        assertEquals(700_000, cubic.slowStartThreshold());
        assertEquals(1_000_000, cubic.wMax());
        assertEquals(k, cubic.k());
        assertEquals(wEst, cubic.wEst());
        // Three seconds on the curve, as in theWindowFollowsTheCurve.
        for (int i = 0; i < 10; i++) {
            roundTrip();
        }
        assertEquals(914_200, cubic.window(), 9_000);
    }

    @Test
    void aLossIsNotUndoneOnceTheWindowIsBeyondWhatItWas() {
        cubic.takeOver(20_000, 20_000);
        smoothedRtt = MS;
        cubic.onLoss(20_000, nowNanos);
        cubic.onRecovered(20_000, nowNanos);
        while (cubic.window() < 25_000) {
            roundTrip();
        }
        int window = cubic.window();
        cubic.onSpuriousLoss(window, nowNanos);
        assertEquals(window, cubic.window());
        assertEquals(14_000, cubic.slowStartThreshold());
    }

    /// 4.9.1 by RFC 4015, 3: `cwnd <- FlightSize + min (bytes_acked, IW)`, `ssthresh <- pipe_prev`.
    @Test
    void aSpuriousTimeoutIsUndoneWithoutABurst() {
        cubic.takeOver(100_000, 50_000);
        cubic.onRetransmissionTimeout(80_000, true, nowNanos);
        assertEquals(1000, cubic.window());
        cubic.onRetransmissionTimeout(80_000, false, nowNanos);
        cubic.onSpuriousLoss(70_000, nowNanos);
        assertEquals(80_000, cubic.window());
        assertEquals(80_000, cubic.slowStartThreshold());
    }

    @Test
    void aSpuriousLossInTheFirstSlowStartLetsItGoOn() {
        slowStartRound(100 * MS);
        int window = cubic.window();
        cubic.onLoss(window, nowNanos);
        cubic.onSpuriousLoss(window, nowNanos);
        assertEquals(window, cubic.window());
        assertEquals(Integer.MAX_VALUE, cubic.slowStartThreshold());
        ack(1000);
        assertEquals(window + 1000, cubic.window());
    }

    @Test
    void aMistakeThatNobodyMadeChangesNothing() {
        cubic.onSpuriousLoss(5000, nowNanos);
        assertEquals(10_000, cubic.window());
        assertEquals(Integer.MAX_VALUE, cubic.slowStartThreshold());
    }

    /// RFC 7661, 4.3 and 4.4.2: the window stays, and is paced over the round trip until it is validated.
    @Test
    void afterAnIdleTimeTheWindowIsPaced() {
        cubic.takeOver(100_000, 50_000);
        ack(1);
        assertEquals(CongestionController.NO_PACING, cubic.pacingRate());
        nowNanos += 10 * SECOND;
        cubic.onRestartAfterIdle(10 * SECOND, nowNanos);
        int window = cubic.window();
        assertEquals(100_000, window, 1);
        assertEquals(50_000, cubic.slowStartThreshold());
        // 100,000 octets in 100 ms.
        assertEquals(1_000_000, cubic.pacingRate(), 10);
        useOnly(40_000);
        assertEquals(1_000_000, cubic.pacingRate(), 10);
        useOnly(60_000);
        assertEquals(CongestionController.NO_PACING, cubic.pacingRate());
        assertEquals(window, cubic.window());
    }

    @Test
    void aLossAfterAnIdleTimeIsAnsweredByWhatWasUsed() {
        cubic.takeOver(100_000, 50_000);
        ack(1);
        nowNanos += 10 * SECOND;
        cubic.onRestartAfterIdle(10 * SECOND, nowNanos);
        cubic.onLoss(30_000, nowNanos);
        assertEquals(15_000, cubic.window());
        assertEquals(CongestionController.NO_PACING, cubic.pacingRate());
    }

    @Test
    void anIdleTimeOfTenMinutesHalvesTheWindowTwice() {
        cubic.takeOver(100_000, 50_000);
        ack(1);
        nowNanos += 2 * WindowValidation.NVP;
        cubic.onRestartAfterIdle(2 * WindowValidation.NVP, nowNanos);
        assertEquals(25_000, cubic.window(), 1);
        assertEquals(75_000, cubic.slowStartThreshold(), 1);
    }

    /// Nothing to pace by: RFC 5681, 4.1.
    @Test
    void withoutARoundTripTimeTheWindowAfterAnIdleTimeIsTheInitialOne() {
        cubic.takeOver(100_000, Integer.MAX_VALUE);
        cubic.onRestartAfterIdle(10 * SECOND, nowNanos);
        assertEquals(10_000, cubic.window());
        assertEquals(CongestionController.NO_PACING, cubic.pacingRate());
        cubic.takeOver(4000, 3000);
        cubic.onRestartAfterIdle(10 * SECOND, nowNanos);
        assertEquals(4000, cubic.window());
    }

    @Test
    void aWindowThatIsNotUsedForFiveMinutesIsHalved() {
        cubic.takeOver(100_000, 60_000);
        useOnly(30_000);
        nowNanos += WindowValidation.NVP;
        cubic.onAck(sample(1, false));
        assertEquals(50_000, cubic.window());
        assertEquals(75_000, cubic.slowStartThreshold());
        nowNanos += 3 * WindowValidation.NVP;
        cubic.onAck(sample(1, false));
        // Not below the initial window.
        assertEquals(10_000, cubic.window());
    }
}
