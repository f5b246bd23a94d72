package toytcp.stack.tcp;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.congestion.CongestionController;

/// Detects loss and runs the recovery from it: by time and the peer's SACK blocks (RACK, RFC 8985) if it
/// sends them, else by duplicate ACKs as NewReno does (RFC 5681, 3.2; RFC 6582). Before a loss is certain,
/// the first signs of it let new segments out (limited transmit, RFC 3042).
///
/// What the window does is the [CongestionController]'s part; what is sent again, and how ACKs
/// let segments out meanwhile, is here; with SACK that is proportional rate reduction (RFC 9937).
final class LossRecovery {
    static final int DUPLICATE_THRESHOLD = Rack.DUPLICATE_THRESHOLD;

    private final SendSequence snd;
    private final boolean selective;
    private final SackScoreboard board = new SackScoreboard();
    private final SentSegments segments = new SentSegments();
    private final Rack rack;
    private final ProportionalRateReduction reduction = new ProportionalRateReduction();
    private CongestionController congestion;

    private int duplicates;
    private boolean recovering;

    /// Whether something that was out when the timer expired is still unacknowledged.
    private boolean timedOut;

    /// The sequence number after the highest one sent when the last loss was found: `recover` + 1
    /// of RFC 6582. Deviation: it starts as ISS, one less than the RFC has it, since otherwise the loss
    /// of the very first segment could not be found by duplicates.
    private int recover;

    /// Octets that duplicate ACKs report as having left the network: the artificial inflation of
    /// the window (RFC 5681, 3.2, steps 2 to 4), kept apart from `cwnd` itself; negative if partial
    /// ACKs took more than that. Not used with SACK, which says what has left.
    private int inflation;

    /// Octets that limited transmit let out beyond the window: they count in no FlightSize.
    private int limited;

    private boolean firstPartialAck;

    /// Whether the fast retransmit is due, whatever the window says.
    private boolean retransmitFirst;

    /// SND.UNA after the ACK before, and what was held then.
    private int lastUna;

    private int lastSacked;

    private int repairFrom;
    private int repairTo;

    /// @param selective whether the peer sends SACK blocks
    LossRecovery(
            SendSequence snd,
            CongestionController congestion,
            RttEstimator rtt,
            boolean selective) {
        this.snd = snd;
        this.congestion = congestion;
        this.selective = selective;
        rack = new Rack(rtt);
        recover = snd.iss;
        lastUna = snd.una;
    }

    /// Another algorithm goes on from here.
    void replaceController(CongestionController replacement) {
        congestion = replacement;
    }

    /// How many octets the congestion window still allows.
    int allowance() {
        return isSelectiveRecovery()
                ? reduction.window() - pipe()
                : congestion.window() + inflation - inNetwork();
    }

    /// For [TcpInfo].
    TcpInfo.CaState state() {
        if (recovering) {
            return TcpInfo.CaState.RECOVERY;
        } else if (timedOut) {
            return TcpInfo.CaState.LOSS;
        }
        return duplicates > 0 || !board.isEmpty() ? TcpInfo.CaState.DISORDER : TcpInfo.CaState.OPEN;
    }

    /// Octets beyond SND.UNA that the peer holds.
    int sacked() {
        return board.sacked();
    }

    /// Octets that are taken for lost and not acknowledged yet; all that was out if it was the timer
    /// that said so.
    int lost() {
        if (timedOut) {
            return unsacked(snd.una, recover);
        }
        boolean first = recovering && !selective;
        return first ? Math.min(snd.mss, snd.flightSize()) : segments.lostOctets();
    }

    /// Those of them that were sent again.
    int retransmitted() {
        if (timedOut) {
            return unsacked(snd.una, SeqNum.min(snd.cursor, recover));
        }
        boolean first = recovering && !selective;
        return first ? Math.min(snd.mss, snd.flightSize()) : segments.repairedOctets();
    }

    /// A segment with an acceptable ACK arrived: takes its SACK blocks, once SND.UNA is up to date.
    ///
    /// @return whether it is a duplicate ACK: "a segment that arrives carrying a SACK block that
    ///     identifies previously unacknowledged and un-SACKed octets" (RFC 6675, 2)
    boolean onSackBlocks(TcpSegment segment, long nowNanos) {
        boolean news = selective && board.update(segment, snd.una, snd.nxt) > 0;
        if (news) {
            segments.hold(board, rack, nowNanos);
        }
        if (selective && board.duplicateReported()) {
            rack.onDuplicateReported(snd.una, snd.nxt);
        }
        return news;
    }

