package toytcp.testkit.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.Bbr;
import toytcp.stack.tcp.congestion.DelegatingController;
import toytcp.testkit.CoreHost;
import toytcp.testkit.CoreNetwork;
import toytcp.testkit.LinkFaults;
import toytcp.testkit.TcpEvent;

import java.time.Duration;

/// BBR over a bottleneck of 10 Mbit/s and 40 ms, in virtual time.
class BbrNetworkTest {
    private static final Duration ROUND_TRIP = Duration.ofMillis(40);
    private static final long RATE = 10_000_000;
    private static final int OCTETS = 15_000_000;

    /// Text in a packet of 1500 octets.
    private static final double TEXT = 1448.0 / 1500;

    @Test
    void itFillsTheLineAndKeepsTheQueueShort() {
        Path path = new Path(RATE, ROUND_TRIP, 4, 0);
        var watch = new Watch();
        Path.Outcome outcome = path.send(OCTETS, size -> watch.over(new Bbr(size)));
        assertTrue(outcome.goodput() > 0.94 * TEXT, outcome.toString());
        assertEquals(0, outcome.retransmitted());
        // Two products in the queue would be three round trips.
        assertTrue(watch.longestRtt < 3 * ROUND_TRIP.toNanos(), watch.longestRtt / 1e6 + " ms");
        // ProbeRTT: every five seconds the flight is half of the product.
        assertEquals(2, watch.stops);
    }

    @Test
    void aPercentOfRandomLossHardlyMatters() {
        Path path = new Path(RATE, ROUND_TRIP, 4, 0.01);
        Path.Outcome outcome = path.send(OCTETS, Bbr::new);
        assertTrue(outcome.goodput() > 0.9 * TEXT, outcome.toString());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 1})
    void aQueueOfAnyLengthWillDo(double share) {
        Path path = new Path(RATE, ROUND_TRIP, share, 0);
        Path.Outcome outcome = path.send(OCTETS, Bbr::new);
        assertTrue(outcome.goodput() > 0.8 * TEXT, outcome.toString());
        double lost = outcome.retransmitted() * 1448.0 / OCTETS;
        assertTrue(lost < 0.03, outcome.toString());
    }

    /// A request of 20 kB every 100 ms, after the line was filled once: the rate stays that of the line.
    @Test
    void anApplicationThatSendsLittleDoesNotLowerTheRate() {
        var watch = new Watch();
        TcpConfig config =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.congestion = size -> watch.over(new Bbr(size));
                            draft.timeWaitNanos = 0;
                        });
        try (var network = new CoreNetwork(1)) {
            CoreHost client = network.host("client", config);
            CoreHost server = network.host("server", TcpConfig.DEFAULT);
            LinkFaults line = LinkFaults.NONE.delay(ROUND_TRIP.dividedBy(2));
            network.connect(client, server, line.rate(RATE, 200_000), line);
            var full = new double[1];
            client.application(
                    (event, host) -> {
                        if (event == TcpEvent.ESTABLISHED) {
                            write(host, 3_000_000);
                            for (int i = 0; i < 30; i++) {
                                host.after(
                                        4_000_000_000L + i * 100_000_000L,
                                        () -> write(host, 20_000));
                            }
                            host.after(
                                    3_900_000_000L, () -> full[0] = watch.controller.pacingRate());
                            host.after(
                                    8_000_000_000L, () -> host.connection().abort(host.nowNanos()));
                        }
                    });
            server.application(
                    (event, host) -> {
                        if (event == TcpEvent.READABLE) {
                            int octets = host.connection().readableBytes();
                            host.connection().receive(octets).release();
                            host.connection().consumed(octets, host.nowNanos());
                        }
                    });
            server.listen();
            client.open();
            network.run();
            assertEquals(RATE / 8 * TEXT, full[0], 0.1 * RATE / 8);
            assertEquals(full[0], watch.controller.pacingRate(), 0.12 * full[0]);
        }
    }

    private static void write(CoreHost host, int octets) {
        host.connection().send(host.allocator().buffer(octets).writeZero(octets), host.nowNanos());
    }

    /// Looks at what BBR does.
    private static final class Watch {
        private DelegatingController controller;
        private long longestRtt;

        /// How often the window fell below the product.
        private int stops;

        private boolean stopped;

        private DelegatingController over(Bbr bbr) {
            controller =
                    new DelegatingController(bbr) {
                        @Override
                        public void onAck(AckSample sample) {
                            super.onAck(sample);
                            longestRtt = Math.max(longestRtt, sample.rttNanos());
                            // Once the line was full.
                            boolean stops =
                                    sample.totalDelivered() > 1_000_000 && window() < 40_000;
                            Watch.this.stops += stops && !stopped ? 1 : 0;
                            stopped = stops;
                        }
                    };
            return controller;
        }
    }
}
