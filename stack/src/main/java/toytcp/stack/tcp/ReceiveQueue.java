package toytcp.stack.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.ArrayDeque;

/// Octets that arrived in order and wait for the user, and the account of what the user still holds.
final class ReceiveQueue {
    private final ArrayDeque<ByteBuf> buffers = new ArrayDeque<>(4);
    private int readable;
    private int held;

    /// Octets that the user can read now.
    int readable() {
        return readable;
    }

    /// RCV.USER of RFC 9293, 3.8.6.2.2: received, but not yet consumed by the user.
    int unconsumed() {
        return readable + held;
    }

    /// Appends; owns `data` from here on.
    void append(ByteBuf data) {
        readable += data.readableBytes();
        buffers.add(data);
    }

    /// The next octets, at most `max`; they count as unconsumed until [#consumed].
    ByteBuf take(int max) {
        ByteBuf first = buffers.peek();
        if (first == null || max <= 0) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf taken = first;
        if (first.readableBytes() <= max) {
            buffers.remove();
        } else {
            taken = first.readRetainedSlice(max);
        }
        readable -= taken.readableBytes();
        held += taken.readableBytes();
        return taken;
    }

    void consumed(int octets) {
        if (octets < 0 || octets > held) {
            throw new IllegalArgumentException(
                    "consumed " + octets + " octets, but only " + held + " were handed over");
        }
        held -= octets;
    }

    void release() {
        buffers.forEach(ByteBuf::release);
        buffers.clear();
        readable = 0;
    }
}
