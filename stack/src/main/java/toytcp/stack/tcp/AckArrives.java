package toytcp.stack.tcp;

import toytcp.codec.DropReason;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.congestion.AckSample;

/// The fifth check: the ACK field (RFC 9293, 3.10.7.4).
final class AckArrives {
    private final Tcb tcb;
    private final SendSequence snd;
    private final Transmitter transmitter;

    AckArrives(Tcb tcb, Transmitter transmitter) {
        this.tcb = tcb;
        this.transmitter = transmitter;
        snd = tcb.snd;
    }

    /// @return whether the segment goes on to the sixth check
    boolean check(TcpSegment segment, long nowNanos) {
        if (!segment.has(TcpFlags.ACK)) {
            tcb.drop(DropReason.ACK_MISSING);
            return false;
        }
        if (tcb.state == TcpState.SYN_RECEIVED && !checkSynReceived(segment, nowNanos)) {
            return false;
        }
        if (!isInRange(segment.ack())) {
            tcb.acks.challenge(nowNanos);
            tcb.drop(DropReason.ACK_UNACCEPTABLE);
            return false;
        }
        tcb.counters.ackReceivedAt = nowNanos;
        boolean duplicate = isDuplicate(segment);
        boolean advances = SeqNum.gt(segment.ack(), snd.una);
        AckSample sample = tcb.ackSample.nowNanos(nowNanos).flightSize(snd.flightSize());
        sample.acked(0).rttNanos(AckSample.NO_RTT).windowLimited(tcb.congestionLimited);
        if (advances) {
            onNewAck(segment, sample);
        }
        updateWindow(segment, advances, nowNanos);
        sample.smoothedRttNanos(tcb.rtt.srtt());
        boolean restart = tcb.recovery.onAck(segment, duplicate, sendable(), sample);
        if (advances) {
            rearmTimers(restart, nowNanos);
        }
        if (tcb.ecn != null) {
            tcb.ecn.respond(nowNanos);
        }
        tcb.armRecoveryTimers(advances, nowNanos);
        return advanceState(nowNanos);
    }

    /// Octets that were never sent and fit the peer's window.
    private int sendable() {
        return Math.min(tcb.unsent(), SeqNum.distance(snd.nxt, snd.una + snd.wnd));
    }

    private boolean checkSynReceived(TcpSegment segment, long nowNanos) {
        if (SeqNum.leq(segment.ack(), snd.una) || SeqNum.gt(segment.ack(), snd.nxt)) {
            transmitter.resetFor(segment);
            tcb.drop(DropReason.ACK_UNACCEPTABLE);
            return false;
        }
        snd.updateWindow(window(segment), segment.seq(), segment.ack());
        if (tcb.ecn != null) {
            tcb.ecn.onHandshakeAck(segment, nowNanos);
        }
        tcb.established(nowNanos);
        return true;
    }

    /// RFC 5961, 5.2: `((SND.UNA - MAX.SND.WND) <= SEG.ACK <= SND.NXT)`.
    boolean isInRange(int ack) {
        return SeqNum.geq(ack, snd.una - snd.maxWnd) && SeqNum.leq(ack, snd.nxt);
    }

    /// RFC 5681, 2, DUPLICATE ACKNOWLEDGMENT. Answers to window probes look alike and are not, nor are those of
    /// a peer that closed its window over what was out: it refuses it, and lost nothing.
    private boolean isDuplicate(TcpSegment segment) {
        return segment.ack() == snd.una
                && snd.una != snd.nxt
                && segment.length() == 0
                && window(segment) == snd.wnd
                && snd.wnd > 0
                && !tcb.timers.isArmed(Timers.Kind.PERSIST);
    }

    private void onNewAck(TcpSegment segment, AckSample sample) {
        int queued = tcb.sendQueue.size();
        boolean acksSyn = snd.una == snd.iss;
        sample.acked(SeqNum.distance(snd.una, segment.ack()) - (acksSyn ? 1 : 0));
        sample.rttNanos(takeRttSample(segment, sample.nowNanos()));
        snd.acknowledge(segment.ack());
        tcb.path.onAcked();
        tcb.sendQueue.acknowledge(SeqNum.min(snd.una, tcb.fin()));
        int octets = queued - tcb.sendQueue.size();
        tcb.counters.bytesAcked += octets;
        if (octets > 0) {
            tcb.events |= Events.WRITABLE;
        }
        tcb.retransmissions = 0;
    }

    /// The clock's sample if a segment was timed; the timestamp's if Karn's rule forbids that.
    /// All other echoes count for the congestion control only.
    ///
    /// @return the round-trip time that this ACK tells in nanoseconds, or [AckSample#NO_RTT]
    private long takeRttSample(TcpSegment segment, long nowNanos) {
        boolean ambiguous = tcb.rtt.needsTimestamp();
        if (tcb.rtt.acknowledged(segment.ack(), nowNanos)) {
            return tcb.rtt.latest();
        }
        boolean echoes = tcb.timestamps.enabled() && segment.hasTimestamps();
        if (!echoes || !tcb.timestamps.isEchoPlausible(segment, nowNanos)) {
            return AckSample.NO_RTT;
        }
        long rtt = tcb.timestamps.rtt(segment, nowNanos);
        if (ambiguous) {
            tcb.rtt.sample(rtt, nowNanos);
        }
        return rtt;
    }

