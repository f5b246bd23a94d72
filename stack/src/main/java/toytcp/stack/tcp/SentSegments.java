package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.SeqNum;
import toytcp.stack.tcp.congestion.CongestionController;

/// The segments from SND.UNA to SND.NXT, each with the time of its last transmission and what is known of
/// it (RFC 8985, 5.2): a ring of parallel arrays in the order of sequence numbers, so that nothing is
/// allocated for a segment.
///
/// Those that are in flight, neither held by the peer nor lost, are chained in the order of their last
/// transmission as well: "In Linux TCP, this optimization improved CPU usage by orders of magnitude" (RFC
/// 8985, 6.2). So an ACK costs as much as what it says is new, however large the window is.
final class SentSegments {
    /// When so many are out, nothing new may be sent: more than the largest window has of ordinary size.
    static final int MAX_SEGMENTS = 1 << 20;

    private static final int LEAST_CAPACITY = 8;
    private static final int NOWHERE = TransmissionOrder.NOWHERE;

    private static final byte HELD = 1;

    /// Taken for lost; not withdrawn by sending it again.
    private static final byte LOST = 2;

    /// Sent again since it was last taken for lost.
    private static final byte REPAIRED = 4;

    /// Segment.retransmitted: ever sent again.
    private static final byte REPEATED = 8;

    private int[] ends = {};
    private long[] sentAt = {};
    private byte[] flags = {};

    /// Those that are in flight.
    private final TransmissionOrder order = new TransmissionOrder();

    private int head;
    private int count;

    /// Where the first segment starts.
    private int start;

    /// The time of the last transmission.
    private long latest = Long.MIN_VALUE;

    private int heldSegments;
    private int lostOctets;
    private int repairedOctets;
    private long everLost;

    /// Nothing before this sequence number is lost and not sent again.
    private int firstLost;

    private @Nullable DeliveryRate rate;
    private int watched;
    private boolean originalDelivered;

    /// From here on the rate of delivery is measured if the algorithm wants it.
    void measureFor(CongestionController congestion) {
        rate = DeliveryRate.of(congestion, ends.length, rate);
    }

    /// How fast the path delivers; `null` if nobody wants to know.
    @Nullable DeliveryRate rate() {
        return rate;
    }

    /// Octets from `from` up to `to` were sent, for the first time or again.
    ///
    /// A coarse clock gives many transmissions the same time, and the sequence space tells their order only
    /// if none is a retransmission. So each call has a time of its own, later than the one before by a
    /// nanosecond at least.
    ///
    /// @param mss what was sent at once is tracked in pieces of this size
    void sent(int from, int to, int mss, long nowNanos) {
        latest = Math.max(nowNanos, latest + 1);
        if (count == 0) {
            start = from;
            firstLost = from;
        }
        int end = end();
        int first = from == end ? count : firstThatEndsAfter(from);
        for (int i = first; i < count && SeqNum.lt(startAt(i), to); i++) {
            repeat(i);
        }
        while (SeqNum.gt(to, end)) {
            // A FIN makes no segment of its own if text goes with it.
            end = SeqNum.distance(end, to) <= mss + 1 ? to : end + mss;
            append(end, latest, (byte) 0);
        }
    }

    /// An ACK arrives; from here on [#isOriginalDelivered] tells of what was sent before `limit`.
    void watch(int limit) {
        watched = limit;
        originalDelivered = false;
    }

    /// Whether a segment that was sent once only, and ends at the limit of [#watch] or before, was delivered
    /// since.
    boolean isOriginalDelivered() {
        return originalDelivered;
    }

    /// SND.UNA moved: `rack` hears of each segment that is newly delivered.
    void acknowledge(int una, Rack rack, long nowNanos) {
        while (count > 0 && SeqNum.leq(ends[head], una)) {
            if (has(0, HELD)) {
                heldSegments--;
            } else {
                deliver(0, rack, nowNanos);
            }
            subtract(0);
            start = ends[head];
            head = head + 1 & ends.length - 1;
            count--;
        }
        if (count > 0 && SeqNum.gt(una, start)) {
            // A part of the first segment. If a narrow window cut what went again, the rest did
            // not.
            if (rate != null && !has(0, HELD)) {
                rate.onPartDelivered(SeqNum.distance(start, una));
            }
            subtract(0);
            start = una;
            if (has(0, REPAIRED)) {
                order.remove(head);
                flags[head] &= ~REPAIRED;
                firstLost = una;
            }
            addUp(0);
        }
        firstLost = SeqNum.max(firstLost, start);
    }

