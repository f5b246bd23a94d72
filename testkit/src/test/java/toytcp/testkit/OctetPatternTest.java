package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.UnpooledByteBufAllocator;

import org.junit.jupiter.api.Test;

class OctetPatternTest {
    @Test
    void everyShiftOfAStreamIsSeen() {
        var data = OctetPattern.buffer(UnpooledByteBufAllocator.DEFAULT, 1000, 100);
        assertEquals(-1, OctetPattern.mismatch(data, 1000));
        for (int offset = 0; offset < 100_000; offset++) {
            assertTrue(offset == 1000 || OctetPattern.mismatch(data, offset) >= 0);
        }
        data.release();
    }

    @Test
    void theFirstWrongOctetIsNamed() {
        var data = OctetPattern.buffer(UnpooledByteBufAllocator.DEFAULT, 0, 10);
        data.setByte(7, data.getByte(7) + 1);
        assertEquals(7, OctetPattern.mismatch(data, 0));
        assertEquals(6, OctetPattern.mismatch(data.skipBytes(1), 1));
        data.release();
    }
}
