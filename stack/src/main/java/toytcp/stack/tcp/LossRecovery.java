package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.CongestionController;

/// Detects loss and runs the recovery from it: [SackRecovery] if the peer reports what it holds, else
/// [DuplicateAckRecovery]. It also finds out that there was no loss, by [ForwardRto] and
/// [SpuriousRetransmission], and takes back what was done.
///
/// What the window does is the [CongestionController]'s part; what is sent again, and how ACKs let
/// segments out meanwhile, is here.
///
/// An ACK is taken in three steps: the books are brought up to date; the controller gets its sample, as for
/// any other ACK; and then episodes end and begin.
abstract sealed class LossRecovery permits SackRecovery, DuplicateAckRecovery {
    /// DupThresh: reordering makes fewer duplicate ACKs than this, mostly (RFC 5681, 3.2).
    static final int DUPLICATE_THRESHOLD = 3;

    /// What is going on.
    enum Phase {
        /// No loss is known.
        NONE,
        /// Fast recovery: acknowledgements told of a loss.
        FAST,
        /// The retransmission timer told of it.
        TIMEOUT
    }

    final SendSequence snd;
    final SentSegments segments = new SentSegments();
    final Rack rack;
    final ForwardRto forwardRto;
    final RttEstimator rtt;
    CongestionController congestion;

    /// Reads marks of congestion; `null` unless ECN is in use.
    @Nullable Ecn ecn;

    Phase phase = Phase.NONE;

    /// The sequence number after the highest one sent when the last loss was found: `recover` + 1
    /// of RFC 6582, RecoveryPoint + 1 of RFC 6675. The episode lasts until it is acknowledged. Deviation: it
    /// starts as ISS, one less than RFC 6582 has it, since otherwise the loss of the very first segment
    /// could not be found by duplicates.
    int recover;

    /// What [#nextRepair] found.
    int repairFrom;

    int repairTo;

    /// Whether the retransmission timer starts anew with it.
    boolean repairRenewsTimer;

    /// Whether something must go again that the congestion window holds back.
    boolean repairWaits;

    private final SpuriousRetransmission spurious;

    /// FlightSize when something could last be sent. The ACKs of one batch are entered before anything
    /// leaves for them, so at the one that tells of a loss less is out than the window allowed.
    private int flightSize;

    /// Whether something is lost for which no episode is going on.
    private boolean lossFound;

    /// Whether a segment must go again whatever the window says.
    private boolean repairDue;

    /// What may be the reason of a loss.
    private @Nullable PathMtu path;

    /// @param reports whether the peer sends SACK blocks
    LossRecovery(
            SendSequence snd,
            CongestionController congestion,
            RttEstimator rtt,
            Timestamps timestamps,
            boolean reports) {
        this.snd = snd;
        this.congestion = congestion;
        this.rtt = rtt;
        rack = new Rack(rtt, timestamps);
        spurious = new SpuriousRetransmission(timestamps);
        forwardRto = new ForwardRto(reports);
        recover = snd.iss;
        segments.measureFor(congestion);
    }

    /// Asks `path` from here on whether a loss has its reason in the size of segments.
    final void watch(PathMtu path) {
        this.path = path;
    }

    /// Another algorithm goes on from here.
    final void replaceController(CongestionController replacement) {
        congestion = replacement;
        segments.measureFor(replacement);
    }

    /// How many octets the congestion window still allows.
    final int allowance() {
        return forwardRto.isProbing() ? forwardRto.allowance() : window() - inNetwork();
    }

