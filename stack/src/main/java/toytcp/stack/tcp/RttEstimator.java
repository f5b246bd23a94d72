package toytcp.stack.tcp;

import toytcp.codec.SeqNum;

/// Round-trip time and retransmission timeout (RFC 6298).
///
/// One segment at a time is timed by the clock; a segment that was sent again is never a sample
/// (Karn's algorithm, RFC 6298, 3), unless timestamps tell which transmission was answered.
final class RttEstimator {
    private static final long NONE = -1;

    /// G.
    private static final long GRANULARITY_NANOS = 1_000_000;

    private static final long AFTER_LOST_SYN_NANOS = 3_000_000_000L;

    private final TcpConfig config;
    private long srtt = NONE;
    private long rttvar;
    private final WindowedMinimum minimum = new WindowedMinimum();
    private long latest;
    private int samples;
    private long rto;

    /// No shorter timeout before the second sample.
    private long expected;

    private int backoffs;
    private long timedSince = NONE;
    private int timedEnd;

    /// Whether octets were sent again since the last sample.
    private boolean ambiguous;

    /// SRTT_prev and RTTVAR_prev (RFC 4015, 3.1).
    private long srttBefore;

    private long rttvarBefore;

    /// Whether the next sample is the first after a spurious timeout.
    private boolean timeoutWasSpurious;

    RttEstimator(TcpConfig config) {
        this.config = config;
        rto = config.initialRtoNanos();
    }

    /// The timeout to use now, backed off.
    long rto() {
        return backedOff(rto, backoffs, config.maximumRtoNanos());
    }

    /// `base` doubled `times` times, but never more than `most`.
    static long backedOff(long base, int times, long most) {
        // Beyond this the product leaves the range of a long, and a deadline would lie in the past.
        boolean fits = times < Long.numberOfLeadingZeros(base);
        return fits ? Math.min(base << times, most) : most;
    }

    /// The smoothed round-trip time in nanoseconds, or -1 before the first sample.
    long srtt() {
        return srtt;
    }

    /// The variation of the round-trip time in nanoseconds; 0 before the first sample.
    long rttvar() {
        return rttvar;
    }

    /// The least round-trip time of the last minutes in nanoseconds; 0 before the first sample. Not of all
    /// times, or the move to a longer path would never be noticed (RFC 8985, 6.2, step 1).
    long minimum() {
        return minimum.get();
    }

    /// How many samples were taken; wraps around.
    int samples() {
        return samples;
    }

    /// The last sample in nanoseconds; 0 before the first one.
    long latest() {
        return latest;
    }

    /// How often the timeout is doubled now.
    int backoffs() {
        return backoffs;
    }

    /// A round-trip time that is no sample for the RTO, as more than one comes in a round trip.
    void observe(long rttNanos, long nowNanos) {
        minimum.add(Math.max(1, rttNanos), nowNanos);
    }

    /// The timer expired for the first time (RFC 4015, 3.1, step 0).
    void rememberBeforeTimeout() {
        srttBefore = srtt + 2 * GRANULARITY_NANOS;
        rttvarBefore = rttvar;
    }

    /// It should not have (RFC 4015, 3.1, step 11): the next sample makes the timer more patient.
    void onSpuriousTimeout() {
        timeoutWasSpurious = true;
        backoffs = 0;
    }

    /// RFC 6298, 5.5: "The host MUST set RTO <- RTO * 2".
    void backOff() {
        if (rto() < config.maximumRtoNanos()) {
            backoffs++;
        }
    }

    /// RFC 6298, 5.7: after a lost SYN and no sample (a timestamp's is one; Deviation: the RFC makes no
    /// such exception, but a measured time is better than 3 seconds), data starts with 3 seconds at least.
    void synWasLost() {
        if (srtt == NONE) {
            rto = Math.max(rto, AFTER_LOST_SYN_NANOS);
        }
        backoffs = 0;
    }

    /// Earlier connections needed this timeout. Deviation: RFC 9040 (6.1, Table 1) would begin with their
    /// SRTT and RTTVAR. But a measured time is better than a remembered one, and a timeout that comes too
    /// early does harm where one that comes late does little; so theirs only makes ours longer, up to what
    /// a lost SYN would, and only until a second sample tells how much the time varies now.
    void expect(long rtoNanos) {
        expected = Math.min(rtoNanos, AFTER_LOST_SYN_NANOS);
        rto = Math.max(rto, expected);
    }

    /// Starts timing the segment that ends at `end`, unless another one is being timed.
    void segmentSent(int end, long nowNanos) {
        if (timedSince == NONE) {
            timedSince = nowNanos;
            timedEnd = end;
        }
    }

    /// Karn: octets are sent again, so an acknowledgement would be ambiguous.
    void stopTiming() {
        timedSince = NONE;
        ambiguous = true;
    }

    /// Whether only a timestamp can tell which transmission is being acknowledged.
    boolean needsTimestamp() {
        return ambiguous && timedSince == NONE;
    }

    /// Takes the sample if the timed segment is acknowledged by `ack`.
    ///
    /// @return whether there was a sample
    boolean acknowledged(int ack, long nowNanos) {
        if (timedSince == NONE || SeqNum.lt(ack, timedEnd)) {
            return false;
        }
        sample(nowNanos - timedSince, nowNanos);
        timedSince = NONE;
        return true;
    }

    /// RFC 6298, 2.2 and 2.3.
    void sample(long rttNanos, long nowNanos) {
        long rtt = Math.max(1, rttNanos);
        ambiguous = false;
        latest = rtt;
        samples++;
        minimum.add(rtt, nowNanos);
        boolean first = srtt == NONE;
        if (first) {
            srtt = rtt;
            rttvar = rtt / 2;
        } else {
            rttvar += (Math.abs(srtt - rtt) - rttvar) / 4;
            srtt += (rtt - srtt) / 8;
        }
        if (timeoutWasSpurious) {
            timeoutWasSpurious = false;
            srtt = Math.max(srttBefore, rtt);
            rttvar = Math.max(rttvarBefore, rtt / 2);
        }
        // The variance term is bounded, not the sum: a peer's delayed ACK comes on top of the RTT.
        rto =
                Math.clamp(
                        srtt + Math.max(config.minimumRtoNanos(), 4 * rttvar),
                        config.minimumRtoNanos(),
                        config.maximumRtoNanos());
        if (first) {
            rto = Math.max(rto, expected);
        }
        backoffs = 0;
    }
}
