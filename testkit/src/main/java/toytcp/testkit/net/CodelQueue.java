package toytcp.testkit.net;

import org.jspecify.annotations.Nullable;

/// Controlled delay: drops at the head, and ever more often, while packets wait longer than the target for a
/// whole interval (RFC 8289, 5, whose names these are).
final class CodelQueue extends PacketQueue {
    /// "MAXPACKET": a queue of one packet is never too long.
    private static final int MAXPACKET = 1500;

    private final long targetNanos;
    private final long intervalNanos;
    private final int limit;
    private final boolean marks;

    /// When the delay will have been too long for an interval; 0 while it is not too long.
    private long firstAboveTime;

    private long dropNext;
    private int count;
    private int lastCount;
    private boolean dropping;

    /// Of the packet that was taken last: whether it may be dropped.
    private boolean okToDrop;

    /// @param limit how many packets fit
    /// @param marks whether ECN-capable packets are marked instead of dropped, as Linux can do
    CodelQueue(long targetNanos, long intervalNanos, int limit, boolean marks) {
        this.targetNanos = targetNanos;
        this.intervalNanos = intervalNanos;
        this.limit = limit;
        this.marks = marks;
    }

    @Override
    @Nullable String offer(Transit packet, long nowNanos) {
        if (size() >= limit) {
            return "lost: the queue is full";
        }
        addLast(packet, nowNanos);
        return null;
    }

    /// RFC 8289, 5.5.
    @Override
    @Nullable Transit poll(long nowNanos, Dropped dropped) {
        Transit packet = dequeue(nowNanos);
        if (packet == null) {
            dropping = false;
            return null;
        }
        if (dropping) {
            return whileDropping(packet, nowNanos, dropped);
        }
        if (!okToDrop) {
            return packet;
        }
        boolean marked = marks && packet.mark();
        if (!marked) {
            drop(packet, nowNanos, dropped);
            packet = dequeue(nowNanos);
        }
        dropping = true;
        // The rate at which the queue was under control is where to begin, if that is not long ago.
        int delta = count - lastCount;
        boolean recent = nowNanos - dropNext < 16 * intervalNanos;
        count = delta > 1 && recent ? delta : 1;
        lastCount = count;
        dropNext = controlLaw(nowNanos);
        return packet;
    }

    private @Nullable Transit whileDropping(Transit first, long nowNanos, Dropped dropped) {
        Transit packet = first;
        if (!okToDrop) {
            dropping = false;
        }
        while (dropping && nowNanos >= dropNext) {
            if (marks && packet.mark()) {
                scheduleNext();
                return packet;
            }
            drop(packet, nowNanos, dropped);
            packet = dequeue(nowNanos);
            if (okToDrop) {
                scheduleNext();
            } else {
                dropping = false;
            }
        }
        return packet;
    }

    private void scheduleNext() {
        count++;
        dropNext = controlLaw(dropNext);
    }

    /// Takes a packet, and finds out whether it may be dropped (RFC 8289, 5.6).
    private @Nullable Transit dequeue(long nowNanos) {
        Transit packet = takeFirst();
        okToDrop = false;
        if (packet == null) {
            firstAboveTime = 0;
            return null;
        }
        if (nowNanos - packet.waitsSinceNanos < targetNanos || octets() <= MAXPACKET) {
            firstAboveTime = 0;
        } else if (firstAboveTime == 0) {
            firstAboveTime = nowNanos + intervalNanos;
        } else {
            okToDrop = nowNanos >= firstAboveTime;
        }
        return packet;
    }

    private long controlLaw(long fromNanos) {
        return fromNanos + (long) (intervalNanos / Math.sqrt(count));
    }

    private static void drop(Transit packet, long nowNanos, Dropped dropped) {
        long waited = (nowNanos - packet.waitsSinceNanos) / 1_000_000;
        dropped.accept(packet, "lost: CoDel, after " + waited + " ms");
    }
}
