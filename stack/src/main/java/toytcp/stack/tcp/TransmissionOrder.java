package toytcp.stack.tcp;

/// The slots of [SentSegments] whose segments are in flight, chained in the order of their last
/// transmission.
final class TransmissionOrder {
    /// No slot.
    static final int NOWHERE = -1;

    /// The slots of the next and the previous transmission.
    private int[] later = {};

    private int[] earlier = {};
    private int oldest = NOWHERE;
    private int newest = NOWHERE;

    /// The slot of the oldest transmission, or [#NOWHERE].
    int oldest() {
        return oldest;
    }

    /// Puts a transmission into its place, which mostly is the last.
    ///
    /// @param sentAt the time of each slot
    void add(int slot, long[] sentAt) {
        int before = newest;
        while (before != NOWHERE && sentAt[before] > sentAt[slot]) {
            before = earlier[before];
        }
        int after = before == NOWHERE ? oldest : later[before];
        join(before, slot);
        join(slot, after);
    }

    /// Takes one out that is in it.
    void remove(int slot) {
        join(earlier[slot], later[slot]);
    }

    /// Takes all out.
    void clear() {
        oldest = NOWHERE;
        newest = NOWHERE;
    }

    /// The ring of segments grew: slot `head + i & oldCapacity - 1` becomes slot `i`.
    void resize(int oldCapacity, int head, int newCapacity) {
        later = unrolled(later, head, newCapacity);
        earlier = unrolled(earlier, head, newCapacity);
        oldest = moved(oldest, oldCapacity, head);
        newest = moved(newest, oldCapacity, head);
    }

    private static int[] unrolled(int[] links, int head, int newCapacity) {
        int[] longer = new int[newCapacity];
        int length = links.length;
        for (int i = 0; i < length; i++) {
            longer[i] = moved(links[head + i & length - 1], length, head);
        }
        return longer;
    }

    private static int moved(int slot, int length, int head) {
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
