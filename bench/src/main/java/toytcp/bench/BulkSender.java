package toytcp.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.LeakPresenceDetector;

import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.TcpConnection;

/// The connection that is measured, and an application that always has more to send: large writes that share their
/// memory, so that they cost next to nothing for each segment.
abstract class BulkSender extends SilentOutput {
    private static final int CHUNK = 1 << 20;

    /// Held for ever, which is no leak.
    private static final ByteBuf OCTETS =
            LeakPresenceDetector.staticInitializer(
                    () -> PooledByteBufAllocator.DEFAULT.directBuffer(CHUNK).writerIndex(CHUNK));

    final TcpConnection connection;

    private final int burst;

    BulkSender(Scenario scenario) {
        burst = scenario.burst();
        connection =
                new TcpConnection(
                        scenario.config(),
                        PooledByteBufAllocator.DEFAULT,
                        this,
                        Trace.SEQUENCE,
                        Trace.SEQUENCE);
        connection.open(0);
        connection.flush(0);
    }

    /// Takes an input, then does what is due.
    ///
    /// @param segment null for a deadline
    final void take(TcpSegment segment, long nowNanos) {
        if (segment == null) {
            connection.onDeadline(nowNanos);
        } else {
            connection.onSegment(segment, nowNanos);
        }
        if (burst == 0) {
            fill(nowNanos);
        } else if (connection.unacknowledgedBytes() == 0) {
            write(burst, nowNanos);
        }
        connection.flush(nowNanos);
    }

    final void end() {
        connection.abort(0);
    }

    private void fill(long nowNanos) {
        while (connection.sendBufferFree() >= CHUNK) {
            connection.send(OCTETS.retainedDuplicate(), nowNanos);
        }
    }

    private void write(int octets, long nowNanos) {
        for (int left = octets; left > 0; left -= CHUNK) {
            connection.send(OCTETS.retainedSlice(0, Math.min(left, CHUNK)), nowNanos);
        }
    }
}
