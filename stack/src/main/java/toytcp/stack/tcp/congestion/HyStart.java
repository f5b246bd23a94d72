package toytcp.stack.tcp.congestion;

/// Slow start that ends before it overflows the queue: HyStart++ (RFC 9406).
///
/// A round is the time in which what was outstanding at its beginning is acknowledged. When the
/// least round-trip time of a round is clearly longer than that of the round before, the queue fills:
/// slow start goes on more carefully, as Conservative Slow Start (CSS), and ends after some rounds,
/// unless the round-trip time turns out to be short again.
///
/// It tells by how much the window grows and when slow start is over; the window itself is its
/// owner's. It needs many samples a round, so it never ends slow start on a connection without
/// timestamps.
final class HyStart {
    /// RFC 9406, 4.3: the recommended constants.
    static final long MIN_RTT_THRESH = 4_000_000;

    static final long MAX_RTT_THRESH = 16_000_000;
    static final int MIN_RTT_DIVISOR = 8;
    static final int N_RTT_SAMPLE = 8;
    static final int CSS_GROWTH_DIVISOR = 4;
    static final int CSS_ROUNDS = 5;

    /// L: for how many segments an ACK may count. That of a sender that does not pace. Deviation: RFC 9406, 4.3,
    /// has no bound for one that does; nobody tells whether the user's settings spread the window.
    static final int L = 8;

    /// Where slow start stands.
    enum Phase {
        /// The window doubles each round trip.
        SLOW_START,
        /// The window grows by a quarter of that.
        CONSERVATIVE,
        /// Congestion avoidance begins: the threshold is the window.
        DONE
    }

    private static final long INFINITY = Long.MAX_VALUE;

    private Phase phase = Phase.SLOW_START;
    private long lastRoundMinRtt = INFINITY;
    private long currentRoundMinRtt = INFINITY;
    private long cssBaselineMinRtt = INFINITY;
    private int rttSampleCount;
    private int cssRounds;

    /// Octets to be acknowledged until `windowEnd`; 0 before the first ACK.
    private int leftInRound;

    Phase phase() {
        return phase;
    }

    /// RttThresh for the round that follows one with this least round-trip time.
    static long threshold(long lastRoundMinRtt) {
        return Math.clamp(lastRoundMinRtt / MIN_RTT_DIVISOR, MIN_RTT_THRESH, MAX_RTT_THRESH);
    }

    /// An ACK arrived in slow start.
    ///
    /// @param maximumSegmentSize SMSS
    /// @return by how many octets the window grows; 0 if the window did not limit the sender, whose
    /// round-trip times count all the same
    int onAck(AckSample sample, int maximumSegmentSize) {
        int counted = (int) Math.min(sample.acked(), (long) L * maximumSegmentSize);
        int growth = phase == Phase.CONSERVATIVE ? counted / CSS_GROWTH_DIVISOR : counted;
        if (leftInRound == 0) {
            // windowEnd is "initialized to SND.NXT": what is outstanding is the first round.
            leftInRound = sample.flightSize();
        }
        if (sample.rttNanos() != AckSample.NO_RTT) {
            currentRoundMinRtt = Math.min(currentRoundMinRtt, sample.rttNanos());
            rttSampleCount++;
            judge();
        }
        leftInRound -= sample.acked();
        if (leftInRound <= 0) {
            endRound(sample.flightSize() - sample.acked());
        }
        return sample.isWindowLimited() ? growth : 0;
    }

    private void judge() {
        if (rttSampleCount < N_RTT_SAMPLE) {
            return;
        }
        if (phase == Phase.SLOW_START) {
            boolean known = lastRoundMinRtt != INFINITY;
            if (known && currentRoundMinRtt >= lastRoundMinRtt + threshold(lastRoundMinRtt)) {
                cssBaselineMinRtt = currentRoundMinRtt;
                cssRounds = 0;
                phase = Phase.CONSERVATIVE;
            }
        } else if (phase == Phase.CONSERVATIVE && currentRoundMinRtt < cssBaselineMinRtt) {
            // The delay was not the queue's: the exit was spurious.
            cssBaselineMinRtt = INFINITY;
            phase = Phase.SLOW_START;
        }
    }

    private void endRound(int outstanding) {
        leftInRound = outstanding;
        lastRoundMinRtt = currentRoundMinRtt;
        currentRoundMinRtt = INFINITY;
        rttSampleCount = 0;
        // A round in the middle of which CSS began counts too.
        if (phase == Phase.CONSERVATIVE && ++cssRounds == CSS_ROUNDS) {
            phase = Phase.DONE;
        }
    }
}
