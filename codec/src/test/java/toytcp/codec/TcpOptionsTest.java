package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.util.Random;

class TcpOptionsTest {
    private static final byte[] ALIGNED_TIMESTAMPS = {1, 1, 8, 10};
    private static final int[] KINDS = {0, 1, 1, 2, 3, 4, 5, 8, 19, 30, 34, 172, 174, 253, 255};
    private static final int[] LENGTHS = {0, 1, 2, 3, 4, 5, 8, 10, 10, 11, 18, 26, 34, 40};

    /// Random octets behind the prefix that the fast path looks for, and behind nearly that prefix.
    @Test
    void theFastPathReadsWhatTheGeneralParserReads() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int accepted = 0;
        int fast = 0;
        for (int i = 0; i < 300_000; i++) {
            byte[] octets = randomOptions(random);
            ByteBuf buf = Unpooled.wrappedBuffer(octets);
            int flags = random.nextBoolean() ? TcpFlags.SYN : TcpFlags.ACK;
            TcpSegment quick = new TcpSegment().flag(flags);
            TcpSegment general = new TcpSegment().flag(flags);
            int end = octets.length;
            boolean right = TcpOptions.parse(buf, 0, end, quick);
            String what = "seed " + seed + ", round " + i;
            assertEquals(TcpOptions.parseAny(buf, 0, end, general), right, what);
            assertEquals(general.toString(), quick.toString(), what);
            accepted += right ? 1 : 0;
            fast += right && end >= 12 && buf.getInt(0) == 0x0101080a ? 1 : 0;
        }
        assertTrue(accepted > 10_000 && fast > 1_000, accepted + " accepted, fast " + fast);
    }

    private static byte[] randomOptions(Random random) {
        byte[] octets = new byte[4 * random.nextInt(11)];
        random.nextBytes(octets);
        int at = 0;
        if (octets.length >= 4 && random.nextInt(4) > 0) {
            System.arraycopy(ALIGNED_TIMESTAMPS, 0, octets, 0, 4);
            at = 12;
            if (random.nextInt(8) == 0) {
                octets[random.nextInt(4)]++;
            }
        }
        while (at < octets.length) {
            int kind = KINDS[random.nextInt(KINDS.length)];
            octets[at++] = (byte) kind;
            if (kind > 1 && at < octets.length) {
                int length = LENGTHS[random.nextInt(LENGTHS.length)];
                octets[at] = (byte) length;
                at += Math.max(1, length - 1);
            }
        }
        return octets;
    }
}
