package toytcp.testkit;

import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpError;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.HalfOpenConnection;
import toytcp.stack.tcp.Listen;
import toytcp.stack.tcp.MemoryBudget;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpOutput;
import toytcp.stack.tcp.TcpState;

/// One port of a host, through all of its states: drives `Listen`, `HalfOpenConnection` and
/// `TcpConnection` as the flow table of a stack does, without any Netty channel.
final class Endpoint {
    private final TcpConfig config;
    private final ByteBufAllocator allocator;
    private final TcpOutput output;
    private final int iss;
    private final int timestampOffset;
    private final MemoryBudget memory;

    private boolean listening;
    private boolean holdsSyn;
    private boolean accepted;
    private @Nullable HalfOpenConnection halfOpen;
    private TcpConnection connection;

    Endpoint(
            TcpConfig config,
            ByteBufAllocator allocator,
            TcpOutput output,
            int iss,
            int timestampOffset) {
        this(config, allocator, output, iss, timestampOffset, MemoryBudget.unlimited());
    }

    Endpoint(
            TcpConfig config,
            ByteBufAllocator allocator,
            TcpOutput output,
            int iss,
            int timestampOffset,
            MemoryBudget memory) {
        this.config = config;
        this.allocator = allocator;
        this.output = output;
        this.iss = iss;
        this.timestampOffset = timestampOffset;
        this.memory = memory;
        connection = new TcpConnection(config, allocator, output, iss, timestampOffset, memory);
    }

    /// A passive open. With `holdsSyn` a SYN stays pending until [#accept] or [#reject].
    void listen(boolean holdsSyn) {
        listening = true;
        this.holdsSyn = holdsSyn;
    }

    void open(long nowNanos) {
        connection.open(nowNanos);
    }

    /// Answers a pending SYN by SYN,ACK.
    void accept(long nowNanos) {
        accepted = true;
        output.segment(pending().synAck(nowNanos));
    }

    /// Refuses a pending SYN by RST.
    void reject() {
        output.segment(pending().reject());
        halfOpen = null;
    }

    /// Whether a SYN waits for [#accept] or [#reject].
    boolean isUndecided() {
        return halfOpen != null && !accepted;
    }

    TcpConnection connection() {
        return connection;
    }

    /// What a passive open keeps until the handshake is complete.
    @Nullable HalfOpenConnection halfOpen() {
        return halfOpen;
    }

    TcpState state() {
        if (halfOpen != null) {
            return TcpState.SYN_RECEIVED;
        }
        return listening ? TcpState.LISTEN : connection.state();
    }

    /// Whether the connection hangs: something is under way, and no timer will see to it in time. A timer
    /// that only gives up does not count: all others run for the largest RTO at most.
    boolean isStalled(long nowNanos) {
        if (!needsWaking()) {
            return false;
        }
        long deadline = nextDeadlineNanos();
        boolean waits = state() == TcpState.TIME_WAIT;
        return deadline == Long.MAX_VALUE
                || !waits && deadline - nowNanos > config.maximumRtoNanos();
    }

    /// Whether something is under way that would hang for ever if no timer ran.
    boolean needsWaking() {
        if (halfOpen != null) {
            return accepted;
        }
        return switch (connection.state()) {
            case SYN_SENT, SYN_RECEIVED, FIN_WAIT_1, CLOSING, LAST_ACK, TIME_WAIT -> true;
            case ESTABLISHED, CLOSE_WAIT -> connection.unacknowledgedBytes() > 0;
            case CLOSED, LISTEN, FIN_WAIT_2 -> false;
        };
    }

    long nextDeadlineNanos() {
        if (halfOpen != null) {
            return halfOpen.nextDeadlineNanos();
        }
        return listening ? Long.MAX_VALUE : connection.nextDeadlineNanos();
    }

    /// Takes ownership of the segment.
    void onSegment(TcpSegment segment, long nowNanos) {
        if (halfOpen != null) {
            onHalfOpen(halfOpen, segment, nowNanos);
        } else if (listening) {
            onListen(segment, nowNanos);
            segment.release();
        } else if (connection.state() == TcpState.CLOSED) {
            emit(Listen.resetFor(segment));
            segment.release();
        } else {
            connection.onSegment(segment, nowNanos);
        }
    }

    void onIcmpError(IcmpError error, long nowNanos) {
        if (halfOpen != null) {
            if (halfOpen.onIcmpError(error) == HalfOpenConnection.Verdict.REMOVE) {
                halfOpen = null;
            }
        } else if (!listening) {
            connection.onIcmpError(error, nowNanos);
        }
    }

    void onDeadline(long nowNanos) {
        if (halfOpen != null) {
            HalfOpenConnection entry = halfOpen;
            if (entry.onDeadline(nowNanos) == HalfOpenConnection.Verdict.REMOVE) {
                halfOpen = null;
            }
            emit(entry.reply());
        } else if (!listening) {
            connection.onDeadline(nowNanos);
        }
    }

    void flush(long nowNanos) {
        if (halfOpen == null && !listening) {
            connection.flush(nowNanos);
        }
    }

    private HalfOpenConnection pending() {
        if (halfOpen == null) {
            throw new IllegalStateException("no SYN is pending: feed one first");
        }
        return halfOpen;
    }

    private void onListen(TcpSegment segment, long nowNanos) {
        HalfOpenConnection entry = Listen.onSegment(segment, config, iss, timestampOffset);
        if (entry != null) {
            halfOpen = entry;
            accepted = false;
            if (!holdsSyn) {
                accept(nowNanos);
            }
        } else if (segment.has(TcpFlags.ACK) && !segment.has(TcpFlags.RST)) {
            emit(Listen.resetFor(segment));
        } else if (!segment.has(TcpFlags.RST)) {
            output.dropped(DropReason.LISTEN_UNEXPECTED);
        }
    }

    private void onHalfOpen(HalfOpenConnection entry, TcpSegment segment, long nowNanos) {
        HalfOpenConnection.Verdict verdict = entry.onSegment(segment, nowNanos);
        emit(entry.reply());
        switch (verdict) {
            case KEEP -> segment.release();
            case REMOVE -> {
                halfOpen = null;
                segment.release();
            }
            case ESTABLISH -> {
                halfOpen = null;
                listening = false;
                connection = entry.promote(allocator, output, memory);
                connection.onSegment(segment, nowNanos);
            }
        }
    }

    private void emit(@Nullable TcpSegment segment) {
        if (segment != null) {
            output.segment(segment);
        }
    }
}
