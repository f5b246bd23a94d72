package toytcp.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Objects;

/// The checksum of IP, TCP, UDP and ICMP: the complement of a ones' complement sum of 16-bit words
/// (RFC 1071).
///
/// A *sum* is an `int` from 0 to 0xffff in network order; sums of the parts of a message are put
/// together by [#add] and [#append], and [#complement] makes the value for the checksum field. A
/// message that carries its checksum is right if its sum is [#VALID].
///
/// Octets are read in little-endian order, eight at a time, and the result is swapped once at the
/// end: "the sum may be calculated in exactly the same way regardless of the byte order" (RFC 1071,
/// 2 (B)). Long ranges go through loops of four independent accumulators.
///
/// Two things here are for the JIT compiler, and each is worth a factor of 4 to 10 in programs that
/// mix what they sum. Short ranges have loops of their own: else the loop that a program with many
/// ACKs compiles first is made for one round, and stays so when the data comes. And arrays are read
/// through a `VarHandle`, direct memory through a `LongBuffer`: a loop over a `MemorySegment` is
/// slow for both once it has met both.
public final class InternetChecksum {
    /// The sum of a message with its right checksum in it: minus zero (RFC 1071, 1 (3)).
    public static final int VALID = 0xffff;

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOW_WORD = 0xffff_ffffL;

    /// From how many octets on the loop of four accumulators is used.
    private static final int LONG_RANGE = 128;

    private InternetChecksum() {}

    /// The sum over `length` octets of `buf` from `index` on; an odd last octet is padded with zero
    /// on its right. Indices of `buf` stay as they are, and nothing is released.
    ///
    /// @throws IndexOutOfBoundsException if the range is not within the capacity of `buf`
    public static int sum(ByteBuf buf, int index, int length) {
        Objects.checkFromIndexSize(index, length, buf.capacity());
        if (buf.hasArray()) {
            return swap(fold(sumOfArray(buf.array(), buf.arrayOffset() + index, length)));
        }
        if (length < LONG_RANGE) {
            return swap(fold(sumOfShortRange(buf, index, index + length)));
        }
        int parts = buf.nioBufferCount();
        if (parts == 1) {
            return sum(buf.nioBuffer(index, length));
        }
        if (parts < 1) {
            return swap(fold(sumOfArray(ByteBufUtil.getBytes(buf, index, length), 0, length)));
        }
        int sum = 0;
        int summed = 0;
        for (ByteBuffer part : buf.nioBuffers(index, length)) {
            int partLength = part.remaining();
            sum = append(sum, summed, sum(part));
            summed += partLength;
        }
        return sum;
    }

    /// The sum over the readable octets of `buf`.
    public static int sum(ByteBuf buf) {
        return sum(buf, buf.readerIndex(), buf.readableBytes());
    }

    /// The ones' complement sum of two sums.
    public static int add(int sum, int other) {
        int total = sum + other;
        return (total & 0xffff) + (total >>> 16);
    }

    /// The sum over a message of two parts. If the first has an odd length, the octets of the second
    /// one have changed places within their words (RFC 1071, 2 (B)).
    ///
    /// @param sum the sum over the first part
    /// @param length the number of octets in the first part
    /// @param next the sum over the second part
    public static int append(int sum, int length, int next) {
        return add(sum, (length & 1) == 0 ? next : swap(next));
    }

    /// The sum over the pseudo-header of a transport protocol, for IPv4 (RFC 9293, 3.1) as well as
    /// for IPv6 (RFC 8200, 8.1); never 0.
    ///
    /// One formula serves both: the words of the two layouts are the same, and the `ffff` that marks
    /// an IPv4-mapped address (see [IpAddresses]) is the other zero of ones' complement arithmetic.
    ///
    /// @param protocol the transport protocol, 1 to 255
    /// @param length octets of the transport header and its data
    public static int pseudoHeader(
            long srcHigh, long srcLow, long dstHigh, long dstLow, int protocol, int length) {
        long words = words(srcHigh) + words(srcLow) + words(dstHigh) + words(dstLow);
        return fold(words + length + protocol);
    }

    /// The value for the checksum field: the complement of the sum over the whole message, taken
    /// while that field was zero.
    public static int complement(int sum) {
        return ~sum & 0xffff;
    }

    /// Two 32-bit words of a message, ready to be added to others before one [#fold].
    static long words(long octets) {
        return (octets & LOW_WORD) + (octets >>> 32);
    }

    /// The sum of words of 16 or 32 bits that were added up without their carries.
    static int fold(long words) {
        long half = words(words(words));
        int sum = (int) (half & 0xffff) + (int) (half >>> 16);
        return (sum & 0xffff) + (sum >>> 16);
    }

    /// The getters check each access, but need no view of the memory, which would be an allocation.
    private static long sumOfShortRange(ByteBuf buf, int from, int end) {
        int i = from;
        long words = 0;
        for (; i <= end - 8; i += 8) {
            words += words(buf.getLongLE(i));
        }
        long last = 0;
        for (int shift = 0; i < end; i++, shift += 8) {
            last |= (buf.getByte(i) & 0xffL) << shift;
        }
        return words + words(last);
    }

    private static int sum(ByteBuffer part) {
        if (part.hasArray()) {
            int from = part.arrayOffset() + part.position();
            return swap(fold(sumOfArray(part.array(), from, part.remaining())));
        }
        return swap(fold(sumOfBuffer(part.order(ByteOrder.LITTLE_ENDIAN))));
    }

    private static long sumOfBuffer(ByteBuffer octets) {
        int i = octets.position();
        int end = octets.limit();
        long words = 0;
        if (end - i >= LONG_RANGE) {
            LongBuffer longs = octets.asLongBuffer();
            int count = longs.limit() & ~3;
            words = sumOfLongs(longs, count);
            i += 8 * count;
        }
        for (; i <= end - 8; i += 8) {
            words += words(octets.getLong(i));
        }
        long last = 0;
        for (int shift = 0; i < end; i++, shift += 8) {
            last |= (octets.get(i) & 0xffL) << shift;
        }
        return words + words(last);
    }

    private static long sumOfLongs(LongBuffer longs, int count) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (int i = 0; i < count; i += 4) {
            a += words(longs.get(i));
            b += words(longs.get(i + 1));
            c += words(longs.get(i + 2));
            d += words(longs.get(i + 3));
        }
        return a + b + c + d;
    }

    private static long sumOfArray(byte[] octets, int from, int length) {
        int i = from;
        int end = from + length;
        long words = 0;
        if (length >= LONG_RANGE) {
            i += length & ~31;
            words = sumOfLongs(octets, from, i);
        }
        for (; i <= end - 8; i += 8) {
            words += words((long) LONG.get(octets, i));
        }
        long last = 0;
        for (int shift = 0; i < end; i++, shift += 8) {
            last |= (octets[i] & 0xffL) << shift;
        }
        return words + words(last);
    }

    private static long sumOfLongs(byte[] octets, int from, int end) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (int i = from; i < end; i += 32) {
            a += words((long) LONG.get(octets, i));
            b += words((long) LONG.get(octets, i + 8));
            c += words((long) LONG.get(octets, i + 16));
            d += words((long) LONG.get(octets, i + 24));
        }
        return a + b + c + d;
    }

    private static int swap(int sum) {
        return (sum & 0xff) << 8 | sum >>> 8;
    }
}
