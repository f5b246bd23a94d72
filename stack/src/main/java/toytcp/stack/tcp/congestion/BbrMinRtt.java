package toytcp.stack.tcp.congestion;

/// The round-trip time without a queue, as far as BBR knows it, and when it must look again
/// (draft-ietf-ccwg-bbr, 5.3.4.3).
final class BbrMinRtt {
    /// BBR.MinRTTFilterLen.
    static final long FILTER = 10_000_000_000L;

    /// BBR.ProbeRTTInterval: "each BBR flow MUST use the standard BBR.ProbeRTTInterval of 5 secs."
    static final long INTERVAL = 5_000_000_000L;

    private static final long INFINITY = Long.MAX_VALUE;

    private long minimum = INFINITY;
    private long minimumAt;

    /// BBR.probe_rtt_min_delay and its stamp.
    private long recent = INFINITY;

    private long recentAt;
    private boolean expired;
    private boolean begun;

    /// UpdateMinRTT ().
    void onAck(AckSample sample) {
        long now = sample.nowNanos();
        if (!begun) {
            begun = true;
            recentAt = now;
            minimumAt = now;
        }
        expired = now - recentAt > INTERVAL;
        long rtt = sample.rttNanos();
        if (rtt != AckSample.NO_RTT && (rtt < recent || expired)) {
            // A clock of a millisecond may see no time pass at all.
            recent = Math.max(1, rtt);
            recentAt = now;
        }
        if (recent < minimum || now - minimumAt > FILTER) {
            minimum = recent;
            minimumAt = recentAt;
        }
    }

    /// BBR.probe_rtt_expired: ProbeRTT is due.
    boolean isExpired() {
        return expired;
    }

    /// A ProbeRTT is over, and the next one is due after the interval.
    void schedule(long nowNanos) {
        recentAt = nowNanos;
    }

    boolean isKnown() {
        return minimum != INFINITY;
    }

    /// BBR.min_rtt in nanoseconds, from 1, if it is known.
    long nanos() {
        return minimum;
    }
}
