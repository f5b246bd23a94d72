package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.congestion.FixedWindow;

import java.time.Duration;

class BottleneckNetworkTest {
    private static final long SECOND = 1_000_000_000;
    private static final long RATE = 10_000_000;

    /// A round trip of 40 ms, so 50,000 octets are under way.
    private static final LinkFaults PATH = LinkFaults.NONE.delay(Duration.ofMillis(20));

    @Test
    void aWindowOfTheBandwidthDelayProductFillsTheLineAndHardlyTheQueue() {
        try (var network = new BottleneckNetwork(1, RATE, 100_000)) {
            BottleneckFlow flow = flow(network, 54_000, PATH).start(Long.MAX_VALUE);
            network.runUntil(SECOND);
            long before = flow.received();
            network.runUntil(11 * SECOND);
            double share = (flow.received() - before) / 10.0 / flow.capacity();
            assertTrue(share > 0.99 && share <= 1, () -> "share " + share);
            double queue = network.bottleneck().queueIntegral() / 11;
            assertTrue(queue > 1500 && queue < 9000, () -> "mean queue " + queue);
            assertEquals(0, network.bottleneck().droppedPackets());
        }
    }

    @Test
    void halfTheProductFillsHalfTheLine() {
        try (var network = new BottleneckNetwork(1, RATE, 100_000)) {
            BottleneckFlow flow = flow(network, 25_000, PATH).start(Long.MAX_VALUE);
            network.runUntil(10 * SECOND);
            double share = flow.received() / 10.0 / flow.capacity();
            assertTrue(share > 0.44 && share < 0.5, () -> "share " + share);
        }
    }

    @Test
    void aLimitedTransferArrivesWholeAndThenNothingHappens() {
        try (var network = new BottleneckNetwork(1, RATE, 100_000)) {
            BottleneckFlow flow = flow(network, 54_000, PATH).start(1_234_567);
            network.runUntil(60 * SECOND);
            assertEquals(1_234_567, flow.received());
            long events = network.events();
            network.runUntil(3600 * SECOND);
            assertEquals(events, network.events());
            flow.write(10);
            network.runUntil(3601 * SECOND);
            assertEquals(1_234_577, flow.received());
        }
    }

    @Test
    void whatDoesNotFitIntoTheQueueIsDropped() {
        try (var network = new BottleneckNetwork(1, RATE, 20_000)) {
            BottleneckFlow flow = flow(network, 100_000, PATH).start(Long.MAX_VALUE);
            network.runUntil(10 * SECOND);
            Bottleneck queue = network.bottleneck();
            assertTrue(queue.largestQueue() > 18_500 && queue.largestQueue() <= 20_000);
            assertTrue(queue.droppedPackets() > 0);
            assertTrue(flow.info().totalRetrans() > 0);
            assertEquals(0, flow.lostPackets());
        }
    }

    @Test
    void randomLossTakesItsShare() {
        try (var network = new BottleneckNetwork(1, RATE, 100_000)) {
            BottleneckFlow flow = flow(network, 40_000, PATH.drop(0.02)).start(Long.MAX_VALUE);
            network.runUntil(60 * SECOND);
            double sent = flow.lostPackets() + network.bottleneck().carriedPackets();
            assertEquals(0.02, flow.lostPackets() / sent, 0.003);
        }
    }

    @Test
    void latePacketsAreOvertaken() {
        try (var network = new BottleneckNetwork(1, RATE, 100_000)) {
            LinkFaults late = PATH.reorder(0.01, Duration.ofMillis(10));
            BottleneckFlow flow = flow(network, 40_000, late).start(Long.MAX_VALUE);
            network.runUntil(10 * SECOND);
            assertTrue(flow.receiverInfo().rcvOoopack() > 50, flow.receiverInfo()::toString);
            assertEquals(0, network.bottleneck().droppedPackets() + flow.lostPackets());
        }
    }

    @Test
    void packetsMayArriveTwiceAndAcknowledgementsNever() {
        try (var network = new BottleneckNetwork(1, RATE, 100_000)) {
            TcpConfig config = TcpConfig.DEFAULT;
            LinkFaults twice = PATH.duplicate(1);
            BottleneckFlow flow = network.flow(config, config, twice, PATH.drop(1));
            flow.start(1000);
            network.runUntil(10 * SECOND);
            assertEquals(0, flow.received());
            assertTrue(flow.receiverInfo().segsIn() == 0 && flow.info().totalRetrans() > 0);
        }
    }

