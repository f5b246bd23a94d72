package toytcp.stack.tcp;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpSegment;

import java.util.Arrays;

/// What the peer says that it holds beyond SND.UNA (RFC 2018; RFC 6675, 4): sorted ranges that do not
/// touch, all of them within SND.UNA to SND.NXT.
///
/// It is advisory: nothing leaves the send queue because of it, and forgetting any of it costs only
/// octets that are sent in vain. So its memory is bounded, and blocks that find no room are ignored.
final class SackScoreboard {
    static final int MAX_RANGES = 1 << 14;

    private int[] starts = new int[4];
    private int[] ends = new int[4];
    private int count;
    private int sacked;
    private boolean duplicateReported;

    /// Update () of RFC 6675, 4, for the blocks of `segment`; `sent` learns what is new in them.
    ///
    /// A block that cannot be true is ignored: one that does not end after it starts, or that is not
    /// wholly between SND.UNA and SND.NXT. The octet at SND.UNA itself is never in a true one.
    void update(TcpSegment segment, int una, int nxt, SentSegments sent, Rack rack, long nowNanos) {
        int blocks = segment.sackCount();
        duplicateReported = blocks > 0 && isDuplicateReport(segment);
        for (int i = duplicateReported ? 1 : 0; i < blocks; i++) {
            int left = segment.sackLeft(i);
            int right = segment.sackRight(i);
            // As distances from SND.UNA: each two edges of a block half the sequence space long are
            // in order, and it would pass.
            int from = SeqNum.distance(una, left);
            int to = SeqNum.distance(una, right);
            if (0 < from && from < to && to <= SeqNum.distance(una, nxt)) {
                fill(left, right, sent, rack, nowNanos);
            }
        }
    }

    /// What is not held yet of a block, hole by hole: blocks are repeated in ACK after ACK, and only what
    /// is new may cost.
    private void fill(int left, int right, SentSegments sent, Rack rack, long nowNanos) {
        int from = skip(left);
        while (SeqNum.lt(from, right)) {
            int to = endOfHole(from, right);
            if (!insert(from, to)) {
                return;
            }
            sent.hold(from, to, this, rack, nowNanos);
            from = skip(to);
        }
    }

    /// Whether the last segment's first block reported octets that arrived twice, a D-SACK: "the
    /// sender should compare the sequence space in the first SACK block to the cumulative ACK", and else
    /// to "the sequence space in the second SACK block" (RFC 2883, 4).
    boolean duplicateReported() {
        return duplicateReported;
    }

    /// SND.UNA moved. If an octet that was reported as held is asked for again, the peer has thrown it
    /// away (RFC 2018, 8), and who knows what else: then all is forgotten.
    void acknowledge(int una) {
        int passed = 0;
        while (passed < count && SeqNum.leq(ends[passed], una)) {
            sacked -= SeqNum.distance(starts[passed], ends[passed]);
            passed++;
        }
        remove(0, passed);
        if (count > 0 && SeqNum.leq(starts[0], una)) {
            clear();
        }
    }

    void clear() {
        count = 0;
        sacked = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /// Octets in all ranges.
    int sacked() {
        return sacked;
    }

    /// The sequence number after the highest one that is held; there is one.
    int highest() {
        return ends[count - 1];
    }

    /// The first sequence number from `seq` on that is not held.
    int skip(int seq) {
        int index = firstThatEndsAfter(seq);
        return index < count && SeqNum.leq(starts[index], seq) ? ends[index] : seq;
    }

    /// Where the hole around `seq` ends: at the next held octet, or at `limit`.
    int endOfHole(int seq, int limit) {
        int index = firstThatEndsAfter(seq);
        return index < count ? SeqNum.min(starts[index], limit) : limit;
    }

    private static boolean isDuplicateReport(TcpSegment segment) {
        int left = segment.sackLeft(0);
        int right = segment.sackRight(0);
        if (SeqNum.geq(left, right)) {
            return false;
        }
        return SeqNum.leq(right, segment.ack())
                || segment.sackCount() > 1
                        && SeqNum.geq(left, segment.sackLeft(1))
                        && SeqNum.leq(right, segment.sackRight(1));
    }

    /// @return whether there was room for it
    private boolean insert(int left, int right) {
        int first = firstThatReaches(left);
        int after = first;
        int start = left;
        int end = right;
        while (after < count && SeqNum.leq(starts[after], right)) {
            start = SeqNum.min(start, starts[after]);
            end = SeqNum.max(end, ends[after]);
            sacked -= SeqNum.distance(starts[after], ends[after]);
            after++;
        }
        if (after > first) {
            remove(first + 1, after);
        } else if (!open(first)) {
            return false;
        }
        starts[first] = start;
        ends[first] = end;
        sacked += SeqNum.distance(start, end);
        return true;
    }

    /// The first range that ends at `seq` or later.
    private int firstThatReaches(int seq) {
        return firstThatEndsAfter(seq - 1);
    }

    private int firstThatEndsAfter(int seq) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (SeqNum.gt(ends[middle], seq)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private boolean open(int index) {
        if (count == MAX_RANGES) {
            return false;
        }
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        System.arraycopy(starts, index, starts, index + 1, count - index);
        System.arraycopy(ends, index, ends, index + 1, count - index);
        count++;
        return true;
    }

    private void remove(int from, int to) {
        if (from < to) {
            System.arraycopy(starts, to, starts, from, count - to);
            System.arraycopy(ends, to, ends, from, count - to);
            count -= to - from;
        }
    }
}
