package toytcp.stack.tcp;

import toytcp.codec.SeqNum;

import java.util.Arrays;

/// The segments from SND.UNA to SND.NXT, each with the time of its last transmission and what is known of
/// it (RFC 8985, 5.2): a ring of parallel arrays, so that nothing is allocated for a segment.
final class SentSegments {
    /// Beyond this many, what is sent counts as part of the last segment, which then is tracked less finely.
    static final int MAX_SEGMENTS = 1 << 16;

    private static final byte HELD = 1;

    /// Taken for lost; not withdrawn by sending it again.
    private static final byte LOST = 2;

    /// Sent again since it was last taken for lost.
    private static final byte REPAIRED = 4;

    /// Segment.retransmitted: ever sent again.
    private static final byte REPEATED = 8;

    private int[] ends = new int[16];
    private long[] sentAt = new long[16];
    private byte[] flags = new byte[16];
    private int head;
    private int count;

    /// Where the first segment starts.
    private int start;

    /// The time of the last transmission.
    private long latest = Long.MIN_VALUE;

    private int heldSegments;
    private int lostOctets;
    private int repairedOctets;

    /// Octets from `from` up to `to` were sent, for the first time or again.
    ///
    /// A coarse clock gives many transmissions the same time, and the sequence space tells their order only
    /// if none is a retransmission. So each gets a time of its own, later than the one before by a nanosecond
    /// at least.
    void sent(int from, int to, long nowNanos) {
        latest = Math.max(nowNanos, latest + 1);
        if (count == 0) {
            start = from;
        }
        int end = end();
        for (int i = firstThatEndsAfter(from); i < count && SeqNum.lt(startAt(i), to); i++) {
            repeat(i);
        }
        if (SeqNum.gt(to, end)) {
            append(to);
        }
    }

    /// SND.UNA moved: `rack` hears of each segment that is newly delivered.
    void acknowledge(int una, Rack rack, long nowNanos) {
        while (count > 0 && SeqNum.leq(ends[head], una)) {
            if (has(0, HELD)) {
                heldSegments--;
            } else {
                deliver(0, rack, nowNanos);
            }
            uncount(0);
            start = ends[head];
            head = head + 1 & ends.length - 1;
            count--;
        }
        if (count > 0 && SeqNum.gt(una, start)) {
            // A part of the first segment.
            uncount(0);
            start = una;
            count(0);
        }
    }

    /// The peer reported more: `rack` hears of each segment that is wholly held now and was not before.
    void hold(SackScoreboard board, Rack rack, long nowNanos) {
        int from = start;
        for (int i = 0; i < count && !board.isEmpty(); i++) {
            int end = endAt(i);
            if (SeqNum.gt(end, board.highest())) {
                return;
            }
            if (!has(i, HELD) && SeqNum.geq(board.skip(from), end)) {
                deliver(i, rack, nowNanos);
                uncount(i);
                flags[slot(i)] = (byte) (flags[slot(i)] & REPEATED | HELD);
                heldSegments++;
            }
            from = end;
        }
    }

    /// RACK_detect_loss () (RFC 8985, 6.2, step 5).
    ///
    /// @param settleNanos RACK.rtt + RACK.reo_wnd: how long ago a lost segment was sent at least
    /// @return how long to wait until the last segment that may be lost is; 0 if there is none
    long detectLoss(Rack rack, long settleNanos, long nowNanos) {
        long timeout = 0;
        for (int i = 0; i < count; i++) {
            long sent = sentAt[slot(i)];
            if (has(i, HELD) || has(i, LOST) && !has(i, REPAIRED)) {
                continue;
            }
            if (!rack.isSentBefore(sent, endAt(i))) {
                if (!has(i, REPEATED)) {
                    // All that follow were sent later still.
                    break;
                }
                continue;
            }
            long remaining = sent + settleNanos - nowNanos;
            if (remaining <= 0) {
                uncount(i);
                flags[slot(i)] = (byte) (flags[slot(i)] & REPEATED | LOST);
                count(i);
            } else {
                timeout = Math.max(timeout, remaining);
            }
        }
        return timeout;
    }

    /// The timer takes everything for lost, and the sender begins anew: what was held or lost is
    /// forgotten.
    void forget() {
        for (int i = 0; i < count; i++) {
            flags[slot(i)] &= REPEATED;
        }
        heldSegments = 0;
        lostOctets = 0;
        repairedOctets = 0;
    }

    /// The first segment that is lost and was not sent again; -1 if there is none.
    int nextLost() {
        for (int i = 0; i < count && lostOctets > repairedOctets; i++) {
            if (has(i, LOST) && !has(i, REPAIRED)) {
                return i;
            }
        }
        return -1;
    }

    /// Where the segment with this index starts.
    int startAt(int index) {
        return index == 0 ? start : endAt(index - 1);
    }

    /// Where the segment with this index ends.
    int endAt(int index) {
        return ends[slot(index)];
    }

    /// Segments that are held: RACK.segs_sacked.
    int heldSegments() {
        return heldSegments;
    }

    /// Octets that are taken for lost, sent again or not.
    int lostOctets() {
        return lostOctets;
    }

    /// Those of them that were sent again.
    int repairedOctets() {
        return repairedOctets;
    }

    private int end() {
        return count == 0 ? start : endAt(count - 1);
    }

    private void repeat(int index) {
        int slot = slot(index);
        sentAt[slot] = latest;
        uncount(index);
        flags[slot] |= has(index, LOST) ? REPEATED | REPAIRED : REPEATED;
        count(index);
    }

    private void deliver(int index, Rack rack, long nowNanos) {
        rack.onDelivered(sentAt[slot(index)], endAt(index), has(index, REPEATED), nowNanos);
    }

    private void append(int to) {
        if (count == MAX_SEGMENTS) {
            lengthenLast(to);
            return;
        }
        if (count == ends.length) {
            grow();
        }
        int slot = slot(count++);
        ends[slot] = to;
        sentAt[slot] = latest;
        flags[slot] = 0;
    }

    /// What is new in it is neither held nor lost, so neither is the whole any more.
    private void lengthenLast(int to) {
        int last = count - 1;
        uncount(last);
        heldSegments -= has(last, HELD) ? 1 : 0;
        int slot = slot(last);
        ends[slot] = to;
        sentAt[slot] = latest;
        flags[slot] &= REPEATED;
    }

    private int firstThatEndsAfter(int seq) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (SeqNum.gt(endAt(middle), seq)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void grow() {
        int length = ends.length;
        int[] moreEnds = Arrays.copyOf(ends, 2 * length);
        long[] moreSentAt = Arrays.copyOf(sentAt, 2 * length);
        byte[] moreFlags = Arrays.copyOf(flags, 2 * length);
        for (int i = 0; i < length; i++) {
            moreEnds[i] = ends[slot(i)];
            moreSentAt[i] = sentAt[slot(i)];
            moreFlags[i] = flags[slot(i)];
        }
        ends = moreEnds;
        sentAt = moreSentAt;
        flags = moreFlags;
        head = 0;
    }

    /// Takes a segment out of the sums, before it changes.
    private void uncount(int index) {
        add(index, -1);
    }

    /// Puts it back.
    private void count(int index) {
        add(index, 1);
    }

    private void add(int index, int sign) {
        int octets = sign * SeqNum.distance(startAt(index), endAt(index));
        lostOctets += has(index, LOST) ? octets : 0;
        repairedOctets += has(index, REPAIRED) ? octets : 0;
    }

    private boolean has(int index, byte flag) {
        return (flags[slot(index)] & flag) != 0;
    }

    private int slot(int index) {
        return head + index & ends.length - 1;
    }
}
