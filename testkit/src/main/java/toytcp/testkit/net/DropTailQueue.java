package toytcp.testkit.net;

import org.jspecify.annotations.Nullable;

/// Drops what does not fit.
final class DropTailQueue extends PacketQueue {
    private final int maxPackets;
    private final int maxOctets;
    private final boolean marks;

    DropTailQueue(int maxPackets, int maxOctets, boolean marks) {
        this.maxPackets = maxPackets;
        this.maxOctets = maxOctets;
        this.marks = marks;
    }

    @Override
    @Nullable String offer(Transit packet, long nowNanos) {
        if (size() >= maxPackets || octets() + (long) packet.octets > maxOctets) {
            return "lost: the queue is full";
        }
        if (marks && (size() > maxPackets / 2 || octets() > maxOctets / 2)) {
            packet.mark();
        }
        addLast(packet, nowNanos);
        return null;
    }

    @Override
    @Nullable Transit poll(long nowNanos, Dropped dropped) {
        return takeFirst();
    }
}
