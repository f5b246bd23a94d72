package toytcp.bench.path;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import java.util.Random;

/// What the flows carry: the same block over and over, whose length no segment size divides. So what arrives at a
/// wrong place is seen.
final class Octets {
    private static final int BLOCK = 65_521;

    private final ByteBuf block;

    Octets() {
        byte[] octets = new byte[BLOCK];
        new Random(BLOCK).nextBytes(octets);
        block = Unpooled.directBuffer(BLOCK).writeBytes(octets).asReadOnly();
    }

    /// The next block of a stream; the caller owns it.
    ByteBuf next(ByteBufAllocator allocator) {
        return allocator.directBuffer(BLOCK).writeBytes(block, 0, BLOCK);
    }

    /// Whether these are the octets of the stream from `offset` on.
    boolean matches(ByteBuf octets, long offset) {
        int index = octets.readerIndex();
        int place = (int) (offset % BLOCK);
        while (index < octets.writerIndex()) {
            int length = Math.min(octets.writerIndex() - index, BLOCK - place);
            if (!ByteBufUtil.equals(octets, index, block, place, length)) {
                return false;
            }
            index += length;
            place = 0;
        }
        return true;
    }
}
