package toytcp.stack.tcp;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.congestion.CongestionController;

/// Decides what leaves next, and builds the segments.
final class Transmitter {
    private static final int MAX_SACK_WITH_TIMESTAMPS = 3;

    /// Kind, length and padding of the SACK option, and one block (RFC 2018, 3).
    private static final int SACK_HEADER = 4;

    private static final int SACK_BLOCK = 8;

    /// The urgent pointer has 16 bits.
    private static final int MAX_POINTER = 0xffff;

    /// How long TCP_CORK may hold octets back, as in Linux.
    private static final long CORK_NANOS = 200_000_000L;

    private final Tcb tcb;
    private final SendSequence snd;

    /// Made when the first algorithm paces.
    private Pacer pacer;

    /// Octets a second.
    private long pacingRate = CongestionController.NO_PACING;

    Transmitter(Tcb tcb) {
        this.tcb = tcb;
        snd = tcb.snd;
    }

    /// Sends what is due: duplicate ACKs, then data, then the ACK if no data carried it.
    void flush(long nowNanos) {
        switch (tcb.state) {
            case CLOSED, LISTEN -> {}
            case SYN_SENT -> sendSynIfDue(nowNanos);
            case SYN_RECEIVED -> {
                sendSynIfDue(nowNanos);
                sendAckIfDue(nowNanos);
            }
            default -> {
                while (tcb.ecn != null && tcb.ecn.owesAck()) {
                    sendAck(nowNanos);
                }
                for (int i = tcb.acks.takeDuplicates(); i > 0; i--) {
                    sendAck(nowNanos);
                }
                sendData(nowNanos);
                sendAckIfDue(nowNanos);
            }
        }
    }

    /// Sends what was sent before from `from` to `to`, and the FIN if it follows and the segment has all
    /// text before it.
    private void resend(int from, int to, long nowNanos) {
        int resume = snd.cursor;
        int length = SeqNum.distance(from, SeqNum.min(to, tcb.fin()));
        boolean fin = tcb.finQueued && SeqNum.gt(snd.nxt, tcb.fin());
        emit(from, length, fin && from + length == tcb.fin(), nowNanos);
        snd.cursor = SeqNum.max(resume, snd.cursor);
    }

    /// Fills holes, as many as the windows allow.
    private void repair(long nowNanos) {
        LossRecovery recovery = tcb.recovery;
        while ((mayLeave() || recovery.isRepairDue()) && recovery.nextRepair()) {
            if (recovery.repairRenewsTimer) {
                tcb.timers.stop(Timers.Kind.RETRANSMISSION);
            }
            resend(recovery.repairFrom, recovery.repairTo, nowNanos);
        }
        tcb.congestionLimited |= recovery.repairWaits;
    }

    /// TLP_send_probe () (RFC 8985, 7.3): the first segment that was never sent, or else the last one.
    void probeTail(long nowNanos) {
        int length = Math.min(SeqNum.distance(snd.nxt, tcb.fin()), snd.mss);
        boolean isNew = length > 0 && length <= snd.usableWindow();
        if (isNew) {
            emit(snd.nxt, length, false, nowNanos);
        } else {
            int start = tcb.recovery.segments.lastStart();
            int text = SeqNum.min(snd.nxt, tcb.fin());
            resend(SeqNum.max(start, text - snd.mss), snd.nxt, nowNanos);
        }
        tcb.recovery.probeSent(!isNew);
    }

    /// Probes a closed window with an octet of new data, or the FIN (RFC 9293, 3.8.6.1); overrides
    /// silly window avoidance if the window is only small (3.8.6.2.1, rule 4).
    ///
    /// @return whether the window is closed, so that the probe is governed by the persist timer
    boolean probe(long nowNanos) {
        snd.cursor = snd.una;
        boolean closed = snd.wnd == 0;
        int queued = SeqNum.distance(snd.una, tcb.fin());
        int length = Math.min(queued, closed ? 1 : Math.min(snd.wnd, snd.mss));
        emit(snd.una, length, tcb.finQueued && length == queued, nowNanos);
        snd.cursor = snd.nxt;
        if (closed) {
            tcb.timers.stop(Timers.Kind.RETRANSMISSION);
        }
        return closed;
    }

    /// RFC 9293, 3.8.4: "Such a segment generally contains SEG.SEQ = SND.NXT-1".
    void keepAliveProbe(long nowNanos) {
        send(bare(snd.nxt - 1, nowNanos));
    }

    /// `<SEQ=SND.NXT><CTL=RST>` (RFC 9293, 3.10.5). The ACK goes along so that a peer in SYN-SENT
    /// can accept it too; for the sequence number see [SendSequence#edge()].
    void reset(long nowNanos) {
        send(header(snd.edge(), nowNanos).flag(TcpFlags.RST));
    }

