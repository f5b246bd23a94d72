package toytcp.link;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelOutboundBuffer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Sends the flushed packets of a channel in batches, by `sendmmsg`.
///
/// A packet is gathered from where it lies: each component of a composite buffer becomes one entry
/// of the packet's `iovec`. Only what has no native memory of its own is copied.
final class PacketSender implements ChannelOutboundBuffer.MessageProcessor {
    static final int BATCH = 64;
    static final int MIN_PACKET = 20;
    static final int MAX_PACKET = 65535;

    private static final int VECTORS = 512;
    private static final int SCRATCH = 1 << 16;
    private static final int DESTINATION_FIELD = 16;

    private final MemorySegment headers;
    private final MemorySegment names;
    private final MemorySegment vectors;
    private final MemorySegment scratch;
    private final ByteBuffer scratchBuffer;
    private final MemorySegment callState;

    private final @Nullable ByteBuf[] packets = new ByteBuf[BATCH];
    private int count;
    private int vectorCount;
    private int scratchUsed;

    /// @param arena holds the structures for as long as this sender is used
    PacketSender(Arena arena) {
        headers = arena.allocate(LinuxSockets.MMSGHDR, BATCH);
        names = arena.allocate(LinuxSockets.SOCKADDR_IN, BATCH);
        vectors = arena.allocate(LinuxSockets.IOVEC, VECTORS);
        scratch = arena.allocate(SCRATCH);
        scratchBuffer = scratch.asByteBuffer();
        callState = arena.allocate(LinuxSockets.CALL_STATE);
        for (int i = 0; i < BATCH; i++) {
            long header = i * LinuxSockets.MMSGHDR.byteSize();
            long name = i * LinuxSockets.SOCKADDR_IN.byteSize();
            headers.set(JAVA_LONG, header + LinuxSockets.MMSGHDR_NAME, names.address() + name);
            headers.set(
                    JAVA_INT,
                    header + LinuxSockets.MMSGHDR_NAME_LENGTH,
                    (int) LinuxSockets.SOCKADDR_IN.byteSize());
            names.set(
                    JAVA_SHORT,
                    name + LinuxSockets.SOCKADDR_IN_FAMILY,
                    (short) LinuxSockets.AF_INET);
        }
    }

    /// Sends flushed packets until none is left or the socket is full. A packet that cannot be sent
    /// fails alone.
    ///
    /// @return whether none is left
    boolean sendAll(int fd, ChannelOutboundBuffer out) throws Exception {
        while (out.current() != null) {
            ByteBuf first = (ByteBuf) out.current();
            if (first.readableBytes() < MIN_PACKET || first.readableBytes() > MAX_PACKET) {
                // An entry that its writer has cancelled is an empty buffer, and ends here too.
                out.remove(SendErrors.badLength(first));
                continue;
            }
            gather(out);
            int result = LinuxSockets.sendMessages(callState, fd, headers, count);
            if (result == -Errno.EAGAIN || result == -Errno.ENOBUFS) {
                forgetPackets();
                return false;
            }
            if (result >= 0) {
                removeSent(out, result);
            } else if (result != -Errno.EINTR) {
                IOException cause = SendErrors.explain(-result, first);
                forgetPackets();
                out.remove(cause);
            }
        }
        forgetPackets();
        return true;
    }

    @Override
    public boolean processMessage(Object message) {
        ByteBuf packet = (ByteBuf) message;
        int length = packet.readableBytes();
        if (count == BATCH || length < MIN_PACKET || length > MAX_PACKET) {
            return false;
        }
        int firstVector = vectorCount;
        int scratchBefore = scratchUsed;
        if (!gather(packet, packet.readerIndex(), length)) {
            vectorCount = firstVector;
            scratchUsed = scratchBefore;
            if (count > 0) {
                return false;
            }
            // Alone it has more components than a batch has entries: a copy always fits.
            copy(packet, packet.readerIndex(), length);
        }
        long header = count * LinuxSockets.MMSGHDR.byteSize();
        headers.set(
                JAVA_LONG,
                header + LinuxSockets.MMSGHDR_IOVECS,
                vectors.address() + firstVector * LinuxSockets.IOVEC.byteSize());
        headers.set(
                JAVA_LONG,
                header + LinuxSockets.MMSGHDR_IOVEC_COUNT,
                (long) vectorCount - firstVector);
        names.set(
                LinuxSockets.NETWORK_INT,
                count * LinuxSockets.SOCKADDR_IN.byteSize() + LinuxSockets.SOCKADDR_IN_ADDRESS,
                packet.getInt(packet.readerIndex() + DESTINATION_FIELD));
        packets[count++] = packet;
        return true;
    }

    private void gather(ChannelOutboundBuffer out) throws Exception {
        count = 0;
        vectorCount = 0;
        scratchUsed = 0;
        out.forEachFlushedMessage(this);
    }

    private boolean gather(ByteBuf buffer, int from, int length) {
        if (length == 0) {
            return true;
        }
        if (NativeMemory.has(buffer)) {
            return addVector(NativeMemory.address(buffer, from, length), length);
        }
        if (buffer instanceof CompositeByteBuf composite) {
            return gatherComponents(composite, from, length);
        }
        return copy(buffer, from, length);
    }

    private boolean gatherComponents(CompositeByteBuf composite, int from, int length) {
        int index = from;
        int end = from + length;
        int component = composite.toComponentIndex(from);
        while (index < end) {
            ByteBuf part = composite.internalComponent(component);
            int offset = index - composite.toByteIndex(component);
            int partLength = Math.min(part.capacity() - offset, end - index);
            if (!gather(part, offset, partLength)) {
                return false;
            }
            index += partLength;
            component++;
        }
        return true;
    }

    private boolean copy(ByteBuf buffer, int from, int length) {
        if (length > SCRATCH - scratchUsed) {
            return false;
        }
        scratchBuffer.limit(scratchUsed + length).position(scratchUsed);
        buffer.getBytes(from, scratchBuffer);
        long address = scratch.address() + scratchUsed;
        scratchUsed += length;
        return addVector(address, length);
    }

    private boolean addVector(long address, int length) {
        if (vectorCount == VECTORS) {
            return false;
        }
        long vector = vectorCount++ * LinuxSockets.IOVEC.byteSize();
        vectors.set(JAVA_LONG, vector + LinuxSockets.IOVEC_BASE, address);
        vectors.set(JAVA_LONG, vector + LinuxSockets.IOVEC_LENGTH, length);
        return true;
    }

    /// Completes the first `sent` packets of the batch. Entries that were cancelled lie between them
    /// in the queue; they were not sent, and are passed over.
    private void removeSent(ChannelOutboundBuffer out, int sent) {
        for (int i = 0; i < sent; i++) {
            while (out.current() != packets[i]) {
                if (!out.remove()) {
                    return; // a listener has closed the channel, and that has failed the rest
                }
            }
            out.remove();
        }
    }

    private void forgetPackets() {
        Arrays.fill(packets, null);
    }
}
