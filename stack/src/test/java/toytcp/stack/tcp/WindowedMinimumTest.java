package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.stack.tcp.WindowedMinimum.PERIOD_NANOS;

import org.junit.jupiter.api.Test;

/// The least value of the last periods.
class WindowedMinimumTest {
    private final WindowedMinimum minimum = new WindowedMinimum();

    private void expect(long least, long value, long now) {
        minimum.add(value, now);
        assertEquals(least, minimum.get());
    }

    @Test
    void beforeTheFirstValueThereIsNone() {
        assertEquals(0, minimum.get());
    }

    @Test
    void theLeastOfThePeriodThatRunsCounts() {
        expect(5, 5, 1);
        expect(5, 7, 2);
        expect(3, 3, PERIOD_NANOS - 1);
        expect(3, 9, PERIOD_NANOS - 1);
    }

    @Test
    void aValueIsKeptForOnePeriodMoreAndThenForgotten() {
        expect(3, 3, PERIOD_NANOS - 1);
        expect(3, 5, PERIOD_NANOS);
        expect(3, 6, 2 * PERIOD_NANOS - 1);
        expect(5, 8, 2 * PERIOD_NANOS);
        expect(7, 7, 3 * PERIOD_NANOS);
    }

    @Test
    void afterTwoPeriodsWithoutAValueNothingOfThemCounts() {
        expect(3, 3, 1);
        expect(9, 9, 2 * PERIOD_NANOS);
        expect(8, 8, 4 * PERIOD_NANOS - 1);
        expect(8, 9, 4 * PERIOD_NANOS);
        expect(20, 20, 6 * PERIOD_NANOS - 1);
    }
}
