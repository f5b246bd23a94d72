package toytcp.link;

import io.netty.buffer.ByteBuf;

import java.lang.foreign.MemorySegment;

/// Where the octets of a direct buffer lie.
final class NativeMemory {
    private NativeMemory() {}

    /// Whether the buffer is one piece of native memory.
    static boolean has(ByteBuf buffer) {
        return buffer.hasMemoryAddress() || buffer.isDirect() && buffer.nioBufferCount() == 1;
    }

    /// The address of octet `index` of a buffer that [#has] native memory; valid as long as the
    /// buffer is held.
    static long address(ByteBuf buffer, int index, int length) {
        if (buffer.hasMemoryAddress()) {
            return buffer.memoryAddress() + index;
        }
        // Where the JVM forbids sun.misc.Unsafe, Netty does not tell addresses, but the JDK does.
        return MemorySegment.ofBuffer(buffer.internalNioBuffer(index, length)).address();
    }
}
