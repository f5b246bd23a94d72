package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FixedWindowTest {
    @Test
    void noEventMovesTheWindow() {
        CongestionController fixed = FixedWindow.of(20_000).create(1000);
        fixed.takeOver(5000, 4000);
        fixed.onAck(new AckSample().acked(1000).flightSize(20_000).windowLimited(true));
        fixed.onLoss(20_000, 1);
        fixed.onRecovered(0, 2);
        fixed.onRetransmissionTimeout(20_000, true, 3);
        fixed.onRestartAfterIdle(1_000_000_000, 4);
        fixed.onMaximumSegmentSize(500);
        assertEquals(20_000, fixed.window());
        assertEquals(20_000, fixed.slowStartThreshold());
        assertEquals(CongestionController.NO_PACING, fixed.pacingRate());
    }

    @Test
    void aWindowHasOneSegmentAtLeast() {
        assertEquals(1000, FixedWindow.of(1).create(1000).window());
        var refusal = assertThrows(IllegalArgumentException.class, () -> FixedWindow.of(0));
        assertTrue(refusal.getMessage().contains("got 0"), refusal::getMessage);
    }

    @Test
    void itCannotBeChosenByName() {
        assertFalse(CongestionControllers.names().contains("fixed"));
        assertEquals("fixed", CongestionControllers.nameOf(FixedWindow.of(1)));
    }
}
