package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.congestion.CongestionController;

/// What a connection that ended learnt of its path, for the next one to the same peer: temporal sharing of
/// RFC 9040, 6.
///
/// Times and the slow start threshold are passed on, the congestion window is not. A window is a statement
/// of what the path carries now: nobody has sent on it since, others may, and the first burst of a new
/// connection would be as large as the last flight of the old one. No known stack shares it (RFC 9040, 10).
/// The threshold says less: at which window doubling should end. Until it is reached slow start finds out
/// from the initial window on how much of that is still true.
///
/// @param rttNanos the smoothed round-trip time (RFC 6298), from 1
/// @param rttvarNanos its variation, from 0
/// @param slowStartThreshold octets; `Integer.MAX_VALUE` if none was found
/// @param atNanos when the connection ended
public record PathMetrics(long rttNanos, long rttvarNanos, int slowStartThreshold, long atNanos) {
    /// A threshold says something only of a flow that came back to it often, so it is taken from one that
    /// delivered it this many times over: "sharing ssthresh between short flows can deteriorate the
    /// performance of individual connections" (RFC 9040, 8).
    static final int LONG_FLOW = 8;

    /// A connection that is at its end, in good order or not yet over.
    ///
    /// @return null if nothing was measured, or if it ended otherwise
    static @Nullable PathMetrics of(Tcb tcb, long nowNanos) {
        boolean broken = tcb.closeReason != null && tcb.closeReason != CloseReason.NORMAL;
        if (broken || tcb.rtt.srtt() < 0 || tcb.congestion == null) {
            return null;
        }
        return new PathMetrics(tcb.rtt.srtt(), tcb.rtt.rttvar(), threshold(tcb), nowNanos);
    }

    /// At least half of the window of a flow that has left slow start, as it would be after a loss now.
    /// Nothing while a loss is being repaired (RFC 9040, 8.2).
    private static int threshold(Tcb tcb) {
        CongestionController congestion = tcb.congestion;
        int threshold = congestion.slowStartThreshold();
        int window = congestion.window();
        boolean found = threshold != Integer.MAX_VALUE && window >= threshold;
        boolean quiet = tcb.recovery.state() == TcpInfo.CaState.OPEN;
        boolean isLong = tcb.counters.bytesAcked / LONG_FLOW >= threshold;
        return found && quiet && isLong ? Math.max(threshold, window / 2) : Integer.MAX_VALUE;
    }

    /// Merge() of RFC 9040, 6.2: exponential decay, a quarter of the times and half of the threshold are
    /// new. A threshold that this connection did not find stays as it was.
    ///
    /// @param old what was known before, or null
    public PathMetrics merge(@Nullable PathMetrics old) {
        if (old == null) {
            return this;
        }
        int threshold = old.slowStartThreshold;
        if (threshold == Integer.MAX_VALUE) {
            threshold = slowStartThreshold;
        } else if (slowStartThreshold != Integer.MAX_VALUE) {
            threshold += (slowStartThreshold - threshold) / 2;
        }
        return new PathMetrics(
                old.rttNanos + (rttNanos - old.rttNanos) / 4,
                old.rttvarNanos + (rttvarNanos - old.rttvarNanos) / 4,
                threshold,
                atNanos);
    }

    /// Begins a connection with what is known.
    ///
    /// The threshold is never below the initial window: a bad moment, or a peer that wants to do harm, must
    /// not slow down all that follow (RFC 9040, 12).
    void applyTo(CongestionController congestion) {
        if (slowStartThreshold != Integer.MAX_VALUE) {
            int window = congestion.window();
            congestion.takeOver(window, Math.max(window, slowStartThreshold));
        }
    }

    /// The retransmission timeout that the times give, without bounds: `SRTT + max (G, 4*RTTVAR)` (RFC 6298,
    /// 2.3).
    long rtoNanos(long leastVariationNanos) {
        return rttNanos + Math.max(leastVariationNanos, 4 * rttvarNanos);
    }
}
