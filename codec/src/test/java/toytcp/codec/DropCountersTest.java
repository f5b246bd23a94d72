package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DropCountersTest {
    private final DropCounters counters = new DropCounters();

    @Test
    void eachReasonIsCountedByItself() {
        counters.count(DropReason.NO_FLOW);
        counters.count(DropReason.TCP_CHECKSUM);
        counters.count(DropReason.NO_FLOW);
        assertEquals(2, counters.get(DropReason.NO_FLOW));
        assertEquals(1, counters.get(DropReason.TCP_CHECKSUM));
        assertEquals(0, counters.get(DropReason.TCP_FLAGS));
        assertEquals(3, counters.total());
        assertEquals("TCP_CHECKSUM=1 NO_FLOW=2", counters.toString());
    }

    @Test
    void newCountersSayNone() {
        assertEquals(0, counters.total());
        assertEquals("none", counters.toString());
    }
}
