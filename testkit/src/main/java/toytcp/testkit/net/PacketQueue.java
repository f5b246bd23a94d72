package toytcp.testkit.net;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;

/// Packets that wait for one direction of a link, first in, first out.
abstract class PacketQueue {
    /// What is told of each packet that is dropped, which the receiver owns then.
    interface Dropped extends BiConsumer<Transit, String> {}

    private final Deque<Transit> waiting = new ArrayDeque<>();
    private int octets;

    /// Takes a packet, or says why not.
    ///
    /// @return null if the queue has it now; else why it is lost
    abstract @Nullable String offer(Transit packet, long nowNanos);

    /// The next packet to send, or null if there is none.
    ///
    /// @param dropped is told of those that are dropped on the way
    abstract @Nullable Transit poll(long nowNanos, Dropped dropped);

    /// Packets that wait.
    final int size() {
        return waiting.size();
    }

    /// Octets that wait.
    final int octets() {
        return octets;
    }

    /// Drops everything.
    final void clear(String why, Dropped dropped) {
        for (Transit packet; (packet = takeFirst()) != null; ) {
            dropped.accept(packet, why);
        }
    }

    /// All packets, in their order, for a queue that takes the place of this one.
    final @Nullable Transit takeFirst() {
        Transit packet = waiting.poll();
        if (packet != null) {
            octets -= packet.octets;
        }
        return packet;
    }

    final void addLast(Transit packet, long nowNanos) {
        packet.waitsSinceNanos = nowNanos;
        waiting.add(packet);
        octets += packet.octets;
    }
}
