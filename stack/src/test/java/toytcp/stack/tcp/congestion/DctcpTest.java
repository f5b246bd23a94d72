package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// RFC 8257, 3.3 to 3.5, on values; segments of 1000 octets, g = 1/16.
class DctcpTest {
    private static final int MSS = 1000;
    private static final double EXACT = 1e-12;

    private final Dctcp dctcp = new Dctcp(MSS);
    private final AckSample sample = new AckSample();

    /// An ACK of `acked` octets, `marked` of which were, with `out` octets outstanding before.
    private void ack(int acked, int marked, int out) {
        sample.acked(acked).delivered(acked).marked(marked).flightSize(out).windowLimited(false);
        dctcp.onAck(sample);
    }

    @Test
    void itIsChosenByNameAndNeedsMarks() {
        assertSame(Dctcp.FACTORY, CongestionControllers.of("dctcp"));
        assertTrue(Dctcp.FACTORY.needsMarks());
        assertFalse(CongestionControllers.of("cubic").needsMarks());
        assertEquals("dctcp", dctcp.name());
    }

    /// "DCTCP.Alpha, which is initialized to 1", and "WindowEnd [...] initialized to SND.UNA": the first
    /// ACK ends the first window.
    @Test
    void alphaBeginsAtOneAndFallsByTheGain() {
        assertEquals(1, dctcp.alpha());
        ack(1000, 0, 10_000);
        assertEquals(15.0 / 16, dctcp.alpha(), EXACT);
        // The window that ends beyond the 9000 octets that are still out.
        for (int i = 0; i < 9; i++) {
            ack(1000, 0, 10_000);
            assertEquals(15.0 / 16, dctcp.alpha(), EXACT);
        }
        ack(1000, 0, 10_000);
        assertEquals(Math.pow(15.0 / 16, 2), dctcp.alpha(), EXACT);
    }

    @Test
    void alphaFollowsTheMarkedShareOfAWindow() {
        ack(1000, 0, 10_000);
        for (int i = 0; i < 9; i++) {
            ack(1000, i < 3 ? 1000 : 0, 10_000);
        }
        ack(1000, 0, 10_000);
        // M = 3000 / 10000.
        assertEquals(15.0 / 16 * 15 / 16 + 0.3 / 16, dctcp.alpha(), EXACT);
    }

    @Test
    void alphaIsNeverMoreThanOne() {
        for (int i = 0; i < 100; i++) {
            ack(1000, 2000, 1000);
            assertTrue(dctcp.alpha() <= 1);
        }
    }

    /// `cwnd = cwnd * (1 - DCTCP.Alpha / 2)`.
    @Test
    void aMarkReducesInProportion() {
        dctcp.takeOver(100_000, 100_000);
        dctcp.onCongestionMark(100_000, 0);
        assertEquals(50_000, dctcp.window());
        for (int i = 0; i < 20; i++) {
            ack(1000, 0, 1000);
        }
        double alpha = Math.pow(15.0 / 16, 20);
        assertEquals(alpha, dctcp.alpha(), EXACT);
        dctcp.onCongestionMark(50_000, 0);
        assertEquals((int) (50_000 * (1 - alpha / 2)), dctcp.window());
        assertEquals(dctcp.window(), dctcp.slowStartThreshold());
    }

    @Test
    void twoSegmentsAreLeft() {
        dctcp.takeOver(3000, 3000);
        dctcp.onCongestionMark(3000, 0);
        assertEquals(2000, dctcp.window());
    }

    /// 3.4: "grows its congestion window in the same way as conventional TCP"; 3.5: "MUST react to loss
    /// episodes in the same way".
    @Test
    void growthAndLossesAreThoseOfNewReno() {
        NewReno reno = new NewReno(MSS);
        assertEquals(reno.window(), dctcp.window());
        for (int i = 0; i < 30; i++) {
            sample.acked(1000).delivered(1000).marked(0).flightSize(10_000).windowLimited(true);
            dctcp.onAck(sample);
            reno.onAck(sample);
            if (i == 10) {
                dctcp.onLoss(12_000, 0);
                reno.onLoss(12_000, 0);
            } else if (i == 12) {
                dctcp.onRecovered(5000, 0);
                reno.onRecovered(5000, 0);
            } else if (i == 20) {
                dctcp.onRetransmissionTimeout(7000, true, 0);
                reno.onRetransmissionTimeout(7000, true, 0);
            }
            assertEquals(reno.window(), dctcp.window());
            assertEquals(reno.slowStartThreshold(), dctcp.slowStartThreshold());
        }
        assertEquals(3500, dctcp.slowStartThreshold());
    }
}
