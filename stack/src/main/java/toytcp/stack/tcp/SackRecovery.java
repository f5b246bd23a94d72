package toytcp.stack.tcp;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.CongestionController;

/// Recovery with a peer that reports what it holds (RFC 2018): RACK-TLP finds losses by time (RFC 8985), and
/// proportional rate reduction lets segments out meanwhile (RFC 9937).
///
/// Octets are in the network that were sent, are not held, and are not taken for lost; so limited transmit
/// (RFC 3042) and the sequence of what is sent first (RFC 6675) need no rules of their own. What was never sent
/// always follows what is sent again.
final class SackRecovery extends LossRecovery {
    private final SackScoreboard board = new SackScoreboard();
    private final ProportionalRateReduction reduction = new ProportionalRateReduction();
    private final TailLossProbe probe = new TailLossProbe();
    private long reorderWait;

    /// DeliveredData: "the change in SND.UNA, plus the signed change in quantity of data marked SACKed in
    /// the scoreboard" (RFC 9937, 6.2).
    private int deliveredByAck;

    /// What was lost and not sent again before the ACK.
    private int unrepairedBefore;

    /// All octets that were ever taken for lost, as of the last sample.
    private long lostBefore;

    SackRecovery(
            SendSequence snd,
            CongestionController congestion,
            RttEstimator rtt,
            Timestamps timestamps) {
        super(snd, congestion, rtt, timestamps, true);
    }

    @Override
    boolean enter(TcpSegment ack, boolean duplicate, AckSample sample) {
        long now = sample.nowNanos();
        int sackedBefore = board.sacked();
        unrepairedBefore = unrepaired();
        board.acknowledge(snd.una);
        segments.acknowledge(snd.una, rack, now);
        rack.beginReports();
        if (board.isEmpty() && segments.heldSegments() > 0) {
            // The peer threw away what it held (RFC 2018, 8).
            resendAll(now);
            sackedBefore = 0;
        }
        board.update(ack, snd.una, snd.nxt, segments, rack, now);
        if (board.duplicateReported()) {
            rack.onDuplicateReported(snd.una, snd.nxt);
        }
        if (probe.onAck(snd.una, duplicate && ack.sackCount() == 0, ack, board)) {
            onRepairedByProbe(now);
        }
        detectLoss(now);
        deliveredByAck = Math.max(0, sample.acked() + board.sacked() - sackedBefore);
        sample.delivered(deliveredByAck);
        sample.lost((int) (segments.everLost() - lostBefore));
        lostBefore = segments.everLost();
        return unrepaired() > 0;
    }

    @Override
    SackScoreboard lastReport() {
        return board;
    }

    @Override
    boolean onPartialAck(int acked) {
        return true;
    }

    @Override
    void onSent(int from, int to, boolean isNew, long nowNanos) {
        super.onSent(from, to, isNew, nowNanos);
        if (phase == Phase.FAST) {
            reduction.onSent(SeqNum.distance(from, to));
        }
    }

    @Override
    void leave(AckSample sample) {
        if (phase == Phase.FAST) {
            boolean safe = sample.acked() > 0 && unrepaired() <= unrepairedBefore;
            reduction.onAck(sample.delivered(), pipe(), safe);
        }
    }

    /// RFC 9937, 6.1.
    @Override
    void begun() {
        probe.stop();
        // An algorithm need not have a threshold.
        int target = Math.min(congestion.slowStartThreshold(), congestion.window());
        int recoverFs = snd.flightSize() - board.sacked() + deliveredByAck;
        reduction.start(snd.mss, target, recoverFs);
    }

    @Override
    void ended() {
        probe.stop();
    }

    /// Deviation: "After a retransmit timeout, the data sender SHOULD turn off all of the SACKed bits" (RFC
    /// 2018, 8). They stay, as in Linux: a peer that threw something away is found out when SND.UNA comes
    /// to it.
    @Override
    void loseOnTimeout(long nowNanos) {
        reorderWait = 0;
        if (segments.isFirstHeld()) {
            // SND.UNA would be beyond it if the peer had it still.
            loseAll();
        } else {
            segments.loseOnTimeout(settleNanos(), nowNanos);
        }
    }

