package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Random;

class SegmentFormatTest {
    private static final int SEQ_BASE = 0xffff_fff0;
    private static final int ACK_BASE = 0x7fff_fff0;

    /// Bases close to where the numbers wrap.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "- 0:0 win 0",
                ". 1:1 ack 1 win 502",
                "S 0:0 win 65535 <mss 1460,sackOK,TS val 1 ecr 0,wscale 7>",
                "S. 0:0 ack 1 win 65535 <mss 0,wscale 0>",
                "P. 3001:4001 ack 1 win 502",
                "F. 17:17 ack 16 win 1",
                "R 5:5 win 0",
                "R. 0:0 ack 1 win 0 <sackOK>",
                "SFRPUEWe. 4294967295:0 ack 4294967295 win 1 urg 65535 <TS val 4294967295 ecr"
                        + " 2147483648>",
                "PU. 1:11 ack 1 win 2 urg 0",
                ". 1:65536 ack 1 win 2 <sack 1:2 3:4 5:6 7:4294967295>",
                "[ECT0] P. 1:11 ack 1 win 502",
                "[ECT1] - 0:0 win 0",
                "[CE] EWe. 1:1 ack 1 win 502 <TS val 1 ecr 2,ECN e0b 1 ceb 0 e1b 16777215>",
                ". 1:1 ack 1 win 502 <sack 1:2,ECN e1b 7>",
                ". 1:1 ack 1 win 502 <ECN e1b 7 ceb 5 e0b 3>",
                ". 1:1 ack 1 win 502 <ECN e0b 7 ceb 5>",
                "S. 0:0 ack 1 win 502 <mss 1460,ECN>",
            })
    void whatIsPrintedReadsAsItWas(String text) {
        SegmentFormat.Parsed parsed = SegmentFormat.parse(text, SEQ_BASE, ACK_BASE);
        TcpSegment segment = parsed.segment();
        segment.payload(Unpooled.buffer().writeZero(parsed.payloadLength()));
        assertEquals(text, SegmentFormat.format(segment, SEQ_BASE, ACK_BASE));
        assertTrue(parsed.sequence());
        assertTrue(parsed.window());
        assertEquals(text.contains(" ack "), parsed.ack());
        assertEquals(text.contains("urg"), parsed.urgent());
        assertEquals(text.contains("<"), parsed.options());
        assertEquals(text.contains("["), parsed.ecn());
        segment.release();
    }

    @Test
    void randomSegmentsSurviveBothWays() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            int seqBase = random.nextInt();
            int ackBase = random.nextInt();
            String text = SegmentFormat.format(randomSegment(random), seqBase, ackBase);
            TcpSegment read = SegmentFormat.parse(text, seqBase, ackBase).segment();
            assertEquals(text, SegmentFormat.format(read, seqBase, ackBase), "seed " + seed);
        }
    }

    private static TcpSegment randomSegment(Random random) {
        TcpSegment segment =
                new TcpSegment()
                        .seq(random.nextInt())
                        .flag(random.nextInt(0x200) & ~(TcpFlags.ACK | TcpFlags.URG))
                        .window(random.nextInt(65536))
                        .sackPermitted(random.nextBoolean())
                        .sack(random.ints(2L * random.nextInt(5)).toArray());
        if (random.nextBoolean()) {
            segment.ack(random.nextInt());
        }
        if (random.nextBoolean()) {
            segment.urgentPointer(random.nextInt(65536));
        }
        if (random.nextBoolean()) {
            segment.mss(random.nextInt(65536)).windowScale(random.nextInt(256));
        }
        if (random.nextBoolean()) {
            segment.timestamps(random.nextInt(), random.nextInt());
        }
        if (random.nextBoolean()) {
            int fields = random.nextInt(4);
            segment.accEcn1(Math.max(1, fields), random.nextInt(), random.nextInt(), 5);
        } else if (random.nextBoolean()) {
            segment.accEcn0(random.nextInt(4), random.nextInt(), random.nextInt(), 5);
        }
        segment.trafficClass(random.nextInt(256));
        return segment;
    }

    @Test
    void numbersAreRelativeToTheirBases() {
        TcpSegment segment =
                new TcpSegment()
                        .seq(SEQ_BASE + 20)
                        .ack(ACK_BASE + 30)
                        .sack(ACK_BASE + 40, ACK_BASE + 50);
        assertEquals(
                ". 20:20 ack 30 win 0 <sack 40:50>",
                SegmentFormat.format(segment, SEQ_BASE, ACK_BASE));
        TcpSegment read =
                SegmentFormat.parse(". 20:21 ack 30 <sack 40:50>", SEQ_BASE, ACK_BASE).segment();
        assertEquals(4, read.seq());
        assertEquals(ACK_BASE + 30, read.ack());
        assertEquals(ACK_BASE + 40, read.sackLeft(0));
        assertEquals(ACK_BASE + 50, read.sackRight(0));
    }

    @Test
    void synAndFinAreNotCountedInTheEnd() {
        TcpSegment segment = new TcpSegment().flag(TcpFlags.SYN | TcpFlags.FIN).seq(7);
        assertEquals("SF 7:7 win 0", SegmentFormat.format(segment, 0, 0));
    }

    @Test
    void whatTheTextLeavesOutIsNotClaimed() {
        SegmentFormat.Parsed flagsOnly = SegmentFormat.parse(".", 5, 6);
        assertTrue(flagsOnly.segment().has(TcpFlags.ACK));
        assertFalse(flagsOnly.sequence());
        assertFalse(flagsOnly.ack());
        assertFalse(flagsOnly.window());
        assertFalse(flagsOnly.urgent());
        assertFalse(flagsOnly.options());

        SegmentFormat.Parsed ackOnly = SegmentFormat.parse(". ack 1", 5, 6);
        assertFalse(ackOnly.sequence());
        assertTrue(ackOnly.ack());
        assertEquals(7, ackOnly.segment().ack());

        SegmentFormat.Parsed withoutAck = SegmentFormat.parse("P. 1:11 win 3", 5, 6);
        assertEquals(10, withoutAck.payloadLength());
        assertEquals(6, withoutAck.segment().seq());
        assertFalse(withoutAck.ack());
        assertTrue(withoutAck.window());
    }

    @Test
    void aTextMayDemandThatThereIsNoMark() {
        SegmentFormat.Parsed parsed = SegmentFormat.parse("[Not-ECT] . 1:1 ack 1", 0, 0);
        assertTrue(parsed.ecn());
        assertEquals(EcnField.NOT_ECT, parsed.segment().ecn());
        assertFalse(SegmentFormat.parse(". 1:1 ack 1", 0, 0).ecn());
    }

    @Test
    void emptyOptionsSayThatThereAreNone() {
        SegmentFormat.Parsed parsed = SegmentFormat.parse("S 0:0 <>", 0, 0);
        assertTrue(parsed.options());
        assertEquals(TcpSegment.ABSENT, parsed.segment().mss());
    }

    @Test
    void spacesAndTheOrderOfOptionsAreFree() {
        String text = "  S.  0:0   ack 1 < wscale 7 , sack 1:2  3:4,mss 5 , sackOK >  ";
        assertEquals(
                "S. 0:0 ack 1 win 0 <mss 5,sackOK,wscale 7,sack 1:2 3:4>",
                SegmentFormat.format(SegmentFormat.parse(text, 0, 0).segment(), 0, 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                     | 0  | flags",
                "'  '                   | 2  | flags",
                "X 0:0                  | 0  | flags",
                "FS 0:0                 | 1  | flags",
                "SS 0:0                 | 1  | flags",
                ".S 0:0                 | 0  | flags",
                "S.. 0:0                | 1  | flags",
                "-. 0:0                 | 0  | flags",
                "0:0                    | 0  | flags",
                "S 0 win 1              | 4  | ':'",
                "S 0: win 1             | 5  | a number from 0 to 4294967295",
                "P. 5:4                 | 5  | END = SEQ + octets of payload",
                "P. 1:65537             | 5  | END = SEQ + octets of payload",
                "S 4294967296:0         | 2  | a number from 0 to 4294967295",
                "S 99999999999999999999:0 | 2 | a number from 0 to 4294967295",
                "S 0:0 ack 1            | 6  | no ack, because the flags have no '.'",
                ". ack                  | 5  | a number",
                ". ack x                | 6  | a number",
                ". ack -1               | 6  | a number",
                ". acknowledge 1        | 2  | SEQ:END, ack N, win N, urg N and <OPTIONS> in this"
                        + " order",
                ". win 1 ack 1          | 8  | in this order",
                ". win 65536            | 6  | a number from 0 to 65535",
                ". urg 1                | 2  | no urg, because the flags have no 'U'",
                "U urg 65536            | 6  | a number from 0 to 65535",
                "S <mss>                | 6  | a number",
                "S <mss 65536>          | 7  | a number from 0 to 65535",
                "S <wscale 256>         | 10 | a number from 0 to 255",
                "S <foo 1>              | 3  | mss N, sackOK, TS val N ecr N, wscale N, sack L:R or"
                        + " ECN",
                "[ECT2] . ack 1         | 1  | Not-ECT, ECT0, ECT1 or CE, and ]",
                "[CE . ack 1            | 1  | Not-ECT, ECT0, ECT1 or CE, and ]",
                ". <ECN e0b 16777216>   | 11 | a number from 0 to 16777215",
                ". <ECN ceb 1>          | 7  | '>'",
                ". <ECN e0b 1 e1b 1>    | 13 | '>'",
                ". <ECN,ECN>            | 7  | each option once",
                "S <mss 1,>             | 9  | mss N, sackOK",
                "S <mss 1,mss 2>        | 9  | each option once",
                "S <mss 1               | 8  | '>'",
                "S <mss 1 sackOK>       | 9  | '>'",
                "S <TS 1 ecr 2>         | 6  | val",
                "S <TS val 1>           | 11 | ecr",
                ". <sack>               | 7  | a number",
                ". <sack 1>             | 9  | ':'",
                ". <sack 1:2 1:2 1:2 1:2 1:2> | 24 | at most 4 blocks",
                "S <mss 1> win 3        | 10 | the end",
            })
    void aTextOfAnotherFormIsRefusedWithItsPosition(String text, int position, String expected) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> SegmentFormat.parse(text, 0, 0));
        String message = e.getMessage();
        String start = "cannot read this segment: at position " + position + " expected ";
        assertTrue(message.startsWith(start), message);
        assertTrue(message.substring(start.length()).contains(expected), message);
        assertTrue(
                message.endsWith("\n    " + text + "\n    " + " ".repeat(position) + "^"), message);
    }
}
