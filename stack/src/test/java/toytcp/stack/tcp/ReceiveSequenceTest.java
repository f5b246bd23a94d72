package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.SeqNum;
import toytcp.testkit.Rfc;

import java.util.Random;

/// The receive window: what fits into it, and how it is offered.
class ReceiveSequenceTest {
    private static final int[] STARTS = {
        1000, 0, -1, -3, -100, Integer.MAX_VALUE, Integer.MAX_VALUE - 99, Integer.MIN_VALUE
    };

    /// RFC 9293, 3.10.7.4, Table 6. `seq` is an offset from RCV.NXT.
    @ParameterizedTest(name = "RCV.WND {0}, SEG.SEQ RCV.NXT{1}, SEG.LEN {2}: {3}")
    @CsvSource({
        // SEG.LEN = 0, RCV.WND = 0: SEG.SEQ = RCV.NXT
        "0, 0, 0, true",
        "0, 1, 0, false",
        "0, -1, 0, false",
        // SEG.LEN = 0, RCV.WND > 0: RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND
        "100, -1, 0, false",
        "100, 0, 0, true",
        "100, 99, 0, true",
        "100, 100, 0, false",
        "1, 0, 0, true",
        "1, 1, 0, false",
        // SEG.LEN > 0, RCV.WND = 0: not acceptable
        "0, 0, 1, false",
        "0, -1, 2, false",
        "0, 0, 1000, false",
        // SEG.LEN > 0, RCV.WND > 0: the first octet is in the window, or the last one is
        "100, 0, 1, true",
        "100, 99, 1, true",
        "100, 99, 1000, true",
        "100, 100, 1, false",
        "100, -1, 1, false",
        "100, -1, 2, true",
        "100, -50, 50, false",
        "100, -50, 51, true",
        "100, -50, 150, true",
        "100, 200, 1000, false",
        "100, -2000, 1000, false",
        "1073725440, 1073725439, 1, true",
        "1073725440, 1073725440, 1, false",
        "1073725440, -1, 1, false",
    })
    void aSegmentIsAcceptableByTable6(int wnd, int seq, int length, boolean acceptable) {
        for (int nxt : STARTS) {
            ReceiveSequence rcv = new ReceiveSequence(nxt - 1);
            rcv.wnd = wnd;
            assertEquals(acceptable, rcv.isAcceptable(nxt + seq, length), "RCV.NXT " + nxt);
        }
    }

    @Test
    void theSynTakesTheFirstSequenceNumber() {
        ReceiveSequence rcv = new ReceiveSequence(-1);
        assertEquals(-1, rcv.irs);
        assertEquals(0, rcv.nxt);
        assertEquals(0, rcv.up);
    }

    @Test
    void advancingKeepsTheRightEdge() {
        ReceiveSequence rcv = new ReceiveSequence(-11);
        rcv.wnd = 100;
        rcv.advance(30);
        assertEquals(20, rcv.nxt);
        assertEquals(70, rcv.wnd);
        rcv.advance(71);
        assertEquals(91, rcv.nxt);
        assertEquals(0, rcv.wnd);
    }

    @Test
    void theEdgeStaysUntilASegmentsWorthIsFree() {
        ReceiveSequence rcv = new ReceiveSequence(0);
        assertEquals(0, rcv.offer(10_000, 10_000, 1000));
        assertEquals(0, rcv.offer(10_000, 9001, 1000));
        assertEquals(1000, rcv.offer(10_000, 9000, 1000));
        assertEquals(1000, rcv.offer(10_000, 8001, 1000));
        assertEquals(2000, rcv.offer(10_000, 8000, 1000));
    }

    @Test
    void halfTheBufferIsEnoughIfThatIsLessThanASegment() {
        ReceiveSequence rcv = new ReceiveSequence(0);
        assertEquals(0, rcv.offer(1000, 501, 1460));
        assertEquals(500, rcv.offer(1000, 500, 1460));
    }

