package toytcp.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;

/// Puts headers before payloads without copying either.
final class Buffers {
    private Buffers() {}

    /// `header` followed by the readable octets of `payload`, as one flat composite buffer, or
    /// `header` itself if there is no payload.
    ///
    /// @param header taken over by the result, with its octets before the reader index
    /// @param payload retained by the result; the caller keeps its own reference
    /// @throws io.netty.util.IllegalReferenceCountException if `payload` has been released; `header`
    ///     is released then
    static ByteBuf join(ByteBufAllocator alloc, ByteBuf header, ByteBuf payload) {
        if (!payload.isReadable()) {
            return header;
        }
        int headroom = header.readerIndex();
        int parts =
                payload instanceof CompositeByteBuf composite ? composite.numComponents() + 1 : 2;
        // A composite buffer with fewer places than components would copy them into one.
        CompositeByteBuf whole = alloc.compositeDirectBuffer(parts);
        whole.addComponent(true, header.readerIndex(0));
        try {
            whole.addFlattenedComponents(true, payload.retain());
        } catch (RuntimeException e) {
            whole.release();
            throw e;
        }
        return whole.readerIndex(headroom);
    }
}
