package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.HalfOpenConnection;

/// A connection in SYN-RECEIVED that waits in its listener's SYN queue: no channel, no buffers.
final class HalfOpenEntry extends FlowEntry {
    final HalfOpenConnection halfOpen;
    final Listener listener;
    final int iss;
    final int irs;
    final long arrivedNanos;

    /// While the application has not decided; null if it was not asked, or has.
    @Nullable PendingAttempt pending;

    /// Whether the entry stands in the listener's queue.
    boolean queued;

    /// The listener's queue is a list through its entries.
    @Nullable HalfOpenEntry previous;

    @Nullable HalfOpenEntry next;

    HalfOpenEntry(
            Listener listener,
            TcpSegment syn,
            HalfOpenConnection halfOpen,
            int iss,
            long nowNanos) {
        super(
                syn.dstHigh(),
                syn.dstLow(),
                syn.dstPort(),
                syn.srcHigh(),
                syn.srcLow(),
                syn.srcPort());
        this.listener = listener;
        this.halfOpen = halfOpen;
        this.iss = iss;
        irs = syn.seq();
        arrivedNanos = nowNanos;
    }

    /// When the listener must look after it.
    long deadlineNanos() {
        PendingAttempt waiting = pending;
        return waiting == null ? halfOpen.nextDeadlineNanos() : waiting.deadlineNanos;
    }

    @Override
    void onSegment(TcpSegment segment, long nowNanos) {
        listener.onHalfOpenSegment(this, segment, nowNanos);
    }

    @Override
    void onIcmpError(IcmpError error, long nowNanos) {
        listener.onHalfOpenError(this, error);
    }
}
