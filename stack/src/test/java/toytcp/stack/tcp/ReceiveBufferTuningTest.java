package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// Dynamic right-sizing, on values.
class ReceiveBufferTuningTest {
    private static final long MS = 1_000_000;
    private static final int MOST = 6 << 20;

    private final ReceiveBufferTuning tuning = new ReceiveBufferTuning(1000, 65_536, 1, 65_535, 0);

    private void consume(int octets, long nowNanos) {
        tuning.consumed(octets, MOST, true, nowNanos);
    }

    @Test
    void theFirstRoundTripIsTenSegmentsButNotAllOfTheWindow() {
        assertEquals(10_000, ReceiveBufferTuning.firstRound(1000));
        assertEquals(32_768, ReceiveBufferTuning.firstRound(60_000));
    }

    @Test
    void nothingGrowsWhileTheRoundTripIsUnknown() {
        consume(1_000_000, 100 * MS);
        assertEquals(-1, tuning.rtt());
        assertEquals(65_536, tuning.size());
    }

    @Test
    void theFirstTextThatEchoesATimestampTellsTheRoundTrip() {
        tuning.echoArrived(7, 100 * MS);
        tuning.echoArrived(7, 180 * MS);
        assertEquals(100 * MS, tuning.rtt());
        tuning.echoArrived(8, 180 * MS);
        assertEquals(110 * MS, tuning.rtt());
    }

    @Test
    void aPauseOfThePeerIsForgottenAtOnce() {
        tuning.echoArrived(1, 100 * MS);
        tuning.echoArrived(2, 8100 * MS);
        assertEquals(1100 * MS, tuning.rtt());
        tuning.echoArrived(3, 100 * MS);
        assertEquals(100 * MS, tuning.rtt());
    }

    @Test
    void withoutTimestampsAWindowsWorthOfTextIsARoundTrip() {
        tuning.textArrived(65_535, 65_535, 99 * MS);
        assertEquals(-1, tuning.rtt());
        tuning.textArrived(65_536, 65_536, 100 * MS);
        assertEquals(100 * MS, tuning.rtt());
        tuning.textArrived(131_072, 65_536, 180 * MS);
        assertEquals(80 * MS, tuning.rtt());
        tuning.textArrived(196_608, 65_536, 500 * MS);
        assertEquals(80 * MS, tuning.rtt());
    }

    @Test
    void aSteadyFlowGetsTwiceWhatItConsumesInARoundTrip() {
        tuning.echoArrived(1, 100 * MS);
        consume(100_000, 100 * MS);
        // Ten times as much as in the first round trip: slow start.
        assertEquals(4 * 100_000 + 16_000, tuning.size());
        consume(240_000, 200 * MS);
        assertEquals(4 * 240_000 + 16_000, tuning.size());
        consume(310_000, 300 * MS);
        assertEquals(3 * 310_000 + 16_000, Math.min(tuning.size(), 946_000));
        assertEquals(976_000, tuning.size(), "never less than before");
        consume(600_000, 350 * MS);
        assertEquals(976_000, tuning.size(), "the round trip is not over");
        consume(0, 400 * MS);
        assertEquals(4 * 600_000 + 16_000, tuning.size());
        consume(610_000, 500 * MS);
        assertEquals(2_416_000, tuning.size());
        consume(1_300_000, 600 * MS);
        consume(1_310_000, 700 * MS);
        assertEquals(4 * 1_300_000 + 16_000, tuning.size());
    }

    @Test
    void theRateOfGrowthDecidesHowMuchIsAdded() {
        tuning.echoArrived(1, 100 * MS);
        consume(100_000, 100 * MS);
        assertEquals(100_000, tuning.lastRound());
        var steady = 2 * 220_000 + 16_000;
        consume(149_999, 200 * MS);
        assertEquals(3 * 149_999 + 16_000, tuning.size());
        consume(187_000, 300 * MS);
        assertEquals(3 * 149_999 + 16_000, tuning.size(), "twice would be less than there is");
        consume(220_000, 400 * MS);
        assertEquals(Math.max(steady, 3 * 149_999 + 16_000), tuning.size());
    }

    @Test
    void aReaderThatLagsGetsNothing() {
        tuning.echoArrived(1, 100 * MS);
        for (int i = 1; i <= 100; i++) {
            consume(9000, i * 100 * MS);
        }
        assertEquals(65_536, tuning.size());
    }

    @Test
    void thereIsALargestBuffer() {
        tuning.echoArrived(1, 100 * MS);
        consume(500_000_000, 100 * MS);
        assertEquals(MOST, tuning.size());
        consume(Integer.MAX_VALUE, 200 * MS);
        assertEquals(MOST, tuning.size());
    }

    @Test
    void underPressureNothingGrows() {
        tuning.echoArrived(1, 100 * MS);
        tuning.consumed(100_000, MOST, false, 100 * MS);
        assertEquals(65_536, tuning.size());
        consume(110_000, 200 * MS);
        assertEquals(2 * 110_000 + 16_000, tuning.size());
    }
}
