package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// The writing side of a [TcpSocketChannel]: moves what was flushed into the connection's send
/// buffer as far as that has room. A write's promise is done when its last octet is there, as with
/// kernel sockets.
///
/// The connection needs the octets until the peer has acknowledged them, which is later. A direct
/// buffer that nobody else holds is kept as it is, without a copy: after its write nobody can change
/// it. Anything else is copied, as a kernel does: its owner may fill it again once the promise is
/// done, and what is not direct would have to be copied for the link anyway.
///
/// Deviation: of a derived buffer (a slice, a duplicate, a composite) or a wrapped `ByteBuffer` only the
/// outermost reference count is asked. Who changes the memory below one after its promise is done
/// changes what is sent.
final class FlowWriter {
    /// How much is copied, or read from a file, at once.
    private static final int CHUNK = 64 * 1024;

    private final TcpSocketChannel channel;

    /// The first of what is to be written, if parts of it were sent that nobody else held: from then on
    /// the only references to it that can have come are ours.
    private @Nullable ByteBuf unshared;

    FlowWriter(TcpSocketChannel channel) {
        this.channel = channel;
    }

    /// Only these can be written; anything else fails its write.
    static Object filter(Object message) {
        if (message instanceof ByteBuf || message instanceof FileRegion) {
            return message;
        }
        if (message instanceof UrgentData urgent) {
            if (!urgent.content().isReadable()) {
                throw new IllegalArgumentException(
                        "an UrgentData needs at least one octet, of which the peer can be told");
            }
            return message;
        }
        throw new UnsupportedOperationException(
                "unsupported message type: %s (expected: ByteBuf, FileRegion, UrgentData); encode it first"
                        .formatted(message.getClass().getSimpleName()));
    }

    /// The channel's `doWrite`. What does not fit stays until [FlowEvents#writable].
    void write(ChannelOutboundBuffer in) throws Exception {
        Flow flow = channel.flow();
        int credit = flow.sendCredit();
        try {
            write(in, flow, credit);
        } finally {
            flow.flush();
        }
    }

    private void write(ChannelOutboundBuffer in, Flow flow, int credit) throws IOException {
        int left = credit;
        while (true) {
            Object message = in.current();
            if (message == null) {
                return;
            }
            int sent;
            if (message instanceof ByteBuf data) {
                sent = writeBuffer(in, data, flow, left);
            } else if (message instanceof UrgentData urgent) {
                sent = writeUrgent(in, urgent.content(), flow, left);
            } else {
                sent = writeRegion(in, (FileRegion) message, flow, left);
            }
            if (sent < 0) {
                return;
            }
            left -= sent;
        }
    }

    /// @return the octets that were sent, or -1 if there was no room
    private int writeBuffer(ChannelOutboundBuffer in, ByteBuf data, Flow flow, int credit) {
        if (!data.isReadable()) {
            in.remove();
            return 0;
        }
        if (credit == 0) {
            return -1;
        }
        ByteBuf sent = part(data, credit);
        int octets = sent.readableBytes();
        // Before the promise is done: its listeners may shut the output down.
        flow.send(sent);
        in.removeBytes(octets);
        return octets;
    }

    /// @return the octets that were sent, or -1 if there was no room
    private int writeUrgent(ChannelOutboundBuffer in, ByteBuf data, Flow flow, int credit) {
        if (credit == 0) {
            return -1;
        }
        ByteBuf sent = part(data, credit);
        int octets = sent.readableBytes();
        flow.send(sent);
        data.skipBytes(octets);
        in.progress(octets);
        if (!data.isReadable()) {
            flow.markUrgent();
            in.remove();
        }
        return octets;
    }

    /// The first octets of `data`, at most `credit` and at least one, as what the connection may keep.
    private ByteBuf part(ByteBuf data, int credit) {
        int octets = Math.min(credit, data.readableBytes());
        if (data == unshared || data.isDirect() && data.refCnt() == 1) {
            unshared = octets < data.readableBytes() ? data : null;
            return data.retainedSlice(data.readerIndex(), octets);
        }
        octets = Math.min(octets, CHUNK);
        ByteBuf copy = channel.config().getAllocator().directBuffer(octets, octets);
        return copy.writeBytes(data, data.readerIndex(), octets);
    }

    /// @return the octets that were sent, or -1 if there was no room
    private int writeRegion(ChannelOutboundBuffer in, FileRegion region, Flow flow, int credit)
            throws IOException {
        long left = region.count() - region.transferred();
        if (left <= 0) {
            in.remove();
            return 0;
        }
        if (credit == 0) {
            return -1;
        }
        int wanted = (int) Math.min(Math.min(credit, CHUNK), left);
        ByteBuf chunk = read(region, channel.config().getAllocator(), wanted);
        int octets = chunk.readableBytes();
        if (octets == 0) {
            chunk.release();
            if (region instanceof DefaultFileRegion file) {
                channel.checkFileRegion(file, region.transferred());
            }
            throw new IOException(
                    "the FileRegion ended %d octets before its count of %d"
                            .formatted(left, region.count()));
        }
        flow.send(chunk);
        in.progress(octets);
        if (region.transferred() >= region.count()) {
            in.remove();
        }
        return octets;
    }

    private static ByteBuf read(FileRegion region, ByteBufAllocator allocator, int wanted)
            throws IOException {
        ByteBuf chunk = allocator.directBuffer(wanted, wanted);
        try {
            region.transferTo(new BufferChannel(chunk), region.transferred());
            return chunk;
        } catch (IOException | RuntimeException e) {
            chunk.release();
            throw e;
        }
    }

    /// Takes what a file channel writes until the buffer is full.
    private record BufferChannel(ByteBuf buffer) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) {
            int octets = Math.min(source.remaining(), buffer.writableBytes());
            int limit = source.limit();
            source.limit(source.position() + octets);
            buffer.writeBytes(source);
            source.limit(limit);
            return octets;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // The buffer belongs to whoever made the channel.
        }
    }
}
