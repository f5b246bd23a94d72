package toytcp.stack.tcp;

import toytcp.codec.DropReason;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// "SEGMENT ARRIVES" (RFC 9293, 3.10.7) for every state that has a connection: the eight checks of
/// section 3.10.7.4 as eight methods, in the RFC's order. LISTEN and CLOSED are in [Listen],
/// SYN-SENT (3.10.7.3) is in [SynSent].
///
/// Arriving segments are only entered into the books; what must be sent for them leaves with the next
/// flush.
final class SegmentArrives {
    private final Tcb tcb;
    private final Transmitter transmitter;
    private final SynSent synSent;
    private final AckArrives ackArrives;
    private final TextArrives textArrives;

    SegmentArrives(Tcb tcb, Transmitter transmitter) {
        this.tcb = tcb;
        this.transmitter = transmitter;
        ackArrives = new AckArrives(tcb, transmitter);
        textArrives = new TextArrives(tcb, transmitter);
        synSent = new SynSent(tcb, transmitter, textArrives);
    }

    /// Does not release the segment.
    void onSegment(TcpSegment segment, long nowNanos) {
        tcb.counters.arrived(segment.payload().isReadable());
        switch (tcb.state) {
            case CLOSED, LISTEN -> tcb.drop(DropReason.NO_FLOW);
            case SYN_SENT -> synSent.onSegment(segment, nowNanos);
            default -> onOtherStates(segment, nowNanos);
        }
    }

    private void onOtherStates(TcpSegment segment, long nowNanos) {
        boolean accepted =
                checkSequence(segment, nowNanos)
                        && checkReset(segment, nowNanos)
                        && checkSecurity()
                        && checkSyn(segment, nowNanos)
                        && checkAck(segment, nowNanos);
        if (accepted) {
            tcb.heard(nowNanos);
            if (tcb.ecn != null) {
                tcb.ecn.arrived(segment);
            }
            checkUrg(segment);
            processText(segment, nowNanos);
            checkFin(nowNanos);
        }
    }

    /// First: is any of it within the window, and is it not older than what we have (PAWS: RFC 7323,
    /// 5.3)?
    private boolean checkSequence(TcpSegment segment, long nowNanos) {
        boolean reset = segment.has(TcpFlags.RST);
        if (tcb.timestamps.enabled() && !reset && !checkTimestamps(segment, nowNanos)) {
            return false;
        }
        if (isAcceptable(segment)) {
            return true;
        }
        if (reset) {
            // RFC 9293, 3.10.7.4, second, 1): "silently drop the segment".
            tcb.drop(DropReason.RST_INVALID);
            return false;
        }
        answerUnacceptable(segment, nowNanos);
        tcb.drop(DropReason.SEQUENCE_OUTSIDE_WINDOW);
        return false;
    }

    private boolean checkTimestamps(TcpSegment segment, long nowNanos) {
        if (!segment.hasTimestamps()) {
            // RFC 7323, 3.2: a segment without the option "SHOULD" be dropped silently.
            tcb.drop(DropReason.TIMESTAMP_MISSING);
            return false;
        }
        if (tcb.timestamps.isTooOld(segment, nowNanos)) {
            answerUnacceptable(segment, nowNanos);
            tcb.drop(DropReason.TIMESTAMP_TOO_OLD);
            return false;
        }
        // Before the acceptability test, since a repeated segment, whose ACK was lost, must be
        // echoed too (RFC 7323, 4.3 (2) and appendix D); and only if the ACK may be the peer's, or
        // a single forged segment would outdate all true ones.
        int control = segment.flags() & (TcpFlags.SYN | TcpFlags.ACK);
        if (control == TcpFlags.ACK && ackArrives.isInRange(segment.ack())) {
            tcb.timestamps.update(segment, nowNanos);
        }
        return true;
    }

    private boolean isAcceptable(TcpSegment segment) {
        ReceiveSequence rcv = tcb.rcv;
        return rcv.isAcceptable(segment.seq(), segment.length())
                // "If the RCV.WND is zero, no segments will be acceptable, but special allowance
                // should be made to accept valid ACKs, URGs, and RSTs" (RFC 9293, 3.10.7.4, first).
                || rcv.wnd == 0 && segment.seq() == rcv.nxt
                || isBehindFullWindow(segment)
                || isCrossingSynAck(segment);
    }