    /// The peer newly reported octets within `from` to `to`: `rack` hears of each segment that is wholly held
    /// now and was not before.
    void hold(int from, int to, SackScoreboard board, Rack rack, long nowNanos) {
        for (int i = firstThatEndsAfter(from); i < count && SeqNum.lt(startAt(i), to); i++) {
            if (!has(i, HELD) && SeqNum.geq(board.skip(startAt(i)), endAt(i))) {
                deliver(i, rack, nowNanos);
                subtract(i);
                flags[slot(i)] = (byte) (flags[slot(i)] & REPEATED | HELD);
                heldSegments++;
            }
        }
    }

    /// RACK_detect_loss () (RFC 8985, 6.2, step 5).
    ///
    /// @param settleNanos RACK.rtt + RACK.reo_wnd: how long ago a lost segment was sent at least
    /// @return how long to wait until the last segment that may be lost is; 0 if there is none
    long detectLoss(Rack rack, long settleNanos, long nowNanos) {
        int oldest = order.oldest();
        while (oldest != NOWHERE && rack.isSentBefore(sentAt[oldest], ends[oldest])) {
            if (sentAt[oldest] + settleNanos > nowNanos) {
                // Deviation: RFC 8985 waits for the last segment that was sent before what was
                // delivered; its time is taken as that of the latter, so that nobody looks for it.
                return rack.deliveredSentAt() + settleNanos - nowNanos;
            }
            loseInNetwork(indexOf(oldest), nowNanos);
            oldest = order.oldest();
        }
        return 0;
    }

    /// RACK_mark_losses_on_RTO () (RFC 8985, 6.3).
    void loseOnTimeout(long settleNanos, long nowNanos) {
        if (count > 0 && isInFlight(0)) {
            loseInNetwork(0, nowNanos);
        }
        int oldest = order.oldest();
        while (oldest != NOWHERE && sentAt[oldest] + settleNanos <= nowNanos) {
            loseInNetwork(indexOf(oldest), nowNanos);
            oldest = order.oldest();
        }
    }

    /// The peer has thrown away what it held, or the window was closed to it: all is lost.
    void loseAll() {
        for (int i = 0; i < count; i++) {
            if (has(i, HELD)) {
                heldSegments--;
                flags[slot(i)] &= ~HELD;
                markLost(i);
            } else if (isInFlight(i)) {
                lose(i);
            }
        }
    }

    /// What is in flight of the octets from `from` up to `to` is lost, as far as it was sent in segments of
    /// `least` octets or more.
    void lose(int from, int to, int least) {
        for (int i = firstThatEndsAfter(from); i < count && SeqNum.lt(startAt(i), to); i++) {
            if (isInFlight(i) && SeqNum.distance(startAt(i), endAt(i)) >= least) {
                lose(i);
            }
        }
    }

    /// SND.MSS fell to `mss`: what is larger counts as several segments from here on, as which it would go
    /// again.
    void cut(int mss) {
        int whole = count;
        int from = start;
        if (SeqNum.distance(from, end()) / mss + whole > MAX_SEGMENTS) {
            return;
        }
        int[] oldEnds = new int[whole];
        long[] oldSentAt = new long[whole];
        byte[] oldFlags = new byte[whole];
        for (int i = 0; i < whole; i++) {
            oldEnds[i] = endAt(i);
            oldSentAt[i] = sentAt[slot(i)];
            oldFlags[i] = flags[slot(i)];
        }
        count = 0;
        heldSegments = 0;
        order.clear();
        if (rate != null) {
            rate.forgetSegments();
        }
        for (int i = 0; i < whole; i++) {
            if (i + 1 < whole && isWaiting(oldFlags[i]) && isWaiting(oldFlags[i + 1])) {
                oldFlags[i + 1] |= oldFlags[i];
                continue; // they go again as if they were one
            }
            // A FIN makes no segment of its own if text goes with it.
            int most = i == whole - 1 ? mss + 1 : mss;
            while (from != oldEnds[i]) {
                from = SeqNum.distance(from, oldEnds[i]) <= most ? oldEnds[i] : from + mss;
                append(from, oldSentAt[i], oldFlags[i]);
            }
        }
    }

    private static boolean isWaiting(byte state) {
        return (state & (LOST | REPAIRED)) == LOST;
    }

    /// The loss was none: what was taken for lost is in flight.
    void findAll() {
        if (lostOctets == 0) {
            return;
        }
        order.clear();
        for (int i = 0; i < count; i++) {
            subtract(i);
            flags[slot(i)] &= HELD | REPEATED;
        }
        // What was sent once is in order already, so the chain grows at its end.
        addInFlight(false);
        addInFlight(true);
    }

    private void addInFlight(boolean repeated) {
        for (int i = 0; i < count; i++) {
            if (isInFlight(i) && has(i, REPEATED) == repeated) {
                order.add(slot(i), sentAt);
            }
        }
    }

