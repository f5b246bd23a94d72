package toytcp.stack.tcp;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpSegment;

/// The loss probe that is out, and what its answer tells (RFC 8985, 7).
final class TailLossProbe {
    /// TLP.max_ack_delay: the longest that today's receivers delay an ACK of a single segment.
    private static final long MAX_ACK_DELAY_NANOS = 100_000_000L;

    /// PTO without a sample.
    private static final long DEFAULT_NANOS = 1_000_000_000L;

    /// On top of two round trips, so that a path faster than clocks and schedulers is not probed in vain;
    /// as much as Linux adds.
    private static final long SLACK_NANOS = 2_000_000L;

    private boolean out;

    /// TLP.end_seq and TLP.is_retrans.
    private int end;

    private boolean again;

    /// The number of RTT samples when the last probe left.
    private int samples = -1;

    /// TLP_calc_PTO (), as far as the RTO does not come first.
    ///
    /// @param srttNanos -1 before the first sample
    /// @param single whether a single segment is out
    static long timeoutNanos(long srttNanos, boolean single) {
        if (srttNanos < 0) {
            return DEFAULT_NANOS;
        }
        return 2 * srttNanos + (single ? MAX_ACK_DELAY_NANOS : SLACK_NANOS);
    }

    /// Whether the probe is under way.
    boolean isOut() {
        return out;
    }

    /// "The sender has obtained an RTT measurement since the last loss probe transmission" (7.3).
    boolean isDue(int rttSamples) {
        return !out && rttSamples != samples;
    }

    /// A probe left.
    void sent(int nxt, boolean retransmission, int rttSamples) {
        out = true;
        end = nxt;
        again = retransmission;
        samples = rttSamples;
    }

    /// TLP_init ().
    void stop() {
        out = false;
    }

    /// TLP_process_ack ().
    ///
    /// @param duplicate whether it is a duplicate ACK without SACK blocks
    /// @param report what its blocks are
    /// @return whether the probe has repaired a loss that nobody else will notice
    boolean onAck(int una, boolean duplicate, TcpSegment ack, SackScoreboard report) {
        if (!out || SeqNum.lt(una, end)) {
            return false;
        }
        boolean arrivedTwice = report.duplicateReported() && ack.sackRight(0) == end || duplicate;
        boolean repaired = again && !arrivedTwice && SeqNum.gt(una, end);
        out = again && !arrivedTwice && !repaired;
        return repaired;
    }
}
