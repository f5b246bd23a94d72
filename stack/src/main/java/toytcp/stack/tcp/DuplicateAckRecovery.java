package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.CongestionController;

/// Recovery with a peer that sends no SACK blocks: fast retransmit and fast recovery as NewReno does it (RFC
/// 5681, 3.2; RFC 6582). Before a loss is certain, the first signs of it let new segments out (limited
/// transmit, RFC 3042). After a timeout everything goes again in order.
final class DuplicateAckRecovery extends LossRecovery {
    private int duplicates;

    /// Octets that duplicate ACKs report as having left the network: the artificial inflation of
    /// the window (RFC 5681, 3.2, steps 2 to 4), kept apart from `cwnd` itself; negative if partial
    /// ACKs took more than that.
    private int inflation;

    private boolean firstPartialAck;

    /// What is to go again of a lost probe of the path MTU.
    private int probeFrom;

    private int probeTo;

    DuplicateAckRecovery(
            SendSequence snd,
            CongestionController congestion,
            RttEstimator rtt,
            Timestamps timestamps) {
        super(snd, congestion, rtt, timestamps, false);
        probeFrom = snd.una;
        probeTo = snd.una;
    }

    @Override
    boolean enter(TcpSegment ack, boolean duplicate, AckSample sample) {
        segments.acknowledge(snd.una, rack, sample.nowNanos());
        // What duplicates report as delivered is acknowledged later: it must not count twice.
        sample.delivered(sample.acked()).lost(0);
        if (sample.acked() > 0) {
            duplicates = 0;
            inflation = phase == Phase.FAST ? inflation : 0;
        }
        if (!duplicate) {
            return false;
        }
        if (phase == Phase.FAST) {
            inflate();
            return false;
        }
        duplicates++;
        // RFC 6582, 3.2, step 2: not for what our own retransmissions caused.
        boolean found = duplicates == DUPLICATE_THRESHOLD && SeqNum.gt(snd.una, recover);
        if (found) {
            sample.lost(Math.min(snd.mss, snd.flightSize()));
        } else {
            limitedTransmit();
        }
        return found;
    }

    @Override
    @Nullable SackScoreboard lastReport() {
        return null;
    }

    /// RFC 6582, 3.2, step 3, partial acknowledgement: the next segment is missing too. Deflate by what was
    /// acknowledged, below the window itself if it is more than duplicate ACKs inflated it by. Only the first
    /// one resets the timer.
    @Override
    boolean onPartialAck(int acked) {
        inflation = Math.max(-congestion.window(), inflation - acked);
        if (acked >= snd.mss) {
            inflation += snd.mss;
        }
        forceRepair();
        boolean first = firstPartialAck;
        firstPartialAck = false;
        return first;
    }

    @Override
    void begun() {
        firstPartialAck = true;
        inflation = DUPLICATE_THRESHOLD * snd.mss;
    }

    @Override
    void ended() {
        duplicates = 0;
        inflation = 0;
    }

    @Override
    void loseAll() {
        snd.cursor = snd.una;
    }

    @Override
    boolean findAll(long nowNanos) {
        return false;
    }

    /// In one go: nothing would tell that the first piece has arrived and the next is missing.
    @Override
    void resendProbe(int from, int to) {
        ended();
        recover = snd.nxt;
        probeFrom = from;
        probeTo = to;
    }

    @Override
    boolean isOnlyLoss(int from, int to) {
        return SeqNum.leq(from, snd.una) && SeqNum.lt(snd.una, to);
    }

    @Override
    void sendNew(boolean first) {
        snd.cursor = first ? snd.nxt : snd.una;
    }

    @Override
    int window() {
        return congestion.window() + inflation;
    }

    /// After a timeout that is only what was sent since.
    @Override
    int inNetwork() {
        return SeqNum.distance(snd.una, snd.cursor);
    }

    @Override
    int highestDelivered() {
        return snd.una;
    }

    /// RFC 6582, 3.2, step 3, full acknowledgement, option 1: no burst when little is in flight.
    @Override
    int mostAfterRecovery() {
        return Math.max(inNetwork(), snd.mss) + snd.mss;
    }

    @Override
    boolean findRepair(boolean forced) {
        probeFrom = SeqNum.max(probeFrom, snd.una);
        if (SeqNum.lt(probeFrom, probeTo)) {
            repairFrom = probeFrom;
            repairTo = SeqNum.min(probeFrom + snd.mss, probeTo);
            probeFrom = repairTo;
            return true;
        }
        repairFrom = snd.una;
        repairTo = SeqNum.min(snd.una + snd.mss, snd.nxt);
        return forced && snd.una != snd.nxt;
    }

    @Override
    boolean isDisordered() {
        return duplicates > 0;
    }

    @Override
    int lost() {
        return switch (phase) {
            case FAST -> Math.min(snd.mss, snd.flightSize());
            case TIMEOUT -> Math.max(0, SeqNum.distance(snd.una, recover));
            case NONE -> 0;
        };
    }

    @Override
    int retransmitted() {
        return switch (phase) {
            case FAST -> Math.min(snd.mss, snd.flightSize());
            case TIMEOUT -> Math.max(0, SeqNum.distance(snd.una, SeqNum.min(snd.cursor, recover)));
            case NONE -> 0;
        };
    }

    /// RFC 3042, 2: the two first duplicates let a new segment out each, and `cwnd` stays. Segments that go
    /// again after a timeout wait for the window.
    private void limitedTransmit() {
        boolean early = duplicates < DUPLICATE_THRESHOLD && phase == Phase.NONE;
        inflation = early ? duplicates * snd.mss : 0;
    }

    /// Bogus duplicates count no more than what is out (RFC 5681, 3.2, step 4).
    private void inflate() {
        inflation = Math.min(inflation + snd.mss, Math.max(inflation, snd.flightSize()));
    }
}
