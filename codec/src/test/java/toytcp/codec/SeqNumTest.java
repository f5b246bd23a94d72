package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeqNumTest {
    /// Around 0, around 2^31, and in the middle: the order must not depend on the place.
    @ParameterizedTest
    @ValueSource(
            ints = {-2, -1, 0, 1, Integer.MAX_VALUE - 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 77})
    void theOrderIsTheSameEverywhereInTheSpace(int a) {
        for (int ahead : new int[] {1, 2, 65535, 1 << 30, Integer.MAX_VALUE}) {
            int b = a + ahead;
            assertTrue(SeqNum.lt(a, b));
            assertTrue(SeqNum.leq(a, b));
            assertFalse(SeqNum.gt(a, b));
            assertFalse(SeqNum.geq(a, b));
            assertFalse(SeqNum.lt(b, a));
            assertFalse(SeqNum.leq(b, a));
            assertTrue(SeqNum.gt(b, a));
            assertTrue(SeqNum.geq(b, a));
            assertEquals(b, SeqNum.max(a, b));
            assertEquals(b, SeqNum.max(b, a));
            assertEquals(a, SeqNum.min(a, b));
            assertEquals(a, SeqNum.min(b, a));
            assertEquals(ahead, SeqNum.distance(a, b));
            assertEquals(-ahead, SeqNum.distance(b, a));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void aNumberIsNeitherBeforeNorAfterItself(int a) {
        assertFalse(SeqNum.lt(a, a));
        assertFalse(SeqNum.gt(a, a));
        assertTrue(SeqNum.leq(a, a));
        assertTrue(SeqNum.geq(a, a));
        assertEquals(0, SeqNum.distance(a, a));
    }

    @ParameterizedTest
    @ValueSource(ints = {-3, -1, 0, Integer.MAX_VALUE - 1, Integer.MIN_VALUE})
    void aWindowHoldsItsFirstNumberAndNotTheOneAfterItsLast(int start) {
        assertTrue(SeqNum.inWindow(start, start, 5));
        assertTrue(SeqNum.inWindow(start + 4, start, 5));
        assertFalse(SeqNum.inWindow(start + 5, start, 5));
        assertFalse(SeqNum.inWindow(start - 1, start, 5));
        assertTrue(SeqNum.inWindow(start + Integer.MAX_VALUE - 1, start, Integer.MAX_VALUE));
    }

    @Test
    void anEmptyWindowHoldsNothing() {
        assertFalse(SeqNum.inWindow(7, 7, 0));
        assertFalse(SeqNum.inWindow(6, 7, 0));
    }
}
