package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.EncoderException;
import io.netty.util.IllegalReferenceCountException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.testkit.Rfc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class TcpSegmentCodecTest {
    private static final int CLIENT_ISS = 0x6ea6a3a4;
    private static final int SERVER_ISS = 0xd9b1e88c;

    private final DropCounters counters = new DropCounters();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new Ipv4Codec(counters), new TcpSegmentCodec(counters, false));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private TcpSegment read(byte[] octets) {
        channel.writeInbound(Packets.buffer(octets));
        TcpSegment segment = channel.readInbound();
        assertEquals("none", counters.toString());
        return segment;
    }

    /// The text is that of tcpdump, and what is written again differs only in the IP header.
    @Rfc(number = 9293, section = "3.1", id = "MUST-2")
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                Packets.SYN
                        + "|0|S 1856414628:1856414628 win 64240"
                        + " <mss 1460,sackOK,TS val 1936781612 ecr 0,wscale 10>",
                Packets.SYN_ACK
                        + "|0|S. 3652315276:3652315276 ack 1856414629 win 65160"
                        + " <mss 1460,sackOK,TS val 3830225667 ecr 1936781612,wscale 10>",
                Packets.ACK
                        + "|0|. 1856414629:1856414629 ack 3652315277 win 63"
                        + " <TS val 1936781612 ecr 3830225667>",
                Packets.DATA
                        + "|5|P. 1856414629:1856414634 ack 3652315277 win 63"
                        + " <TS val 1936781612 ecr 3830225667>",
                Packets.FIN
                        + "|0|F. 3652315277:3652315277 ack 1856414634 win 64"
                        + " <TS val 3830225667 ecr 1936781612>",
                Packets.RST + "|0|R. 0:0 ack 3714916193 win 0",
            })
    void whatLinuxSendsIsReadAndWrittenTheSameWay(String hex, int data, String text) {
        byte[] octets = Packets.octets(hex);
        TcpSegment segment = read(octets);
        assertEquals(text, segment.toString());
        assertEquals(data, segment.payload().readableBytes());
        assertEquals(64, segment.ttl());

        channel.writeOutbound(segment);
        ByteBuf written = channel.readOutbound();
        byte[] again = ByteBufUtil.getBytes(written);
        written.release();
        assertArrayEquals(
                Arrays.copyOfRange(octets, 20, octets.length),
                Arrays.copyOfRange(again, 20, again.length));
        octets[4] = 0;
        octets[5] = 0;
        assertArrayEquals(Packets.repaired(octets), again);
    }

    @Test
    void addressesPortsAndPayloadAreRead() {
        TcpSegment segment = read(Packets.octets(Packets.DATA));
        assertEquals(IpAddresses.v4Low(0x0a090001), segment.srcLow());
        assertEquals(IpAddresses.v4Low(0x0a090002), segment.dstLow());
        assertEquals(40000, segment.srcPort());
        assertEquals(7777, segment.dstPort());
        assertEquals("hello", segment.payload().toString(StandardCharsets.US_ASCII));
        assertEquals(
                "P. 1:6 ack 1 win 63 <TS val 1936781612 ecr 3830225667>",
                SegmentFormat.format(segment, CLIENT_ISS, SERVER_ISS));
        ByteBuf payload = segment.payload();
        assertTrue(segment.release());
        assertEquals(0, payload.refCnt());
    }

    @Test
    void aSegmentWithoutDataKeepsNoBuffer() {
        ByteBuf packet = Packets.buffer(Packets.ACK);
        channel.writeInbound(packet);
        assertEquals(0, packet.refCnt());
        TcpSegment segment = channel.readInbound();
        assertEquals(0, segment.payload().readableBytes());
    }

    @Test
    void ttlAndTrafficClassAreCarriedOver() {
        byte[] octets = Packets.with(Packets.ACK, 8, 3);
        octets[1] = (byte) 0xb9;
        TcpSegment segment = read(Packets.repaired(octets));
        assertEquals(3, segment.ttl());
        assertEquals(0xb9, segment.trafficClass());
    }

    @Test
    void fieldsWithoutTheirFlagAreNotRead() {
        byte[] octets = Packets.with(Packets.SYN, 31, 7);
        octets[39] = 9;
        TcpSegment segment = read(Packets.repaired(octets));
        assertEquals(0, segment.ack());
        assertEquals(0, segment.urgentPointer());
        assertEquals(TcpFlags.SYN, segment.flags());
    }

    @Test
    void allNineFlagsAreReadAndTheReservedBitsAreNot() {
        byte[] octets = Packets.with(Packets.DATA, 32, 0x8f);
        octets[33] = (byte) 0xf9;
        octets[39] = 3;
        TcpSegment segment = read(Packets.repaired(octets));
        assertEquals(
                "FPUEWe. 1:6 ack 1 win 63 urg 3 <TS val 1936781612 ecr 3830225667>",
                SegmentFormat.format(segment, CLIENT_ISS, SERVER_ISS));
        segment.release();
    }

    @ParameterizedTest
    @CsvSource({
        "TCP_DATA_OFFSET, 32, 0x40",
        "TCP_DATA_OFFSET, 32, 0x00",
        "TCP_DATA_OFFSET, 32, 0xa0",
        "TCP_PORT_ZERO,   21, 0x00",
        "TCP_FLAGS,       33, 0x03",
        "TCP_FLAGS,       33, 0x06",
        "TCP_FLAGS,       33, 0x17",
        "TCP_OPTION_LENGTH, 43, 0x00",
        "TCP_OPTION_LENGTH, 43, 0x01",
        "TCP_OPTION_LENGTH, 43, 0x09",
        "TCP_OPTION_LENGTH, 43, 0x0b",
        "TCP_OPTION_LENGTH, 43, 0xff",
    })
    void aBadSegmentIsDroppedAndCounted(DropReason reason, int at, int value) {
        byte[] octets = Packets.octets(Packets.DATA);
        octets[20] = 0;
        octets[21] = 80;
        octets[at] = (byte) value;
        assertDropped(reason, Packets.repaired(octets));
    }

    private void assertDropped(DropReason reason, byte[] octets) {
        ByteBuf packet = Packets.buffer(octets);
        channel.writeInbound(packet);
        assertNull(channel.readInbound());
        assertEquals(reason + "=1", counters.toString());
        assertEquals(0, packet.refCnt());
    }

    @Test
    void destinationPortZeroIsDropped() {
        byte[] octets = Packets.octets(Packets.DATA);
        octets[22] = 0;
        octets[23] = 0;
        assertDropped(DropReason.TCP_PORT_ZERO, Packets.repaired(octets));
    }

    @Test
    void aSegmentShorterThanAHeaderIsDropped() {
        byte[] octets = Arrays.copyOf(Packets.with(Packets.DATA, 3, 39), 39);
        assertDropped(DropReason.TCP_TRUNCATED, octets);
    }

    @Rfc(number = 9293, section = "3.1", id = "MUST-3")
    @ParameterizedTest
    @ValueSource(ints = {20, 24, 31, 36, 45, 52, 56})
    void anyChangeBreaksTheChecksum(int at) {
        byte[] octets = Packets.octets(Packets.DATA);
        octets[at] ^= 1;
        assertDropped(DropReason.TCP_CHECKSUM, octets);
    }

    /// The header checksum of IP is repaired, that of TCP covers the address by the pseudo-header.
    @Test
    @Rfc(number = 9293, section = "3.1", id = "MUST-3")
    void anotherAddressBreaksTheChecksum() {
        byte[] octets = Packets.octets(Packets.DATA);
        byte[] other = Packets.with(Packets.DATA, 19, 3);
        System.arraycopy(other, 0, octets, 0, 20);
        assertDropped(DropReason.TCP_CHECKSUM, octets);
    }

    @Test
    void aWrongChecksumIsSeenBeforeBadOptions() {
        byte[] octets = Packets.octets(Packets.DATA);
        octets[43] = 0;
        assertDropped(DropReason.TCP_CHECKSUM, octets);
    }

    @Test
    void aChecksumOverThePseudoHeaderIsWrongByDefault() {
        assertDropped(DropReason.TCP_CHECKSUM, Packets.octets(Packets.PARTIAL));
    }

    @Test
    void aChecksumOverThePseudoHeaderIsTakenFromALocalLink() {
        EmbeddedChannel local =
                new EmbeddedChannel(new Ipv4Codec(counters), new TcpSegmentCodec(counters, true));
        byte[] wrong = Packets.octets(Packets.PARTIAL);
        wrong[37]++;
        local.writeInbound(
                Packets.buffer(Packets.PARTIAL),
                Packets.buffer(Packets.DATA),
                Packets.buffer(wrong));
        for (int i = 0; i < 2; i++) {
            TcpSegment segment = local.readInbound();
            assertEquals("hello", segment.payload().toString(StandardCharsets.US_ASCII));
            segment.release();
        }
        assertNull(local.readInbound());
        assertEquals("TCP_CHECKSUM=1", counters.toString());
        local.finishAndReleaseAll();
    }

    @Test
    void theChecksumOfAVerifiedPacketIsNotLookedAt() {
        ByteBuf payload = Packets.buffer(Packets.DATA).skipBytes(20);
        payload.setShort(36, 0);
        EmbeddedChannel tcp = new EmbeddedChannel(new TcpSegmentCodec(counters, false));
        tcp.writeInbound(new IpPacket(0, 1, 0, 2, 6, 9, 0, ChecksumState.VERIFIED, payload));
        TcpSegment segment = tcp.readInbound();
        assertEquals(5, segment.payload().readableBytes());
        segment.release();
        tcp.finishAndReleaseAll();
    }

    @Rfc(number = 9293, section = "3.2", id = "MUST-64")
    @Rfc(number = 9293, section = "3.1", id = "MUST-4")
    @Rfc(number = 9293, section = "3.1", id = "MUST-6")
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Nothing; the end of the list hides what follows; no-operations anywhere.
                "                         |",
                "00020405                 |",
                "0101010101010101         |",
                "01030307 01020405 b4     000000 | <mss 1460,wscale 7>",
                // Known ones in an unusual order, and off the word boundary.
                "01 080a 00000001 00000002 04 02 00 0000 | <sackOK,TS val 1 ecr 2>",
                "0204ffff 03030e 0402 0000 00 | <mss 65535,sackOK,wscale 14>",
                // Unknown ones are skipped by their length: MD5, fast open, experiments.
                "13120102030405060708090a0b0c0d0e0f10 02040200 0000 | <mss 512>",
                "2202 fd04f989 ff03aa 030303 | <wscale 3>",
                // The last of two counts.
                "02040200 02040300        | <mss 768>",
                // One to four blocks.
                "0101050a 00000001 00000002 | <sack 1:2>",
                "0522 00000001 00000002 00000003 00000004 00000005 00000006 00000007 ffffffff 0101"
                        + " | <sack 1:2 3:4 5:6 7:4294967295>",
            })
    void optionsAreReadWhereverTheyStand(String options, String text) {
        String hex = options == null ? "" : options.replace(" ", "");
        TcpSegment segment = read(Packets.withOptions(toSyn(), hex));
        String expected = text == null ? "" : " " + text;
        assertEquals(
                "S. 0:5 ack 3652315277 win 63" + expected,
                SegmentFormat.format(segment, CLIENT_ISS + 1, 0));
        segment.release();
    }

    /// The last octet is the time stamp's: it is there, whatever the flags are.
    @Rfc(number = 9293, section = "3.1", id = "MUST-5")
    @ParameterizedTest
    @ValueSource(strings = {"02", "12", "10", "18", "11", "04", "14", "38", "00"})
    void anOptionMayComeWithAnySegment(String flags) {
        String packet = Packets.DATA.substring(0, 66) + flags + Packets.DATA.substring(68);
        TcpSegment segment =
                read(Packets.withOptions(packet, "fd0301080a000000010000000700000000"));
        assertEquals(Integer.parseInt(flags, 16), segment.flags());
        assertEquals(7, segment.tsEcr());
        segment.release();
    }

    private static String toSyn() {
        return Packets.DATA.substring(0, 66) + "12" + Packets.DATA.substring(68);
    }

    @Test
    @Rfc(number = 7323, section = "2.2", id = "2.2-3")
    void optionsOfTheHandshakeAreIgnoredWithoutSyn() {
        TcpSegment segment =
                read(
                        Packets.withOptions(
                                Packets.DATA, "0204020004020303070101000101080a0000000100000002"));
        assertEquals(
                "P. 0:5 ack 1 win 63", SegmentFormat.format(segment, CLIENT_ISS + 1, SERVER_ISS));
        segment.release();
    }

    @Rfc(number = 9293, section = "3.1", id = "MUST-7")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "02030000",
                "02050000 00000000",
                "03020000",
                "03040000",
                "04030000",
                "08090000" + "00000000 00000000",
                "05020000",
                "05060000 00000000",
                "050b0000 00000000 00000000",
                "01010102",
                "01010108",
                "010101fd",
                "fd010000",
                "fd000000",
                "fd050000",
                "0101fd03"
            })
    void anOptionOfAWrongLengthIsDroppedAndCounted(String options) {
        String hex = options.replace(" ", "");
        assertDropped(DropReason.TCP_OPTION_LENGTH, Packets.withOptions(Packets.DATA, hex));
    }

    @Test
    void packetsOfOtherProtocolsGoOnUntouched() {
        channel.writeInbound(Packets.buffer(Packets.with(Packets.DATA, 9, IpPacket.ICMP)));
        IpPacket packet = assertInstanceOf(IpPacket.class, channel.readInbound());
        assertEquals(IpPacket.ICMP, packet.protocol());
        assertEquals(37, packet.payload().readableBytes());
        channel.writeOutbound(packet);
        ByteBuf written = channel.readOutbound();
        assertEquals(57, written.readableBytes());
        assertTrue(written.release());
    }

    @Test
    void otherMessagesPassInBothDirections() {
        channel.writeInbound("in");
        assertEquals("in", channel.readInbound());
        channel.writeOutbound("out");
        assertEquals("out", channel.readOutbound());
    }

    private static TcpSegment segment() {
        return new TcpSegment()
                .from(0, IpAddresses.v4Low(0x0a090001), 40000)
                .to(0, IpAddresses.v4Low(0x0a090002), 7777)
                .seq(1)
                .ack(2)
                .window(3);
    }

    @Test
    void theDataBelongsToItsOwnerAgainOnceWritten() {
        ByteBuf data = Packets.text("hello");
        TcpSegment segment = segment().payload(data.retainedSlice(1, 3));
        channel.writeOutbound(segment);
        assertEquals(2, data.refCnt());
        ByteBuf written = channel.readOutbound();
        assertEquals("ell", written.toString(40, 3, StandardCharsets.US_ASCII));
        written.release();
        assertEquals(1, data.refCnt());
        data.release();
    }

    @Test
    void sackBlocksThatDoNotFitAreLeftOut() {
        channel.writeOutbound(segment().timestamps(1, 2).sack(1, 2, 3, 4, 5, 6, 7, 8));
        ByteBuf written = channel.readOutbound();
        assertEquals(20 + 20 + 12 + 28, written.readableBytes());
        channel.writeInbound(written);
        TcpSegment segment = channel.readInbound();
        assertEquals(". 1:1 ack 2 win 3 <TS val 1 ecr 2,sack 1:2 3:4 5:6>", segment.toString());
    }

    @Test
    void aFieldThatDoesNotFitFailsItsPromise() {
        String shorts = "ports, window and urgent pointer must be 0 to 65535";
        assertRefused(segment().window(65536), shorts);
        assertRefused(segment().urgentPointer(-1), shorts);
        assertRefused(segment().from(0, 0, 65536), shorts);
        assertRefused(segment().to(0, 0, -1), shorts);
        assertRefused(segment().flag(0x200), "flags must be bits of TcpFlags");
        assertRefused(segment().flag(TcpFlags.SYN).mss(65536), "mss must be 0 to 65535");
        assertRefused(segment().flag(TcpFlags.SYN).mss(-2), "mss must be 0 to 65535");
        assertRefused(segment().flag(TcpFlags.SYN).windowScale(256), "must be 0 to 255");
        assertRefused(segment().flag(TcpFlags.SYN).windowScale(-2), "must be 0 to 255");
    }

    @Test
    @Rfc(number = 9293, section = "3.2", id = "MUST-65")
    @Rfc(number = 2018, section = "2", id = "2-1")
    void optionsOfTheHandshakeFailTheirPromiseWithoutSyn() {
        assertRefused(segment().mss(1460), "go with SYN only");
        assertRefused(segment().windowScale(1), "go with SYN only");
        assertRefused(segment().sackPermitted(true), "go with SYN only");
    }

    private void assertRefused(TcpSegment segment, String message) {
        long before = counters.get(DropReason.UNSUPPORTED_MESSAGE);
        ByteBuf data = Packets.text("data");
        Throwable cause = channel.writeOneOutbound(segment.payload(data)).cause();
        assertInstanceOf(EncoderException.class, cause);
        assertTrue(cause.getMessage().contains(message), cause.getMessage());
        assertEquals(before + 1, counters.get(DropReason.UNSUPPORTED_MESSAGE));
        assertEquals(before + 1, counters.total());
        assertEquals(0, data.refCnt());
        channel.flushOutbound();
        assertNull(channel.readOutbound());
    }

    @Test
    void aSegmentBeyondThePacketFailsItsPromiseAndLeaksNothing() {
        ByteBuf data = Packets.buffer(new byte[65535 - 40 + 1]);
        Throwable cause = channel.writeOneOutbound(segment().payload(data)).cause();
        assertInstanceOf(EncoderException.class, cause);
        assertEquals("UNSUPPORTED_MESSAGE=1", counters.toString());
        assertEquals(0, data.refCnt());
    }

    @Test
    void aReleasedPayloadIsRefusedAndLeaksNothing() {
        ByteBuf data = Packets.text("data");
        data.release();
        TcpSegment segment = segment().payload(data);
        TcpSegmentCodec codec = channel.pipeline().get(TcpSegmentCodec.class);
        List<Object> out = new ArrayList<>();
        assertThrows(
                IllegalReferenceCountException.class,
                () -> codec.encode(channel.pipeline().lastContext(), segment, out));
        assertTrue(out.isEmpty());
    }

    @Test
    void thePayloadMayBeAnEmptySlice() {
        ByteBuf data = Packets.text("data");
        channel.writeOutbound(segment().payload(data.retainedSlice(2, 0)));
        assertTrue(data.release());
        ByteBuf written = channel.readOutbound();
        assertEquals(40, written.readableBytes());
        assertEquals(1, written.nioBufferCount());
        written.release();
    }
}