    @Test
    void twoFlowsShareTheLine() {
        try (var network = new BottleneckNetwork(1, RATE, 100_000)) {
            BottleneckFlow one = flow(network, 60_000, PATH).start(Long.MAX_VALUE);
            BottleneckFlow other = flow(network, 60_000, PATH).start(Long.MAX_VALUE);
            network.runUntil(10 * SECOND);
            double sum = (one.received() + other.received()) / 10.0 / one.capacity();
            assertTrue(sum > 0.98 && sum <= 1, () -> "sum " + sum);
            assertEquals(1, (double) one.received() / other.received(), 0.1);
        }
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        assertEquals(run(7), run(7));
        assertTrue(!run(7).equals(run(8)));
    }

    @Test
    void aCoarseClockDelaysButDoesNotStop() {
        try (var network = new BottleneckNetwork(1, RATE, 100_000)) {
            BottleneckFlow flow = flow(network, 100_000, PATH.drop(0.02));
            flow.granularity(15_000_000).start(Long.MAX_VALUE);
            network.runUntil(10 * SECOND);
            assertTrue(flow.received() > 5_000_000, () -> "received " + flow.received());
            // 40 ms are seen as two or three ticks.
            long rtt = flow.info().minRtt();
            assertTrue(rtt >= 29_900 && rtt <= 45_000, flow.info()::toString);
        }
    }

    @Test
    void onlyAFullQueueMarksAndOnlyWhatIsCapableOfIt() {
        Bottleneck queue = new Bottleneck(1_000_000, 100_000, 3000);
        int[] seen = new int[6];
        for (int i = 0; i < seen.length; i++) {
            TcpSegment segment = new TcpSegment().trafficClass(i == 4 ? 0xb8 : 0xb8 | 1 + i % 2);
            queue.enqueue(segment, 1500, 0);
            seen[i] = segment.trafficClass() & 3;
        }
        // The first three find 0, 1500 and 3000 octets.
        assertEquals("1 2 1 3 0 3", join(seen));
        assertEquals(2, queue.markedPackets());
        // 12 ms a packet: then the queue is empty again.
        TcpSegment later = new TcpSegment().trafficClass(2);
        assertEquals(84_000_000, queue.enqueue(later, 1500, 72_000_000));
        assertEquals(2, later.trafficClass());
        assertEquals(9000, queue.largestQueue());
        // 1500 octets for 12 ms, 24 ms, ... 72 ms, and 12 ms.
        assertEquals(1500 * 0.264, queue.queueIntegral(), 1e-6);
    }

    @Test
    void aPathWithARateOfItsOwnIsRefused() {
        try (var network = new BottleneckNetwork(1, RATE, 100_000)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> flow(network, 40_000, PATH.rate(1000, 10_000)));
            assertThrows(
                    IllegalArgumentException.class, () -> flow(network, 40_000, PATH.corrupt(0.1)));
        }
        assertThrows(IllegalArgumentException.class, () -> new BottleneckNetwork(1, 0, 1));
    }

    private static String run(long seed) {
        try (var network = new BottleneckNetwork(seed, RATE, 30_000)) {
            LinkFaults bad = PATH.drop(0.01).reorder(0.01, Duration.ofMillis(10)).duplicate(0.01);
            BottleneckFlow flow = network.flow(TcpConfig.DEFAULT, TcpConfig.DEFAULT, bad, bad);
            flow.start(Long.MAX_VALUE);
            network.runUntil(10 * SECOND);
            return flow.info() + " " + network.events();
        }
    }

    private static String join(int[] values) {
        StringBuilder text = new StringBuilder();
        for (int value : values) {
            text.append(text.isEmpty() ? "" : " ").append(value);
        }
        return text.toString();
    }

    private static BottleneckFlow flow(BottleneckNetwork network, int window, LinkFaults there) {
        TcpConfig config =
                TcpConfig.DEFAULT.with(draft -> draft.congestion = FixedWindow.of(window));
        LinkFaults back = LinkFaults.NONE.delay(Duration.ofMillis(20));
        return network.flow(config, config, there, back);
    }
}
