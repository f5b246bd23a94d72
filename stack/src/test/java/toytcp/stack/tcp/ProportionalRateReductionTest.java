package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// The arithmetic of RFC 9937, 6.2, and the examples of section 8, in segments of one octet or of 1000.
class ProportionalRateReductionTest {
    private final ProportionalRateReduction prr = new ProportionalRateReduction();

    /// Figure 1: of 20 segments the first is lost; two more went by limited transmit. For ACK 19 the
    /// figure has a window of 11 where inflight is ssthresh; by the pseudo-code of 6.2, which counts, that
    /// is the second branch, and the segment leaves one ACK later.
    @Test
    void oneLossHalvesTheFlightWithinARoundTrip() {
        int[] cwnd = {19, 18, 18, 17, 17, 16, 16, 15, 15, 14, 14, 13, 13, 12, 12, 11, 10, 10, 10};
        int[] inFlight = {18, 18, 17, 17, 16, 16, 15, 15, 14, 14, 13, 13, 12, 12, 11, 11, 10, 9, 9};
        prr.start(1, 10, 20);
        int pipe = 18;
        for (int ack = 0; ack < cwnd.length; ack++) {
            assertEquals(inFlight[ack], pipe);
            prr.onAck(1, pipe, false);
            assertEquals(cwnd[ack], prr.window(), "ACK " + (ack + 3));
            int sent = prr.window() - pipe;
            prr.onSent(sent);
            pipe += sent - 1;
        }
    }

    /// Figure 2: the first 15 of 20 segments are lost, and three ACKs come back in recovery.
    @Test
    void aBurstOfLossesIsRepairedAsFastAsSegmentsArrive() {
        prr.start(1, 10, 20);
        for (int ack = 17; ack <= 19; ack++) {
            prr.onAck(1, 4, false);
            assertEquals(5, prr.window());
            prr.onSent(1);
        }
        // "PRR enters PRR-SSRB and increases the window by exactly 1 segment per ACK until inflight
        // rises to ssthresh".
        for (int pipe = 4; pipe < 9; pipe++) {
            prr.onAck(1, pipe, true);
            assertEquals(pipe + 2, prr.window());
            prr.onSent(2);
        }
        prr.onAck(1, 9, true);
        assertEquals(10, prr.window());
    }

    @Test
    void theReductionIsRoundedUp() {
        prr.start(1000, 7000, 10_000);
        prr.onAck(1, 9000, false);
        assertEquals(9001, prr.window());
        prr.onAck(1000, 8999, false);
        // ceil(1001 * 7000 / 10000) = 701
        assertEquals(8999 + 701, prr.window());
    }

    @Test
    void theFirstSegmentIsSentAgainEvenIfNothingMayBe() {
        prr.start(1000, 4000, 8000);
        prr.onAck(1, 4000, false);
        assertEquals(5000, prr.window());
        prr.onSent(1000);
        prr.onAck(1, 4000, false);
        assertEquals(4000, prr.window());
    }

    @Test
    void anAckThatDeliversNothingChangesNothing() {
        prr.start(1000, 5000, 10_000);
        prr.onAck(1000, 8000, false);
        assertEquals(8500, prr.window());
        prr.onAck(0, 2000, true);
        prr.onAck(-1000, 2000, true);
        assertEquals(8500, prr.window());
    }

    /// RFC 9937, 7: what an application that had nothing to send did not use is not lost to it.
    @Test
    void whatWasNotSentIsMadeUpForAsFarAsTheThreshold() {
        prr.start(1000, 5000, 10_000);
        for (int i = 0; i < 6; i++) {
            prr.onAck(1000, 9000 - 1000 * i, false);
        }
        // Six segments were delivered and none was sent: four were in the network, and one may go.
        assertEquals(5000, prr.window());
    }

    @Test
    void largeWindowsDoNotOverflow() {
        prr.start(1000, 1 << 29, 1 << 30);
        prr.onAck(1 << 29, (1 << 29) + 1, false);
        assertEquals((1 << 29) + 1 + (1 << 28), prr.window());
    }
}
