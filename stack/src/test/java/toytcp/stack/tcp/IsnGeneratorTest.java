package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.codec.SeqNum;
import toytcp.testkit.Rfc;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/// Initial sequence numbers (RFC 9293, 3.4.1) and timestamp offsets (RFC 7323, 7.1).
class IsnGeneratorTest {
    private final IsnGenerator isns = new IsnGenerator(new Random(6528)::nextLong);

    @Test
    @Rfc(number = 9293, section = "3.4.1", id = "MUST-8")
    void theClockStepsOnceInFourMicroseconds() {
        int first = isns.iss(0, 1, 2, 0, 3, 4, 0);
        assertEquals(first, isns.iss(0, 1, 2, 0, 3, 4, 3999));
        assertEquals(first + 1, isns.iss(0, 1, 2, 0, 3, 4, 4000));
        assertEquals(first + 250_000, isns.iss(0, 1, 2, 0, 3, 4, 1_000_000_000));
        assertTrue(SeqNum.gt(isns.iss(0, 1, 2, 0, 3, 4, 60_000_000_000L), first));
    }

    @Test
    @Rfc(number = 9293, section = "3.4.1", id = "MUST-8")
    void theClockWrapsInLessThanFiveHours() {
        int first = isns.iss(0, 1, 2, 0, 3, 4, 0);
        assertEquals(first, isns.iss(0, 1, 2, 0, 3, 4, 4000L << 32));
    }

    @Test
    @Rfc(number = 9293, section = "3.4.1", id = "SHLD-1")
    void everyPartOfTheAddressCounts() {
        int[] variants = {
            isns.iss(7, 1, 2, 8, 3, 4, 0),
            isns.iss(0, 1, 2, 8, 3, 4, 0),
            isns.iss(7, 9, 2, 8, 3, 4, 0),
            isns.iss(7, 1, 9, 8, 3, 4, 0),
            isns.iss(7, 1, 2, 0, 3, 4, 0),
            isns.iss(7, 1, 2, 8, 9, 4, 0),
            isns.iss(7, 1, 2, 8, 3, 9, 0),
            isns.iss(8, 3, 4, 7, 1, 2, 0),
            isns.iss(7, 1, 4, 8, 3, 2, 0)
        };
        Set<Integer> different = new HashSet<>();
        for (int variant : variants) {
            assertTrue(different.add(variant));
        }
    }

    @Test
    void manyPortsGetManyNumbers() {
        Set<Integer> different = new HashSet<>();
        for (int port = 0; port < 10_000; port++) {
            different.add(isns.iss(0, 1, port, 0, 3, 80, 0));
        }
        // By chance about 0.01 of 10,000 random 32-bit numbers are equal.
        assertTrue(different.size() > 9990, "only " + different.size());
    }

    @Test
    @Rfc(number = 9293, section = "3.4.1", id = "SHLD-1")
    @Rfc(number = 9293, section = "3.4.1", id = "MUST-9")
    void anotherSecretGivesOtherNumbers() {
        IsnGenerator other = new IsnGenerator(new Random(6529)::nextLong);
        assertNotEquals(isns.iss(0, 1, 2, 0, 3, 4, 0), other.iss(0, 1, 2, 0, 3, 4, 0));
        assertNotEquals(isns.timestampOffset(0, 1, 0, 3), other.timestampOffset(0, 1, 0, 3));
    }

    @Test
    @Rfc(number = 7323, section = "7", id = "7-1")
    @Rfc(number = 7323, section = "7.1", id = "7.1-1")
    void theTimestampOffsetDependsOnTheHostsOnly() {
        int offset = isns.timestampOffset(5, 1, 6, 3);
        assertEquals(offset, isns.timestampOffset(5, 1, 6, 3));
        assertNotEquals(offset, isns.timestampOffset(0, 1, 6, 3));
        assertNotEquals(offset, isns.timestampOffset(5, 2, 6, 3));
        assertNotEquals(offset, isns.timestampOffset(5, 1, 0, 3));
        assertNotEquals(offset, isns.timestampOffset(5, 1, 6, 4));
    }

    @Test
    void theTwoSecretsAreDifferentDraws() {
        long[] calls = {0};
        new IsnGenerator(() -> ++calls[0]);
        assertEquals(4, calls[0]);
    }
}
