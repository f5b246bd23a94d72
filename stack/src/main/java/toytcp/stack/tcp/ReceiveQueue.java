package toytcp.stack.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/// Octets that arrived in order and wait for the user, and the account of what the user still holds.
final class ReceiveQueue {
    /// What is smaller than this is copied behind what waits already.
    private static final int SMALL = 256;

    private static final int GATHER_CAPACITY = 4096;

    private final ByteBufAllocator allocator;
    private final ArrayDeque<ByteBuf> buffers = new ArrayDeque<>(4);

    /// The buffer at the tail if it is ours to append to.
    private @Nullable ByteBuf gather;

    private int readable;
    private int held;

    ReceiveQueue(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /// Octets that the user can read now.
    int readable() {
        return readable;
    }

    /// RCV.USER of RFC 9293, 3.8.6.2.2: received, but not yet consumed by the user.
    int unconsumed() {
        return readable + held;
    }

    /// Appends; owns `data` from here on.
    ///
    /// While nothing waits, nothing is copied. A user who does not read, and a peer that sends an octet a
    /// segment, must not make us hold an object for each octet.
    void append(ByteBuf data) {
        readable += data.readableBytes();
        if (buffers.isEmpty() || data.readableBytes() >= SMALL) {
            gather = null;
            buffers.add(data);
            return;
        }
        if (gather == null || gather.writableBytes() < data.readableBytes()) {
            gather = allocator.directBuffer(GATHER_CAPACITY, GATHER_CAPACITY);
            buffers.add(gather);
        }
        gather.writeBytes(data);
        data.release();
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
            if (first == gather) {
                gather = null;
            }
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
        gather = null;
        readable = 0;
    }
}
