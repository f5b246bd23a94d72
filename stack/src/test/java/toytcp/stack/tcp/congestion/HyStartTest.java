package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.stack.tcp.congestion.HyStart.Phase;

/// HyStart++ (RFC 9406), round by round. A round here is 10 segments, an ACK for each.
class HyStartTest {
    private static final int MSS = 1000;
    private static final int ROUND = 10;
    private static final long MS = 1_000_000;

    private final HyStart hyStart = new HyStart();

    @Test
    void theConstantsAreTheRecommendedOnes() {
        assertEquals(4 * MS, HyStart.MIN_RTT_THRESH);
        assertEquals(16 * MS, HyStart.MAX_RTT_THRESH);
        assertEquals(8, HyStart.MIN_RTT_DIVISOR);
        assertEquals(8, HyStart.N_RTT_SAMPLE);
        assertEquals(4, HyStart.CSS_GROWTH_DIVISOR);
        assertEquals(5, HyStart.CSS_ROUNDS);
        assertEquals(8, HyStart.L);
    }

    /// `max(MIN_RTT_THRESH, min(lastRoundMinRTT / MIN_RTT_DIVISOR, MAX_RTT_THRESH))`
    @ParameterizedTest
    @CsvSource({"1, 4000", "32, 4000", "40, 5000", "100, 12500", "128, 16000", "500, 16000"})
    void theThresholdIsAnEighthWithinLimits(long lastMillis, long thresholdMicros) {
        assertEquals(thresholdMicros * 1000, HyStart.threshold(lastMillis * MS));
    }

    @Test
    void anAckCountsForEightSegmentsAtMost() {
        assertEquals(3000, ack(3000, 50_000, 100 * MS));
        assertEquals(8000, ack(8000, 50_000, 100 * MS));
        assertEquals(8000, ack(9000, 50_000, 100 * MS));
    }

    @Test
    void aWindowThatDidNotLimitTheSenderDoesNotGrow() {
        AckSample sample = new AckSample().acked(1000).flightSize(10_000).rttNanos(MS);
        assertEquals(0, hyStart.onAck(sample, MSS));
    }

    @Test
    void aSteadyRoundTripTimeChangesNothing() {
        for (int i = 0; i < 20; i++) {
            round(100);
        }
        assertEquals(Phase.SLOW_START, hyStart.phase());
    }

    @Test
    void anIncreaseByTheThresholdBeginsConservativeSlowStart() {
        round(100);
        // 12.5 ms is the threshold.
        round(112);
        assertEquals(Phase.SLOW_START, hyStart.phase());
        // The round before was at 112 ms: 112 + 14.
        round(126);
        assertEquals(Phase.CONSERVATIVE, hyStart.phase());
        assertEquals(250, ack(1000, 10_000, 126 * MS));
        assertEquals(2000, ack(20_000, 10_000, 126 * MS));
    }

    @Test
    void theEighthSampleDecidesNotTheSeventh() {
        round(100);
        for (int i = 0; i < 7; i++) {
            ack(MSS, ROUND * MSS, 200 * MS);
        }
        assertEquals(Phase.SLOW_START, hyStart.phase());
        ack(MSS, ROUND * MSS, 200 * MS);
        assertEquals(Phase.CONSERVATIVE, hyStart.phase());
    }

    @Test
    void acksWithoutASampleDoNotCount() {
        round(100);
        for (int i = 0; i < 10 * ROUND; i++) {
            ack(MSS, ROUND * MSS, i % 2 == 0 ? 200 * MS : AckSample.NO_RTT);
        }
        // Five samples a round: never enough.
        assertEquals(Phase.SLOW_START, hyStart.phase());
    }

    @Test
    void theLeastOfTheRoundCounts() {
        round(100);
        ack(MSS, ROUND * MSS, 100 * MS);
        for (int i = 1; i < ROUND; i++) {
            ack(MSS, ROUND * MSS, 200 * MS);
        }
        assertEquals(Phase.SLOW_START, hyStart.phase());
    }

    @Test
    void theFirstRoundHasNothingToCompareWith() {
        round(500);
        assertEquals(Phase.SLOW_START, hyStart.phase());
    }

    @Test
    void aRoundEndsWhenAllThatWasOutstandingIsAcknowledged() {
        for (int i = 0; i < ROUND; i++) {
            // The last ACK of the first round leaves 20 segments outstanding.
            ack(MSS, (i == 0 ? ROUND : 21) * MSS, 100 * MS);
        }
        acks(10, 100);
        acks(10, 200);
        // All of these were one round, whose least is 100 ms; now the next one begins.
        acks(7, 200);
        assertEquals(Phase.SLOW_START, hyStart.phase());
        acks(1, 200);
        assertEquals(Phase.CONSERVATIVE, hyStart.phase());
    }

    @Test
    void fiveRoundsOfConservativeSlowStartEndIt() {
        round(100);
        round(120);
        expectEnd();
    }

    @Test
    void aShorterRoundTripTimeThanTheBaselineResumesSlowStart() {
        round(100);
        round(120);
        round(120);
        round(119);
        assertEquals(Phase.SLOW_START, hyStart.phase());
        assertEquals(1000, ack(1000, 10_000, 119 * MS));
    }

    @Test
    void theBaselineItselfIsNotShorter() {
        round(100);
        round(120);
        round(120);
        assertEquals(Phase.CONSERVATIVE, hyStart.phase());
    }

    @Test
    void afterResumingTheRoundsCountAnew() {
        round(100);
        round(120);
        round(120);
        round(100);
        round(120);
        expectEnd();
    }

    /// The partial round in which it began is the first of five.
    private void expectEnd() {
        for (int i = 2; i < HyStart.CSS_ROUNDS; i++) {
            round(120);
            assertEquals(Phase.CONSERVATIVE, hyStart.phase());
        }
        round(120);
        assertEquals(Phase.DONE, hyStart.phase());
    }

    private void acks(int count, long millis) {
        for (int i = 0; i < count; i++) {
            ack(MSS, 21 * MSS, millis * MS);
        }
    }

    private void round(long millis) {
        for (int i = 0; i < ROUND; i++) {
            // The window is full: what is acknowledged is replaced at once.
            ack(MSS, ROUND * MSS + (i == ROUND - 1 ? MSS : 0), millis * MS);
        }
    }

    private int ack(int octets, int flightSize, long rttNanos) {
        return hyStart.onAck(
                new AckSample()
                        .acked(octets)
                        .flightSize(flightSize)
                        .windowLimited(true)
                        .rttNanos(rttNanos),
                MSS);
    }
}
