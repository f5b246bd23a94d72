package toytcp.link;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Receives packets in batches, by `recvmmsg`, straight into one pooled block of 1 MB.
///
/// Each packet of a batch gets a slot of 64 KB, as none announces its size. What is larger than
/// [#SMALL] is handed out as a slice of the block; the next batch starts behind the last slice, and
/// a new block is taken when the old one is used up while slices of it are still held.
final class PacketReceiver {
    static final int BATCH = 16;

    /// Packets up to this size are copied. A slice pins its whole block of 1 MB until its consumer
    /// has done with it; a packet of an Ethernet without offload (1500) must not do that, and to
    /// copy it takes about 50 ns of the 3 us that the kernel spends on it. Beyond this size come
    /// only jumbo frames and super-segments, of which few fill a block.
    static final int SMALL = 2048;

    private static final int SLOT = 1 << 16;
    private static final int BLOCK = BATCH * SLOT;
    private static final int CACHE_LINE = 64;
    private static final long LENGTH = LinuxSockets.MMSGHDR_LENGTH;

    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment callState;

    private @Nullable ByteBuf block;

    /// Where in the block the first slot of the current batch starts.
    private int start;

    /// Whether the batch fills its slots well enough for slices: a consumer that holds them holds at
    /// most four times their size.
    private boolean dense;

    /// The end of the last slice in the block.
    private int end;

    /// @param arena holds the structures for as long as this receiver is used
    PacketReceiver(Arena arena) {
        headers = arena.allocate(LinuxSockets.MMSGHDR, BATCH);
        vectors = arena.allocate(LinuxSockets.IOVEC, BATCH);
        callState = arena.allocate(LinuxSockets.CALL_STATE);
        for (int i = 0; i < BATCH; i++) {
            long header = i * LinuxSockets.MMSGHDR.byteSize();
            long vector = i * LinuxSockets.IOVEC.byteSize();
            headers.set(
                    JAVA_LONG, header + LinuxSockets.MMSGHDR_IOVECS, vectors.address() + vector);
            headers.set(JAVA_LONG, header + LinuxSockets.MMSGHDR_IOVEC_COUNT, 1);
            vectors.set(JAVA_LONG, vector + LinuxSockets.IOVEC_LENGTH, SLOT);
        }
    }

    /// Takes what has arrived, up to [#BATCH] packets.
    ///
    /// @return how many packets can be asked for by [#packet], or `-errno`
    int receive(int fd, ByteBufAllocator allocator) {
        int slots = prepareBlock(allocator);
        int received = LinuxSockets.receiveMessages(callState, fd, headers, slots);
        long octets = 0;
        for (int i = 0; i < received; i++) {
            octets += headers.get(JAVA_INT, i * LinuxSockets.MMSGHDR.byteSize() + LENGTH);
        }
        dense = octets >= (long) received * SLOT / 4;
        return received;
    }

    /// Packet `i` of the last batch, to be asked for once and in order; the caller owns it.
    ///
    /// @return null if it was longer than an IPv4 packet can be, and the kernel has cut it off
    @Nullable ByteBuf packet(int i, ByteBufAllocator allocator) {
        long header = i * LinuxSockets.MMSGHDR.byteSize();
        int flags = headers.get(JAVA_INT, header + LinuxSockets.MMSGHDR_FLAGS);
        if ((flags & LinuxSockets.MSG_TRUNC) != 0) {
            return null;
        }
        int length = headers.get(JAVA_INT, header + LinuxSockets.MMSGHDR_LENGTH);
        int from = start + i * SLOT;
        if (length <= SMALL || !dense) {
            return allocator.directBuffer(length).writeBytes(block, from, length);
        }
        end = from + length;
        return block.retainedSlice(from, length);
    }

    /// Releases the block; slices that were handed out stay valid.
    void close() {
        if (block != null) {
            block.release();
            block = null;
        }
    }

    private int prepareBlock(ByteBufAllocator allocator) {
        if (block != null && block.refCnt() == 1) {
            end = 0;
        }
        start = (end + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
        if (block == null || BLOCK - start < SLOT) {
            close();
            block = allocator.directBuffer(BLOCK, BLOCK);
            start = 0;
            end = 0;
        }
        int slots = (BLOCK - start) / SLOT;
        long address = NativeMemory.address(block, start, BLOCK - start);
        for (int i = 0; i < slots; i++) {
            long vector = i * LinuxSockets.IOVEC.byteSize();
            vectors.set(JAVA_LONG, vector + LinuxSockets.IOVEC_BASE, address + (long) i * SLOT);
        }
        return slots;
    }
}