    /// RFC 6298, 5.2 and 5.3.
    private void rearmTimers(boolean restart, long nowNanos) {
        Timers timers = tcb.timers;
        boolean outstanding = snd.una != snd.nxt;
        boolean probing = timers.isArmed(Timers.Kind.PERSIST);
        if (!outstanding) {
            timers.stop(Timers.Kind.RETRANSMISSION);
            timers.stop(Timers.Kind.PERSIST);
        } else if (restart && !probing) {
            timers.arm(Timers.Kind.RETRANSMISSION, nowNanos + tcb.rtt.rto());
        }
        tcb.unansweredProbes = 0;
        if (outstanding || tcb.hasUnsent()) {
            timers.arm(Timers.Kind.GIVE_UP, nowNanos + tcb.giveUpNanos());
        } else {
            timers.stop(Timers.Kind.GIVE_UP);
        }
    }

    /// "The check here prevents using old segments to update the window."
    ///
    /// Deviation: RFC 9293, 3.10.7.4, fifth, would not take the window of a retransmission, whose
    /// SEG.SEQ is old, even if it acknowledges new octets. SND.UNA would move and SND.WND stay, so the
    /// right edge would lie beyond what the peer ever offered. An ACK that advances is never old, so it
    /// updates the window, as in Linux.
    private void updateWindow(TcpSegment segment, boolean advances, long nowNanos) {
        boolean current =
                advances
                        || SeqNum.geq(segment.ack(), snd.una)
                                && (SeqNum.lt(snd.wl1, segment.seq())
                                        || snd.wl1 == segment.seq()
                                                && SeqNum.leq(snd.wl2, segment.ack()));
        if (!current) {
            return;
        }
        snd.updateWindow(window(segment), segment.seq(), segment.ack());
        if (snd.wnd == 0) {
            postponeGivingUp(nowNanos);
        } else if (tcb.timers.isArmed(Timers.Kind.PERSIST)) {
            endProbing(nowNanos);
        }
    }

    /// RFC 9293, 3.8.6.1: the connection stays open "As long as the receiving TCP peer continues to
    /// send acknowledgments in response to the probe segments" (MUST-37). Not for the sake of a user
    /// who set a limit, or has gone.
    private void postponeGivingUp(long nowNanos) {
        boolean waits = tcb.timers.isArmed(Timers.Kind.GIVE_UP);
        boolean patient = tcb.config.userTimeoutNanos() == 0 && tcb.reading != Tcb.Reading.CLOSED;
        if (waits && patient) {
            tcb.timers.arm(Timers.Kind.GIVE_UP, nowNanos + tcb.giveUpNanos());
        }
    }

    /// The window opened. What a probe carried, or what was out when the window shrank, was not taken
    /// and goes again. If nothing is out, the window may still be too small for a segment, so the
    /// override timeout runs on, but not with the long interval of a closed window.
    private void endProbing(long nowNanos) {
        tcb.unansweredProbes = 0;
        if (snd.una == snd.nxt) {
            tcb.timers.bringForward(Timers.Kind.PERSIST, nowNanos + tcb.persistIntervalNanos());
        } else {
            tcb.timers.stop(Timers.Kind.PERSIST);
            tcb.recovery.resendAll(nowNanos);
            // What goes again may not fit the window yet, and then this is the only timer.
            tcb.timers.arm(Timers.Kind.RETRANSMISSION, nowNanos + tcb.rtt.rto());
            // No sign of congestion, but for longer than the RTO only probes have left: what the
            // old window says of the path is tried with care (RFC 5681, 4.1; RFC 7661, 4.4.2).
            tcb.congestion.onRestartAfterIdle(tcb.rtt.rto(), nowNanos);
        }
    }

    /// SEG.WND in octets: "The window field in a segment where the SYN bit is set (i.e., a <SYN> or
    /// <SYN,ACK>) MUST NOT be scaled." (RFC 7323, 2.2)
    private int window(TcpSegment segment) {
        return segment.has(TcpFlags.SYN) ? segment.window() : segment.window() << snd.shift;
    }

    /// What the acknowledgement of our FIN means in each state.
    private boolean advanceState(long nowNanos) {
        if (!tcb.isFinAcknowledged()) {
            return true;
        }
        switch (tcb.state) {
            case FIN_WAIT_1 -> {
                tcb.enter(TcpState.FIN_WAIT_2);
                tcb.limitFinWait2(nowNanos);
                return true;
            }
            case CLOSING -> {
                tcb.enterTimeWait(nowNanos);
                return true;
            }
            case LAST_ACK -> {
                tcb.close(CloseReason.NORMAL);
                return false;
            }
            default -> {
                return true;
            }
        }
    }
}
