package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/// What waits for the user, and what the user was given and still holds.
class ReceiveQueueTest {
    private final ReceiveQueue queue = new ReceiveQueue(PooledByteBufAllocator.DEFAULT);

    @AfterEach
    void release() {
        queue.release();
    }

    @Test
    void anEmptyQueueGivesAnEmptyBuffer() {
        assertFalse(queue.take(100).isReadable());
        assertEquals(0, queue.readable());
        assertEquals(0, queue.unconsumed());
    }

    @Test
    void aBufferThatFitsIsHandedOutItself() {
        ByteBuf data = text("abcd");
        queue.append(data);
        ByteBuf taken = queue.take(4);
        assertSame(data, taken);
        assertEquals(1, taken.refCnt());
        taken.release();
    }

    @Test
    void aLargerBufferIsHandedOutInPieces() {
        queue.append(text("abcdef"));
        queue.append(text("gh"));
        expect("abcd", 4);
        expect("ef", 4);
        expect("gh", 4);
        expect("", 4);
    }

    @Test
    void nothingIsHandedOutForNoRoom() {
        queue.append(text("abc"));
        expect("", 0);
        expect("", -1);
        assertEquals(3, queue.readable());
    }

    @Test
    void takenOctetsStayUnconsumedUntilTheUserIsDoneWithThem() {
        queue.append(text("abcdef"));
        assertEquals(6, queue.unconsumed());
        expect("abcd", 4);
        assertEquals(2, queue.readable());
        assertEquals(6, queue.unconsumed());
        queue.consumed(3);
        assertEquals(3, queue.unconsumed());
        queue.consumed(1);
        assertEquals(2, queue.unconsumed());
    }

    @Test
    void moreThanWasTakenCannotBeConsumed() {
        queue.append(text("abcdef"));
        expect("abcd", 4);
        String message =
                assertThrows(IllegalArgumentException.class, () -> queue.consumed(5)).getMessage();
        assertTrue(message.contains("5") && message.contains("4"), message);
        assertThrows(IllegalArgumentException.class, () -> queue.consumed(-1));
        queue.consumed(4);
        assertThrows(IllegalArgumentException.class, () -> queue.consumed(1));
    }

    @Test
    void releaseDropsWhatIsUnreadButNotTheAccountOfWhatIsHeld() {
        ByteBuf unread = text("ef");
        queue.append(text("abcd"));
        queue.append(unread);
        expect("abc", 3);
        queue.release();
        assertEquals(0, unread.refCnt());
        assertEquals(0, queue.readable());
        assertEquals(3, queue.unconsumed());
        queue.consumed(3);
        assertEquals(0, queue.unconsumed());
    }

    @Test
    void randomReadsGiveTheOctetsInOrder() {
        Random random = new Random(9293);
        int appended = 0;
        int taken = 0;
        int held = 0;
        for (int i = 0; i < 3000; i++) {
            if (random.nextBoolean()) {
                int length = 1 + random.nextInt(50);
                ByteBuf data = PooledByteBufAllocator.DEFAULT.directBuffer(length);
                for (int j = 0; j < length; j++) {
                    data.writeByte(appended++ * 11);
                }
                queue.append(data);
            } else {
                ByteBuf data = queue.take(random.nextInt(60));
                held += data.readableBytes();
                while (data.isReadable()) {
                    assertEquals((byte) (taken++ * 11), data.readByte());
                }
                data.release();
                int consumed = random.nextInt(held + 1);
                queue.consumed(consumed);
                held -= consumed;
            }
            assertEquals(appended - taken, queue.readable());
            assertEquals(appended - taken + held, queue.unconsumed());
        }
        assertTrue(taken > 20_000, "took only " + taken);
    }

    private void expect(String expected, int max) {
        ByteBuf taken = queue.take(max);
        assertEquals(expected, taken.toString(StandardCharsets.US_ASCII));
        taken.release();
    }

    private static ByteBuf text(String text) {
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(16);
        buffer.writeCharSequence(text, StandardCharsets.US_ASCII);
        return buffer;
    }
}
