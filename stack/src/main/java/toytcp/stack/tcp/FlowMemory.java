package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.TcpSegment;

/// How much one connection may hold, and its account with the [MemoryBudget] of its stack.
///
/// A buffer has the size that its option says, or, tuned, the one that the connection has shown to need;
/// if the memory of the stack is short, less than either.
final class FlowMemory {
    /// The send buffer before the congestion window is known, if it is tuned.
    static final int INITIAL_SEND = 16 * 1024;

    private static final int LEAST_MINIMUM = 4096;
    private static final int LARGEST_MINIMUM = 16 * 1024;

    /// What a receive window may be under pressure, in segments.
    private static final int PRESSED_SEGMENTS = 4;

    private final Tcb tcb;
    private final MemoryBudget budget;

    /// What the budget knows of this connection.
    private long accounted;

    private int sendSize = INITIAL_SEND;

    /// Made when there is something to tune; most connections are too short for it.
    private @Nullable ReceiveBufferTuning tuning;

    /// Whether the peer was told of a closed window for want of memory.
    private boolean closed;

    FlowMemory(Tcb tcb, MemoryBudget budget) {
        this.tcb = tcb;
        this.budget = budget;
    }

    // ---- the account

    /// Enters what the connection holds now, and lets the send buffer grow: after each input and call.
    void settle() {
        long held = held();
        if (held != accounted) {
            budget.add(held - accounted);
            accounted = held;
        }
        if (tcb.congestion != null && tcb.config.tuneSendBuffer()) {
            growSendBuffer();
        }
    }

    /// After the end only what can still be read; what was handed over belongs to the user then.
    private long held() {
        return tcb.state == TcpState.CLOSED
                ? tcb.receiveQueue.readable()
                : (long) received() + tcb.sendQueue.size();
    }

    private int received() {
        return tcb.receiveQueue.unconsumed() + tcb.assembler.octets();
    }

    /// What no shortage takes from a connection, for each direction: a segment or two, or it would stand
    /// still, and not more than a few KiB, however large they are.
    private int minimum() {
        return Math.clamp(2L * tcb.snd.mss, LEAST_MINIMUM, LARGEST_MINIMUM);
    }

    // ---- receiving

    /// RCV.BUFF: what may be unconsumed.
    int receiveBuffer() {
        int size = tunedReceiveBuffer();
        return switch (budget.zone()) {
            case FREE -> size;
            case PRESSURE -> Math.min(size, Math.max(minimum(), PRESSED_SEGMENTS * tcb.snd.mss));
            case EXHAUSTED -> Math.min(size, minimum());
        };
    }

    private int tunedReceiveBuffer() {
        int most = tcb.config.receiveBuffer();
        if (!tcb.config.tuneReceiveBuffer()) {
            return most;
        }
        return Math.min(most, tuning == null ? ReceiveBufferTuning.INITIAL : tuning.size());
    }

    /// What the receiver takes for the round trip, in nanoseconds; -1 if it does not know.
    long receiveRtt() {
        return tuning == null ? -1 : tuning.rtt();
    }

    /// Octets that the user consumed in a round trip; 0 if they were not measured.
    long consumedInRoundTrip() {
        return tuning == null ? 0 : tuning.lastRound();
    }

    /// Text arrived in order.
    void textArrived(TcpSegment segment, long nowNanos) {
        ReceiveSequence rcv = tcb.rcv;
        if (tuning == null) {
            int enough = ReceiveBufferTuning.firstRound(rcv.mss);
            if (tcb.config.tuneReceiveBuffer() && tcb.counters.bytesReceived > enough) {
                tuning =
                        new ReceiveBufferTuning(
                                rcv.mss, tunedReceiveBuffer(), rcv.nxt, rcv.wnd, nowNanos);
            }
            return;
        }
        if (!tcb.timestamps.enabled()) {
            tuning.textArrived(rcv.nxt, rcv.wnd, nowNanos);
        } else if (segment.payload().readableBytes() >= rcv.mss
                && tcb.timestamps.isEchoPlausible(segment, nowNanos)) {
            tuning.echoArrived(segment.tsEcr(), tcb.timestamps.rtt(segment, nowNanos));
        }
    }