    /// A segment with an acceptable ACK arrived; SND.UNA and SND.WND are up to date.
    ///
    /// @param duplicate whether it is a duplicate ACK by RFC 5681, 2
    /// @param sendable octets that were never sent and fit the peer's window
    /// @param sample what the ACK tells so far; completed here, and given to the controller
    /// @return whether the retransmission timer starts anew, if SND.UNA moved
    final boolean onAck(TcpSegment ack, boolean duplicate, int sendable, AckSample sample) {
        long now = sample.nowNanos();
        // Dragged along, so that it never comes to lie ahead when the sequence space wraps.
        recover = phase == Phase.NONE ? SeqNum.max(recover, snd.una - 1) : recover;
        segments.watch(recover);
        rack.beginAck(ack);
        lossFound = enter(ack, duplicate, sample);
        tellController(ack, sample);
        boolean restart = true;
        if (phase != Phase.NONE && SeqNum.geq(snd.una, recover)) {
            end(now);
        } else if (phase == Phase.TIMEOUT) {
            goOnAfterTimeout(duplicate, sendable, sample);
        } else if (phase == Phase.FAST && sample.acked() > 0) {
            restart = onPartialAck(sample.acked());
        }
        if (spurious.isProven(ack, sample.acked(), snd, lastReport())) {
            undo(now);
        }
        if (lossFound && phase == Phase.NONE) {
            begin(now);
        }
        leave(sample);
        return restart;
    }

    /// Enters into the books what an ACK says.
    ///
    /// @param sample gets what was delivered and lost
    /// @return whether it shows that something was lost, for which no episode is going on
    abstract boolean enter(TcpSegment ack, boolean duplicate, AckSample sample);

    /// The blocks that came with the last ACK; `null` if the peer sends none.
    abstract @Nullable SackScoreboard lastReport();

    /// A partial ACK: new data is acknowledged in fast recovery, but not all that was out at the loss.
    ///
    /// @return whether the retransmission timer starts anew
    abstract boolean onPartialAck(int acked);

    /// The last step for each ACK.
    void leave(AckSample sample) {}

    /// Fast recovery begins, and the controller knows.
    abstract void begun();

    /// An episode is over, or is given up.
    abstract void ended();

    /// What the timer takes for lost.
    void loseOnTimeout(long nowNanos) {
        loseAll();
    }

    /// Nothing that is out can be counted on.
    abstract void loseAll();

    /// What was taken for lost is merely late.
    ///
    /// @return whether something is lost all the same
    abstract boolean findAll(long nowNanos);

    /// F-RTO sends new octets for a while, or stops it because the loss is real.
    abstract void sendNew(boolean first);

    /// The window in force.
    abstract int window();

    /// What counts against it.
    abstract int inNetwork();

    /// Finds what must be sent again.
    ///
    /// @param forced whether the window does not count
    /// @return whether there is something; then [#repairFrom] and [#repairTo] say what
    abstract boolean findRepair(boolean forced);

    /// RACK_detect_loss_and_arm_timer () (RFC 8985, 6.2, step 5), when its timer expires. Without SACK blocks
    /// nothing tells what was overtaken.
    void onReorderTimeout(long nowNanos) {}

    /// After how many nanoseconds to call [#onReorderTimeout] if no ACK comes; 0 for never.
    long reorderWaitNanos() {
        return 0;
    }

    /// Whether a loss probe may be scheduled (RFC 8985, 7.2). It wants a peer with SACK (RFC 8985, 3).
    boolean mayProbe() {
        return false;
    }

    /// The loss probe is due.
    ///
    /// @return whether one may be sent (RFC 8985, 7.3)
    boolean takeProbe() {
        return false;
    }

    /// The loss probe left.
    ///
    /// @param again whether what it carried was sent before
    void probeSent(boolean again) {}

    /// For [TcpInfo].
    final TcpInfo.CaState state() {
        return switch (phase) {
            case FAST -> TcpInfo.CaState.RECOVERY;
            case TIMEOUT -> TcpInfo.CaState.LOSS;
            case NONE -> isDisordered() ? TcpInfo.CaState.DISORDER : TcpInfo.CaState.OPEN;
        };
    }

    /// Whether there are signs of a loss, or of reordering.
    abstract boolean isDisordered();

