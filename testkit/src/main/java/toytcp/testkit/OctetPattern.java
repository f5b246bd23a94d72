package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// The content of every stream in a test: the octet at offset `n` is a fixed function of `n`.
///
/// So a lost, doubled or misplaced octet is seen wherever the data is looked at, and no test has to
/// carry expected content around. The function has no short period: shifting a stream by any
/// segment size changes it.
public final class OctetPattern {
    private OctetPattern() {}

    /// The octet at stream offset `offset`, which counts from 0.
    public static byte at(long offset) {
        // The finalizer of SplitMix64: a plain multiplication would repeat itself, nearly, after
        // each
        // Fibonacci number of octets.
        long mixed = offset + 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ mixed >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
        return (byte) (mixed ^ mixed >>> 31);
    }

    /// A new heap buffer with `length` octets of the stream from `offset` on; the caller owns it.
    public static ByteBuf buffer(ByteBufAllocator allocator, long offset, int length) {
        ByteBuf buffer = allocator.heapBuffer(length, Math.max(1, length));
        for (int i = 0; i < length; i++) {
            buffer.writeByte(at(offset + i));
        }
        return buffer;
    }

    /// The index in `data`, counted from its reader index, of the first octet that is not the one of
    /// the stream from `offset` on; -1 if all are right. Neither moves indices nor releases.
    public static int mismatch(ByteBuf data, long offset) {
        for (int i = 0; i < data.readableBytes(); i++) {
            if (data.getByte(data.readerIndex() + i) != at(offset + i)) {
                return i;
            }
        }
        return -1;
    }
}
