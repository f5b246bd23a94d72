package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The AccECN option (RFC 9768, 3.2.3), octet by octet.
class AccEcnOptionTest {
    private static String written(TcpSegment segment) {
        int length = TcpOptions.length(segment);
        ByteBuf buf = Unpooled.buffer();
        TcpOptions.write(buf, segment);
        assertEquals(length, buf.readableBytes());
        return ByteBufUtil.hexDump(buf);
    }

    private static TcpSegment read(int flags, String hex) {
        TcpSegment segment = new TcpSegment().flag(flags);
        ByteBuf buf = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
        assertTrue(TcpOptions.parse(buf, 0, buf.readableBytes(), segment));
        return segment;
    }

    /// Figure 4 and Table 5, each with its padding to whole words.
    @ParameterizedTest
    @CsvSource({
        "ac0b00000100000200000301, ECN e0b 1 ceb 2 e1b 3",
        "ac08000001000002, ECN e0b 1 ceb 2",
        "ac05abcdef010101, ECN e0b 11259375",
        "ac020101, ECN",
        "ae0b00000100000200000301, ECN e1b 1 ceb 2 e0b 3",
        "ae08000001000002, ECN e1b 1 ceb 2",
        "ae05000001010101, ECN e1b 1",
    })
    void eachOrderAndLengthIsWrittenAndRead(String hex, String text) {
        String line = ". 0:0 ack 0 win 0 <" + text + ">";
        assertEquals(hex, written(SegmentFormat.parse(line, 0, 0).segment()));
        assertEquals(line, read(TcpFlags.ACK, hex).toString());
    }

    @Test
    void theCountersAreFoundInEitherOrder() {
        TcpSegment order0 = new TcpSegment().accEcn0(3, 1, 2, 3);
        assertEquals("1 2 3", order0.ee0b() + " " + order0.eceb() + " " + order0.ee1b());
        TcpSegment order1 = new TcpSegment().accEcn1(3, 1, 2, 3);
        assertEquals("3 2 1", order1.ee0b() + " " + order1.eceb() + " " + order1.ee1b());
    }

    @Test
    void aCounterThatIsNotThereIsAbsent() {
        TcpSegment order0 = new TcpSegment().accEcn0(1, 1, 2, 3);
        assertEquals("1 -1 -1", order0.ee0b() + " " + order0.eceb() + " " + order0.ee1b());
        TcpSegment order1 = new TcpSegment().accEcn1(2, 1, 2, 3);
        assertEquals("-1 2 1", order1.ee0b() + " " + order1.eceb() + " " + order1.ee1b());
        assertEquals(TcpSegment.ABSENT, new TcpSegment().accEcnFields());
        assertEquals(TcpSegment.ABSENT, new TcpSegment().eceb());
    }

    @Test
    void theLower24BitsOfACounterCount() {
        TcpSegment segment = new TcpSegment().accEcn0(3, 0x1_000_001, -1, 0x7f_000_000);
        assertEquals(1, segment.ee0b());
        assertEquals(0xffffff, segment.eceb());
        assertEquals(0, segment.ee1b());
    }

    /// "implementations MUST use those whole 3-octet fields that fit within the length and ignore the
    /// remainder of the option" (3.2.3).
    @ParameterizedTest
    @CsvSource({
        "ac0400000100, 0",
        "ac070000010000, 1",
        "ac0a000001000002000000, 2",
        "ac0e000001000002000003000004, 3",
    })
    void wholeFieldsOfAnotherLengthAreTaken(String hex, int fields) {
        assertEquals(fields, read(TcpFlags.ACK, hex).accEcnFields());
    }

    /// 3.2.3.2.1: "If there is somehow an AccECN Option on a SYN, it MUST be ignored".
    @Test
    void onASynItIsIgnored() {
        String hex = "ac0b00000100000200000301";
        assertEquals(TcpSegment.ABSENT, read(TcpFlags.SYN, hex).accEcnFields());
        assertEquals(3, read(TcpFlags.SYN | TcpFlags.ACK, hex).accEcnFields());
    }

    @Test
    void sackBlocksGiveWayToIt() {
        TcpSegment segment = new TcpSegment().timestamps(1, 2).sack(1, 2, 3, 4, 5, 6);
        assertEquals(12 + 4 + 24, TcpOptions.length(segment));
        assertEquals(12 + 8 + 4 + 16, TcpOptions.length(segment.accEcn0(2, 1, 2, 3)));
        assertEquals(12 + 12 + 4 + 8, TcpOptions.length(segment.accEcn0(3, 1, 2, 3)));
    }

    @Test
    void thereAreThreeFieldsAtMost() {
        var error =
                assertThrows(
                        IllegalArgumentException.class, () -> new TcpSegment().accEcn0(4, 1, 2, 3));
        assertEquals("AccECN takes 0 to 3 fields, got 4", error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new TcpSegment().accEcn1(-1, 1, 2, 3));
    }
}
