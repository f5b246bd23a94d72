package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How segments are spread over time.
class PacerTest {
    private static final int MSS = 1000;
    private static final long MS = 1_000_000;
    private static final long START = 7_000 * MS;

    private final Pacer pacer = new Pacer();

    /// A millisecond's worth; two segments at least; at high rates at most 4000 quanta a second.
    @ParameterizedTest
    @CsvSource({
        "1, 2000",
        "1_000_000, 2000",
        "10_000_000, 10_000",
        "65_536_000, 65_536",
        "125_000_000, 65_536",
        "262_144_000, 65_536",
        "1_250_000_000, 312_500",
        "12_500_000_000, 3_125_000"
    })
    void theQuantumFollowsTheRate(String rate, String octets) {
        long quantum = Pacer.quantum(number(rate), MSS);
        assertEquals(number(octets), quantum);
    }

    @Test
    void aQuantumLeavesAtOnceAndTheNextOneWhenItIsDue() {
        // A segment each millisecond.
        assertEquals(2, flush(1_000_000, START));
        assertEquals(START + 2 * MS, pacer.nextNanos());
        // ACKs in between let nothing out.
        assertEquals(0, flush(1_000_000, START + MS));
        assertEquals(0, flush(1_000_000, START + 2 * MS - 1));
        assertEquals(START + 2 * MS, pacer.nextNanos());
        assertEquals(2, flush(1_000_000, START + 2 * MS));
    }

    @Test
    void silenceIsNoCredit() {
        pacer.begin(1_000_000, MSS, START);
        assertTrue(pacer.mayLeave());
        pacer.onSent(MSS, 1_000_000);
        // The application has nothing more, for a minute.
        assertFalse(pacer.isHolding(false));
        assertEquals(2, flush(1_000_000, START + 60_000 * MS));
    }

    @Test
    void aBurstThatIsAllowedLeavesAtOnceAndTheRateHoldsAfterIt() {
        pacer.begin(1_000_000, MSS, START);
        pacer.allowBurst(10 * MSS, 1_000_000, MSS, START);
        assertEquals(10, segments(1_000_000));
        assertEquals(START + 2 * MS, pacer.nextNanos());
        assertEquals(2, flush(1_000_000, START + 2 * MS));
    }

    @Test
    void whatWaitedForTheWindowOnlyIsNoCreditEither() {
        assertEquals(2, flush(1_000_000, START));
        pacer.begin(1_000_000, MSS, START + MS);
        // There is nothing left that could leave.
        assertFalse(pacer.isHolding(false));
        assertEquals(2, flush(1_000_000, START + 30 * MS));
    }

    @Test
    void aLateTimerIsMadeUpFor() {
        assertEquals(2, flush(1_000_000, START));
        // Due at 2, fired at 9: what should have left until then, and the next quantum.
        assertEquals(9, flush(1_000_000, START + 9 * MS));
        assertEquals(START + 11 * MS, pacer.nextNanos());
    }

    @Test
    void aVeryLateTimerIsNotABurst() {
        assertEquals(2, flush(1_000_000, START));
        assertEquals(34, flush(1_000_000, START + 10_000 * MS));
    }

    /// The rate is reached with whatever clock; octets a second, ticks in microseconds.
    @ParameterizedTest
    @CsvSource({
        "20_000, 1",
        "1_250_000, 1",
        "1_250_000, 1000",
        "1_250_000, 15_000",
        "125_000_000, 1",
        "125_000_000, 1000",
        "125_000_000, 15_000",
        "1_250_000_000, 50",
        "1_250_000_000, 15_000"
    })
    void theRateIsReachedWithAnyClock(String octetsPerSecond, String tickMicros) {
        long rate = number(octetsPerSecond);
        long tick = number(tickMicros) * 1000;
        long now = START;
        long segments = 0;
        while (now - START < 2000 * MS) {
            segments += flush(rate, now);
            // A timer fires with the first tick that is not earlier.
            now = (pacer.nextNanos() + tick - 1) / tick * tick;
        }
        double reached = segments * (double) MSS / ((now - START) / 1e9);
        assertEquals(rate, reached, 0.03 * rate);
    }

    @ParameterizedTest
    @ValueSource(longs = {1_250_000, 125_000_000, 1_250_000_000, 12_500_000_000L})
    void thereAreNoMoreThanFourThousandQuantaASecond(long rate) {
        long now = START;
        int quanta = 0;
        while (now - START < 1000 * MS) {
            flush(rate, now);
            now = pacer.nextNanos();
            quanta++;
        }
        assertTrue(quanta <= 4001, quanta + " quanta");
    }

    @Test
    void aChangeOfTheRateCountsFromTheNextSegment() {
        assertEquals(2, flush(1_000_000, START));
        assertEquals(2, flush(500_000, START + 2 * MS));
        assertEquals(START + 6 * MS, pacer.nextNanos());
    }

    /// As many segments as may leave.
    private int flush(long rate, long now) {
        pacer.begin(rate, MSS, now);
        return segments(rate);
    }

    private int segments(long rate) {
        int segments = 0;
        while (pacer.mayLeave()) {
            pacer.onSent(MSS, rate);
            segments++;
        }
        assertTrue(pacer.isHolding(true));
        return segments;
    }

    private static long number(String digits) {
        return Long.parseLong(digits.replace("_", ""));
    }
}
