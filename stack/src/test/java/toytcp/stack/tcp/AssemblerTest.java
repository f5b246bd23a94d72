package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.TcpSegment;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/// Text beyond a gap: kept once, reported newest first (RFC 2018, 4), handed out in order.
class AssemblerTest {
    private final Assembler assembler = new Assembler();

    @AfterEach
    void release() {
        assembler.release();
        assertTrue(assembler.isEmpty());
    }

    @Test
    void textBeyondAGapWaitsForIt() {
        insert(10, "abc");
        assertFalse(assembler.isEmpty());
        assertNull(assembler.poll(9));
        expect(10, "abc");
        assertTrue(assembler.isEmpty());
    }

    @Test
    void touchingTextBecomesOneBlock() {
        insert(10, "abc");
        insert(16, "ghi");
        assertEquals("16:19 10:13", report(4));
        insert(13, "def");
        assertEquals("10:19", report(4));
        expect(10, "abcdefghi");
    }

    @Test
    void octetsThatAreHeldWinOverLaterCopies() {
        insert(12, "cd");
        insert(16, "gh");
        insert(10, "ABCDEFGHIJ");
        assertEquals("10:20", report(4));
        expect(10, "ABcdEFghIJ");
    }

    @Test
    void aCopyOfWhatIsHeldIsReleased() {
        insert(10, "abcdef");
        ByteBuf copy = text("cd");
        assertTrue(assembler.insert(12, copy));
        assertEquals(0, copy.refCnt());
        expect(10, "abcdef");
    }

    @Test
    void pollCutsOffWhatWasDeliveredMeanwhile() {
        insert(10, "abc");
        insert(13, "def");
        expect(14, "ef");
        assertTrue(assembler.isEmpty());
    }

    @Test
    void pollDropsBlocksThatAreOld() {
        insert(10, "abc");
        insert(20, "xyz");
        assertNull(assembler.poll(13));
        assertEquals("20:23", report(4));
        assertNull(assembler.poll(23));
        assertTrue(assembler.isEmpty());
    }

    @Test
    void theBlockOfTheLatestSegmentIsReportedFirst() {
        // RFC 2018, section 4: "The first SACK block ... MUST specify the contiguous block of data
        // containing the segment which triggered this ACK".
        insert(10, "a");
        insert(30, "c");
        insert(20, "b");
        assertEquals("20:21 30:31 10:11", report(4));
        insert(11, "a");
        assertEquals("10:12 20:21 30:31", report(4));
    }

    @Test
    void aDuplicateSegmentBringsItsBlockToTheFront() {
        insert(10, "a");
        insert(20, "b");
        insert(10, "a");
        assertEquals("10:11 20:21", report(4));
    }

    @Test
    void aReportIsLimitedToTheNewestBlocks() {
        for (int i = 1; i <= 6; i++) {
            insert(10 * i, "x");
        }
        assertEquals("60:61 50:51 40:41", report(3));
        assertEquals("60:61 50:51 40:41 30:31", report(4));
    }

    @Test
    void nothingHeldReportsNothing() {
        assertEquals("", report(4));
        insert(10, "abc");
        assertEquals("", report(0));
        assertEquals("10:13", report(4));
        release();
        assertEquals("", report(4));
    }

    @Test
    void moreBlocksThanTheLimitAreRefusedButOldOnesStillGrow() {
        for (int i = 0; i < Assembler.MAX_BLOCKS; i++) {
            insert(10 * i, "x");
        }
        ByteBuf refused = text("x");
        assertFalse(assembler.insert(10 * Assembler.MAX_BLOCKS, refused));
        assertEquals(0, refused.refCnt());
        insert(11, "y");
        insert(1, "123456789");
        insert(5000, "there is room for one block again");
    }

    @Test
    void moreSmallBuffersThanTheLimitAreRefusedUntilSomeAreGone() {
        for (int i = 0; i < Assembler.MAX_SMALL; i++) {
            insert(10 + i, "x");
        }
        ByteBuf refused = text("x");
        assertFalse(assembler.insert(10 + Assembler.MAX_SMALL, refused));
        assertEquals(0, refused.refCnt());
        assembler.poll(10).release();
        insert(10 + Assembler.MAX_SMALL, "x");
    }

    @Test
    void largeSegmentsAreBoundedByTheWindowOnly() {
        String large = "x".repeat(Assembler.SMALL);
        int step = 2 * Assembler.SMALL;
        for (int i = 0; i < 2 * Assembler.MAX_BLOCKS; i++) {
            insert(i * step, large);
        }
        int last = (2 * Assembler.MAX_BLOCKS - 1) * step;
        assertEquals(last + Assembler.SMALL, assembler.end());
    }

