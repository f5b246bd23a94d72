package toytcp.testkit.net;

import java.time.Duration;

/// What waits in front of a line that has a [rate][LinkSettings#rate], and who has to go when it is too much.
///
/// A queue here is a plan: each direction of each link has packets of its own.
public abstract sealed class LinkQueue {
    private static final int CODEL_PACKETS = 10_000;

    private LinkQueue() {}

    /// Room for so many packets; what does not fit is dropped.
    ///
    /// @param limit from 1
    public static LinkQueue packets(int limit) {
        return new DropTail(positive("packets", limit), Integer.MAX_VALUE, false);
    }

    /// Room for so many octets, IP headers included; what does not fit is dropped. The packet that is
    /// being sent is no longer in the queue.
    ///
    /// @param limit from 1
    public static LinkQueue octets(int limit) {
        return new DropTail(Integer.MAX_VALUE, positive("octets", limit), false);
    }

    /// Controlled delay (RFC 8289) with its defaults: packets wait 5 ms, or longer only for less than
    /// 100 ms.
    public static LinkQueue codel() {
        return codel(Duration.ofMillis(5), Duration.ofMillis(100));
    }

    /// Controlled delay (RFC 8289).
    ///
    /// @param target how long packets may wait (TARGET)
    /// @param interval how long they may wait longer, about the round-trip time of the path (INTERVAL)
    public static LinkQueue codel(Duration target, Duration interval) {
        if (!target.isPositive() || interval.compareTo(target) <= 0) {
            throw new IllegalArgumentException(
                    "CoDel's target is positive and less than its interval, got %s and %s: try 5 ms and 100 ms"
                            .formatted(target, interval));
        }
        return new Codel(target.toNanos(), interval.toNanos(), false);
    }

    /// The same queue, but it marks ECN-capable packets instead of dropping them (RFC 3168, 5): CoDel those
    /// that it would drop, others all that arrive while more than half of its limit waits.
    public abstract LinkQueue ecn();

    abstract PacketQueue create();

    private static int positive(String what, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException(
                    "a queue has room for 1 or more " + what + ", got " + limit);
        }
        return limit;
    }

    private static final class DropTail extends LinkQueue {
        private final int packets;
        private final int octets;
        private final boolean marks;

        DropTail(int packets, int octets, boolean marks) {
            this.packets = packets;
            this.octets = octets;
            this.marks = marks;
        }

        @Override
        public LinkQueue ecn() {
            return new DropTail(packets, octets, true);
        }

        @Override
        PacketQueue create() {
            return new DropTailQueue(packets, octets, marks);
        }
    }

    private static final class Codel extends LinkQueue {
        private final long targetNanos;
        private final long intervalNanos;
        private final boolean marks;

        Codel(long targetNanos, long intervalNanos, boolean marks) {
            this.targetNanos = targetNanos;
            this.intervalNanos = intervalNanos;
            this.marks = marks;
        }

        @Override
        public LinkQueue ecn() {
            return new Codel(targetNanos, intervalNanos, true);
        }

        @Override
        PacketQueue create() {
            return new CodelQueue(targetNanos, intervalNanos, CODEL_PACKETS, marks);
        }
    }
}