    /// `<SEQ=SEG.ACK><CTL=RST>`: the answer to an acknowledgement that cannot be.
    void resetFor(TcpSegment segment) {
        send(Listen.resetFor(segment));
    }

    private void sendSynIfDue(long nowNanos) {
        if (snd.cursor != snd.iss) {
            return;
        }
        TcpSegment syn = new TcpSegment().seq(snd.iss).flag(TcpFlags.SYN);
        PeerOptions.offer(syn, tcb.offered, null);
        if (tcb.state == TcpState.SYN_RECEIVED) {
            agree(syn);
        } else {
            Ecn.offer(syn, tcb);
        }
        if (tcb.timestamps.enabled()) {
            syn.timestamps(tcb.timestamps.value(nowNanos), tcb.timestamps.recent());
        }
        if (snd.nxt == snd.iss) {
            tcb.rtt.segmentSent(snd.iss + 1, nowNanos);
        } else {
            tcb.rtt.stopTiming();
            tcb.counters.totalRetrans++;
        }
        snd.advance(snd.iss + 1);
        armRetransmission(nowNanos);
        send(syn);
    }

    /// Simultaneous open: our SYN,ACK offers only what the peer's SYN offered.
    private void agree(TcpSegment syn) {
        syn.ack(tcb.rcv.nxt).sackPermitted(tcb.sackPermitted);
        if (tcb.rcv.shift == 0 && snd.shift == 0) {
            syn.windowScale(TcpSegment.ABSENT);
        }
        if (tcb.ecn != null) {
            tcb.ecn.answer(syn);
        }
    }

    private void sendData(long nowNanos) {
        tcb.congestionLimited = false;
        int before = snd.nxt;
        pacingRate = tcb.pacingRate();
        if (pacingRate == CongestionController.NO_PACING) {
            tcb.timers.stop(Timers.Kind.PACING);
            repair(nowNanos);
            sendQueued(nowNanos);
        } else {
            sendPaced(nowNanos);
        }
        tcb.recovery.onFlushed();
        noteApplicationLimit();
        if (snd.nxt != before) {
            tcb.armLossProbe(nowNanos);
        }
    }

    private void sendPaced(long nowNanos) {
        if (pacer == null) {
            pacer = new Pacer();
        }
        pacer.begin(pacingRate, snd.mss, nowNanos);
        boolean windowOnly = tcb.congestion.pacingRate() == CongestionController.NO_PACING;
        if (windowOnly && snd.una == snd.nxt) {
            // RFC 6928 and RFC 5681, 4.1, let the initial window out at once, and a restart window.
            pacer.allowBurst(Pacer.INITIAL_SEGMENTS * snd.mss, pacingRate, snd.mss, nowNanos);
        }
        repair(nowNanos);
        sendQueued(nowNanos);
        tcb.congestionLimited = pacer.isLimited(tcb.congestionLimited, snd.una, snd.nxt);
        if (pacer.isHolding(tcb.hasUnsent() || tcb.recovery.owesRepair())) {
            tcb.timers.arm(Timers.Kind.PACING, pacer.nextNanos());
        } else {
            tcb.timers.stop(Timers.Kind.PACING);
        }
    }

    /// Whether the pacer lets a segment out.
    private boolean mayLeave() {
        return pacingRate == CongestionController.NO_PACING || pacer.mayLeave();
    }

    /// CheckIfApplicationLimited () (draft-ietf-ccwg-bbr, 4.1.2.4).
    private void noteApplicationLimit() {
        DeliveryRate rate = tcb.recovery.segments.rate();
        if (rate != null
                && !tcb.hasUnsent()
                && !tcb.recovery.owesRepair()
                && tcb.recovery.allowance() > 0) {
            rate.appLimited(tcb.recovery.inNetwork());
        }
    }

    private void sendQueued(long nowNanos) {
        if (!tcb.hasUnsent() || tcb.state == TcpState.TIME_WAIT) {
            tcb.corkLifted = false;
            tcb.timers.stop(Timers.Kind.CORK);
            return;
        }
        int unsent = tcb.unsent();
        restartAfterIdle(nowNanos);
        tcb.path.refresh(nowNanos);
        SentSegments out = tcb.recovery.segments;
        while (tcb.hasUnsent() && mayLeave() && !out.isFull() && sendNext(nowNanos)) {
            // One segment after the other.
        }
        tcb.congestionLimited |= tcb.recovery.allowance() < snd.mss;
        boolean corked = limitCork(nowNanos);
        boolean waits =
                tcb.hasUnsent() && mayLeave() && !tcb.timers.isArmed(Timers.Kind.RETRANSMISSION);
        if (waits && !corked && !tcb.timers.isArmed(Timers.Kind.PERSIST)) {
            armPersist(nowNanos);
        }
        tellOfRoom(unsent);
    }

