package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.TcpSegment;

/// CONTRACT STUB: LISTEN and CLOSED: the replies to segments without a connection.
public final class Listen {
    private Listen() {}

    /// RFC 9293 3.10.7.1: RST answering a segment in CLOSED, or null for RSTs. Without addresses.
    public static @Nullable TcpSegment resetFor(TcpSegment segment) {
        throw new UnsupportedOperationException();
    }

    /// RFC 9293 3.10.7.2: a half-open connection for an acceptable SYN, or null: then send resetFor(segment) if it has ACK and no RST, else drop it.
    public static @Nullable HalfOpenConnection onSegment(
            TcpSegment segment, TcpConfig config, int iss, int timestampOffset, long nowNanos) {
        throw new UnsupportedOperationException();
    }
}