    /// The user consumed octets.
    void consumed(int octets, long nowNanos) {
        if (tuning != null && tcb.config.tuneReceiveBuffer()) {
            boolean mayGrow = budget.zone() == MemoryBudget.Zone.FREE;
            tuning.consumed(octets, tcb.config.receiveBuffer(), mayGrow, nowNanos);
        }
    }

    /// How much of `length` octets of text may be kept that lie within the window.
    ///
    /// What is not kept was not acknowledged, so the peer sends it again. What waits behind a gap yields to
    /// what fills it: "the data receiver is permitted to discard data in its queue that has not been
    /// acknowledged to the data sender, even if the data has already been reported in a SACK option" (RFC
    /// 2018, 8).
    int room(int length, boolean inOrder) {
        if (budget.zone() == MemoryBudget.Zone.FREE && length <= budget.left()) {
            return length;
        }
        if (inOrder && tcb.reading == Tcb.Reading.DISCARD) {
            return length;
        }
        if (!inOrder) {
            return Math.min(length, roomBehindGaps());
        }
        if (length > roomInOrder() && !tcb.assembler.isEmpty()) {
            tcb.assembler.release();
            tcb.drop(DropReason.MEMORY_RECLAIMED);
            tcb.acks.acknowledgeNow();
            settle();
        }
        return Math.min(length, roomInOrder());
    }

    private int roomInOrder() {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(budget.left(), minimum() - received()));
    }

    private int roomBehindGaps() {
        return (int)
                Math.clamp(receiveBuffer() - received(), 0, Math.max(budget.left(), minimum()));
    }

    /// The window field to send: if all memory is used, only what there is still room for, and closed if
    /// that is no segment.
    ///
    /// Deviation: RFC 9293 (3.8.6, SHLD-14) would not take back what was offered. But what comes then is
    /// thrown away, and a sender that knows of a closed window asks for it by probes, as long as it
    /// takes, where one that loses all that it sends gives up; Linux does the same. What is inside of the
    /// old window is still accepted if there is room for it again (RFC 7323, 2.4).
    ///
    /// @param offered the field without regard to the memory of the stack
    int windowField(int offered) {
        closed = isStarved();
        if (closed || budget.zone() != MemoryBudget.Zone.EXHAUSTED) {
            return closed ? 0 : offered;
        }
        int unit = 1 << tcb.rcv.shift;
        return (int) Math.min(offered, (roomToOffer() + unit - 1) / unit);
    }

    /// Whether the peer waits behind a closed window for what there is room for again.
    boolean isReopened() {
        return closed && !isStarved();
    }

    private boolean isStarved() {
        return budget.zone() == MemoryBudget.Zone.EXHAUSTED
                && roomToOffer() < Math.min(tcb.snd.mss, minimum() / 2);
    }

    /// What waits behind gaps yields to what fills them, so it does not count.
    private long roomToOffer() {
        return Math.max(budget.left(), minimum() - tcb.receiveQueue.unconsumed());
    }

    // ---- sending

    /// The send buffer, without regard to the memory of the stack.
    int sendBuffer() {
        int most = tcb.config.sendBuffer();
        return tcb.config.tuneSendBuffer() ? Math.min(most, sendSize) : most;
    }

    /// How many octets the user may give to the connection now.
    int sendRoom() {
        int queued = tcb.sendQueue.size();
        int free = Math.max(0, sendBuffer() - queued);
        if (budget.zone() == MemoryBudget.Zone.FREE && free <= budget.left()) {
            return free;
        }
        return (int) Math.min(free, Math.max(budget.left(), minimum() - queued));
    }

    /// A window that is in the network, and one that follows it without waiting for the user. Who governs
    /// its recovery may need more, since it can go on to grow in it.
    private void growSendBuffer() {
        if (budget.zone() != MemoryBudget.Zone.FREE) {
            return;
        }
        long windows = tcb.congestion.governsRecovery() ? 3 : 2;
        long wanted = windows * tcb.congestion.window();
        if (wanted > sendSize) {
            sendSize = (int) Math.min(wanted, tcb.config.sendBuffer());
        }
    }
}
