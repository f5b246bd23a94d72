package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.junit.jupiter.api.Test;

import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;

class RecorderTest {
    private final UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
    private final SentOctets sentOctets = new SentOctets();
    private final Recorder recorder =
            new Recorder(new Exchange(), new ScriptPeer(0, 0, allocator), sentOctets, 0, 0);

    @Test
    void octetsThatWereNotWrittenAreAViolation() {
        sentOctets.next(allocator, new byte[] {1, 2, 3}).release();
        recorder.segment(data(1, 1, 2, 3));
        recorder.segment(data(2, 2, 3));
        assertNull(recorder.violation());
        recorder.segment(data(1, 1, 2, 4));
        assertTrue(recorder.violation().getMessage().startsWith("octet 2 of the stream"));
    }

    @Test
    void octetsBeyondWhatWasWrittenAreAViolation() {
        sentOctets.next(allocator, new byte[] {1}).release();
        recorder.segment(data(1, 1, 0));
        assertTrue(recorder.violation().getMessage().startsWith("octet 1 of the stream"));
    }

    @Test
    void thePayloadIsReleasedAtOnce() {
        sentOctets.next(allocator, new byte[] {1}).release();
        TcpSegment segment = data(1, 1);
        var payload = segment.payload();
        recorder.segment(segment);
        assertEquals(0, payload.refCnt());
        assertEquals(1, recorder.segments().getFirst().length());
    }

    @Test
    void anEventBeforeTheFlushIsAViolation() {
        recorder.flushing(true);
        recorder.established();
        assertNull(recorder.violation());
        recorder.flushing(false);
        recorder.readable();
        assertTrue(recorder.violation().getMessage().startsWith("events are for flush to report"));
    }

    @Test
    void anEventAfterTheEndIsAViolation() {
        recorder.flushing(true);
        recorder.closed(CloseReason.RESET);
        assertNull(recorder.violation());
        recorder.readable();
        assertTrue(
                recorder.violation().getMessage().startsWith("nothing follows the event closed"));
    }

    private static TcpSegment data(int seq, int... octets) {
        var payload = Unpooled.buffer();
        for (int octet : octets) {
            payload.writeByte(octet);
        }
        return new TcpSegment().seq(seq).ack(1).payload(payload);
    }
}
