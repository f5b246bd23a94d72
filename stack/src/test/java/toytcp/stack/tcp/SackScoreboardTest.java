package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.TcpSegment;

import java.util.BitSet;
import java.util.SplittableRandom;

/// The scoreboard of RFC 6675, 4; sequence numbers are relative to SND.UNA, which lies before a wrap.
class SackScoreboardTest {
    private static final int UNA = -4000;

    private static final Rack RACK =
            new Rack(new RttEstimator(TcpConfig.DEFAULT), new Timestamps(0, false));

    private final SackScoreboard board = new SackScoreboard();

    private int report(int... edges) {
        return reportTo(100_000, edges);
    }

    private int reportTo(int nxt, int... edges) {
        int before = board.sacked();
        update(segment(0, edges), nxt);
        return board.sacked() - before;
    }

    private void update(TcpSegment segment, int nxt) {
        board.update(segment, UNA, UNA + nxt, new SentSegments(), RACK, 0);
    }

    private static TcpSegment segment(int ack, int... edges) {
        int[] absolute = new int[edges.length];
        for (int i = 0; i < edges.length; i++) {
            absolute[i] = UNA + edges[i];
        }
        return new TcpSegment().ack(UNA + ack).sack(absolute);
    }

    @Test
    void blocksAreCountedOnceHoweverTheyOverlap() {
        assertEquals(2000, report(1000, 3000));
        assertEquals(0, report(1000, 3000));
        assertEquals(0, report(1500, 2500));
        assertEquals(1000, report(2000, 4000));
        assertEquals(1000, report(6000, 7000));
        assertEquals(2000, report(4000, 6000));
        assertEquals(6000, board.sacked());
        assertEquals(UNA + 7000, board.highest());
        assertEquals(UNA + 7000, board.skip(UNA + 1000));
    }

    @Test
    void oneAckMayFillSeveralHolesAtOnce() {
        report(1000, 2000);
        report(3000, 4000);
        report(5000, 6000);
        assertEquals(3500, report(500, 6500, 9000, 9500));
        assertEquals(6500, board.sacked());
        assertEquals(UNA + 6500, board.skip(UNA + 500));
        assertEquals(UNA + 9000, board.endOfHole(UNA + 6500, UNA + 20_000));
    }

    @Test
    void whatCannotBeTrueIsIgnored() {
        assertEquals(0, reportTo(5000, 3000, 3000));
        assertEquals(0, reportTo(5000, 3000, 2000));
        assertEquals(0, reportTo(5000, 4000, 5001));
        assertEquals(0, reportTo(5000, 0, 1000));
        assertEquals(0, reportTo(5000, -500, 1000));
        assertEquals(0, reportTo(5000, -500, 0));
        assertEquals(0, reportTo(5000, 1 << 30, (1 << 30) + 5));
        assertTrue(board.isEmpty());
        assertEquals(1000, reportTo(5000, 4000, 5000));
    }

    /// RFC 2883, 4.1 and 4.2: the first block is below the ACK, or within the second one.
    /// Each two of its edges are in order, but not all three.
    @Test
    void aBlockThatIsHalfTheSequenceSpaceLongIsIgnored() {
        assertEquals(0, report(Integer.MAX_VALUE, -2));
        assertEquals(0, report(Integer.MAX_VALUE - 5, 99_000));
        assertTrue(board.isEmpty());
    }

    @Test
    void aReportOfADuplicateIsRecognisedAndIsNoNews() {
        update(segment(0, -2000, -1000), 9000);
        assertTrue(board.duplicateReported());
        assertEquals(1000, report(5000, 5500, 5000, 6000));
        assertTrue(board.duplicateReported());
        assertEquals(0, report(5000, 6000));
        assertFalse(board.duplicateReported());
        assertEquals(500, report(7000, 7500, 5000, 6000));
        assertFalse(board.duplicateReported());
        report();
        assertFalse(board.duplicateReported());
    }

    @Test
    void acknowledgedRangesLeave() {
        report(1000, 2000, 3000, 4000);
        board.acknowledge(UNA + 2500);
        assertEquals(1000, board.sacked());
        assertEquals(UNA + 2500, board.skip(UNA + 2500));
        board.acknowledge(UNA + 4000);
        assertTrue(board.isEmpty());
        assertEquals(0, board.sacked());
    }

    /// RFC 2018, 8: a receiver may throw away what it reported; here it asks for it.
    @ParameterizedTest
    @ValueSource(ints = {1000, 1500})
    void aPeerThatAsksForWhatItReportedIsNotBelievedAnyMore(int ack) {
        report(1000, 2000, 3000, 4000);
        board.acknowledge(UNA + ack);
        assertTrue(board.isEmpty());
        assertEquals(0, board.sacked());
    }

    @Test
    void memoryIsBounded() {
        for (int i = 1; i <= 20_000; i++) {
            reportTo(1 << 20, 20 * i, 20 * i + 10);
        }
        assertEquals(10 * SackScoreboard.MAX_RANGES, board.sacked());
        // What touches a range still finds room.
        assertEquals(10, reportTo(1 << 20, 30, 40));
    }

    @Test
    void itAgreesWithASetOfOctetsWhateverIsReported() {
        SplittableRandom random = new SplittableRandom(6675);
        for (int run = 0; run < 200; run++) {
            board.clear();
            BitSet held = new BitSet();
            for (int step = 0; step < 50; step++) {
                int left = 1 + random.nextInt(300);
                int right = left + 1 + random.nextInt(40);
                int before = held.cardinality();
                held.set(left, right);
                assertEquals(held.cardinality() - before, report(left, right));
                int from = random.nextInt(350);
                int next = held.nextSetBit(from);
                assertEquals(
                        UNA + (next < 0 ? 400 : next),
                        held.get(from) ? UNA + from : board.endOfHole(UNA + from, UNA + 400));
                assertEquals(UNA + held.nextClearBit(from), board.skip(UNA + from));
            }
        }
    }
}
