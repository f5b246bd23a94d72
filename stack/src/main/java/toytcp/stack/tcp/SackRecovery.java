package toytcp.stack.tcp;

import toytcp.codec.SeqNum;

/// What is in the network, and what to send again next, by the peer's SACK blocks (RFC 6675, 4).
///
/// RFC 6675 names the highest octet of something; here, as everywhere, a variable is the sequence
/// number after it.
final class SackRecovery {
    private final SendSequence snd;
    private final SackScoreboard board;

    /// HighRxt: what was sent again in this recovery lies before it.
    private int highRxt;

    /// RescueRxt: no rescue before SND.UNA is beyond.
    private int rescueRxt;

    private int from;
    private int to;

    /// Whether what was found is a rescue.
    private boolean rescue;

    SackRecovery(SendSequence snd, SackScoreboard board) {
        this.snd = snd;
        this.board = board;
    }

    /// Begins a recovery: the segment at SND.UNA goes first (RFC 6675, 5, step 4.3).
    void start() {
        highRxt = snd.una;
        rescueRxt = board.endOfHole(snd.una, SeqNum.min(snd.una + snd.mss, snd.nxt));
    }

    /// Fast retransmit: the segment at SND.UNA, from [#from] to [#to], whatever is known of it.
    void findFirst() {
        from = snd.una;
        to = board.endOfHole(from, SeqNum.min(from + snd.mss, snd.nxt));
        rescue = false;
    }

    /// What was found is sent.
    ///
    /// @param recover RecoveryPoint
    void take(int recover) {
        if (rescue) {
            // "HighRxt MUST NOT be updated."
            rescueRxt = recover;
        } else {
            highRxt = SeqNum.max(highRxt, to);
        }
    }

    /// SetPipe ().
    int pipe() {
        int lost = board.lostBefore(snd.una, snd.mss);
        return unsacked(lost, snd.nxt) + retransmitted();
    }

    /// Octets that are lost as far as we know, whether sent again or not.
    int lost() {
        return unsacked(snd.una, board.lostBefore(snd.una, snd.mss));
    }

    /// Octets that were sent again and are neither acknowledged nor held.
    int retransmitted() {
        return unsacked(snd.una, SeqNum.max(snd.una, highRxt));
    }

    /// NextSeg (), rule 1: the next segment that is lost. If there is one, it is from [#from] to [#to].
    boolean findLost() {
        return findBefore(board.lostBefore(snd.una, snd.mss));
    }

    /// NextSeg (), rules 3 and 4: a segment of which less is known, so that ACKs go on arriving.
    boolean findLastResort() {
        boolean found = !board.isEmpty() && findBefore(board.highest());
        return found || findRescue();
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    private boolean findBefore(int limit) {
        from = board.skip(SeqNum.max(snd.una, highRxt));
        if (SeqNum.geq(from, limit)) {
            return false;
        }
        to = board.endOfHole(from, SeqNum.min(from + snd.mss, snd.nxt));
        rescue = false;
        return true;
    }

    /// Rule 4: "one segment of up to SMSS octets that MUST include the highest outstanding unSACKed
    /// sequence number".
    ///
    /// Deviation: not if it was sent again in this recovery already, since then its ACK is still to come.
    private boolean findRescue() {
        to = board.endOfLastHole(snd.nxt);
        boolean repeated = SeqNum.leq(to, highRxt);
        if (repeated || SeqNum.leq(snd.una, rescueRxt) || snd.una == snd.nxt) {
            return false;
        }
        from = board.startOfHole(to, SeqNum.max(snd.una, to - snd.mss));
        rescue = true;
        return true;
    }

    private int unsacked(int start, int end) {
        return SeqNum.distance(start, end) - board.sackedBetween(start, end);
    }
}
