package toytcp.stack.tcp;

import toytcp.codec.DropReason;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// A segment arrives in SYN-SENT (RFC 9293, 3.10.7.3).
final class SynSent {
    private final Tcb tcb;
    private final Transmitter transmitter;
    private final TextArrives textArrives;

    SynSent(Tcb tcb, Transmitter transmitter, TextArrives textArrives) {
        this.tcb = tcb;
        this.transmitter = transmitter;
        this.textArrives = textArrives;
    }

    void onSegment(TcpSegment segment, long nowNanos) {
        if (!checkAck(segment) || !checkReset(segment)) {
            return;
        }
        if (!segment.has(TcpFlags.SYN)) {
            tcb.drop(DropReason.SYN_MISSING);
            return;
        }
        tcb.synReceived(PeerOptions.of(segment), nowNanos);
        if (segment.has(TcpFlags.ACK)) {
            tcb.useEcn(Ecn.ofSynAck(tcb, segment, nowNanos));
            establish(segment, nowNanos);
        } else {
            // Simultaneous open: the SYN goes out again, now with an ACK. Text in the segment is
            // left to the peer's retransmission.
            tcb.useEcn(Ecn.ofCrossingSyn(tcb, segment));
            tcb.enter(TcpState.SYN_RECEIVED);
            tcb.snd.cursor = tcb.snd.iss;
        }
    }

    /// First.
    private boolean checkAck(TcpSegment segment) {
        SendSequence snd = tcb.snd;
        boolean bad = SeqNum.leq(segment.ack(), snd.iss) || SeqNum.gt(segment.ack(), snd.nxt);
        if (!segment.has(TcpFlags.ACK) || !bad) {
            return true;
        }
        if (segment.has(TcpFlags.RST)) {
            tcb.drop(DropReason.RST_INVALID);
        } else {
            transmitter.resetFor(segment);
            tcb.drop(DropReason.ACK_UNACCEPTABLE);
        }
        return false;
    }

    /// Second. RFC 5961's exact match with RCV.NXT cannot be asked for here, since RCV.NXT is not
    /// known yet (RFC 9293, erratum 8167).
    private boolean checkReset(TcpSegment segment) {
        if (!segment.has(TcpFlags.RST)) {
            return true;
        }
        if (segment.has(TcpFlags.ACK)) {
            tcb.close(CloseReason.REFUSED);
        } else {
            tcb.drop(DropReason.RST_INVALID);
        }
        return false;
    }

    /// Fourth, with an ACK: our SYN is acknowledged.
    private void establish(TcpSegment segment, long nowNanos) {
        if (!tcb.rtt.acknowledged(segment.ack(), nowNanos)
                && tcb.timestamps.enabled()
                && tcb.timestamps.isEchoPlausible(segment, nowNanos)) {
            tcb.rtt.sample(tcb.timestamps.rtt(segment, nowNanos), nowNanos);
        }
        tcb.counters.ackReceivedAt = nowNanos;
        tcb.snd.acknowledge(segment.ack());
        tcb.snd.updateWindow(segment.window(), segment.seq(), segment.ack());
        tcb.established(nowNanos);
        tcb.acks.acknowledgeNow();
        textArrives.checkUrg(segment);
        textArrives.process(segment, segment.seq() + 1, nowNanos);
        textArrives.checkFin(nowNanos);
    }
}
