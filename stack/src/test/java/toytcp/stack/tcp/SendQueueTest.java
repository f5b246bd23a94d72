package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Octets go in at the end and come out as slices anywhere, until they are acknowledged.
class SendQueueTest {
    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;
    private static final int FIRST = -700;

    private final SendQueue queue = new SendQueue(ALLOCATOR, FIRST);

    @AfterEach
    void release() {
        queue.release();
    }

    @Test
    void aNewQueueIsEmptyAndEndsWhereItStarts() {
        assertTrue(queue.isEmpty());
        assertEquals(0, queue.size());
        assertEquals(FIRST, queue.end());
    }

    @Test
    void sizeCountsFromTheFirstUnacknowledgedOctetToTheLastOneAcrossTheWrap() {
        queue.append(octets(0, 1000));
        queue.append(octets(1000, 3));
        assertEquals(1003, queue.size());
        assertEquals(FIRST + 1003, queue.end());
        assertFalse(queue.isEmpty());
        queue.acknowledge(FIRST + 999);
        assertEquals(4, queue.size());
        queue.acknowledge(FIRST + 1003);
        assertTrue(queue.isEmpty());
    }

    @Test
    void anEmptyWriteIsReleasedAndChangesNothing() {
        ByteBuf empty = ALLOCATOR.directBuffer();
        queue.append(empty);
        assertEquals(0, empty.refCnt());
        assertTrue(queue.isEmpty());
    }

    @Test
    void aLargeWriteIsHeldAsItIsAndSlicesShareItsMemory() {
        ByteBuf data = octets(0, 5000);
        queue.append(data);
        ByteBuf slice = queue.slice(FIRST + 100, 1448);
        assertEquals(2, data.refCnt());
        data.setByte(data.readerIndex() + 100, 99);
        assertEquals(99, slice.getByte(slice.readerIndex()));
        slice.release();
        assertEquals(1, data.refCnt());
    }