    @Test
    void theFieldIsScaledAndNeverAbove65535() {
        ReceiveSequence rcv = new ReceiveSequence(0);
        assertEquals(65_535, rcv.offer(1 << 20, 0, 1460));
        rcv.shift = 5;
        assertEquals((1 << 20) >> 5, rcv.offer(1 << 20, 0, 1460));
        rcv.shift = 14;
        assertEquals(65_535, rcv.offer(1 << 30, 0, 1460));
        assertEquals(65_535 << 14, rcv.wnd);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-14")
    @Rfc(number = 7323, section = "2.4", id = "2.4-2")
    void aWindowThatWasOfferedIsKeptEvenIfTheBufferShrinks() {
        ReceiveSequence rcv = new ReceiveSequence(0);
        assertEquals(10_000, rcv.offer(10_000, 0, 1000));
        assertEquals(10_000, rcv.offer(100, 50, 1000));
        assertEquals(10_000, rcv.offer(100, 5000, 1000));
    }

    /// RFC 7323, 2.4: an edge between two multiples of the unit is told by the next multiple, but
    /// not again and again: then nothing would bound what a peer can make us hold.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 14})
    void smallSegmentsCannotOverfillTheBuffer(int shift) {
        int buffer = 70_000 << shift;
        ReceiveSequence rcv = new ReceiveSequence(0);
        rcv.shift = shift;
        int unconsumed = 0;
        for (int i = 0; i < 20; i++) {
            rcv.offer(buffer, unconsumed, 1460);
            int rest = Math.max(0, rcv.wnd - 3000);
            rcv.advance(rest);
            unconsumed += rest;
        }
        for (int i = 0; i < 40_000 && rcv.wnd > 0; i++) {
            rcv.advance(1);
            unconsumed++;
            rcv.offer(buffer, unconsumed, 1460);
        }
        assertEquals(0, rcv.wnd);
        assertTrue(unconsumed < buffer + (1 << shift), unconsumed + " in " + buffer);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-14")
    @Rfc(number = 7323, section = "2.4", id = "2.4-3")
    void theRightEdgeNeverMovesLeftAndTheBufferIsNeverOverfilled() {
        for (int round = 0; round < 600; round++) {
            Random random = new Random(round);
            try {
                offerAtRandom(round % 15, random);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + round, e);
            }
        }
    }

    private static void offerAtRandom(int shift, Random random) {
        int unit = 1 << shift;
        int buffer = 1 + random.nextInt(65_535 << shift);
        int segment = 536 + random.nextInt(9000);
        ReceiveSequence rcv = new ReceiveSequence(random.nextInt());
        rcv.shift = shift;
        rcv.wnd = Math.min(buffer, 65_535);
        int unconsumed = 0;
        int edge = rcv.nxt + rcv.wnd;
        int announced = edge;
        for (int i = 0; i < 300; i++) {
            if (random.nextInt(3) > 0) {
                int octets = random.nextInt(Math.min(rcv.wnd, random.nextInt(20_000)) + 1);
                rcv.advance(octets);
                unconsumed += octets;
            } else {
                unconsumed -= random.nextInt(unconsumed + 1);
            }
            int field = rcv.offer(buffer, unconsumed, segment);
            assertTrue(field >= 0 && field <= 65_535, "field " + field);
            int told = rcv.nxt + (field << shift);
            assertTrue(SeqNum.geq(rcv.nxt + rcv.wnd, edge), "the edge moved left");
            assertTrue(SeqNum.geq(rcv.nxt + rcv.wnd, told), "told more than is accepted");
            assertTrue(SeqNum.distance(told, announced) < unit, "moved left by a unit or more");
            assertTrue(unconsumed + rcv.wnd < Math.max(buffer, 65_535) + unit, "overfilled");
            edge = rcv.nxt + rcv.wnd;
            announced = SeqNum.max(announced, told);
        }
    }

    @Test
    void anUpdateIsDueForAQuarterOfTheBuffer() {
        ReceiveSequence rcv = new ReceiveSequence(0);
        rcv.shift = 1;
        rcv.wnd = 50_000;
        assertFalse(rcv.isUpdateDue(100_000, 25_001, 1460));
        assertTrue(rcv.isUpdateDue(100_000, 25_000, 1460));
    }

    @Test
    void aBufferThatTheFieldCannotTellDoesNotHoldBackUpdates() {
        ReceiveSequence rcv = new ReceiveSequence(0);
        rcv.wnd = 49_152;
        assertFalse(rcv.isUpdateDue(4 << 20, (4 << 20) - 65_534, 1460));
        assertTrue(rcv.isUpdateDue(4 << 20, (4 << 20) - 65_535, 1460));
    }

    @Test
    void anUpdateIsDueForTheFirstSegmentAfterTheWindowClosed() {
        ReceiveSequence rcv = new ReceiveSequence(0);
        rcv.wnd = 0;
        assertFalse(rcv.isUpdateDue(100_000, 98_541, 1460));
        assertTrue(rcv.isUpdateDue(100_000, 98_540, 1460));
        rcv.wnd = 1460;
        assertFalse(rcv.isUpdateDue(100_000, 97_000, 1460));
    }

    @Test
    void aWindowThatIsOpenAsItCanBeNeedsNoUpdate() {
        ReceiveSequence rcv = new ReceiveSequence(0);
        rcv.wnd = 10;
        assertFalse(rcv.isUpdateDue(10, 0, 1460));
    }
}
