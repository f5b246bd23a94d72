package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.EncoderException;
import io.netty.util.IllegalReferenceCountException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.testkit.Rfc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class Ipv4CodecTest {
    private static final long TEN_1 = IpAddresses.v4Low(0x0a090001);
    private static final long TEN_2 = IpAddresses.v4Low(0x0a090002);

    private final DropCounters counters = new DropCounters();
    private final EmbeddedChannel channel = new EmbeddedChannel(new Ipv4Codec(counters));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void aPacketIsReadWithoutItsHeader() {
        ByteBuf packet = Packets.buffer(Packets.with(Packets.DATA, 1, 0x2a));
        byte[] octets = ByteBufUtil.getBytes(packet);
        channel.writeInbound(packet);
        IpPacket read = channel.readInbound();
        assertEquals("10.9.0.1 > 10.9.0.2 proto 6 ttl 64 tos 0x2a len 37", read.toString());
        assertEquals(ChecksumState.UNVERIFIED, read.checksum());
        assertEquals(0, read.headroom());
        assertArrayEquals(
                Arrays.copyOfRange(octets, 20, octets.length),
                ByteBufUtil.getBytes(read.payload()));
        assertSame(root(packet), root(read.payload()));
        assertEquals(1, packet.refCnt());
        read.release();
        assertEquals(0, packet.refCnt());
        assertEquals(0, counters.total());
    }

    private static ByteBuf root(ByteBuf buf) {
        return buf.unwrap() == null ? buf : root(buf.unwrap());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2", id = "MUST-50")
    void optionsAreSkippedAndOctetsBehindThePacketAreCutOff() {
        byte[] octets =
                Packets.octets(
                        "47000020000040004006000001020304050607080101010101010100aabbccddffff");
        channel.writeInbound(Packets.buffer(Packets.repaired(octets)));
        IpPacket read = channel.readInbound();
        assertEquals("1.2.3.4 > 5.6.7.8 proto 6 ttl 64 tos 0x0 len 4", read.toString());
        assertEquals("aabbccdd", ByteBufUtil.hexDump(read.payload()));
        read.release();
    }

    /// The pointer of a source route tells whether this is its end (RFC 791, 3.1).
    @ParameterizedTest
    @CsvSource({
        "83 07 04 0a000109 00,          dropped",
        "89 07 07 0a000109 00,          dropped",
        "01 83 07 04 0a000109,          dropped",
        "07 05 04 00 00 83 03 03,       dropped",
        "83 07 08 0a000109 00,          read",
        "89 03 04 00,                   read",
        "00 83 07 04 0a000109,          read",
        "9e 00 83 07 04 0a000109 00 00 00, read",
        "83 09 04 0a000109 00,          read",
        "01 01 01 83,                   read"
    })
    @Rfc(number = 1122, section = "3.3.5")
    void aSourceRouteThatGoesOnIsNotForUs(String options, String outcome) {
        String hex = options.replace(" ", "");
        channel.writeInbound(Packets.buffer(Packets.withIpOptions(Packets.DATA, hex)));
        IpPacket read = channel.readInbound();
        assertEquals(outcome, read == null ? "dropped" : "read");
        assertEquals(read == null ? 1 : 0, counters.get(DropReason.IP_SOURCE_ROUTE));
        if (read != null) {
            read.release();
        }
    }

    @Test
    void aPacketOfTheLargestSizeIsRead() {
        byte[] octets = Arrays.copyOf(Packets.octets(Packets.DATA), 65535);
        octets[2] = (byte) 0xff;
        octets[3] = (byte) 0xff;
        channel.writeInbound(Packets.buffer(Packets.repaired(octets)));
        IpPacket read = channel.readInbound();
        assertEquals(65515, read.payload().readableBytes());
        read.release();
    }

    /// Changes one octet of a good packet, or cuts it, and repairs its checksums.
    @ParameterizedTest
    @CsvSource({
        "IP_TRUNCATED,     0, 0x45, 0",
        "IP_TRUNCATED,     0, 0x45, 19",
        "IP_TRUNCATED,     0, 0x45, 56",
        "IP_TRUNCATED,     3, 0x3a, 57",
        "IP_VERSION,       0, 0x65, 57",
        "IP_VERSION,       0, 0x05, 57",
        "IP_HEADER_LENGTH, 0, 0x44, 57",
        "IP_HEADER_LENGTH, 0, 0x4f, 57",
        "IP_HEADER_LENGTH, 3, 0x13, 57",
        "IP_HEADER_LENGTH, 3, 0x00, 57",
        "IP_FRAGMENT,      6, 0x20, 57",
        "IP_FRAGMENT,      6, 0x60, 57",
        "IP_FRAGMENT,      6, 0x10, 57",
        "IP_FRAGMENT,      7, 0x01, 57",
        "IP_SOURCE,       12, 0x00, 57",
        "IP_SOURCE,       12, 0x7f, 57",
        "IP_SOURCE,       12, 0xe0, 57",
        "IP_SOURCE,       12, 0xef, 57",
    })
    void aBadPacketIsDroppedAndCounted(DropReason reason, int at, int value, int length) {
        byte[] octets = Arrays.copyOf(Packets.with(Packets.DATA, at, value), length);
        assertDropped(reason, octets);
    }

    private void assertDropped(DropReason reason, byte[] octets) {
        ByteBuf packet = Packets.buffer(octets);
        channel.writeInbound(packet);
        assertNull(channel.readInbound());
        assertEquals(reason + "=1", counters.toString());
        assertEquals(0, packet.refCnt());
    }

    @Test
    void anyChangeInTheHeaderBreaksItsChecksum() {
        byte[] octets = Packets.octets(Packets.DATA);
        octets[15] ^= 0x40;
        assertDropped(DropReason.IP_CHECKSUM, octets);
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.3", id = "MUST-63")
    void theLimitedBroadcastIsNoSource() {
        byte[] octets = Packets.octets(Packets.DATA);
        Arrays.fill(octets, 12, 16, (byte) 0xff);
        assertDropped(DropReason.IP_SOURCE, Packets.repaired(octets));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x7e, 0x80, 0xdf, 0xf0, 0xff})
    void otherSourcesAreTaken(int firstOctet) {
        channel.writeInbound(Packets.buffer(Packets.with(Packets.DATA, 12, firstOctet)));
        IpPacket read = channel.readInbound();
        assertTrue(read.release());
    }

    @Test
    void theLoopbackMayTalkToItself() {
        channel.writeInbound(Packets.buffer(Packets.PARTIAL));
        IpPacket read = channel.readInbound();
        assertEquals("127.0.0.1 > 127.0.0.1 proto 6 ttl 64 tos 0x0 len 37", read.toString());
        read.release();
    }

    @Test
    void theReservedBitAndTheIdentificationAreNotLookedAt() {
        byte[] octets = Packets.with(Packets.DATA, 6, 0x80);
        octets[4] ^= 0x55;
        octets = Packets.repaired(octets);
        channel.writeInbound(Packets.buffer(octets));
        IpPacket read = channel.readInbound();
        assertTrue(read.release());
    }

    @Test
    void readingGoesOnWithoutAutoReadWhenEverythingWasDropped() {
        int[] reads = {0};
        channel.pipeline()
                .addFirst(
                        new ChannelOutboundHandlerAdapter() {
                            @Override
                            public void read(ChannelHandlerContext ctx) throws Exception {
                                reads[0]++;
                                ctx.read();
                            }
                        });
        channel.config().setAutoRead(false);
        channel.writeInbound(Packets.buffer(Packets.with(Packets.DATA, 0, 0x65)));
        assertEquals(1, reads[0]);
        channel.writeInbound(Packets.buffer(Packets.DATA));
        assertEquals(1, reads[0]);
        IpPacket read = channel.readInbound();
        read.release();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.1", id = "MAY-4")
    void thePayloadIsSentBehindAHeaderWithoutACopy() {
        ByteBuf payload = Packets.text("data");
        channel.writeOutbound(packet(payload.retain(), 64, 0));
        CompositeByteBuf written = assertInstanceOf(CompositeByteBuf.class, channel.readOutbound());
        String header = "4500001800004000400626cc0a0900010a090002";
        assertEquals(header + "64617461", ByteBufUtil.hexDump(written));
        payload.setByte(0, 'D');
        assertEquals('D', written.getByte(20));
        written.release();
        assertEquals(0, payload.readerIndex());
        assertTrue(payload.release());
    }

    private static IpPacket packet(ByteBuf payload, int ttl, int headroom) {
        return new IpPacket(
                0, TEN_1, 0, TEN_2, 6, ttl, 0, ChecksumState.VERIFIED, payload, headroom);
    }

    @Test
    void headroomIsUsedInPlace() {
        ByteBuf payload = Packets.buffer(new byte[20]).writeInt(0x64617461).readerIndex(20);
        channel.writeOutbound(packet(payload, 64, 20));
        ByteBuf written = channel.readOutbound();
        assertSame(payload, written);
        assertEquals(
                "4500001800004000400626cc0a0900010a09000264617461", ByteBufUtil.hexDump(written));
        assertEquals(1, written.refCnt());
        written.release();
    }

    @Test
    void octetsBeforeThePayloadStayAsTheyAreUnlessThePacketSaysSo() {
        ByteBuf payload = Packets.buffer(new byte[20]).writeInt(0x64617461).readerIndex(20);
        channel.writeOutbound(packet(payload.retain(), 64, 0));
        ByteBuf written = channel.readOutbound();
        assertEquals(
                "4500001800004000400626cc0a0900010a09000264617461", ByteBufUtil.hexDump(written));
        written.release();
        assertEquals(20, payload.readerIndex());
        assertEquals("00".repeat(20), ByteBufUtil.hexDump(payload, 0, 20));
        payload.release();
    }

    @Test
    void aPacketWithoutPayloadIsOnlyAHeader() {
        channel.writeOutbound(packet(Unpooled.EMPTY_BUFFER, 64, 0));
        ByteBuf written = channel.readOutbound();
        assertEquals("4500001400004000400626d00a0900010a090002", ByteBufUtil.hexDump(written));
        written.release();
    }

    @Test
    void aPacketThatNamesNoTimeToLiveGetsTheDefault() {
        channel.writeOutbound(packet(Packets.text("data"), 0, 0));
        ByteBuf written = channel.readOutbound();
        assertEquals(Ipv4Codec.DEFAULT_TTL, written.getUnsignedByte(8));
        written.release();
    }

    @Test
    void aPacketThatIsNotIpv4FailsItsPromise() {
        ByteBuf payload = Packets.text("data");
        assertRefused(
                new IpPacket(1, 2, 3, 4, 6, 64, 0, ChecksumState.VERIFIED, payload),
                "cannot write 0:0:0:1:0:0:0:2 > 0:0:0:3:0:0:0:4 proto 6 ttl 64 tos 0x0 len 4:"
                        + " both addresses must be IPv4");
    }

    @Test
    void aPacketThatIsTooLongFailsItsPromise() {
        ByteBuf payload = Packets.buffer(new byte[65516]);
        assertRefused(packet(payload, 64, 0), "would have 65536 octets, and IPv4 ends at 65535");
    }

    @Test
    void aFieldThatDoesNotFitFailsItsPromise() {
        assertRefused(
                packet(Packets.text("data"), 256, 0), "ttl and trafficClass must be 0 to 255");
    }

    private void assertRefused(IpPacket packet, String message) {
        Throwable cause = channel.writeOneOutbound(packet).cause();
        assertInstanceOf(EncoderException.class, cause);
        assertTrue(cause.getMessage().contains(message), cause.getMessage());
        assertEquals("UNSUPPORTED_MESSAGE=1", counters.toString());
        assertEquals(0, packet.refCnt());
        channel.flushOutbound();
        assertNull(channel.readOutbound());
    }

    @Test
    void aReleasedPayloadIsRefusedAndLeaksNothing() {
        ByteBuf payload = Packets.text("data");
        payload.release();
        Ipv4Codec codec = channel.pipeline().get(Ipv4Codec.class);
        List<Object> out = new ArrayList<>();
        assertThrows(
                IllegalReferenceCountException.class,
                () -> codec.encode(channel.pipeline().lastContext(), packet(payload, 64, 0), out));
        assertTrue(out.isEmpty());
    }

    @Test
    void theLargestPacketIsWritten() {
        channel.writeOutbound(packet(Packets.buffer(new byte[65515]), 64, 0));
        ByteBuf written = channel.readOutbound();
        assertEquals(65535, written.readableBytes());
        written.release();
    }

    @Test
    void otherMessagesPassInBothDirections() {
        channel.writeInbound("in");
        assertEquals("in", channel.readInbound());
        ByteBuf raw = Packets.text("raw");
        channel.writeOutbound(raw);
        assertSame(raw, channel.readOutbound());
        raw.release();
    }

    @Test
    void headroomThatIsNotThereIsRefused() {
        ByteBuf payload = Unpooled.buffer(4, 4).writeInt(1);
        assertThrows(IllegalArgumentException.class, () -> packet(payload, 64, 1));
        assertThrows(IllegalArgumentException.class, () -> packet(payload, 64, -1));
    }
}
