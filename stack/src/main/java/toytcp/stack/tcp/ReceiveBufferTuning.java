package toytcp.stack.tcp;

import toytcp.codec.SeqNum;

/// Finds the receive buffer that a connection needs: "dynamic right-sizing", as kernels do it.
///
/// Who consumes so much in a round trip was sent as much in the one before, and a sender that grows by
/// slow start sends twice as much in the next one. So the buffer is made at least twice what the user
/// consumed in a round trip, and as many segments more as make up for its unevenness; more while the
/// amount still grows. A user that does not read gets no larger buffer for what it leaves unread.
///
/// The receiver does not know the round trip. With timestamps it is what passes between our ACK and the
/// first text that echoes it, smoothed; without, the least time that a whole window took to arrive.
///
/// The buffer never shrinks. It costs nothing that nobody uses: what was not offered is no memory.
final class ReceiveBufferTuning {
    /// Where a connection begins: what fits into a window field without scaling.
    static final int INITIAL = 65_536;

    /// A first round trip: the initial window of a sender (RFC 6928, 2), but not more than half of ours, or
    /// what fills it would not count as more.
    private static final int FIRST_SEGMENTS = 10;

    private static final int LARGEST_FIRST_ROUND = INITIAL / 2;

    private static final int SPARE_SEGMENTS = 16;
    private static final long UNKNOWN = -1;

    private final int segment;
    private int size;

    /// Octets that were consumed since the measured round trip began.
    private long consumed;

    /// The most that were consumed in a round trip before.
    private long lastRound;

    private long roundSince;

    /// The round trip in nanoseconds, or [#UNKNOWN].
    private long rtt = UNKNOWN;

    private int lastEcho;

    /// A window's worth of text ends here.
    private int windowEnd;

    private long windowSince;

    /// @param segment octets of text in a full-sized segment of the peer
    /// @param size the buffer to begin with, in octets
    /// @param nxt RCV.NXT
    /// @param wnd RCV.WND
    ReceiveBufferTuning(int segment, int size, int nxt, int wnd, long nowNanos) {
        this.segment = segment;
        this.size = size;
        lastRound = firstRound(segment);
        roundSince = nowNanos;
        windowEnd = nxt + wnd;
        windowSince = nowNanos;
    }

    /// How many octets arrive before there is anything to tune.
    static int firstRound(int segment) {
        return Math.min(FIRST_SEGMENTS * segment, LARGEST_FIRST_ROUND);
    }

    /// The buffer in octets.
    int size() {
        return size;
    }

    /// The round trip as it is known here in nanoseconds; -1 before it is.
    long rtt() {
        return rtt;
    }

    /// The most octets that the user consumed in a round trip.
    long lastRound() {
        return lastRound;
    }

    /// Text arrived in order, and tells nothing by timestamps.
    ///
    /// @param nxt RCV.NXT after it
    /// @param wnd RCV.WND after it
    void textArrived(int nxt, int wnd, long nowNanos) {
        if (SeqNum.lt(nxt, windowEnd)) {
            return;
        }
        long took = Math.max(1, nowNanos - windowSince);
        rtt = rtt == UNKNOWN ? took : Math.min(rtt, took);
        windowEnd = nxt + wnd;
        windowSince = nowNanos;
    }

    /// Text arrived in a full-sized segment that echoes a timestamp of ours.
    ///
    /// @param echo the timestamp; only the first text that echoes it followed it without delay
    /// @param tookNanos how long ago it left
    void echoArrived(int echo, long tookNanos) {
        if (echo == lastEcho) {
            return;
        }
        lastEcho = echo;
        // What is so much less ends a pause of the peer, which had nothing to do with the path.
        boolean first = rtt == UNKNOWN || tookNanos < rtt / 2;
        rtt = first ? tookNanos : rtt + (tookNanos - rtt) / 8;
    }

    /// The user consumed octets.
    ///
    /// @param most the largest buffer
    /// @param mayGrow whether there is memory for a larger one
    void consumed(int octets, int most, boolean mayGrow, long nowNanos) {
        consumed += octets;
        if (rtt == UNKNOWN || nowNanos - roundSince < rtt) {
            return;
        }
        if (consumed > lastRound) {
            long wanted = growth() * consumed + SPARE_SEGMENTS * segment;
            if (mayGrow && wanted > size) {
                size = (int) Math.max(size, Math.min(wanted, most));
            }
            lastRound = consumed;
        }
        consumed = 0;
        roundSince = nowNanos;
    }

    /// How many times what was consumed: 2 in a steady flow; 4 or 3 if it was half or a quarter more than
    /// in the round trip before, so that a sender in slow start does not meet the edge of the window.
    private int growth() {
        if (2 * consumed >= 3 * lastRound) {
            return 4;
        }
        return 4 * consumed >= 5 * lastRound ? 3 : 2;
    }
}