    /// Octets beyond SND.UNA that the peer is known to hold.
    int sacked() {
        return 0;
    }

    /// Octets that are taken for lost and not acknowledged yet; all that was out if it was the timer
    /// that said so.
    abstract int lost();

    /// Those of them that were sent again.
    abstract int retransmitted();

    /// Whether a segment must be sent again now, from [#repairFrom] to [#repairTo].
    ///
    /// A peer that shrinks its window gets no more of what was sent before than fits (RFC 9293, 3.8.6, SHLD-16),
    /// and nothing while it is closed, until it opens or is probed.
    final boolean nextRepair() {
        repairWaits = false;
        if (snd.wnd == 0 || forwardRto.isProbing()) {
            return false;
        }
        boolean forced = repairDue;
        repairDue = false;
        if (!findRepair(forced)) {
            return false;
        }
        repairTo = SeqNum.min(repairTo, snd.una + snd.wnd);
        return SeqNum.lt(repairFrom, repairTo);
    }

    /// Whether the next repair is due whatever the window says.
    final boolean isRepairDue() {
        return repairDue;
    }

    /// Whether something is lost and was not sent again.
    final boolean owesRepair() {
        return repairDue || lost() > retransmitted();
    }

    /// The next repair is due whatever the window says.
    final void forceRepair() {
        repairDue = true;
    }

    /// A segment was sent.
    ///
    /// @param from its sequence number
    /// @param to the one after it
    /// @param isNew whether nothing of it was sent before
    void onSent(int from, int to, boolean isNew, long nowNanos) {
        DeliveryRate rate = segments.rate();
        if (rate != null) {
            rate.beginSending(inNetwork() - (isNew ? SeqNum.distance(from, to) : 0));
        }
        segments.sent(from, to, snd.mss, nowNanos);
        if (isNew) {
            forwardRto.onSent(SeqNum.distance(from, to));
        } else {
            if (phase == Phase.NONE) {
                // A probe, which has nothing to do with the last episode.
                spurious.giveUp();
            }
            spurious.onSentAgain(from, to, nowNanos);
        }
    }

    /// The window was reduced for a mark of congestion, and stays so: nothing from before is taken back.
    final void onMarked() {
        spurious.giveUp();
    }

    /// All that was allowed has left.
    final void onFlushed() {
        flightSize = snd.flightSize();
    }

    /// The retransmission timer expired.
    ///
    /// @param first whether this is the first timeout for the oldest outstanding octet
    final void onRetransmissionTimeout(boolean first, long nowNanos) {
        int flight = phase == Phase.TIMEOUT ? inNetwork() : snd.flightSize();
        congestion.onRetransmissionTimeout(flight, first, nowNanos);
        // RFC 5682, 2.1 and 3.1, step 1: not if a recovery is going on, unless from the same
        // timeout.
        boolean known = phase == Phase.NONE || forwardRto.isWaiting() && !first;
        forwardRto.onTimeout(known, SeqNum.min(snd.una + snd.mss, snd.nxt));
        if (phase == Phase.NONE) {
            spurious.begin(true);
            rtt.rememberBeforeTimeout();
        } else {
            spurious.giveUp();
        }
        startOver();
        loseOnTimeout(nowNanos);
        forceRepair();
    }

    /// Everything outstanding goes again, as the windows allow. No sign of congestion.
    final void resendAll(long nowNanos) {
        startOverWithoutCongestion(nowNanos);
        loseAll();
    }

    /// A router dropped what is larger than `size`; that goes again, in pieces, as the windows allow. No sign of
    /// congestion: "a retransmission caused by a Datagram Too Big message should not change the congestion
    /// window" (RFC 1191, 6.4).
    final void onTooLarge(int size, long nowNanos) {
        startOverWithoutCongestion(nowNanos);
        forceRepair();
        loseLarger(size);
    }