    /// The first segment that is lost and was not sent again; -1 if there is none.
    int nextLost() {
        if (lostOctets == repairedOctets) {
            return -1;
        }
        int index = firstThatEndsAfter(firstLost);
        while (!has(index, LOST) || has(index, REPAIRED)) {
            index++;
        }
        firstLost = startAt(index);
        return index;
    }

    /// Whether nothing new may be sent, since so many segments are out.
    boolean isFull() {
        return count >= MAX_SEGMENTS;
    }

    /// Where the segment with this index starts.
    int startAt(int index) {
        return index == 0 ? start : endAt(index - 1);
    }

    /// Where the segment with this index ends.
    int endAt(int index) {
        return ends[slot(index)];
    }

    /// Where the last segment starts; there is one.
    int lastStart() {
        return startAt(count - 1);
    }

    /// Whether the first segment is held: then the peer forgot it, or SND.UNA would be beyond it.
    boolean isFirstHeld() {
        return count > 0 && has(0, HELD);
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

    /// Octets that were ever taken for lost, each time anew.
    long everLost() {
        return everLost;
    }

    private int end() {
        return count == 0 ? start : endAt(count - 1);
    }

    private void repeat(int index) {
        int slot = slot(index);
        if (isInFlight(index)) {
            order.remove(slot);
        }
        sentAt[slot] = latest;
        subtract(index);
        flags[slot] |= has(index, LOST) ? REPEATED | REPAIRED : REPEATED;
        addUp(index);
        if (isInFlight(index)) {
            order.add(slot, sentAt);
        }
        if (rate != null) {
            rate.onSent(slot, SeqNum.distance(startAt(index), endAt(index)), latest);
        }
    }

    private void deliver(int index, Rack rack, long nowNanos) {
        int slot = slot(index);
        boolean repeated = has(index, REPEATED);
        if (isInFlight(index)) {
            order.remove(slot);
        }
        originalDelivered |= !repeated && SeqNum.leq(ends[slot], watched);
        rack.onDelivered(sentAt[slot], ends[slot], repeated, nowNanos);
        if (rate != null) {
            int octets = SeqNum.distance(startAt(index), endAt(index));
            rate.onDelivered(slot, octets, repeated, sentAt[slot], nowNanos);
        }
    }

    /// What a rate of delivery counts as lost, too.
    private void loseInNetwork(int index, long nowNanos) {
        if (rate != null) {
            int octets = SeqNum.distance(startAt(index), endAt(index));
            rate.onLost(slot(index), octets, nowNanos);
        }
        lose(index);
    }

    private void lose(int index) {
        order.remove(slot(index));
        markLost(index);
    }

    private void markLost(int index) {
        int slot = slot(index);
        subtract(index);
        flags[slot] = (byte) (flags[slot] & REPEATED | LOST);
        addUp(index);
        firstLost = SeqNum.min(firstLost, startAt(index));
        everLost += SeqNum.distance(startAt(index), endAt(index));
    }

    private void append(int to, long time, byte state) {
        if (count == ends.length) {
            grow();
        }
        int slot = slot(count++);
        ends[slot] = to;
        sentAt[slot] = time;
        flags[slot] = state;
        heldSegments += has(count - 1, HELD) ? 1 : 0;
        if (isInFlight(count - 1)) {
            order.add(slot, sentAt);
        }
        if (rate != null) {
            // What was cut counts as sent now: one sample is less exact.
            rate.onSent(slot, SeqNum.distance(startAt(count - 1), to), latest);
        }
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
        int capacity = Math.max(LEAST_CAPACITY, 2 * length);
        if (rate != null) {
            rate.resize(length, head, capacity);
        }
        order.resize(length, head, capacity);
        int[] moreEnds = new int[capacity];
        long[] moreSentAt = new long[capacity];
        byte[] moreFlags = new byte[capacity];
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
    private void subtract(int index) {
        tally(index, -1);
    }

    /// Puts it back.
    private void addUp(int index) {
        tally(index, 1);
    }

    private void tally(int index, int sign) {
        if (!has(index, LOST)) {
            return;
        }
        int octets = sign * SeqNum.distance(startAt(index), endAt(index));
        lostOctets += octets;
        repairedOctets += has(index, REPAIRED) ? octets : 0;
    }

    /// Whether the segment is in the chain of transmissions.
    private boolean isInFlight(int index) {
        int state = flags[slot(index)] & (HELD | LOST | REPAIRED);
        return state == 0 || state == (LOST | REPAIRED);
    }

    private boolean has(int index, byte flag) {
        return (flags[slot(index)] & flag) != 0;
    }

    private int indexOf(int slot) {
        return slot - head & ends.length - 1;
    }

    private int slot(int index) {
        return head + index & ends.length - 1;
    }
}
