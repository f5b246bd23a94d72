package toytcp.stack.tcp;

/// How many octets each ACK lets out during recovery, so that the flight shrinks evenly to `ssthresh`
/// within a round trip and does not fall below it for long (RFC 9937).
///
/// The congestion control algorithm says where to (`ssthresh`); this says how to get there.
final class ProportionalRateReduction {
    private static final long MAX_WINDOW = 1 << 30;

    private int mss;
    private int ssthresh;

    /// RecoverFS: what may be delivered during the episode.
    private int recoverFs;

    private long delivered;
    private long out;
    private int window;

    /// Begins an episode (RFC 9937, 6.1).
    ///
    /// @param mss SMSS
    /// @param ssthresh the target of the congestion control algorithm
    /// @param recoverFs SND.NXT - SND.UNA, less what was held before the ACK that begins the episode, more
    ///     what that ACK acknowledged; at least 1
    void start(int mss, int ssthresh, int recoverFs) {
        this.mss = mss;
        this.ssthresh = ssthresh;
        this.recoverFs = Math.max(1, recoverFs);
        delivered = 0;
        out = 0;
        window = 0;
    }

    /// An ACK that starts the episode, or arrives during it (RFC 9937, 6.2).
    ///
    /// @param newlyDelivered DeliveredData; if it is not positive, the ACK changes nothing
    /// @param inFlight octets that are in the network
    /// @param safe SafeACK: whether SND.UNA advances and no further loss is indicated
    void onAck(int newlyDelivered, int inFlight, boolean safe) {
        if (newlyDelivered <= 0) {
            return;
        }
        delivered += newlyDelivered;
        long count;
        if (inFlight > ssthresh) {
            count = Math.ceilDiv(delivered * ssthresh, (long) recoverFs) - out;
        } else {
            count = Math.max(delivered - out, newlyDelivered) + (safe ? mss : 0);
            count = Math.min(ssthresh - inFlight, count);
        }
        if (out == 0 && count == 0) {
            // "Force a fast retransmit upon entering recovery"
            count = mss;
        }
        window = (int) Math.clamp(inFlight + count, 0L, MAX_WINDOW);
    }

    /// Octets left, for the first time or again (RFC 9937, 6.3).
    void onSent(int octets) {
        out += octets;
    }

    /// The congestion window of the episode: what may be in the network until the next ACK.
    int window() {
        return window;
    }
}