    /// A duplicate ACK arrived.
    ///
    /// @return whether the segment at SND.UNA must be sent again now; with SACK, [#nextRepair] tells of it
    boolean onDuplicateAck(long nowNanos) {
        if (recovering) {
            inflate();
            return false;
        }
        duplicates++;
        if (selective || duplicates != DUPLICATE_THRESHOLD || !mayRecover()) {
            limitedTransmit();
            return false;
        }
        begin(nowNanos);
        firstPartialAck = true;
        inflation = DUPLICATE_THRESHOLD * snd.mss;
        return true;
    }

    /// All that an ACK says has been entered; the last call for each.
    ///
    /// @return see [#detectLoss]
    long onAckDone(long nowNanos) {
        if (!selective) {
            return 0;
        }
        int before = unrepaired();
        long wait = detectLoss(nowNanos);
        if (recovering) {
            boolean safe = snd.una != lastUna && unrepaired() <= before;
            reduction.onAck(delivered(), pipe(), safe);
        }
        lastUna = snd.una;
        lastSacked = board.sacked();
        rack.onAckDone(snd.una);
        return wait;
    }

    /// RACK_detect_loss_and_arm_timer () (RFC 8985, 6.2, step 5).
    ///
    /// Deviation: not while everything goes again after a timeout; there the timer remains the judge.
    ///
    /// @return after how many nanoseconds to call it again if no ACK comes; 0 for never
    long detectLoss(long nowNanos) {
        if (timedOut) {
            return 0;
        }
        long settle = rack.settleNanos(recovering, segments.heldSegments());
        long wait = segments.detectLoss(rack, settle, nowNanos);
        if (!recovering && unrepaired() > 0 && mayRecover()) {
            begin(nowNanos);
            startReduction();
        }
        return wait;
    }

    /// What an ACK of new data means for the sender.
    enum Progress {
        /// No recovery was going on.
        NORMAL,
        /// A partial ACK: the segment at SND.UNA is missing too. Restart the timer.
        FIRST_PARTIAL,
        /// As before, but the timer runs on: only the first partial ACK resets it (RFC 6582, 3.2,
        /// step 3).
        PARTIAL,
        /// A partial ACK, and SACK blocks tell what is missing. Restart the timer.
        SELECTIVE,
        /// Everything that was outstanding at the time of the loss has arrived.
        RECOVERED
    }

    /// SND.UNA moved by `acked` octets.
    Progress onNewAck(int acked, long nowNanos) {
        forgetAcknowledged(nowNanos);
        duplicates = 0;
        limited = 0;
        if (!recovering) {
            inflation = 0;
            timedOut &= SeqNum.lt(snd.una, recover);
            // Dragged along, so that it never comes to lie ahead when the sequence space wraps.
            recover = SeqNum.max(recover, snd.una - 1);
            return Progress.NORMAL;
        }
        if (SeqNum.geq(snd.una, recover)) {
            recovering = false;
            retransmitFirst = false;
            inflation = 0;
            rack.onRecovered();
            congestion.onRecovered(largestWindowAfterRecovery(), nowNanos);
            return Progress.RECOVERED;
        }
        return selective ? Progress.SELECTIVE : onPartialAck(acked);
    }

    /// Whether a segment must be sent again now, from [#repairFrom] to [#repairTo].
    boolean nextRepair() {
        if (!isSelectiveRecovery() || snd.wnd == 0) {
            return false;
        }
        boolean first = retransmitFirst;
        retransmitFirst = false;
        int index = segments.nextLost();
        if (index < 0) {
            return false;
        }
        repairFrom = segments.startAt(index);
        // RFC 9293, 3.8.6, SHLD-16: not beyond the edge of a window that shrank.
        int edge = SeqNum.min(repairFrom + snd.mss, snd.una + snd.wnd);
        repairTo = SeqNum.min(segments.endAt(index), edge);
        if (SeqNum.leq(repairTo, repairFrom)) {
            return false;
        }
        return first || SeqNum.distance(repairFrom, repairTo) <= allowance();
    }

    int repairFrom() {
        return repairFrom;
    }

    int repairTo() {
        return repairTo;
    }

    /// Where the sender goes on that wants to send from `seq` on: not with what the peer holds.
    int skipHeld(int seq) {
        return board.skip(seq);
    }

    /// Where a segment that starts at `seq` must end at the latest.
    int endOfHole(int seq, int limit) {
        return board.endOfHole(seq, limit);
    }

    /// A segment was sent.
    ///
    /// @param from its sequence number
    /// @param to the one after it
    /// @param isNew whether nothing of it was sent before
    void onSent(int from, int to, boolean isNew, long nowNanos) {
        int length = SeqNum.distance(from, to);
        if (recovering) {
            reduction.onSent(length);
        } else if (isNew && duplicates > 0) {
            limited += Math.clamp(snd.flightSize() - congestion.window(), 0, length);
        }
        if (selective) {
            segments.sent(from, to, nowNanos);
        }
    }

