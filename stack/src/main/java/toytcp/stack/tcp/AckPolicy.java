package toytcp.stack.tcp;

/// Decides when an acknowledgement is due. It only keeps the books; [Transmitter] sends.
///
/// Decisions are taken at the end of a batch: "For example, if the TCP endpoint is processing a series
/// of queued segments, it MUST process them all before sending any ACK segments" (RFC 9293, 3.10.7.4).
final class AckPolicy {
    /// RFC 5961, 7: at most this many challenge ACKs in any window.
    private static final int CHALLENGES = 10;

    private static final long CHALLENGE_WINDOW_NANOS = 5_000_000_000L;

    private boolean now;
    private int unacknowledged;
    private int duplicates;
    private final Quota challenges = new Quota();
    private final Quota answers = new Quota();

    /// In-order text arrived: an ACK may wait, but not for more than two full-sized segments.
    void textArrived(int octets, int fullSize) {
        unacknowledged += octets;
        if (unacknowledged >= 2 * fullSize) {
            now = true;
        }
    }

    /// An ACK must leave at the end of this batch.
    void acknowledgeNow() {
        now = true;
    }

    /// RFC 5681, 4.2: each segment above a gap is answered by a duplicate ACK of its own.
    void outOfOrder() {
        duplicates++;
        now = true;
    }

    /// The gap closed within the batch: one cumulative ACK says it all.
    void gapClosed() {
        duplicates = 0;
        now = true;
    }

    /// A challenge ACK, unless too many were sent lately (RFC 5961, 7).
    void challenge(long nowNanos) {
        now |= challenges.take(nowNanos);
    }

    /// The answer to a bare ACK outside the window: a keep-alive or window probe, if it is the peer's.
    /// Limited too, or two hosts could answer each other for ever; but not by the same quota, which
    /// anybody can use up.
    void answer(long nowNanos) {
        now |= answers.take(nowNanos);
    }

    boolean isDueNow() {
        return now;
    }

    /// Whether text waits for its ACK.
    boolean isPending() {
        return unacknowledged > 0;
    }

    /// Pure ACKs to send before anything else: duplicates lose their meaning on data segments.
    int takeDuplicates() {
        int taken = duplicates;
        duplicates = 0;
        return taken;
    }

    /// A segment with the ACK field left.
    void sent() {
        now = false;
        unacknowledged = 0;
    }

    /// So many in any window of time.
    private static final class Quota {
        private int left = CHALLENGES;
        private long windowEnd;

        boolean take(long nowNanos) {
            if (nowNanos >= windowEnd) {
                windowEnd = nowNanos + CHALLENGE_WINDOW_NANOS;
                left = CHALLENGES;
            }
            if (left == 0) {
                return false;
            }
            left--;
            return true;
        }
    }
}
