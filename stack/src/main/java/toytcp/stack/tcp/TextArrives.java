package toytcp.stack.tcp;

import io.netty.buffer.ByteBuf;

import toytcp.codec.DropReason;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// The sixth to the eighth check: URG, segment text and FIN (RFC 9293, 3.10.7.4).
final class TextArrives {
    private final Tcb tcb;
    private final Transmitter transmitter;

    TextArrives(Tcb tcb, Transmitter transmitter) {
        this.tcb = tcb;
        this.transmitter = transmitter;
    }

    /// "RCV.UP <- max(RCV.UP,SEG.UP), and signal the user that the remote side has urgent data if the urgent
    /// pointer (RCV.UP) is in advance of the data consumed", also when it advances (3.8.5, MUST-32).
    ///
    /// A pointer that goes back, or to what was read already, means nothing.
    void checkUrg(TcpSegment segment) {
        boolean heard = segment.has(TcpFlags.URG) && tcb.state.canReceive();
        if (!heard || tcb.reading != Tcb.Reading.OPEN) {
            return;
        }
        ReceiveSequence rcv = tcb.rcv;
        int up = segment.seq() + segment.urgentPointer();
        if (SeqNum.gt(up, rcv.up)) {
            rcv.up = up;
            if (tcb.urgent() > 0) {
                tcb.events |= Events.URGENT;
            }
        }
    }

    /// Takes the text that lies within the window.
    ///
    /// @param start the sequence number of the first octet of text
    void process(TcpSegment segment, int start, long nowNanos) {
        ReceiveSequence rcv = tcb.rcv;
        int length = segment.payload().readableBytes();
        if (rcv.finSeen && SeqNum.gt(start + length, rcv.fin)) {
            // Text beyond a FIN that waits behind a gap: one of the two is forged, and if it was
            // the text, the peer will send its FIN again.
            rcv.finSeen = SeqNum.gt(rcv.nxt, rcv.fin);
        }
        if (segment.has(TcpFlags.FIN)) {
            noteFin(start + length);
        }
        if (length == 0) {
            return;
        }
        tcb.duplicate.note(start, SeqNum.min(start + length, rcv.nxt));
        int from = SeqNum.max(start, rcv.nxt);
        int to = SeqNum.min(start + length, rcv.nxt + rcv.wnd);
        if (rcv.finSeen) {
            to = SeqNum.min(to, rcv.fin);
        }
        if (SeqNum.geq(from, to)) {
            tcb.acks.acknowledgeNow();
        } else if (tcb.reading == Tcb.Reading.CLOSED) {
            refuse(nowNanos);
        } else {
            tcb.counters.dataReceivedAt = nowNanos;
            boolean inOrder = from == rcv.nxt;
            int kept = from + room(SeqNum.distance(from, to), inOrder);
            if (from != kept) {
                accept(from, slice(segment.payload(), start, from, kept));
            }
            if (inOrder) {
                tcb.memory.textArrived(segment, nowNanos);
            }
        }
    }

    /// How much of the text there is memory for; the rest is as good as lost on the way.
    private int room(int length, boolean inOrder) {
        int room = tcb.memory.room(length, inOrder);
        if (room < length) {
            tcb.drop(DropReason.MEMORY_LIMIT);
            tcb.acks.acknowledgeNow();
        }
        return room;
    }

    /// Takes the FIN once all text before it is there.
    void checkFin(long nowNanos) {
        ReceiveSequence rcv = tcb.rcv;
        boolean due = rcv.finSeen && rcv.nxt == rcv.fin && tcb.state.canReceive();
        if (!due) {
            return;
        }
        rcv.advance(1);
        tcb.assembler.release();
        tcb.acks.acknowledgeNow();
        tcb.events |= Events.PEER_CLOSED;
        switch (tcb.state) {
            case ESTABLISHED -> tcb.enter(TcpState.CLOSE_WAIT);
            case FIN_WAIT_1 -> tcb.enter(TcpState.CLOSING);
            default -> tcb.enterTimeWait(nowNanos);
        }
    }

    /// A FIN at RCV.NXT needs no buffer, so it is taken even if the window is closed.
    private void noteFin(int fin) {
        ReceiveSequence rcv = tcb.rcv;
        boolean last = tcb.assembler.isEmpty() || SeqNum.geq(fin, tcb.assembler.end());
        boolean within = fin == rcv.nxt || SeqNum.inWindow(fin, rcv.nxt, rcv.wnd);
        if (!rcv.finSeen && last && within) {
            rcv.finSeen = true;
            rcv.fin = fin;
            if (fin != rcv.nxt) {
                tcb.acks.acknowledgeNow();
            }
        }
    }

    /// "If such a host issues a CLOSE call while received data is still pending in the TCP connection,
    /// or if new data is received after CLOSE is called, its TCP implementation SHOULD send a RST to
    /// show that data was lost" (RFC 9293, 3.6.1).
    private void refuse(long nowNanos) {
        tcb.drop(DropReason.DATA_AFTER_CLOSE);
        transmitter.reset(nowNanos);
        tcb.close(CloseReason.ABORTED);
    }

    private void accept(int from, ByteBuf text) {
        ReceiveSequence rcv = tcb.rcv;
        int length = text.readableBytes();
        rcv.mss = Math.max(rcv.mss, Math.min(length, tcb.largestArrivingText()));
        if (from != rcv.nxt) {
            tcb.counters.outOfOrder++;
            tcb.acks.outOfOrder();
            tcb.assembler.noteDuplicate(from, from + length, tcb.duplicate);
            if (!tcb.assembler.insert(from, text)) {
                tcb.drop(DropReason.REASSEMBLY_FULL);
            }
            return;
        }
        boolean gap = !tcb.assembler.isEmpty();
        deliver(text);
        for (ByteBuf next = tcb.assembler.poll(rcv.nxt);
                next != null;
                next = tcb.assembler.poll(rcv.nxt)) {
            deliver(next);
        }
        if (gap) {
            // RFC 5681, 4.2: at once when a segment fills all or part of a gap.
            tcb.acks.gapClosed();
        }
        tcb.acks.textArrived(length, rcv.mss);
    }

    private void deliver(ByteBuf text) {
        tcb.counters.bytesReceived += text.readableBytes();
        tcb.rcv.advance(text.readableBytes());
        if (tcb.reading == Tcb.Reading.OPEN) {
            tcb.receiveQueue.append(text);
            tcb.events |= Events.READABLE;
        } else {
            text.release();
        }
    }

    private static ByteBuf slice(ByteBuf payload, int start, int from, int to) {
        int offset = SeqNum.distance(start, from);
        int length = SeqNum.distance(from, to);
        if (length == payload.readableBytes()) {
            return payload.retain();
        }
        return payload.retainedSlice(payload.readerIndex() + offset, length);
    }
}
