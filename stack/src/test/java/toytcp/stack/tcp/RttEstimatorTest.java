package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.testkit.Rfc;

import java.util.Random;

/// RFC 6298, by numbers worked out by hand.
class RttEstimatorTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1000 * MS;

    private final RttEstimator rtt = new RttEstimator(TcpConfig.DEFAULT);

    @Test
    @Rfc(number = 6298, section = "2", id = "2.1")
    void beforeAnySampleTheTimeoutIsTheInitialOne() {
        assertEquals(SECOND, rtt.rto());
        assertEquals(-1, rtt.srtt());
    }

    @Test
    @Rfc(number = 6298, section = "2", id = "2.2")
    @Rfc(number = 9293, section = "3.8.1", id = "MUST-18")
    void theFirstSampleSetsTheMeanAndHalfOfItAsVariance() {
        rtt.sample(100 * MS, 0);
        assertEquals(100 * MS, rtt.srtt());
        assertEquals(300 * MS, rtt.rto());
    }

    @Test
    @Rfc(number = 6298, section = "2", id = "2.3")
    @Rfc(number = 6298, section = "2", id = "2.3-1")
    @Rfc(number = 6298, section = "2", id = "2.3-2")
    @Rfc(number = 9293, section = "3.8.1", id = "MUST-18")
    void laterSamplesAreSmoothed() {
        rtt.sample(100 * MS, 0);
        // RTTVAR = 3/4 * 50 + 1/4 * |100 - 180| = 57.5; SRTT = 7/8 * 100 + 1/8 * 180 = 110
        rtt.sample(180 * MS, 0);
        assertEquals(110 * MS, rtt.srtt());
        assertEquals(340 * MS, rtt.rto());
        // RTTVAR = 3/4 * 57.5 + 1/4 * |110 - 30| = 63.125; SRTT = 7/8 * 110 + 1/8 * 30 = 100
        rtt.sample(30 * MS, 0);
        assertEquals(100 * MS, rtt.srtt());
        assertEquals(352_500_000, rtt.rto());
    }

    @Test
    @Rfc(number = 6298, section = "4", id = "4-1")
    @Rfc(number = 6298, section = "2", id = "2.4")
    @Rfc(number = 6298, section = "1", id = "1-1")
    void theVarianceTermIsNeverBelowTheMinimum() {
        rtt.sample(10 * MS, 0);
        assertEquals(210 * MS, rtt.rto());
        for (int i = 0; i < 100; i++) {
            rtt.sample(10 * MS, 0);
        }
        assertEquals(210 * MS, rtt.rto());
    }

    @Test
    void theTimeoutIsNeverAboveTheMaximum() {
        rtt.sample(100 * SECOND, 0);
        assertEquals(120 * SECOND, rtt.rto());
        rtt.backOff();
        assertEquals(120 * SECOND, rtt.rto());
    }

    @Test
    @Rfc(number = 6298, section = "5", id = "5.5")
    void eachTimeoutDoublesUpToTheMaximumAndASampleEndsThat() {
        rtt.sample(100 * MS, 0);
        for (long expected = 600 * MS; expected < 120 * SECOND; expected *= 2) {
            rtt.backOff();
            assertEquals(expected, rtt.rto());
        }
        for (int i = 0; i < 100; i++) {
            rtt.backOff();
            assertEquals(120 * SECOND, rtt.rto());
        }
        rtt.sample(100 * MS, 0);
        // RTTVAR = 3/4 * 50 = 37.5, times 4 is 150, less than the minimum
        assertEquals(300 * MS, rtt.rto());
    }

    @Test
    void theTimedSegmentIsSampledWhenItIsCoveredByAnAck() {
        rtt.segmentSent(1000, 5 * SECOND);
        assertFalse(rtt.acknowledged(999, 5 * SECOND + 10 * MS));
        assertTrue(rtt.acknowledged(1000, 5 * SECOND + 30 * MS));
        assertEquals(30 * MS, rtt.srtt());
        assertFalse(rtt.needsTimestamp());
        assertFalse(rtt.acknowledged(2000, 6 * SECOND));
    }

    @Test
    void timingWorksAcrossTheWrapOfSequenceNumbersAndFromTimeZero() {
        rtt.segmentSent(5, 0);
        assertFalse(rtt.acknowledged(-5, 10 * MS));
        assertTrue(rtt.acknowledged(6, 30 * MS));
        assertEquals(30 * MS, rtt.srtt());
    }

    @Test
    @Rfc(number = 6298, section = "3", id = "3-3")
    @Rfc(number = 7323, section = "4.2", id = "4.2-1")
    void onlyOneSegmentIsTimedAtOnce() {
        rtt.segmentSent(1000, 0);
        rtt.segmentSent(2000, 10 * MS);
        assertTrue(rtt.acknowledged(2000, 30 * MS));
        assertEquals(30 * MS, rtt.srtt());
    }

    @Test
    @Rfc(number = 6298, section = "3", id = "3-2")
    @Rfc(number = 9293, section = "3.8.1", id = "MUST-18")
    void aRetransmissionIsNeverASample() {
        rtt.segmentSent(1000, 0);
        rtt.backOff();
        rtt.stopTiming();
        assertFalse(rtt.acknowledged(1000, 30 * MS));
        assertEquals(-1, rtt.srtt());
        assertEquals(2 * SECOND, rtt.rto());
    }

    /// RFC 6298, 5.7: if less than 3 seconds are in use, "the RTO MUST be re-initialized to 3 seconds
    /// when data transmission begins".
    @Rfc(number = 6298, section = "5", id = "5.7")
    @ParameterizedTest
    @CsvSource({"1000, 3000", "200, 3000", "3000, 3000", "5000, 5000"})
    void afterALostSynDataStartsWithThreeSeconds(long initialMillis, long expectedMillis) {
        RttEstimator lost =
                new RttEstimator(
                        TcpConfig.DEFAULT.with(
                                draft -> draft.initialRtoNanos = initialMillis * MS));
        lost.backOff();
        lost.backOff();
        lost.synWasLost();
        assertEquals(expectedMillis * MS, lost.rto());
        lost.backOff();
        assertEquals(2 * expectedMillis * MS, lost.rto());
    }

    @Test
    void aSampleOfTheLostSynsAnswerIsWorthMoreThanThreeSeconds() {
        rtt.backOff();
        rtt.sample(100 * MS, 0);
        rtt.synWasLost();
        assertEquals(300 * MS, rtt.rto());
    }

    /// Some clocks tick once in 15 ms; a path of 100 microseconds is then measured as 0 or 15 ms.
    @ParameterizedTest
    @CsvSource({"1, 100", "1, 40000", "15, 100", "15, 40000", "15, 7500"})
    void aCoarseClockNeitherStopsNorInflatesTheEstimate(long tickMillis, long pathMicros) {
        long tick = tickMillis * MS;
        long path = pathMicros * 1000;
        Random random = new Random(6298);
        for (int i = 0; i < 2000; i++) {
            long sent = SECOND + random.nextLong(1000 * SECOND);
            rtt.segmentSent(i, sent / tick * tick);
            assertTrue(rtt.acknowledged(i, (sent + path) / tick * tick));
            assertTrue(rtt.srtt() > 0 && rtt.srtt() < path + tick, "srtt " + rtt.srtt());
            assertTrue(rtt.srtt() >= path / tick * tick, "srtt " + rtt.srtt());
            assertTrue(rtt.rto() > path + tick && rtt.rto() >= 200 * MS, "rto " + rtt.rto());
            assertTrue(rtt.rto() <= path + tick + 200 * MS, "rto " + rtt.rto());
        }
    }
}
