package toytcp.stack.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import toytcp.codec.TcpSegment;

/// CONTRACT STUB: bodies follow.
public final class TcpConnection {
    public TcpConnection(TcpConfig config, ByteBufAllocator allocator, TcpOutput output) {}

    // ---- user calls, RFC 9293, 3.10.1 to 3.10.6
    public void open(int iss, int timestampOffset, long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// Queues octets; takes ownership. More than sendBufferFree() is an IllegalArgumentException.
    public void send(ByteBuf data, long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// Next readable octets, at most `max`; a retained slice the caller owns; an empty buffer if none.
    /// The receive window does not open before [#consumed].
    public ByteBuf receive(int max) {
        throw new UnsupportedOperationException();
    }

    public void consumed(int octets, long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// No more reading: what arrives is acknowledged and discarded
    public void shutdownInput(long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// Half-close: FIN after everything that was sent.
    public void shutdown(long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// Full close: FIN after everything sent; RST if data is unread or arrives later.
    public void close(long nowNanos) {
        throw new UnsupportedOperationException();
    }

    public void abort(long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// Changes settings of the running connection (noDelay, keepAlive.., userTimeout, buffers, ...)
    public void configure(TcpConfig config, long nowNanos) {
        throw new UnsupportedOperationException();
    }

    // ---- inputs
    /// takes ownership of the segment
    public void onSegment(TcpSegment segment, long nowNanos) {
        throw new UnsupportedOperationException();
    }

    public void onDeadline(long nowNanos) {
        throw new UnsupportedOperationException();
    }

    // ---- outputs
    /// Ends a batch of inputs and calls: emits due segments, then the events.
    public void flush(long nowNanos) {
        throw new UnsupportedOperationException();
    }

    /// When onDeadline must be called; Long.MAX_VALUE for never.
    public long nextDeadlineNanos() {
        throw new UnsupportedOperationException();
    }

    // ---- getters
    public TcpConfig config() {
        throw new UnsupportedOperationException();
    }

    public TcpState state() {
        throw new UnsupportedOperationException();
    }

    public int readableBytes() {
        throw new UnsupportedOperationException();
    }

    /// Whether the peer's FIN is next after the readable octets
    public boolean isPeerClosed() {
        throw new UnsupportedOperationException();
    }

    public int sendBufferFree() {
        throw new UnsupportedOperationException();
    }

    /// Octets accepted by send and not yet acknowledged.
    public int unacknowledgedBytes() {
        throw new UnsupportedOperationException();
    }

    /// Octets from the next one to read up to and including the last urgent one; 0 if none
    public int urgentBytes() {
        throw new UnsupportedOperationException();
    }

    /// TIME-WAIT only: whether this SYN may open a new incarnation (RFC 9293 MAY-2, RFC 6191)
    public boolean mayReopen(TcpSegment syn, long nowNanos) {
        throw new UnsupportedOperationException();
    }
}