    private boolean isCorked() {
        return tcb.config.cork() && !tcb.corkLifted && !tcb.finQueued && !snd.isUrgent();
    }

    /// Sees to it that a cork does not hold octets for ever.
    ///
    /// @return whether it is the cork that holds what is left
    private boolean limitCork(long nowNanos) {
        int queued = SeqNum.distance(snd.cursor, tcb.fin());
        int allowed = Math.min(snd.usableWindow(), tcb.recovery.allowance());
        boolean corked = isCorked() && queued > 0 && queued < snd.mss && queued <= allowed;
        if (!corked) {
            tcb.timers.stop(Timers.Kind.CORK);
        } else if (!tcb.timers.isArmed(Timers.Kind.CORK)) {
            tcb.timers.arm(Timers.Kind.CORK, nowNanos + CORK_NANOS);
        }
        tcb.corkLifted &= tcb.hasUnsent();
        return corked;
    }

    /// Sending made room below the low-water mark of unsent octets; acknowledgements tell of theirs.
    private void tellOfRoom(int unsentBefore) {
        int unsent = tcb.unsent();
        if (unsent < unsentBefore && unsent < tcb.config.notSentLowWater()) {
            tcb.events |= Events.WRITABLE;
        }
    }

    private boolean sendNext(long nowNanos) {
        int queued = SeqNum.distance(snd.cursor, tcb.fin());
        int wanted = Math.min(queued, snd.mss);
        int usable = snd.usableWindow();
        int allowed = tcb.recovery.allowance();
        int probe = tcb.path.probe(queued, Math.min(usable, allowed), nowNanos);
        if (probe != 0) {
            // It is saved up for: the window is in use.
            tcb.congestionLimited |= probe < 0;
            return probe > 0 && emitProbe(probe, nowNanos);
        }
        int length = Math.max(0, Math.min(wanted, Math.min(usable, allowed)));
        if (wanted > 0 && !isWorthSending(length, queued)) {
            tcb.congestionLimited |= allowed < Math.min(wanted, usable);
            return false;
        }
        // The FIN takes a sequence number of its own, so it needs its place in the window.
        boolean fin = tcb.finQueued && length == queued && usable > length;
        if (length == 0 && !fin) {
            return false;
        }
        emit(snd.cursor, length, fin, nowNanos);
        return true;
    }

    /// Silly window avoidance with the Nagle algorithm (RFC 9293, 3.8.6.2.1 and 3.7.4).
    private boolean isWorthSending(int length, int queued) {
        boolean resent = snd.cursor != snd.nxt && (length == queued || snd.cursor == snd.una);
        if (length == snd.mss || resent && length > 0) {
            return true;
        }
        boolean waits = !tcb.finQueued && !snd.isUrgent();
        boolean nagle = !tcb.config.noDelay() && snd.una != snd.nxt && waits;
        boolean last = length == queued && !isCorked();
        return length > 0 && !nagle && (last || length >= snd.maxWnd / 2);
    }

    /// RFC 5681, 4.1: after an idle RTO the old window says nothing of the path any more.
    private void restartAfterIdle(long nowNanos) {
        if (snd.una != snd.nxt) {
            return;
        }
        DeliveryRate rate = tcb.recovery.segments.rate();
        if (rate != null && rate.isAppLimited()) {
            tcb.congestion.onTransmitStart(nowNanos);
        }
        long idle = nowNanos - tcb.sentAt;
        if (idle > tcb.rtt.rto()) {
            tcb.congestion.onRestartAfterIdle(idle, nowNanos);
            tcb.sentAt = nowNanos;
        }
    }

    private boolean emitProbe(int length, long nowNanos) {
        emit(snd.cursor, length, false, nowNanos);
        return true;
    }

    private void emit(int seq, int length, boolean fin, long nowNanos) {
        boolean isNew = seq == snd.nxt;
        TcpSegment segment = header(seq, nowNanos).payload(tcb.sendQueue.slice(seq, length));
        report(segment, (snd.mss - length - SACK_HEADER) / SACK_BLOCK);
        pointToUrgent(segment);
        if (fin) {
            segment.flag(TcpFlags.FIN);
        }
        if (length > 0 && seq + length == tcb.sendQueue.end()) {
            // RFC 9293, 3.9.1.2: the last octets that are there carry PSH (MUST-60, MUST-61).
            segment.flag(TcpFlags.PSH);
        }
        if (tcb.ecn != null && isNew && length > 0 && snd.wnd > 0) {
            tcb.ecn.onNewData(segment);
        }
        int again = isNew ? 0 : Math.min(length, SeqNum.distance(seq, snd.nxt));
        tcb.counters.dataSent(length, again, nowNanos);
        tcb.path.onSent(seq, length, isNew);
        snd.advance(seq + segment.length());
        tcb.recovery.onSent(seq, seq + segment.length(), isNew, nowNanos);
        if (isNew) {
            tcb.rtt.segmentSent(snd.nxt, nowNanos);
        } else {
            tcb.rtt.stopTiming();
            tcb.counters.totalRetrans++;
        }
        tcb.sentAt = nowNanos;
        if (pacer != null) {
            pacer.onSent(length, pacingRate);
        }
        if (!tcb.timers.isArmed(Timers.Kind.RETRANSMISSION)) {
            armRetransmission(nowNanos);
        }
        send(segment);
    }

