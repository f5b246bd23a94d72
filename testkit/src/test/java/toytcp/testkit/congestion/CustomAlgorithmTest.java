package toytcp.testkit.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.CongestionControllers;
import toytcp.stack.tcp.congestion.DelegatingController;
import toytcp.stack.tcp.congestion.FixedWindow;

import java.time.Duration;

/// The public interface is enough for an algorithm that the stack does not know.
class CustomAlgorithmTest {
    private static final Path PATH = new Path(10_000_000, Duration.ofMillis(50), 4, 0);
    private static final int OCTETS = 5_000_000;

    @Test
    void itIsFoundByNameBesideThoseOfTheStack() {
        assertTrue(CongestionControllers.names().contains("shortqueue"));
        assertEquals("shortqueue", CongestionControllers.of("shortqueue").create(1000).name());
    }

    @Test
    void itFillsALineWithoutFillingTheQueue() {
        Path.Outcome outcome = PATH.send(OCTETS, CongestionControllers.of("shortqueue"));
        assertTrue(outcome.goodput() > 0.85, outcome.toString());
        assertEquals(0, outcome.retransmitted());
        int window = outcome.controllers().getFirst().window();
        assertTrue(window < 3 * PATH.product() / 2, () -> "window " + window);
    }

    @Test
    void aFixedWindowOfTheBandwidthDelayProductFillsTheLine() {
        Path.Outcome outcome = PATH.send(OCTETS, FixedWindow.of(PATH.product() + 20_000));
        assertTrue(outcome.goodput() > 0.93, outcome.toString());
        Path.Outcome half = PATH.send(OCTETS, FixedWindow.of(PATH.product() / 2));
        assertTrue(half.goodput() > 0.4 && half.goodput() < 0.5, half.toString());
    }

    @Test
    void everyAckBringsASampleThatFitsTheLine() {
        var samples = new long[3];
        PATH.send(
                1_000_000,
                size ->
                        new DelegatingController(FixedWindow.of(20_000).create(size)) {
                            @Override
                            public void onAck(AckSample sample) {
                                check(sample);
                                samples[0]++;
                                samples[1] += sample.acked();
                                samples[2] += sample.isWindowLimited() ? 1 : 0;
                            }
                        });
        // The FIN is acknowledged too, perhaps by an ACK of its own.
        assertEquals(1_000_001, samples[1]);
        assertTrue(samples[2] > samples[0] - 20 && samples[2] < samples[0], samples[2] + "");
    }

    private static void check(AckSample sample) {
        long milliseconds = sample.rttNanos() / 1_000_000;
        // The line's 50, a window of 20,000 octets in the queue, an ACK that is delayed.
        assertTrue(milliseconds >= 49 && milliseconds <= 50 + 17 + 41, milliseconds + " ms");
        assertTrue(sample.smoothedRttNanos() >= 50_000_000, sample.smoothedRttNanos() + " ns");
        assertTrue(sample.acked() <= sample.flightSize());
        assertTrue(sample.flightSize() <= 20_001);
        assertFalse(sample.nowNanos() < 100_000_000);
    }
}
