package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.testkit.Rfc;

import java.util.Arrays;

class IcmpCodecTest {
    private final DropCounters counters = new DropCounters();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new Ipv4Codec(counters), new IcmpCodec(counters));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void theNextHopMtuAndTheQuotedSegmentAreRead() {
        IcmpError error = read(Packets.icmp(Packets.DATA, 3, 4, 1280));
        assertTrue(error.isTooBig());
        assertEquals(1280, error.mtu());
        assertEquals("10.9.0.254", error.reporter().getHostAddress());
        assertEquals(IpAddresses.v4Low(0x0a090001), error.srcLow());
        assertEquals(40000, error.srcPort());
        assertEquals(IpAddresses.v4Low(0x0a090002), error.dstLow());
        assertEquals(7777, error.dstPort());
        assertEquals(0x6ea6a3a5, error.seq());
        assertEquals(57, error.length());
        assertEquals(20, error.headerLength());
        assertEquals("10.9.0.254 says: fragmentation needed, mtu 1280", error.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "3, 0, false, network unreachable",
        "3, 1, false, host unreachable",
        "3, 2, true, protocol unreachable",
        "3, 3, true, port unreachable",
        "3, 4, false, fragmentation needed",
        "3, 5, false, source route failed",
        "3, 9, true, network prohibited",
        "3, 10, true, host prohibited",
        "3, 13, true, prohibited by a filter",
        "3, 15, false, precedence cut off",
        "3, 16, false, 'destination unreachable, code 16'",
        "11, 0, false, time to live exceeded",
        "11, 1, false, time to live exceeded",
        "12, 0, false, parameter problem"
    })
    void eachErrorSaysWhatItIs(int type, int code, boolean hard, String text) {
        IcmpError error = read(Packets.icmp(Packets.SYN, type, code, 0));
        assertEquals(hard, error.isHard());
        assertEquals(text, error.text());
        assertEquals(type == 3 && code == 4, error.isTooBig());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-55")
    void aSourceQuenchIsDropped() {
        assertDropped(DropReason.ICMP_SOURCE_QUENCH, Packets.icmp(Packets.DATA, 4, 0, 0));
    }

    @Test
    void aWrongChecksumIsDropped() {
        byte[] packet = Packets.icmp(Packets.DATA, 3, 4, 1280);
        packet[27] ^= 1;
        assertDropped(DropReason.ICMP_CHECKSUM, packet);
    }

    @Test
    void whatEndsBeforeTheEighthOctetOfTheSegmentIsDropped() {
        byte[] whole = Packets.icmp(Packets.DATA, 3, 4, 1280);
        for (int length = 20; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            cut[3] = (byte) length;
            assertDropped(DropReason.ICMP_TRUNCATED, Packets.repaired(cut));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "28, 0x65, another version",
        "28, 0x44, a header that is too short",
        "31, 27, a packet that is too short",
        "35, 1, a later fragment",
        "37, 17, UDP",
    })
    void aQuoteThatIsNoSegmentIsDropped(int at, String value, String what) {
        byte[] packet = Packets.icmp(Packets.DATA, 3, 4, 1280);
        packet[at] = Integer.decode(value).byteValue();
        assertDropped(DropReason.ICMP_QUOTE, Packets.repaired(packet));
    }

    @Test
    void aQuoteWithAPortOfZeroIsDropped() {
        for (int port : new int[] {48, 50}) {
            byte[] packet = Packets.icmp(Packets.DATA, 3, 4, 1280);
            packet[port] = 0;
            packet[port + 1] = 0;
            assertDropped(DropReason.ICMP_QUOTE, Packets.repaired(packet));
        }
    }

    @Test
    void optionsInTheQuotedHeaderAreSkipped() {
        byte[] plain = Packets.icmp(Packets.DATA, 3, 4, 1280);
        byte[] packet = new byte[plain.length + 8];
        System.arraycopy(plain, 0, packet, 0, 48);
        System.arraycopy(plain, 48, packet, 56, 8);
        packet[3] += 8;
        packet[28] = 0x47;
        IcmpError error = read(Packets.repaired(packet));
        assertEquals(7777, error.dstPort());
        assertEquals(0x6ea6a3a5, error.seq());
        assertEquals(28, error.headerLength());
    }

    @Test
    void otherMessagesPass() {
        byte[] echo = Packets.icmp(Packets.DATA, 8, 0, 0);
        channel.writeInbound(Packets.buffer(echo));
        IpPacket packet = assertInstanceOf(IpPacket.class, channel.readInbound());
        assertEquals(IpPacket.ICMP, packet.protocol());
        packet.release();
        channel.writeInbound(Packets.buffer(Packets.DATA));
        IpPacket tcp = assertInstanceOf(IpPacket.class, channel.readInbound());
        assertEquals(IpPacket.TCP, tcp.protocol());
        tcp.release();
        Object other = new Object();
        channel.writeInbound(other);
        assertSame(other, channel.readInbound());
    }

    @Test
    void whatIsWrittenCanBeReadAndQuotesNoMoreThanItMay() {
        ByteBuf packet = Packets.buffer(Arrays.copyOf(Packets.octets(Packets.DATA), 1500));
        ByteBuf error = IcmpCodec.error(ByteBufAllocator.DEFAULT, packet, 0x0a0900fe, 3, 4, 1400);
        assertEquals(576, error.readableBytes());
        packet.release();
        channel.writeInbound(error);
        IcmpError read = channel.readInbound();
        assertEquals("10.9.0.254 says: fragmentation needed, mtu 1400", read.toString());
        assertEquals(40000, read.srcPort());
        assertEquals(0, counters.total());
    }

    @Test
    void readingGoesOnWithoutAutoReadWhenEverythingWasDropped() {
        int[] reads = {0};
        channel.config().setAutoRead(false);
        channel.pipeline()
                .addFirst(
                        new ChannelOutboundHandlerAdapter() {
                            @Override
                            public void read(ChannelHandlerContext ctx) {
                                reads[0]++;
                            }
                        });
        channel.writeInbound(Packets.buffer(Packets.icmp(Packets.DATA, 4, 0, 0)));
        assertEquals(1, reads[0]);
        read(Packets.icmp(Packets.DATA, 3, 4, 1280));
        assertEquals(1, reads[0]);
    }

    private IcmpError read(byte[] octets) {
        ByteBuf packet = Packets.buffer(octets);
        channel.writeInbound(packet);
        assertEquals(0, packet.refCnt());
        return assertInstanceOf(IcmpError.class, channel.readInbound(), counters::toString);
    }

    private void assertDropped(DropReason reason, byte[] octets) {
        long before = counters.get(reason);
        ByteBuf packet = Packets.buffer(octets);
        channel.writeInbound(packet);
        assertNull(channel.readInbound());
        assertEquals(before + 1, counters.get(reason), counters::toString);
        assertEquals(0, packet.refCnt());
    }
}