    /// The retransmission timer expired: everything outstanding will be sent again in order.
    void onRetransmissionTimeout(boolean first, long nowNanos) {
        congestion.onRetransmissionTimeout(snd.flightSize(), first, nowNanos);
        recovering = false;
        resendAll(nowNanos);
        timedOut = true;
    }

    /// Everything outstanding goes again, in order, as the windows allow. No sign of congestion.
    ///
    /// The peer may have thrown away what it held: "After a retransmit timeout, the data sender SHOULD
    /// turn off all of the SACKed bits" (RFC 2018, 8). What it reports from now on is skipped.
    void resendAll(long nowNanos) {
        if (recovering) {
            recovering = false;
            congestion.onRecovered(largestWindowAfterRecovery(), nowNanos);
        }
        board.clear();
        segments.forget();
        lastSacked = 0;
        retransmitFirst = false;
        duplicates = 0;
        limited = 0;
        inflation = 0;
        // RFC 6582, 3.2, step 4; RFC 6675, 5.1.
        recover = snd.nxt;
        snd.cursor = snd.una;
    }

    /// RFC 6582, 3.2, step 3, full acknowledgement, option 1: no burst when little is in flight. With SACK
    /// the flight is about `ssthresh` already (RFC 9937, 6.4).
    private int largestWindowAfterRecovery() {
        return selective ? Integer.MAX_VALUE : Math.max(inNetwork(), snd.mss) + snd.mss;
    }

    /// What counts against the window. After a timeout that is only what was sent since.
    private int inNetwork() {
        boolean all = isSelectiveRecovery() || snd.cursor == snd.nxt;
        return all ? pipe() : unsacked(snd.una, snd.cursor);
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

    private void begin(long nowNanos) {
        recovering = true;
        recover = snd.nxt;
        congestion.onLoss(Math.max(0, snd.flightSize() - limited), nowNanos);
    }

    private void forgetAcknowledged(long nowNanos) {
        if (!selective) {
            return;
        }
        board.acknowledge(snd.una);
        segments.acknowledge(snd.una, rack, nowNanos);
        if (board.isEmpty() && segments.heldSegments() > 0) {
            // The peer threw away what it held.
            segments.forget();
        }
    }

    private boolean isSelectiveRecovery() {
        return selective && recovering;
    }

    /// RFC 9937, 6.1.
    private void startReduction() {
        retransmitFirst = true;
        // After the peer threw away what it held, less is reported than was.
        int recoverFs = snd.flightSize() - board.sacked() + Math.max(0, delivered());
        // An algorithm need not have a threshold.
        int target = Math.min(congestion.slowStartThreshold(), congestion.window());
        reduction.start(snd.mss, target, recoverFs);
    }

    /// DeliveredData: "the change in SND.UNA, plus the signed change in quantity of data marked SACKed in
    /// the scoreboard" (RFC 9937, 6.2).
    private int delivered() {
        return SeqNum.distance(lastUna, snd.una) + board.sacked() - lastSacked;
    }

    private int unsacked(int from, int to) {
        return SeqNum.distance(from, to) - board.sackedBetween(from, to);
    }

    /// Not again for what our own retransmissions caused: RFC 6582, 3.2, step 2, where the ACK must be
    /// beyond `recover`; RFC 6675, 5.1, where HighACK may also be equal to RecoveryPoint.
    private boolean mayRecover() {
        return selective ? SeqNum.geq(snd.una, recover) : SeqNum.gt(snd.una, recover);
    }

    /// RFC 3042, 2: the two first duplicates let a new segment out each, and `cwnd` stays. With SACK the
    /// octets that it reports have left the network, which is as much. Segments that go again after a
    /// timeout wait for the window.
    private void limitedTransmit() {
        boolean early = duplicates < DUPLICATE_THRESHOLD && snd.cursor == snd.nxt;
        inflation = early && !selective ? duplicates * snd.mss : 0;
    }

    /// Bogus duplicates count no more than what is out (RFC 5681, 3.2, step 4).
    private void inflate() {
        if (!selective) {
            inflation = Math.min(inflation + snd.mss, Math.max(inflation, snd.flightSize()));
        }
    }

    /// RFC 6582, 3.2, step 3, partial acknowledgement: deflate by what was acknowledged, below the
    /// window itself if it is more than duplicate ACKs inflated it by.
    private Progress onPartialAck(int acked) {
        inflation = Math.max(-congestion.window(), inflation - acked);
        if (acked >= snd.mss) {
            inflation += snd.mss;
        }
        boolean first = firstPartialAck;
        firstPartialAck = false;
        return first ? Progress.FIRST_PARTIAL : Progress.PARTIAL;
    }
}
