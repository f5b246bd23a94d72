package toytcp.stack.tcp;

import toytcp.codec.SeqNum;
import toytcp.stack.tcp.congestion.CongestionController;

/// Spreads segments over time: "the next departure time for a packet" as a function of the size of the
/// one before and of the rate (draft-ietf-ccwg-bbr, 5.6.2).
///
/// A timer for each segment would cost more than the segment, so what leaves together is a quantum: a
/// millisecond's worth, as Linux has it, at least two segments; at high rates less than a millisecond, so that
/// no burst is larger than it must be, but never more than 4000 quanta a second. A timer that
/// fires late, as all do on a coarse clock, is made up for with what should have left since; time in
/// which there was nothing to send is not.
final class Pacer {
    /// What may always leave at once when nothing is in flight (RFC 6928, 2).
    static final int INITIAL_SEGMENTS = 10;

    private static final int LEAST_SEGMENTS = 2;
    private static final int COMMON_MOST = 1 << 16;
    private static final long QUANTA_A_SECOND = 1000;
    private static final long MOST_QUANTA_A_SECOND = 4000;
    private static final double NANOS_A_SECOND = 1e9;

    /// As RFC 9002, 7.7, has it.
    private static final double GAIN = 1.25;

    private static final double SLOW_START_GAIN = 2;
    private static final long LEAST_PACED_RTT = 2_000_000;

    /// How late a timer may be and be made up for: two ticks of the coarsest clock that there is.
    private static final long MOST_LATE_NANOS = 32_000_000L;

    /// C.next_send_time.
    private long next;

    private boolean started;

    /// Whether something waited for [#next].
    private boolean held;

    /// Until when [#next] may be, for a segment to leave now.
    private long limit;

    /// Whether the window limited the sender in this round trip, which ends with this sequence number.
    private boolean limited;

    private int limitedUntil;

    /// Before the first segment of a flush.
    ///
    /// @param rate octets a second, from 1
    /// @param segment octets of a full-sized segment
    void begin(long rate, int segment, long nowNanos) {
        long earliest = held ? nowNanos - MOST_LATE_NANOS : nowNanos;
        next = started ? Math.max(next, earliest) : nowNanos;
        started = true;
        held = false;
        limit = next > nowNanos ? nowNanos : nowNanos + quantumNanos(rate, segment);
    }

    /// Nothing is in flight: so many octets may leave at once, and are followed by the others at the rate.
    void allowBurst(int octets, long rate, int segment, long nowNanos) {
        long quantum = quantum(rate, segment);
        limit = nowNanos + quantumNanos(rate, segment);
        long beyond = Math.max(0, octets - quantum);
        next = Math.min(next, nowNanos) - (long) (beyond * NANOS_A_SECOND / rate);
    }

    /// Whether a segment may leave now.
    boolean mayLeave() {
        return next < limit;
    }

    /// A segment leaves.
    void onSent(int octets, long rate) {
        next += (long) Math.ceil(octets * NANOS_A_SECOND / rate);
    }

    /// Whether the window limits the sender. One that paces reaches the end of its window only now and then,
    /// so that counts for the round trip that follows.
    ///
    /// @param now whether it does at this moment
    boolean isLimited(boolean now, int una, int nxt) {
        if (now) {
            limited = true;
            limitedUntil = nxt;
        }
        limited &= SeqNum.lt(una, limitedUntil);
        return limited;
    }

    /// When what waits may leave.
    long nextNanos() {
        return next;
    }

    /// The end of a flush.
    ///
    /// @param left whether something is left to send
    /// @return whether it waits for [#nextNanos]
    boolean isHolding(boolean left) {
        held = left && !mayLeave();
        return held;
    }

    /// Whether the window grows by bursts that are worth spreading.
    ///
    /// In slow start each ACK lets out twice what it acknowledges, so half of the window meets in the queue
    /// of the bottleneck; a short one overflows long before the line is full. Half of twice the initial
    /// window is a burst that RFC 6928 allows anyway.
    static boolean isBursty(CongestionController congestion, int segment) {
        int window = congestion.window();
        return window < congestion.slowStartThreshold() && window > 2 * INITIAL_SEGMENTS * segment;
    }

    /// The rate for an algorithm that knows windows only: a little more than the window in each round trip,
    /// so that pacing is not what limits the flow, and twice the window while it doubles.
    ///
    /// On a path of less than two milliseconds there is nothing to spread: quanta of a millisecond would
    /// be the window itself.
    ///
    /// @param smoothedRttNanos negative if unknown
    /// @return octets a second; [CongestionController#NO_PACING] for as fast as possible
    static long windowRate(CongestionController congestion, long smoothedRttNanos) {
        if (smoothedRttNanos < LEAST_PACED_RTT) {
            return CongestionController.NO_PACING;
        }
        int window = congestion.window();
        boolean doubles = window < congestion.slowStartThreshold() / 2;
        double gain = doubles ? SLOW_START_GAIN : GAIN;
        return Math.max(1, (long) (gain * window * NANOS_A_SECOND / smoothedRttNanos));
    }

    /// Octets that leave together.
    static long quantum(long rate, int segment) {
        long millisecond = Math.min(rate / QUANTA_A_SECOND, COMMON_MOST);
        long most = Math.max(millisecond, rate / MOST_QUANTA_A_SECOND);
        return Math.max(most, (long) LEAST_SEGMENTS * segment);
    }

    private static long quantumNanos(long rate, int segment) {
        return (long) (quantum(rate, segment) * NANOS_A_SECOND / rate);
    }
}