    /// Deviation: a segment without text may lie at the right edge of the window, not only before it, as in
    /// Linux. A peer that has filled the window sends its acknowledgements from there; when its text is
    /// lost, they must be heard all the same.
    private boolean isBehindFullWindow(TcpSegment segment) {
        return segment.length() == 0
                && !segment.has(TcpFlags.RST)
                && segment.seq() == tcb.rcv.nxt + tcb.rcv.wnd;
    }

    /// Simultaneous open: the peer's SYN,ACK repeats the SYN that we have; without it, it is an ACK
    /// at RCV.NXT (RFC 9293, 3.10.7.4, first, on trimming the SYN).
    private boolean isCrossingSynAck(TcpSegment segment) {
        return tcb.state == TcpState.SYN_RECEIVED
                && segment.has(TcpFlags.SYN | TcpFlags.ACK)
                && segment.seq() == tcb.rcv.irs
                && segment.ack() == tcb.snd.nxt;
    }

    private void answerUnacceptable(TcpSegment segment, long nowNanos) {
        if (tcb.ecn != null && segment.has(TcpFlags.SYN | TcpFlags.ACK)) {
            tcb.ecn.onRepeatedSynAck(segment);
        }
        boolean fin = segment.has(TcpFlags.FIN);
        int textEnd = segment.seq() + segment.payload().readableBytes();
        tcb.duplicate.note(segment.seq(), SeqNum.min(textEnd, tcb.rcv.nxt));
        if (tcb.state == TcpState.TIME_WAIT && fin && segment.end() == tcb.rcv.nxt) {
            // Our last ACK was lost (RFC 9293, 3.10.7.4, fifth, TIME-WAIT STATE).
            tcb.restartTimeWait(nowNanos);
        }
        if (fin || segment.payload().isReadable()) {
            tcb.acks.acknowledgeNow();
        } else {
            // Throttled: two hosts that answer each other's bare ACKs would never stop.
            tcb.acks.answer(nowNanos);
        }
    }

    /// Second: RST is believed only if it hits RCV.NXT exactly (RFC 5961, 3).
    private boolean checkReset(TcpSegment segment, long nowNanos) {
        if (!segment.has(TcpFlags.RST)) {
            return true;
        }
        if (segment.seq() != tcb.rcv.nxt) {
            tcb.acks.challenge(nowNanos);
            tcb.drop(DropReason.RST_INVALID);
            return false;
        }
        tcb.close(
                switch (tcb.state) {
                    case SYN_RECEIVED -> CloseReason.REFUSED;
                    case CLOSING, LAST_ACK, TIME_WAIT ->
                            tcb.sendQueue.isEmpty() ? CloseReason.NORMAL : CloseReason.RESET;
                    default -> CloseReason.RESET;
                });
        return false;
    }

    /// Third: there are no security compartments in this stack, as in every other one today.
    private boolean checkSecurity() {
        return true;
    }

    /// Fourth: a SYN in a synchronized state is answered by a challenge ACK (RFC 5961, 4).
    private boolean checkSyn(TcpSegment segment, long nowNanos) {
        if (!segment.has(TcpFlags.SYN)) {
            return true;
        }
        if (isCrossingSynAck(segment)) {
            tcb.acks.acknowledgeNow();
            return true;
        }
        tcb.acks.challenge(nowNanos);
        tcb.drop(DropReason.SYN_UNEXPECTED);
        return false;
    }

    /// Fifth.
    private boolean checkAck(TcpSegment segment, long nowNanos) {
        return ackArrives.check(segment, nowNanos);
    }

    /// Sixth.
    private void checkUrg(TcpSegment segment) {
        textArrives.checkUrg(segment);
    }

    /// Seventh.
    private void processText(TcpSegment segment, long nowNanos) {
        if (tcb.state.canReceive()) {
            int start = segment.has(TcpFlags.SYN) ? segment.seq() + 1 : segment.seq();
            textArrives.process(segment, start, nowNanos);
        }
    }

    /// Eighth.
    private void checkFin(long nowNanos) {
        textArrives.checkFin(nowNanos);
    }
}
