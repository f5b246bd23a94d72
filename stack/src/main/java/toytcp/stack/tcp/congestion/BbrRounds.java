package toytcp.stack.tcp.congestion;

/// Round trips as packets count them (draft-ietf-ccwg-bbr, 5.5.1): a round is over when something arrives
/// that was sent after the last one was.
final class BbrRounds {
    private long nextRoundDelivered;
    private long delivered;
    private int count;
    private boolean starts;

    /// Whether the window held the sender back in this round, and in the one before.
    private boolean limited;

    private boolean wasLimited;

    /// UpdateRound ().
    void onAck(AckSample sample) {
        delivered = sample.totalDelivered();
        starts = sample.priorDelivered() >= nextRoundDelivered;
        if (starts) {
            start();
            count++;
            wasLimited = limited;
            limited = false;
        }
        limited |= sample.isWindowLimited();
    }

    /// StartRound (): a round begins now.
    void start() {
        nextRoundDelivered = delivered;
    }

    /// BBR.round_count.
    int count() {
        return count;
    }

    /// BBR.round_start: whether this ACK is the first of its round.
    boolean starts() {
        return starts;
    }

    /// C.is_cwnd_limited: "if the connection has fully utilized C.cwnd at any point in the last packet-timed
    /// round trip".
    boolean isLimited() {
        return limited || wasLimited;
    }
}