    @Test
    void smallWritesAreGatheredIntoOneBufferAndReleasedAtOnce() {
        List<ByteBuf> written = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ByteBuf data = octets(10 * i, 10);
            written.add(data);
            queue.append(data);
            assertEquals(0, data.refCnt());
        }
        ByteBuf slice = queue.slice(FIRST, 200);
        assertEquals(1, slice.nioBufferCount());
        check(slice, 0, 200);
    }

    @Test
    void gatheringGoesOnWhileEarlierSlicesAreStillOut() {
        queue.append(octets(0, 100));
        ByteBuf first = queue.slice(FIRST, 100);
        queue.append(octets(100, 100));
        ByteBuf both = queue.slice(FIRST, 200);
        check(first, 0, 100);
        check(both, 0, 200);
    }

    @Test
    void aLargeWriteBetweenSmallOnesKeepsTheOrder() {
        queue.append(octets(0, 10));
        queue.append(octets(10, 3000));
        queue.append(octets(3010, 10));
        check(queue.slice(FIRST, 3020), 0, 3020);
    }

    @Test
    void moreSmallWritesThanOneBufferHoldsGoIntoTheNext() {
        for (int i = 0; i < 100; i++) {
            queue.append(octets(255 * i, 255));
        }
        check(queue.slice(FIRST, 25_500), 0, 25_500);
    }

    @Test
    void aSliceMayReachOverManyBuffers() {
        for (int i = 0; i < 40; i++) {
            queue.append(octets(300 * i, 300));
        }
        check(queue.slice(FIRST + 299, 300 * 38), 299, 300 * 38);
    }

    @Test
    void aSliceOfNothingNeedsNoRelease() {
        queue.append(octets(0, 300));
        assertEquals(0, queue.slice(FIRST + 300, 0).readableBytes());
    }

    @Test
    void aBufferIsReleasedWhenItsLastOctetIsAcknowledgedAndNotBefore() {
        ByteBuf data = octets(0, 1000);
        queue.append(data);
        queue.append(octets(1000, 1000));
        queue.acknowledge(FIRST + 999);
        assertEquals(1, data.refCnt());
        queue.acknowledge(FIRST + 1000);
        assertEquals(0, data.refCnt());
        check(queue.slice(FIRST + 1000, 1000), 1000, 1000);
    }

    @Test
    void aSliceOutlivesTheAcknowledgementOfItsOctets() {
        queue.append(octets(0, 1000));
        ByteBuf slice = queue.slice(FIRST, 1000);
        queue.acknowledge(FIRST + 1000);
        check(slice, 0, 1000);
    }

    @Test
    void octetsBeforeTheReaderIndexOfAWriteAreNotSent() {
        queue.append(octets(0, 300).skipBytes(7));
        check(queue.slice(FIRST, 293), 7, 293);
    }

    @Test
    void aWriteAfterReleaseStartsAnew() {
        queue.append(octets(0, 1000));
        queue.append(octets(1000, 10));
        queue.release();
        assertTrue(queue.isEmpty());
        int again = queue.end();
        queue.append(octets(0, 20));
        check(queue.slice(again, 20), 0, 20);
    }

    @Test
    void theSameOctetsComeOutAsOftenAsTheyAreAskedFor() {
        queue.append(octets(0, 400));
        queue.append(octets(400, 400));
        ByteBuf first = queue.slice(FIRST + 390, 20);
        ByteBuf second = queue.slice(FIRST + 390, 20);
        assertEquals(first, second);
        check(queue.slice(FIRST, 800), 0, 800);
        check(first, 390, 20);
        check(second, 390, 20);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, -3000, Integer.MAX_VALUE - 2000, Integer.MIN_VALUE, 123_456})
    void randomOperationsGiveWhatAPlainArrayGives(int firstSeq) {
        for (int round = 0; round < 40; round++) {
            long seed = firstSeq * 1000L + round;
            try {
                new Model(firstSeq, new Random(seed)).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /// The queue beside the octets that it should hold.
    private static final class Model {
        private final Random random;
        private final int firstSeq;
        private final SendQueue queue;
        private final List<ByteBuf> slicesOut = new ArrayList<>();
        private final List<byte[]> expectedOut = new ArrayList<>();
        private int acknowledged;
        private int sent;
        private int written;

        Model(int firstSeq, Random random) {
            this.firstSeq = firstSeq;
            this.random = random;
            queue = new SendQueue(ALLOCATOR, firstSeq);
        }

        void run() {
            for (int i = 0; i < 200; i++) {
                switch (random.nextInt(6)) {
                    case 0, 1 -> append();
                    case 2, 3 -> sendNext();
                    case 4 -> slice(random.nextInt(written - acknowledged + 1) + acknowledged);
                    default -> acknowledge();
                }
                assertEquals(written - acknowledged, queue.size());
                assertEquals(firstSeq + written, queue.end());
                assertEquals(written == acknowledged, queue.isEmpty());
            }
            queue.release();
            for (int i = 0; i < slicesOut.size(); i++) {
                assertArrayEquals(expectedOut.get(i), ByteBufUtil.getBytes(slicesOut.get(i)));
                slicesOut.get(i).release();
            }
        }

        private void append() {
            int length = random.nextInt(random.nextBoolean() ? 300 : 5000);
            ByteBuf data = octets(written, length);
            if (length > 1 && random.nextInt(4) == 0) {
                int half = length / 2;
                CompositeByteBuf parts = ALLOCATOR.compositeBuffer();
                parts.addComponent(true, data.readRetainedSlice(half));
                parts.addComponent(true, data);
                data = parts;
            }
            queue.append(data);
            written += length;
        }

        private void sendNext() {
            sent = slice(Math.max(sent, acknowledged));
        }

        private int slice(int from) {
            int length = Math.min(written - from, random.nextInt(3000));
            slicesOut.add(queue.slice(firstSeq + from, length));
            expectedOut.add(ByteBufUtil.getBytes(octetsUnpooled(from, length)));
            return from + length;
        }

        private void acknowledge() {
            acknowledged += random.nextInt(written - acknowledged + 1);
            queue.acknowledge(firstSeq + acknowledged);
        }
    }

    @Test
    void anAcknowledgedQueueKeepsNothing() {
        ByteBuf large = octets(0, 256);
        queue.append(large);
        assertEquals(1, large.refCnt());
        queue.append(octets(256, 255));
        queue.acknowledge(FIRST + 511);
        assertEquals(0, large.refCnt());
        queue.append(octets(511, 1));
        check(queue.slice(FIRST + 511, 1), 511, 1);
    }

    private static ByteBuf octets(int position, int length) {
        ByteBuf data = ALLOCATOR.directBuffer(Math.max(1, length));
        for (int i = position; i < position + length; i++) {
            data.writeByte(i * 7 + (i >> 8));
        }
        return data;
    }

    private static ByteBuf octetsUnpooled(int position, int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) ((position + i) * 7 + (position + i >> 8));
        }
        return Unpooled.wrappedBuffer(data);
    }

    private static void check(ByteBuf slice, int position, int length) {
        try {
            assertArrayEquals(
                    ByteBufUtil.getBytes(octetsUnpooled(position, length)),
                    ByteBufUtil.getBytes(slice));
        } finally {
            slice.release();
        }
    }
}