    private void sendAckIfDue(long nowNanos) {
        boolean quick = tcb.config.quickAck() || tcb.config.delayedAckNanos() == 0;
        if (tcb.acks.isDueNow() || tcb.acks.isPending() && quick) {
            sendAck(nowNanos);
        } else if (tcb.acks.isPending() && !tcb.timers.isArmed(Timers.Kind.DELAYED_ACK)) {
            tcb.timers.arm(Timers.Kind.DELAYED_ACK, nowNanos + tcb.config.delayedAckNanos());
        }
    }

    private void sendAck(long nowNanos) {
        TcpSegment ack = bare(snd.edge(), nowNanos);
        if (tcb.ecn != null && tcb.ecn.owesAck()) {
            tcb.ecn.prepareAck(ack);
        }
        send(ack);
    }

    private TcpSegment bare(int seq, long nowNanos) {
        TcpSegment segment = header(seq, nowNanos);
        report(segment, TcpSegment.MAX_SACK_BLOCKS);
        pointToUrgent(segment);
        return segment;
    }

    /// RFC 9293, 3.8.5: the pointer is "the sequence number of the octet following the urgent data" (MUST-62),
    /// and in all segments before it. What is too far ahead for its 16 bits is pointed to as far as they go;
    /// the later segments advance it, so urgent data may have any length (MUST-31).
    private void pointToUrgent(TcpSegment segment) {
        if (snd.isUrgent() && SeqNum.lt(segment.seq(), snd.up)) {
            int ahead = SeqNum.distance(segment.seq(), snd.up);
            segment.urgentPointer(Math.min(ahead, MAX_POINTER));
        }
    }

    /// Adds SACK blocks, as many as the segment has room for: "for each segment sent, the sender should
    /// adjust the data length accordingly" (RFC 9293, 3.7.1); here the option yields to the data.
    private void report(TcpSegment segment, int room) {
        if (!tcb.sackPermitted || tcb.assembler.isEmpty() && !tcb.duplicate.isPending()) {
            return;
        }
        int most = tcb.timestamps.enabled() ? MAX_SACK_WITH_TIMESTAMPS : TcpSegment.MAX_SACK_BLOCKS;
        tcb.assembler.report(segment, Math.clamp(room, 0, most), tcb.duplicate);
    }

    private TcpSegment header(int seq, long nowNanos) {
        TcpSegment segment = new TcpSegment().seq(seq);
        ReceiveSequence rcv = tcb.rcv;
        if (rcv == null) {
            return segment;
        }
        int buffer = tcb.memory.receiveBuffer();
        int window = rcv.offer(buffer, tcb.receiveQueue.unconsumed(), snd.mss);
        tcb.counters.ackSentAt = nowNanos;
        segment.ack(rcv.nxt).window(tcb.memory.windowField(window));
        if (tcb.timestamps.enabled()) {
            segment.timestamps(tcb.timestamps.value(nowNanos), tcb.timestamps.recent());
            tcb.timestamps.lastAckSent = rcv.nxt;
        }
        return segment;
    }

    private void send(TcpSegment segment) {
        if (segment.has(TcpFlags.ACK)) {
            tcb.acks.sent();
            tcb.timers.stop(Timers.Kind.DELAYED_ACK);
        }
        if (tcb.ecn != null) {
            tcb.ecn.stamp(segment);
        }
        tcb.counters.segsOut++;
        tcb.output.segment(segment);
    }

    private void armRetransmission(long nowNanos) {
        tcb.timers.stop(Timers.Kind.PERSIST);
        tcb.timers.arm(Timers.Kind.RETRANSMISSION, nowNanos + tcb.rtt.rto());
        armGiveUp(nowNanos);
    }

    private void armPersist(long nowNanos) {
        tcb.timers.arm(Timers.Kind.PERSIST, nowNanos + tcb.persistIntervalNanos());
        armGiveUp(nowNanos);
    }

    private void armGiveUp(long nowNanos) {
        if (!tcb.timers.isArmed(Timers.Kind.GIVE_UP)) {
            tcb.timers.arm(Timers.Kind.GIVE_UP, nowNanos + tcb.giveUpNanos());
        }
    }
}
