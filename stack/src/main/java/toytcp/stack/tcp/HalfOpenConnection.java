package toytcp.stack.tcp;

import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.codec.TcpSegment;

/// CONTRACT STUB: a passive open in SYN-RECEIVED: a small record without buffers.
public final class HalfOpenConnection {
    /// From a SYN that Listen accepted. Nothing is sent yet: the SYN is pending.
    HalfOpenConnection() {}

    public TcpState state() {
        return TcpState.SYN_RECEIVED;
    }

    /// (Re)sends the SYN,ACK: without addresses; arms the retransmission deadline.
    public TcpSegment synAck(long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// The RST that refuses the pending SYN.
    public TcpSegment reject() {
        throw new UnsupportedOperationException();
    }

    public long nextDeadlineNanos() {
        throw new UnsupportedOperationException();
    }

    /// The SYN,ACK to send again, or null when R2 is over and the entry must be removed.
    public @Nullable TcpSegment onDeadline(long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// What a segment for this entry means; does not release it.
    public Verdict onSegment(TcpSegment segment, long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// The reply of the last onSegment, without addresses, or null
    public @Nullable TcpSegment reply() {
        throw new UnsupportedOperationException();
    }

    /// After ESTABLISH: the connection in SYN-RECEIVED; give it the same segment by onSegment.
    public TcpConnection promote(
            TcpConfig config, ByteBufAllocator allocator, TcpOutput output, long nowNanos) {
        throw new UnsupportedOperationException();
    }

    public enum Verdict {
        /** stay, send reply if any */
        KEEP,
        /** remove the entry; send reply if any */
        REMOVE,
        /** promote and feed the segment */
        ESTABLISH
    }
}
