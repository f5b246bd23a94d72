package toytcp.stack.tcp;

import toytcp.codec.SeqNum;
import toytcp.stack.tcp.congestion.CongestionController;

/// Detects loss by duplicate ACKs and runs the recovery of NewReno (RFC 5681, 3.2; RFC 6582).
///
/// Deviation: the first two duplicate ACKs let no new segment out (RFC 3042), yet.
///
/// What the window does is the [CongestionController]'s part; what is sent again, and how duplicate
/// ACKs let new segments out meanwhile, is here.
final class LossRecovery {
    static final int DUPLICATE_THRESHOLD = 3;

    private final SendSequence snd;
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
    /// the window (RFC 5681, 3.2, steps 3 and 4), kept apart from `cwnd` itself; negative if partial
    /// ACKs took more than that.
    private int inflation;

    private boolean firstPartialAck;

    LossRecovery(SendSequence snd, CongestionController congestion) {
        this.snd = snd;
        this.congestion = congestion;
        recover = snd.iss;
    }

    /// Another algorithm goes on from here.
    void replaceController(CongestionController replacement) {
        congestion = replacement;
    }

    /// How many octets the congestion window still allows.
    int allowance() {
        return congestion.window() + inflation - SeqNum.distance(snd.una, snd.cursor);
    }

    /// For [TcpInfo].
    TcpInfo.CaState state() {
        if (recovering) {
            return TcpInfo.CaState.RECOVERY;
        } else if (timedOut) {
            return TcpInfo.CaState.LOSS;
        }
        return duplicates > 0 ? TcpInfo.CaState.DISORDER : TcpInfo.CaState.OPEN;
    }

    /// A duplicate ACK arrived.
    ///
    /// @return whether the segment at SND.UNA must be sent again now
    boolean onDuplicateAck(long nowNanos) {
        duplicates++;
        if (recovering) {
            // Bogus duplicates count no more than what is out (RFC 5681, 3.2, step 4).
            inflation = Math.min(inflation + snd.mss, Math.max(inflation, snd.flightSize()));
            return false;
        }
        // RFC 6582, 3.2, step 2: not again for duplicates that our own retransmissions caused.
        if (duplicates != DUPLICATE_THRESHOLD || SeqNum.leq(snd.una, recover)) {
            return false;
        }
        recovering = true;
        firstPartialAck = true;
        recover = snd.nxt;
        inflation = DUPLICATE_THRESHOLD * snd.mss;
        congestion.onLoss(snd.flightSize(), nowNanos);
        return true;
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
        /// Everything that was outstanding at the time of the loss has arrived.
        RECOVERED
    }

    /// SND.UNA moved by `acked` octets.
    Progress onNewAck(int acked, long nowNanos) {
        duplicates = 0;
        if (!recovering) {
            timedOut &= SeqNum.lt(snd.una, recover);
            // Dragged along, so that it never comes to lie ahead when the sequence space wraps.
            recover = SeqNum.max(recover, snd.una - 1);
            return Progress.NORMAL;
        }
        if (SeqNum.geq(snd.una, recover)) {
            recovering = false;
            inflation = 0;
            congestion.onRecovered(snd.flightSize(), nowNanos);
            return Progress.RECOVERED;
        }
        // RFC 6582, 3.2, step 3, partial acknowledgement: deflate by what was acknowledged, below
        // the window itself if it is more than duplicate ACKs inflated it by.
        inflation = Math.max(-congestion.window(), inflation - acked);
        if (acked >= snd.mss) {
            inflation += snd.mss;
        }
        boolean first = firstPartialAck;
        firstPartialAck = false;
        return first ? Progress.FIRST_PARTIAL : Progress.PARTIAL;
    }

    /// The retransmission timer expired: everything outstanding will be sent again in order.
    void onRetransmissionTimeout(boolean first, long nowNanos) {
        congestion.onRetransmissionTimeout(snd.flightSize(), first, nowNanos);
        recovering = false;
        resendAll(nowNanos);
        timedOut = true;
    }

    /// Everything outstanding goes again, in order, as the windows allow. No sign of congestion.
    void resendAll(long nowNanos) {
        if (recovering) {
            recovering = false;
            congestion.onRecovered(snd.flightSize(), nowNanos);
        }
        duplicates = 0;
        inflation = 0;
        // RFC 6582, 3.2, step 4.
        recover = snd.nxt;
        snd.cursor = snd.una;
    }
}
