package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// Probes of a window that stays closed for days.
class PersistTest {
    private static final long SECOND = 1_000_000_000L;

    private final RecordingOutput output = new RecordingOutput();

    /// RFC 9293, 3.8.6.1: the interval grows exponentially, and the window may stay closed for ever
    /// (MUST-37). The RTO is a long one here, as after many losses.
    @Test
    void probesOfAClosedWindowNeverComeFasterThanTheMaximumInterval() {
        TcpConfig slow =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.timestamps = false;
                            draft.initialRtoNanos = 20 * SECOND;
                            draft.minimumRtoNanos = 20 * SECOND;
                        });
        TcpConnection connection =
                new TcpConnection(slow, PooledByteBufAllocator.DEFAULT, output, 0, 0);
        connection.open(0);
        connection.flush(0);
        output.release();
        TcpSegment synAck = new TcpSegment().seq(500).ack(1).flag(TcpFlags.SYN);
        connection.onSegment(synAck.window(0), 0);
        connection.send(Unpooled.wrappedBuffer(new byte[100]), 0);
        connection.flush(0);
        output.release();

        long now = 0;
        long interval = connection.nextDeadlineNanos();
        assertEquals(20, interval / SECOND);
        for (int i = 0; i < 200; i++) {
            assertEquals(now + interval, connection.nextDeadlineNanos(), "probe " + i);
            now = connection.nextDeadlineNanos();
            connection.onDeadline(now);
            connection.flush(now);
            TcpSegment probe = output.takeOne();
            assertEquals(1, probe.payload().readableBytes());
            probe.release();
            connection.onSegment(new TcpSegment().seq(501).ack(1).window(0), now);
            connection.flush(now);
            interval = Math.min(2 * interval, 120 * SECOND);
        }
        connection.abort(now);
        output.release();
    }
}
