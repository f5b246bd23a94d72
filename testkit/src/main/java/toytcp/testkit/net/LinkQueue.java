package toytcp.testkit.net;

import java.time.Duration;
import java.util.function.Function;

/// What waits in front of a line that has a [rate][LinkSettings#rate], and who has to go when it is too much.
///
/// A queue here is a plan: each direction of each link has packets of its own.
public final class LinkQueue {
    private static final int CODEL_PACKETS = 10_000;

    private final Function<Boolean, PacketQueue> factory;
    private final boolean marks;

    /// @param factory makes a queue that marks, or does not
    private LinkQueue(Function<Boolean, PacketQueue> factory, boolean marks) {
        this.factory = factory;
        this.marks = marks;
    }

    /// Room for so many packets; what does not fit is dropped.
    ///
    /// @param limit from 1
    public static LinkQueue packets(int limit) {
        int packets = positive("packets", limit);
        return new LinkQueue(marks -> new DropTailQueue(packets, Integer.MAX_VALUE, marks), false);
    }

    /// Room for so many octets, IP headers included; what does not fit is dropped. The packet that is
    /// being sent is no longer in the queue.
    ///
    /// @param limit from 1
    public static LinkQueue octets(int limit) {
        int octets = positive("octets", limit);
        return new LinkQueue(marks -> new DropTailQueue(Integer.MAX_VALUE, octets, marks), false);
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
        long targetNanos = target.toNanos();
        long intervalNanos = interval.toNanos();
        return new LinkQueue(
                marks -> new CodelQueue(targetNanos, intervalNanos, CODEL_PACKETS, marks), false);
    }

    /// The same queue, but it marks ECN-capable packets instead of dropping them (RFC 3168, 5): CoDel those
    /// that it would drop, others all that arrive while more than half of its limit waits.
    public LinkQueue ecn() {
        return new LinkQueue(factory, true);
    }

    PacketQueue create() {
        return factory.apply(marks);
    }

    private static int positive(String what, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException(
                    "a queue has room for 1 or more " + what + ", got " + limit);
        }
        return limit;
    }
}
