package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowedMinimumTest {
    private static final long PERIOD = WindowedMinimum.PERIOD_NANOS;

    @ParameterizedTest
    @ValueSource(longs = {0, WindowedMinimum.PERIOD_NANOS, Long.MAX_VALUE / 2})
    void aValueCountsForFiveMinutesAtLeastAndTenAtMost(long start) {
        var minimum = new WindowedMinimum();
        assertEquals(0, minimum.get());
        minimum.add(50, start);
        minimum.add(80, start + PERIOD - 1);
        assertEquals(50, minimum.get());
        minimum.add(90, start + PERIOD);
        assertEquals(50, minimum.get());
        minimum.add(100, start + 2 * PERIOD);
        assertEquals(90, minimum.get());
        minimum.add(110, start + 4 * PERIOD);
        assertEquals(110, minimum.get());
    }
}