    /// As after a timeout, but the window stays.
    private void startOverWithoutCongestion(long nowNanos) {
        if (phase == Phase.FAST) {
            congestion.onRecovered(mostAfterRecovery(), nowNanos);
        }
        spurious.giveUp();
        forwardRto.stop();
        startOver();
    }

    /// What is larger than `size` is lost, and the network has nothing to do with it.
    void loseLarger(int size) {
        loseAll();
    }

    /// A probe of the path MTU was lost: its octets go again. No sign of congestion (RFC 4821, 7.6.2).
    abstract void resendProbe(int from, int to);

    /// Whether nothing else is known to be lost than what lies within these sequence numbers.
    abstract boolean isOnlyLoss(int from, int to);

    /// The window after a recovery that lets out no burst.
    abstract int mostAfterRecovery();

    private void startOver() {
        ended();
        phase = Phase.TIMEOUT;
        // RFC 6582, 3.2, step 4; RFC 6675, 5.1.
        recover = snd.nxt;
        repairDue = false;
    }

    private void tellController(TcpSegment ack, AckSample sample) {
        long rttNanos = rack.rttOfAck();
        if (rttNanos != AckSample.NO_RTT) {
            sample.rttNanos(rttNanos);
            rtt.observe(rttNanos, sample.nowNanos());
        }
        sample.inFlight(inNetwork());
        DeliveryRate rate = segments.rate();
        if (rate != null) {
            rate.onAckDone(sample, rtt.minimum());
        }
        if (ecn != null) {
            ecn.onAck(ack, sample);
        }
        if (sample.delivered() > 0) {
            congestion.onAck(sample);
        }
    }

    private void goOnAfterTimeout(boolean duplicate, int sendable, AckSample sample) {
        boolean news = duplicate || sample.delivered() > sample.acked();
        boolean original = segments.isOriginalDelivered();
        boolean beyond = SeqNum.gt(highestDelivered(), recover);
        boolean room = sendable >= snd.mss;
        switch (forwardRto.onAck(snd, sample.acked() > 0, news, original, beyond, room)) {
            case SEND_NEW -> sendNew(true);
            case REAL -> sendNew(false);
            case SPURIOUS -> undo(sample.nowNanos());
            case UNKNOWN -> {}
        }
    }

    /// The sequence number after the highest octet that is known to have arrived.
    abstract int highestDelivered();

    /// Fast recovery begins.
    final void begin(long nowNanos) {
        if (path != null && path.explainsLoss(this, nowNanos)) {
            return;
        }
        phase = Phase.FAST;
        recover = snd.nxt;
        congestion.onLoss(flightAtCongestion(), nowNanos);
        spurious.begin(false);
        forceRepair();
        begun();
    }

    /// FlightSize as it was when an ACK tells of congestion. What limited transmit let out beyond the window
    /// does not count (RFC 5681, 3.2, step 2).
    final int flightAtCongestion() {
        return Math.min(congestion.window(), Math.max(flightSize, snd.flightSize()));
    }

    private void end(long nowNanos) {
        boolean fast = phase == Phase.FAST;
        phase = Phase.NONE;
        forwardRto.stop();
        repairDue = false;
        rack.onRecovered();
        int most = mostAfterRecovery();
        ended();
        if (fast) {
            congestion.onRecovered(most, nowNanos);
        }
    }

    /// The response to a retransmission that nothing had asked for (RFC 4015, 3.1).
    private void undo(long nowNanos) {
        if (phase == Phase.TIMEOUT || spurious.beganWithTimeout()) {
            rtt.onSpuriousTimeout();
        }
        spurious.giveUp();
        forwardRto.stop();
        phase = Phase.NONE;
        recover = snd.una - 1;
        repairDue = false;
        ended();
        rack.onSpurious();
        lossFound = findAll(nowNanos);
        // Step 8: "Resume the transmission with previously unsent data".
        snd.cursor = snd.nxt;
        congestion.onSpuriousLoss(snd.flightSize(), nowNanos);
    }
}
