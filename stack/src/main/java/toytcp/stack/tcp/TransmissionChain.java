package toytcp.stack.tcp;

/// The order in which segments in flight were sent last: a doubly linked list over the slots of a ring, in arrays
/// (RFC 8985, 6.2). Retransmissions make it differ from the order of sequence numbers.
final class TransmissionChain {
    /// No slot.
    static final int NOWHERE = -1;

    private int[] later = {};
    private int[] earlier = {};
    private int oldest = NOWHERE;
    private int newest = NOWHERE;

    /// The slot of what was sent first of all, or [#NOWHERE].
    int oldest() {
        return oldest;
    }

    void clear() {
        oldest = NOWHERE;
        newest = NOWHERE;
    }

    /// Puts a transmission into its place, which mostly is the last.
    ///
    /// @param sentAt when each slot was sent
    void add(int slot, long[] sentAt) {
        int before = newest;
        while (before != NOWHERE && sentAt[before] > sentAt[slot]) {
            before = earlier[before];
        }
        int after = before == NOWHERE ? oldest : later[before];
        join(before, slot);
        join(slot, after);
    }

    void remove(int slot) {
        join(earlier[slot], later[slot]);
    }

    /// The ring becomes longer: slot `head + i & old length - 1` becomes slot `i`.
    void resize(int head, int capacity) {
        int length = later.length;
        later = moved(later, head, capacity);
        earlier = moved(earlier, head, capacity);
        oldest = movedSlot(oldest, head, length);
        newest = movedSlot(newest, head, length);
    }

    private static int[] moved(int[] links, int head, int capacity) {
        int[] longer = new int[capacity];
        for (int i = 0; i < links.length; i++) {
            longer[i] = movedSlot(links[head + i & links.length - 1], head, links.length);
        }
        return longer;
    }

    private static int movedSlot(int slot, int head, int length) {
        return slot == NOWHERE ? NOWHERE : slot - head & length - 1;
    }

    private void join(int before, int after) {
        if (before == NOWHERE) {
            oldest = after;
        } else {
            later[before] = after;
        }
        if (after == NOWHERE) {
            newest = before;
        } else {
            earlier[after] = before;
        }
    }
}
