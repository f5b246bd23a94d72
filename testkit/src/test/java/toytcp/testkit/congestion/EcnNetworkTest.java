package toytcp.testkit.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import toytcp.stack.tcp.EcnPolicy;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpInfo;
import toytcp.stack.tcp.congestion.CongestionControllers;
import toytcp.testkit.BulkTransfer;
import toytcp.testkit.CoreHost;
import toytcp.testkit.CoreNetwork;
import toytcp.testkit.FaultLink;
import toytcp.testkit.LinkFaults;
import toytcp.testkit.Rfc;

import java.time.Duration;

/// One transfer through a bottleneck that marks, in virtual time: 20 Mbit/s, 20 ms, so that 50,000 octets fill
/// it, and a queue of four times that.
class EcnNetworkTest {
    private static final long RATE = 20_000_000;
    private static final int PRODUCT = 50_000;
    private static final int OCTETS = 10_000_000;
    private static final long SECOND = 1_000_000_000;

    /// How a transfer went.
    ///
    /// @param goodput of the link's rate, 0 to 1, headers not counted
    /// @param marked packets that the link marked
    /// @param meanQueue octets, without the first second
    /// @param largestQueue likewise
    private record Outcome(
            double goodput, long marked, long meanQueue, long largestQueue, TcpInfo sender) {}

