package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;

class InternetChecksumTest {
    private static final byte[] RFC_1071_EXAMPLE = Packets.octets("0001f203f4f5f6f7");

    @Test
    void theExampleOfRfc1071HasItsSum() {
        ByteBuf buf = Unpooled.wrappedBuffer(RFC_1071_EXAMPLE);
        assertEquals(0xddf2, InternetChecksum.sum(buf));
        assertEquals(0x220d, InternetChecksum.complement(InternetChecksum.sum(buf)));
    }

    @Test
    void theExampleMayBreakAtAnOddBoundary() {
        ByteBuf buf = Unpooled.wrappedBuffer(RFC_1071_EXAMPLE);
        int first = InternetChecksum.sum(buf, 0, 3);
        assertEquals(0xf201, first);
        int second = InternetChecksum.sum(buf, 3, 5);
        assertEquals(0xf0eb, second);
        assertEquals(0xddf2, InternetChecksum.append(first, 3, second));
    }

    @Test
    void anOddOctetIsPaddedOnTheRight() {
        assertEquals(0xab00, InternetChecksum.sum(Unpooled.wrappedBuffer(Packets.octets("ab"))));
    }

    @Test
    void nothingHasTheSumZero() {
        assertEquals(0, InternetChecksum.sum(Unpooled.EMPTY_BUFFER));
    }

    @Test
    void onlyOnesFoldToMinusZero() {
        byte[] ones = new byte[65536];
        Arrays.fill(ones, (byte) 0xff);
        ByteBuf buf = Packets.buffer(ones);
        assertEquals(0xffff, InternetChecksum.sum(Unpooled.wrappedBuffer(ones)));
        assertEquals(0xffff, InternetChecksum.sum(buf));
        buf.release();
    }

    @Test
    void everyKindOfBufferHasTheSumOfThePlainLoop() {
        assertSums("heap", Unpooled::wrappedBuffer, octets -> octets);
        assertSums("direct", Packets::buffer, octets -> octets);
        assertSums("unpooled direct", InternetChecksumTest::unpooledDirect, octets -> octets);
        assertSums("read-only", octets -> Packets.buffer(octets).asReadOnly(), octets -> octets);
        assertSums(
                "read-only heap",
                octets -> Unpooled.wrappedBuffer(octets).asReadOnly(),
                octets -> octets);
        assertSums(
                "slice",
                octets -> slice(octets),
                octets -> Arrays.copyOfRange(octets, 1, octets.length));
        assertSums("composite", InternetChecksumTest::composite, octets -> octets);
        assertSums(
                "nested composite",
                octets -> Unpooled.wrappedBuffer(composite(octets).slice()),
                octets -> octets);
    }

    private interface Maker {
        ByteBuf make(byte[] octets);
    }

    /// All lengths up to 200 and some long ones, each from several even and odd offsets.
    private static void assertSums(String kind, Maker maker, UnaryOperator<byte[]> expected) {
        Random random = new Random(1071);
        for (int length = 0; length < 1700; length += length < 200 ? 1 : 123) {
            byte[] octets = new byte[length + 8];
            random.nextBytes(octets);
            ByteBuf buf = maker.make(octets);
            byte[] seen = expected.apply(octets);
            for (int from = 0; from < 7; from++) {
                int count = Math.min(length, seen.length - from);
                int sum = InternetChecksum.sum(buf, from, count);
                assertEquals(Packets.sum(seen, from, count), sum, kind + " " + from + " " + count);
            }
            assertEquals(0, buf.readerIndex());
            assertEquals(seen.length, buf.writerIndex());
            buf.release();
        }
    }

    private static ByteBuf unpooledDirect(byte[] octets) {
        return UnpooledByteBufAllocator.DEFAULT.directBuffer(octets.length).writeBytes(octets);
    }

    private static ByteBuf slice(byte[] octets) {
        ByteBuf whole = Packets.buffer(octets);
        ByteBuf slice = whole.retainedSlice(1, octets.length - 1);
        whole.release();
        return slice;
    }

    /// Odd and empty parts, in direct and in heap memory.
    private static ByteBuf composite(byte[] octets) {
        CompositeByteBuf composite = PooledByteBufAllocator.DEFAULT.compositeBuffer(100);
        for (int from = 0, length = 0; from < octets.length; from += length, length += 3) {
            int end = Math.min(octets.length, from + length);
            byte[] part = Arrays.copyOfRange(octets, from, end);
            composite.addComponent(
                    true, from % 2 == 0 ? Unpooled.wrappedBuffer(part) : Packets.buffer(part));
        }
        return composite;
    }

    @Test
    void aRangeOutsideTheBufferIsRefused() {
        ByteBuf heap = Unpooled.buffer(10, 10);
        ByteBuf part = heap.slice(2, 4);
        ByteBuf direct = Packets.buffer(new byte[10]).capacity(10);
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.sum(heap, 5, 6));
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.sum(heap, -1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.sum(part, 1, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> InternetChecksum.sum(direct, 5, 6));
        direct.release();
    }

    @Test
    void thePseudoHeaderOfIpv4HasTheSumOfItsOctets() {
        byte[] octets = Packets.octets("c0a80001" + "0a0900ff" + "0006" + "05b4");
        assertEquals(
                Packets.sum(octets, 0, octets.length),
                InternetChecksum.pseudoHeader(
                        0,
                        IpAddresses.v4Low(0xc0a80001),
                        0,
                        IpAddresses.v4Low(0x0a0900ff),
                        6,
                        0x5b4));
    }

    @Test
    void thePseudoHeaderOfIpv6HasTheSumOfItsOctets() {
        String source = "20010db8000000000000000000000001";
        String destination = "fe80000000000000fedcba9876543210";
        byte[] octets = Packets.octets(source + destination + "00012345" + "00000006");
        assertEquals(
                Packets.sum(octets, 0, octets.length),
                InternetChecksum.pseudoHeader(
                        0x2001_0db8_0000_0000L,
                        1,
                        0xfe80_0000_0000_0000L,
                        0xfedc_ba98_7654_3210L,
                        6,
                        0x12345));
    }

    @Test
    void aMessageWithItsChecksumIsValid() {
        byte[] header = Packets.octets(Packets.SYN);
        assertEquals(
                InternetChecksum.VALID,
                InternetChecksum.sum(Unpooled.wrappedBuffer(header), 0, 20));
    }
}
