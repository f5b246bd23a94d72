package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.PathMetrics;

class PathMemoryTest {
    private static final long MS = 1_000_000;

    private final PathMemory memory = new PathMemory();

    private static PathMetrics metrics(long millis, long atNanos) {
        return new PathMetrics(millis * MS, millis * MS / 2, Integer.MAX_VALUE, atNanos);
    }

    @Test
    void eachPeerHasItsOwn() {
        assertNull(memory.get(1, 2, 0));
        memory.put(1, 2, metrics(100, 5));
        memory.put(1, 3, metrics(50, 5));
        assertEquals(metrics(100, 5), memory.get(1, 2, 6));
        assertEquals(metrics(50, 5), memory.get(1, 3, 6));
        assertNull(memory.get(2, 2, 6));
    }

    @Test
    void anotherConnectionIsMerged() {
        memory.put(1, 2, metrics(100, 5));
        memory.put(1, 2, metrics(200, 9));
        assertEquals(metrics(125, 9), memory.get(1, 2, 10));
    }

    @Test
    void anHourLaterNothingIsKnown() {
        memory.put(1, 2, metrics(100, 5));
        assertEquals(metrics(100, 5), memory.get(1, 2, 4 + PathMemory.LIFETIME_NANOS));
        assertNull(memory.get(1, 2, 5 + PathMemory.LIFETIME_NANOS));
        memory.put(1, 2, metrics(200, 5 + PathMemory.LIFETIME_NANOS));
        assertEquals(200 * MS, memory.get(1, 2, 6 + PathMemory.LIFETIME_NANOS).rttNanos());
    }

    @Test
    void thereIsALimitToWhatItHolds() {
        for (int i = 0; i < 100 * PathMemory.PLACES; i++) {
            memory.put(0, i, metrics(100, 0));
        }
        int known = 0;
        for (int i = 0; i < 100 * PathMemory.PLACES; i++) {
            known += memory.get(0, i, 1) == null ? 0 : 1;
        }
        assertTrue(known <= PathMemory.PLACES, known + " entries");
        assertTrue(known > PathMemory.PLACES / 2, known + " entries");
    }
}
