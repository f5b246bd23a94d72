package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

import java.util.Arrays;

/// Finds out that an episode of recovery was in vain: by the timestamp that the first ACK of it echoes (the
/// Eifel detection algorithm, RFC 3522), or because the peer reports as duplicate all that was sent again
/// (RFC 3708).
final class SpuriousRetransmission {
    /// Of more retransmissions in one episode, some will be needed.
    private static final int MAX_RANGES = 32;

    private static final int LONG_AGO = 1 << 30;

    private static final int[] NO_RANGES = {};

    private final Timestamps timestamps;

    /// Whether the episode may still turn out to be in vain.
    private boolean open;

    /// Whether the acceptable ACK of RFC 3522, step 3, has not come yet.
    private boolean awaitsEcho;

    private int retransmitTs;

    /// What was sent again, and whether it was reported as duplicate.
    private int[] from = NO_RANGES;

    private int[] to = NO_RANGES;
    private int count;

    /// Whether the ranges are all that was sent again, each once.
    private boolean complete;

    /// Bit for bit, whether a range was reported.
    private int reported;

    /// Whether the timer began the episode.
    private boolean timeout;

    /// The sequence number after the highest octet that was ever sent again.
    private int sentAgain;

    private boolean everSentAgain;

    /// Whether a D-SACK ever came: the peer sends them.
    private boolean reportsDuplicates;

    /// RFC 3708, (A.4): the network duplicates, so a report proves nothing for the rest of the connection.
    private boolean duplicatingNetwork;

    SpuriousRetransmission(Timestamps timestamps) {
        this.timestamps = timestamps;
    }

    /// An episode of recovery begins; what is not known of the one before never will be.
    ///
    /// @param afterTimeout whether the retransmission timer began it
    void begin(boolean afterTimeout) {
        open = true;
        timeout = afterTimeout;
        count = 0;
        complete = true;
        reported = 0;
        awaitsEcho = false;
    }

    /// Whether the retransmission timer began the episode.
    boolean beganWithTimeout() {
        return timeout;
    }

    /// Whatever comes, nothing is taken back.
    void giveUp() {
        open = false;
        awaitsEcho = false;
    }

    /// Octets were sent again.
    void onSentAgain(int start, int end, long nowNanos) {
        sentAgain = everSentAgain ? SeqNum.max(sentAgain, end) : end;
        everSentAgain = true;
        if (!open) {
            return;
        }
        if (count == 0) {
            awaitsEcho = timestamps.enabled();
            retransmitTs = timestamps.value(nowNanos);
        }
        for (int i = 0; i < count; i++) {
            // RFC 3708, (A.3): sent again more than once.
            complete &= SeqNum.leq(end, from[i]) || SeqNum.geq(start, to[i]);
        }
        if (count == MAX_RANGES) {
            complete = false;
            return;
        }
        if (count == from.length) {
            from = Arrays.copyOf(from, Math.max(4, 2 * count));
            to = Arrays.copyOf(to, from.length);
        }
        from[count] = start;
        to[count++] = end;
    }

    /// An acceptable ACK arrived.
    ///
    /// @param acked octets that it acknowledges newly; SND.UNA is beyond them
    /// @param report the SACK blocks that came with it; `null` if the peer sends none
    /// @return whether what was sent again was in vain, and there was no loss
    boolean isProven(TcpSegment ack, int acked, SendSequence snd, @Nullable SackScoreboard report) {
        boolean duplicate = report != null && report.duplicateReported();
        // Dragged along, so that it never comes to lie ahead when the sequence space wraps.
        sentAgain = SeqNum.max(sentAgain, snd.una - LONG_AGO);
        if (duplicate && (!everSentAgain || SeqNum.geq(ack.sackLeft(0), sentAgain))) {
            duplicatingNetwork = true;
        }
        boolean proven = open && isOlderEcho(ack, acked > 0, snd, duplicate);
        reportsDuplicates |= duplicate;
        if (duplicate && open && count > 0) {
            boolean alone = report.isEmpty() && ack.sackLeft(0) == snd.una - acked;
            proven |= takeReport(ack.sackLeft(0), ack.sackRight(0), alone);
        }
        // RFC 4015, 3.4: not if the network is congested anyway.
        return proven && !ack.has(TcpFlags.ECE);
    }

    /// RFC 3522, 3.2, steps 3 to 5, for the ACK of what was sent again first.
    private boolean isOlderEcho(
            TcpSegment ack, boolean advances, SendSequence snd, boolean duplicate) {
        if (!awaitsEcho || !advances || SeqNum.leq(snd.una, from[0])) {
            return false;
        }
        awaitsEcho = false;
        return ack.hasTimestamps()
                && SeqNum.lt(ack.tsEcr(), retransmitTs)
                && !duplicate
                && (reportsDuplicates || snd.una != snd.nxt);
    }

    /// RFC 3708, 3.
    ///
    /// @param alone whether it tells of the oldest segment, and there is no other report: perhaps a whole
    ///     window of ACKs was lost, and what was sent again was needed to learn of it (A.1)
    /// @return whether all that was sent again has been reported now
    private boolean takeReport(int left, int right, boolean alone) {
        for (int i = 0; i < count; i++) {
            if (SeqNum.leq(left, from[i]) && SeqNum.geq(right, to[i])) {
                reported |= 1 << i;
            }
        }
        complete &= !alone;
        return complete && !duplicatingNetwork && Integer.bitCount(reported) == count;
    }
}