    @Test
    void releaseMakesRoomForAllBuffersAgain() {
        for (int i = 0; i < Assembler.MAX_SMALL; i++) {
            insert(10 + i, "x");
        }
        release();
        insert(10, "x");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -150, Integer.MAX_VALUE - 150, 1_000_000})
    void randomInsertsGiveWhatAPlainArrayGives(int base) {
        for (int round = 0; round < 150; round++) {
            long seed = base * 1000L + round;
            try {
                new Model(base, new Random(seed)).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /// The assembler beside an array of what it should hold; positions are offsets from `base`.
    private static final class Model {
        private static final int SPACE = 300;

        private final int base;
        private final Random random;
        private final Assembler assembler = new Assembler();
        private final byte[] octets = new byte[SPACE];

        /// The number of the insert that last covered an octet; 0 if it is not held.
        private final int[] touched = new int[SPACE];

        private int inserts;
        private int nxt;

        Model(int base, Random random) {
            this.base = base;
            this.random = random;
        }

        void run() {
            while (nxt < SPACE - 20) {
                for (int i = random.nextInt(12); i > 0; i--) {
                    insert(nxt + 1 + random.nextInt(SPACE - nxt - 2));
                    check();
                }
                deliverInOrder(1 + random.nextInt(20));
                check();
            }
            assembler.release();
        }

        private void insert(int from) {
            int length = 1 + random.nextInt(Math.min(SPACE - from, 40));
            ByteBuf data =
                    PooledByteBufAllocator.DEFAULT.directBuffer(64).writeZero(3).skipBytes(3);
            inserts++;
            for (int i = from; i < from + length; i++) {
                byte octet = (byte) random.nextInt();
                data.writeByte(octet);
                octets[i] = touched[i] == 0 ? octet : octets[i];
                touched[i] = inserts;
            }
            assertTrue(assembler.insert(base + from, data));
        }

        /// A segment at RCV.NXT arrives; what it joins up with must follow.
        private void deliverInOrder(int length) {
            nxt = Math.min(SPACE, nxt + length);
            ByteBuf next = assembler.poll(base + nxt);
            while (next != null) {
                assertTrue(next.isReadable());
                while (next.isReadable()) {
                    assertTrue(touched[nxt] > 0, "octet " + nxt + " was never inserted");
                    assertEquals(octets[nxt++], next.readByte());
                }
                next.release();
                next = assembler.poll(base + nxt);
            }
            assertTrue(nxt == SPACE || touched[nxt] == 0, "octet " + nxt + " is missing");
        }

        private void check() {
            List<int[]> runs = runs();
            assertEquals(runs.isEmpty(), assembler.isEmpty());
            runs.sort(Comparator.comparingInt((int[] run) -> run[2]).reversed());
            StringBuilder expected = new StringBuilder();
            for (int[] run : runs.subList(0, Math.min(4, runs.size()))) {
                expected.append(run[0]).append(':').append(run[1]).append(' ');
            }
            assertEquals(expected.toString().strip(), reportOf(assembler, 4, base));
        }

        /// Each run of held octets beyond RCV.NXT: start, end, and the insert that last touched it.
        private List<int[]> runs() {
            List<int[]> runs = new ArrayList<>();
            int[] run = null;
            for (int i = nxt; i < SPACE; i++) {
                if (touched[i] == 0) {
                    run = null;
                    continue;
                }
                if (run == null) {
                    run = new int[] {i, i, 0};
                    runs.add(run);
                }
                run[1] = i + 1;
                run[2] = Math.max(run[2], touched[i]);
            }
            return runs;
        }
    }

    private void insert(int seq, String text) {
        assertTrue(assembler.insert(seq, text(text)));
    }

    private void expect(int nxt, String text) {
        StringBuilder got = new StringBuilder();
        ByteBuf next = assembler.poll(nxt);
        while (next != null) {
            got.append(next.toString(StandardCharsets.US_ASCII));
            next.release();
            next = assembler.poll(nxt + got.length());
        }
        assertEquals(text, got.toString());
    }

    private String report(int max) {
        return reportOf(assembler, max, 0);
    }

    private static String reportOf(Assembler assembler, int max, int base) {
        TcpSegment segment = new TcpSegment();
        assembler.report(segment, max, new DuplicateReport());
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < segment.sackCount(); i++) {
            text.append(segment.sackLeft(i) - base).append(':');
            text.append(segment.sackRight(i) - base).append(' ');
        }
        return text.toString().strip();
    }

    private static ByteBuf text(String text) {
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(64);
        buffer.writeCharSequence(text, StandardCharsets.US_ASCII);
        return buffer;
    }
}