    private static Outcome transfer(
            String algorithm, EcnPolicy policy, int markAbove, LinkFaults back) {
        TcpConfig config =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.ecn = policy;
                            draft.congestion = CongestionControllers.of(algorithm);
                            draft.timeWaitNanos = 0;
                        });
        try (var network = new CoreNetwork(1)) {
            CoreHost client = network.host("client", config);
            CoreHost server = network.host("server", config);
            LinkFaults line = LinkFaults.NONE.delay(Duration.ofMillis(10));
            LinkFaults there = line.rate(RATE, 4 * PRODUCT).markAbove(markAbove);
            FaultLink link = network.connect(client, server, there, back);
            var arrival = new Arrival(server);
            client.application(BulkTransfer.of(OCTETS));
            server.listen();
            client.open();
            var queue = new long[3];
            client.after(SECOND, () -> sample(client, link, arrival, queue));
            network.run();
            assertEquals(OCTETS, arrival.octets());
            double goodput = OCTETS * 8.0 * SECOND / arrival.endNanos() / RATE;
            TcpInfo info = client.connection().info(network.clock().nanoTime());
            return new Outcome(goodput, link.marked(), queue[0] / queue[1], queue[2], info);
        }
    }

    private static void sample(CoreHost client, FaultLink link, Arrival arrival, long[] queue) {
        if (arrival.octets() < OCTETS * 9L / 10) {
            queue[0] += link.queuedOctets();
            queue[1]++;
            queue[2] = Math.max(queue[2], link.queuedOctets());
            client.after(1_000_000, () -> sample(client, link, arrival, queue));
        }
    }

    private static LinkFaults clean() {
        return LinkFaults.NONE.delay(Duration.ofMillis(10));
    }

    @ParameterizedTest
    @EnumSource(
            value = EcnPolicy.class,
            names = {"CLASSIC", "ACCURATE"})
    @Rfc(number = 3168, section = "6.1.2")
    void cubicFillsALineThatMarksAndLosesNothing(EcnPolicy policy) {
        Outcome outcome = transfer("cubic", policy, PRODUCT, clean());
        assertEquals(0, outcome.sender.totalRetrans(), outcome::toString);
        assertTrue(outcome.goodput > 0.93, outcome::toString);
        assertTrue(outcome.marked > 10, outcome::toString);
        assertTrue(outcome.largestQueue < 3 * PRODUCT, outcome::toString);
    }

    /// The same queue without marks fills until it drops.
    @Test
    void withoutMarksTheQueueIsFullInstead() {
        Outcome outcome = transfer("cubic", EcnPolicy.OFF, PRODUCT, clean());
        assertEquals(0, outcome.marked);
        assertTrue(outcome.largestQueue > 3 * PRODUCT, outcome::toString);
    }

    /// What the link marked is what the sender was told in the end.
    @Test
    @Rfc(number = 9768, section = "3.2.2")
    void everyMarkIsCounted() {
        Outcome outcome = transfer("cubic", EcnPolicy.ACCURATE, PRODUCT, clean());
        assertEquals(outcome.marked, outcome.sender.deliveredCe(), outcome::toString);
        assertTrue(outcome.sender.deliveredCeBytes() <= outcome.marked * 1448, outcome::toString);
        assertTrue(outcome.sender.deliveredCeBytes() > outcome.marked * 1400, outcome::toString);
    }

    /// The counters survive the loss of every fifth ACK.
    @Test
    @Rfc(number = 9768, section = "3.2.2.5")
    void everyMarkIsCountedAlthoughAcksAreLost() {
        Outcome outcome = transfer("cubic", EcnPolicy.ACCURATE, PRODUCT, clean().drop(0.2));
        assertEquals(outcome.marked, outcome.sender.deliveredCe(), outcome::toString);
    }

    /// With a threshold of a fifth of the product ("K > (RTT * C)/7", RFC 8257, 3.1) the queue stays about
    /// there, and the line full.
    @ParameterizedTest
    @CsvSource({"PASSIVE", "ACCURATE"})
    @Rfc(number = 8257, section = "3.1")
    void dctcpKeepsTheQueueNearTheThreshold(EcnPolicy policy) {
        int threshold = PRODUCT / 5;
        Outcome outcome = transfer("dctcp", policy, threshold, clean());
        assertEquals(0, outcome.sender.totalRetrans(), outcome::toString);
        assertTrue(outcome.goodput > 0.88, outcome::toString);
        assertTrue(outcome.meanQueue > threshold / 4, outcome::toString);
        assertTrue(outcome.meanQueue < threshold * 3 / 2, outcome::toString);
        assertTrue(outcome.largestQueue < 3 * threshold, outcome::toString);
    }

    /// Everything arrives, and no promise of the wire is broken, whatever the lines do to marked packets.
    @ParameterizedTest
    @CsvSource({"cubic, CLASSIC", "cubic, ACCURATE", "dctcp, PASSIVE", "dctcp, ACCURATE"})
    void badLinesThatMarkHarmNoTransfer(String algorithm, EcnPolicy policy) {
        for (int seed = 0; seed < 40; seed++) {
            TcpConfig config = config(algorithm, policy, 1 + seed % 2 * (1 << 16));
            try (var network = new CoreNetwork(seed)) {
                CoreHost client = network.host("client", config);
                CoreHost server = network.host("server", config);
                LinkFaults line = LinkFaults.NONE.delay(Duration.ofMillis(5)).rate(RATE, 30_000);
                LinkFaults bad = line.markAbove(4000).drop(0.01).duplicate(0.01).corrupt(0.005);
                network.connect(client, server, bad.reorder(0.03, Duration.ofMillis(3)));
                var there = BulkTransfer.of(200_000 + seed);
                var back = BulkTransfer.of(100_000).waitsForPeer();
                client.application(there);
                server.application(back);
                server.listen();
                client.open();
                network.run();
                assertEquals(200_000 + seed, back.received(), "seed " + seed);
                assertEquals(100_000, there.received(), "seed " + seed);
            }
        }
    }

    private static TcpConfig config(String algorithm, EcnPolicy policy, int least) {
        return TcpConfig.DEFAULT.with(
                draft -> {
                    draft.ecn = policy;
                    draft.congestion = CongestionControllers.of(algorithm);
                    draft.receiveBuffer = Math.max(20_000, least);
                    draft.timestamps = least == 1;
                    draft.timeWaitNanos = 0;
                });
    }
}