    @Override
    void loseAll() {
        reorderWait = 0;
        board.clear();
        segments.loseAll();
        // The network did not lose it.
        lostBefore = segments.everLost();
    }

    @Override
    boolean findAll(long nowNanos) {
        segments.findAll();
        detectLoss(nowNanos);
        return unrepaired() > 0;
    }

    @Override
    void loseLarger(int size) {
        segments.lose(snd.una, snd.nxt, size + 1);
        lostBefore = segments.everLost();
    }

    @Override
    void resendProbe(int from, int to) {
        segments.lose(from, to, 1);
        lostBefore = segments.everLost();
        forceRepair();
    }

    @Override
    boolean isOnlyLoss(int from, int to) {
        int first = segments.nextLost();
        if (first < 0) {
            return true;
        }
        int start = segments.startAt(first);
        return SeqNum.geq(start, from) && unrepaired() <= SeqNum.distance(start, to);
    }

    /// Nothing to do: what was never sent is always next, as soon as nothing must be sent again.
    @Override
    void sendNew(boolean first) {}

    @Override
    int window() {
        boolean reducing = phase == Phase.FAST && !congestion.governsRecovery();
        return reducing ? reduction.window() : congestion.window();
    }

    @Override
    int inNetwork() {
        return pipe();
    }

    @Override
    int highestDelivered() {
        return board.isEmpty() ? snd.una : board.highest();
    }

    /// The flight is about `ssthresh` already (RFC 9937, 6.4).
    @Override
    int mostAfterRecovery() {
        return Integer.MAX_VALUE;
    }

    @Override
    boolean findRepair(boolean forced) {
        int index = segments.nextLost();
        if (index < 0) {
            return false;
        }
        int edge = snd.una + snd.wnd;
        repairFrom = segments.startAt(index);
        repairTo = SeqNum.min(segments.endAt(index), repairFrom + snd.mss);
        // The timer is that of the oldest octet, which begins its way anew.
        repairRenewsTimer = repairFrom == snd.una;
        if (SeqNum.gt(repairTo, edge) && !forced) {
            return false;
        }
        repairWaits = !forced && SeqNum.distance(repairFrom, repairTo) > allowance();
        return !repairWaits;
    }

    @Override
    void onReorderTimeout(long nowNanos) {
        deliveredByAck = 0;
        detectLoss(nowNanos);
        if (unrepaired() > 0 && phase == Phase.NONE) {
            begin(nowNanos);
        }
    }

    @Override
    long reorderWaitNanos() {
        return reorderWait;
    }

    @Override
    boolean mayProbe() {
        return phase == Phase.NONE && board.isEmpty() && !probe.isOut() && snd.una != snd.nxt;
    }

    @Override
    boolean takeProbe() {
        return mayProbe() && probe.isDue(rtt.samples());
    }

    @Override
    void probeSent(boolean again) {
        probe.sent(snd.nxt, again, rtt.samples());
    }

    @Override
    boolean isDisordered() {
        return !board.isEmpty();
    }

    @Override
    int sacked() {
        return board.sacked();
    }

    @Override
    int lost() {
        return segments.lostOctets();
    }

    @Override
    int retransmitted() {
        return segments.repairedOctets();
    }

    /// "SND.NXT - SND.UNA, subtracting out bytes SACKed in the scoreboard, subtracting out bytes marked lost
    /// in the scoreboard, and adding bytes in the scoreboard that have been retransmitted since they were
    /// last marked lost" (RFC 9937, 6.2).
    private int pipe() {
        return Math.max(0, snd.flightSize() - board.sacked() - unrepaired());
    }

    private int unrepaired() {
        return segments.lostOctets() - segments.repairedOctets();
    }

    private void detectLoss(long nowNanos) {
        reorderWait = segments.detectLoss(rack, settleNanos(), nowNanos);
    }

    private long settleNanos() {
        return rack.settleNanos(phase != Phase.NONE, segments.heldSegments());
    }

    /// RFC 8985, 7.4.2: "The sender then SHOULD invoke a congestion control response equivalent to a fast
    /// recovery."
    private void onRepairedByProbe(long nowNanos) {
        congestion.onLoss(flightAtCongestion(), nowNanos);
        congestion.onRecovered(Integer.MAX_VALUE, nowNanos);
    }
}
