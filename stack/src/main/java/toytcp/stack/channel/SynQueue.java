package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

/// The half-open connections of one listener in the order in which they came: a list through the
/// entries themselves.
final class SynQueue {
    private @Nullable HalfOpenEntry oldest;
    private @Nullable HalfOpenEntry newest;
    private int size;

    int size() {
        return size;
    }

    /// The one that came first; null if there is none. The others follow by [HalfOpenEntry#next].
    @Nullable HalfOpenEntry oldest() {
        return oldest;
    }

    void add(HalfOpenEntry entry) {
        entry.queued = true;
        entry.previous = newest;
        if (newest == null) {
            oldest = entry;
        } else {
            newest.next = entry;
        }
        newest = entry;
        size++;
    }

    void remove(HalfOpenEntry entry) {
        if (entry.previous == null) {
            oldest = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next == null) {
            newest = entry.previous;
        } else {
            entry.next.previous = entry.previous;
        }
        entry.previous = null;
        entry.next = null;
        entry.queued = false;
        size--;
    }
}
