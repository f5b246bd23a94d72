package toytcp.stack.tcp;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.congestion.AckSample;

/// Recent acknowledgement: what was sent last of all that was delivered, how long that took, and how much
/// reordering the path shows (RFC 8985, 6.2, steps 1 to 4).
final class Rack {
    /// Recoveries without a D-SACK for which an enlarged window lasts.
    private static final int PERSISTENCE = 16;

    private final RttEstimator estimator;
    private final Timestamps timestamps;

    /// RACK.xmit_ts, RACK.end_seq and RACK.rtt.
    private long sentAt = Long.MIN_VALUE;

    private int end;
    private long rtt;

    /// The latest transmission that this ACK gave a sample of, and the latest original one.
    private long sampledAt = Long.MIN_VALUE;

    private long originalAt = Long.MIN_VALUE;
    private long rttOfAck = AckSample.NO_RTT;

    /// What this ACK echoes.
    private boolean echoes;

    private int echo;

    /// RACK.fack: the highest sequence number that was delivered, and whether there is one yet.
    private int forward;

    private boolean delivered;
    private boolean reordered;

    /// RACK.reo_wnd_mult and RACK.reo_wnd_persist.
    private int multiplier = 1;

    private int persistence;

    /// RACK.dsack_round: SND.NXT when a duplicate was last reported, while its round trip lasts.
    private int duplicateRound;

    private boolean inDuplicateRound;

    Rack(RttEstimator estimator, Timestamps timestamps) {
        this.estimator = estimator;
        this.timestamps = timestamps;
    }

    /// An ACK arrived; what it delivered follows.
    void beginAck(TcpSegment ack) {
        sampledAt = Long.MIN_VALUE;
        originalAt = Long.MIN_VALUE;
        rttOfAck = AckSample.NO_RTT;
        echoes = timestamps.enabled() && ack.hasTimestamps();
        echo = ack.tsEcr();
        // Not to be met again when the sequence space wraps.
        inDuplicateRound &= SeqNum.lt(ack.ack(), duplicateRound);
    }

    /// From here on what is delivered is reported by SACK.
    ///
    /// Deviation: RFC 8985, 6.2, step 2, asks the echo of such ACKs too; but it is that of the last segment
    /// that arrived in order (RFC 7323, 4.3), older than any retransmission beyond a hole, which so would never
    /// count. Linux does not ask it either.
    void beginReports() {
        echoes = false;
    }

    /// A segment was acknowledged or is held now: RACK_update () and RACK_detect_reordering (). Of several
    /// samples of one ACK, that of the segment that was sent last counts, whatever their order.
    ///
    /// @param sentAtNanos its last transmission
    /// @param endSeq the sequence number after it
    /// @param repeated whether it was ever sent again
    void onDelivered(long sentAtNanos, int endSeq, boolean repeated, long nowNanos) {
        detectReordering(endSeq, repeated);
        // Transmissions of the same moment have times a little apart.
        long sample = Math.max(0, nowNanos - sentAtNanos);
        if (repeated && isOfEarlierTransmission(sentAtNanos, sample)) {
            return;
        }
        if (!repeated && sentAtNanos >= originalAt) {
            originalAt = sentAtNanos;
            rttOfAck = sample;
        }
        if (sentAtNanos >= sampledAt) {
            sampledAt = sentAtNanos;
            rtt = sample;
        }
        boolean later = sentAtNanos == sentAt ? SeqNum.gt(endSeq, end) : sentAtNanos > sentAt;
        if (later) {
            sentAt = sentAtNanos;
            end = endSeq;
        }
    }

    /// The round-trip time that this ACK tells by the segment that was sent last and only once, in
    /// nanoseconds; [AckSample#NO_RTT] if there is none.
    long rttOfAck() {
        return rttOfAck;
    }

    /// RACK.xmit_ts.
    long deliveredSentAt() {
        return sentAt;
    }

    /// RACK_sent_after () for what was delivered: whether a segment left before it.
    boolean isSentBefore(long sentAtNanos, int endSeq) {
        return sentAtNanos == sentAt ? SeqNum.lt(endSeq, end) : sentAtNanos < sentAt;
    }

    /// The peer reported that octets arrived twice (D-SACK): once a round trip the reordering window
    /// becomes larger.
    void onDuplicateReported(int una, int nxt) {
        if (inDuplicateRound && SeqNum.lt(una, duplicateRound)) {
            return;
        }
        inDuplicateRound = true;
        duplicateRound = nxt;
        multiplier++;
        persistence = PERSISTENCE;
    }

    /// What was taken for lost had only been overtaken. Deviation: RFC 8985, 6.2, step 3, learns of reordering
    /// from segments alone that were sent once, which those in a recovery in vain are not; then each such
    /// recovery would leave the window at 0 for the next one.
    void onSpurious() {
        reordered = true;
    }

    /// A recovery is over: in the end the window becomes small again.
    void onRecovered() {
        if (--persistence <= 0) {
            multiplier = 1;
        }
    }

    /// RACK.rtt + RACK.reo_wnd.
    ///
    /// @param recovering whether in fast or timeout recovery
    /// @param heldSegments RACK.segs_sacked
    long settleNanos(boolean recovering, int heldSegments) {
        return rtt + reorderingWindow(recovering, heldSegments);
    }

    /// RACK_update_reo_wnd (), the result.
    long reorderingWindow(boolean recovering, int heldSegments) {
        if (!reordered && (recovering || heldSegments >= LossRecovery.DUPLICATE_THRESHOLD)) {
            return 0;
        }
        long window = multiplier * estimator.minimum() / 4;
        return Math.min(window, Math.max(0, estimator.srtt()));
    }

    /// Step 2: a spurious retransmission must not be taken for a fast answer.
    ///
    /// Deviation: RFC 8985 asks for a whole RACK.min_rtt; a short packet may be faster than the long ones that
    /// it was measured by, and what a loss probe tells would be ignored.
    private boolean isOfEarlierTransmission(long sentAtNanos, long sample) {
        long least = estimator.minimum();
        return echoes && SeqNum.lt(echo, timestamps.value(sentAtNanos))
                || sample < least - least / 8;
    }

    private void detectReordering(int endSeq, boolean repeated) {
        if (!delivered || SeqNum.gt(endSeq, forward)) {
            delivered = true;
            forward = endSeq;
        } else if (SeqNum.lt(endSeq, forward) && !repeated) {
            reordered = true;
        }
    }
}
