package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import java.util.Arrays;

/// What the user of the connection under test has written so far, to hold segments against it.
final class SentOctets {
    private byte[] octets = new byte[1024];
    private int length;

    /// The next `count` octets of [OctetPattern], in a buffer that the caller owns.
    ByteBuf next(ByteBufAllocator allocator, int count) {
        byte[] data = new byte[count];
        for (int i = 0; i < count; i++) {
            data[i] = OctetPattern.at(length + i);
        }
        return next(allocator, data);
    }

    /// Octets that the script chose, in a buffer that the caller owns.
    ByteBuf next(ByteBufAllocator allocator, byte[] data) {
        if (length + data.length > octets.length) {
            octets = Arrays.copyOf(octets, Math.max(2 * octets.length, length + data.length));
        }
        System.arraycopy(data, 0, octets, length, data.length);
        length += data.length;
        return allocator.heapBuffer(Math.max(1, data.length)).writeBytes(data);
    }

    /// The index in `data` of the first octet that was not written at `offset`; -1 if all were.
    int mismatch(ByteBuf data, int offset) {
        for (int i = 0; i < data.readableBytes(); i++) {
            int at = offset + i;
            if (at < 0 || at >= length || data.getByte(data.readerIndex() + i) != octets[at]) {
                return i;
            }
        }
        return -1;
    }
}
