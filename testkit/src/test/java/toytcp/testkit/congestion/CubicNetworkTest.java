package toytcp.testkit.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.congestion.CongestionController;
import toytcp.stack.tcp.congestion.CongestionControllerFactory;
import toytcp.stack.tcp.congestion.CongestionControllers;
import toytcp.stack.tcp.congestion.Cubic;
import toytcp.stack.tcp.congestion.NewReno;

import java.time.Duration;

/// CUBIC over a bottleneck, in virtual time.
class CubicNetworkTest {
    private static final int LARGE_SEGMENT = 8960;

    @Test
    void itIsTheDefault() {
        assertEquals("cubic", CongestionControllers.nameOf(TcpConfig.DEFAULT.congestion()));
    }

    @Test
    void slowStartEndsWithoutALossIfTheQueueIsLong() {
        // From the delay on, five rounds of conservative slow start make at most 1.25^5 = 3
        // windows.
        var path = new Path(20_000_000, Duration.ofMillis(50), 16, 0);
        Path.Outcome cubic = path.send(5_000_000, Cubic::new);
        assertEquals(0, cubic.retransmitted(), cubic.toString());
        CongestionController controller = cubic.controllers().getFirst();
        assertTrue(controller.slowStartThreshold() < 12 * path.product(), controller.window() + "");
        assertTrue(cubic.goodput() > 0.75, cubic.toString());
        Path.Outcome reno = path.send(5_000_000, NewReno::new);
        assertTrue(reno.retransmitted() > 0, reno.toString());
    }

    @Test
    void afterALossALongFatPathIsFullAgainSoonerThanWithNewReno() {
        var path = new Path(100_000_000, Duration.ofMillis(100), 1, 0);
        Path.Outcome cubic = path.send(30_000_000, afterALoss(Cubic::new, path), LARGE_SEGMENT);
        Path.Outcome reno = path.send(30_000_000, afterALoss(NewReno::new, path), LARGE_SEGMENT);
        assertEquals(0, cubic.retransmitted());
        assertEquals(0, reno.retransmitted());
        assertTrue(cubic.goodput() > 0.75, cubic.toString());
        assertTrue(reno.goodput() < 0.65, reno.toString());
    }

    /// As after a loss at the moment at which the line was just full.
    private static CongestionControllerFactory afterALoss(
            CongestionControllerFactory factory, Path path) {
        return size -> {
            CongestionController controller = factory.create(size);
            controller.takeOver(path.product(), path.product());
            controller.onLoss(path.product(), 0);
            controller.onRecovered(path.product(), 0);
            return controller;
        };
    }
}
