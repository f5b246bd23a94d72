package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.stack.tcp.congestion.FixedWindow;
import toytcp.stack.tcp.congestion.NewReno;
import toytcp.testkit.BulkTransfer;
import toytcp.testkit.CoreHost;
import toytcp.testkit.CoreNetwork;
import toytcp.testkit.LinkFaults;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

import java.time.Duration;

/// Segments leave at the rate that the congestion control names. Segments of 1000 octets.
class PacingTest {
    /// A window and a rate that no event moves.
    private static final class Steady extends FixedWindow {
        private final long pacingRate;

        private Steady(int window, long pacingRate) {
            super(window);
            this.pacingRate = pacingRate;
        }

        @Override
        public long pacingRate() {
            return pacingRate;
        }

        @Override
        public int slowStartThreshold() {
            return window();
        }
    }

    /// A segment each millisecond.
    private static TcpScript paced() {
        return TcpScript.with(
                        config -> {
                            config.maximumSegmentSize = 1000;
                            config.congestion = size -> new Steady(20_000, 1_000_000);
                        })
                .peerOptions("mss 1000,sackOK")
                .roundTrip(ofMillis(100))
                .established();
    }

    /// The algorithm names no rate.
    private static TcpScript windowPaced(Duration roundTrip) {
        return TcpScript.with(
                        config -> {
                            config.maximumSegmentSize = 1000;
                            config.congestion = NewReno::new;
                            config.pacing = true;
                        })
                .roundTrip(roundTrip)
                .established();
    }

    @Test
    void aWindowIsSpreadOverTime() {
        var tcp = paced().write(7000);
        tcp.out(". 1:1001 ack 1", ". 1001:2001 ack 1");
        tcp.afterMillis(2).out("+2ms . 2001:3001 ack 1", ". 3001:4001 ack 1");
        tcp.afterMillis(2).out("+2ms . 4001:5001 ack 1", ". 5001:6001 ack 1");
        tcp.afterMillis(2).out("+2ms P. 6001:7001 ack 1");
        tcp.in(". ack 7001").idle();
    }

    @Test
    void anAckLetsNothingOutBeforeItsTime() {
        var tcp = paced().write(5000).out(". 1:1001 ack 1", ". 1001:2001 ack 1");
        tcp.afterMillis(1).in(". ack 2001").silent();
        tcp.afterMillis(1).out("+1ms . 2001:3001 ack 1", ". 3001:4001 ack 1");
    }

    @Test
    void silenceSavesNothingUpForABurst() {
        var tcp = paced().write(1000).out("P. 1:1001 ack 1").in(". ack 1001").idle();
        tcp.afterMillis(500).write(5000).out(". 1001:2001 ack 1", ". 2001:3001 ack 1");
        tcp.afterMillis(2).out("+2ms . 3001:4001 ack 1", ". 4001:5001 ack 1");
    }

    @Test
    void theWindowIsTheLimitWhereItIsSmaller() {
        var tcp = paced().write(30_000).afterMillis(50).skip();
        tcp.unacknowledged(30_000).silent();
        tcp.afterMillis(50).in(". ack 3001");
        tcp.out(". 20001:21001 ack 1", ". 21001:22001 ack 1");
        tcp.afterMillis(2).out("+2ms . 22001:23001 ack 1").afterMillis(20).silent();
    }

    @Test
    void retransmissionsArePaced() {
        var tcp = paced().write(20_000).afterMillis(120).skip();
        // Ten are lost.
        tcp.in(". ack 1 <sack 10001:20001>").out(". 1:1001 ack 1", ". 1001:2001 ack 1");
        tcp.afterMillis(9);
        tcp.out(
                "+2ms . 2001:3001 ack 1",
                ". 3001:4001 ack 1",
                "+4ms . 4001:5001 ack 1",
                ". 5001:6001 ack 1",
                "+6ms . 6001:7001 ack 1",
                ". 7001:8001 ack 1",
                "+8ms . 8001:9001 ack 1",
                ". 9001:10001 ack 1");
    }

    @Test
    void whatATimeoutSendsAgainLeavesAtOnce() {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.maximumSegmentSize = 1000;
                                    config.congestion = size -> new Steady(20_000, 1000);
                                })
                        .roundTrip(ofMillis(100))
                        .established();
        // Two seconds until the next quantum.
        tcp.write(4000).out(". 1:1001 ack 1", ". 1001:2001 ack 1");
        tcp.afterMillis(400).out("+300ms . 1:1001 ack 1");
    }

    /// RFC 9002, 7.7, recommends 1.25 windows a round trip, and RFC 6928 lets ten segments out at once.
    @Test
    @Rfc(number = 6928, section = "2")
    void aWindowCanBePacedTooButTheInitialOneLeavesAtOnce() {
        var tcp = windowPaced(ofMillis(96)).write(30_000).skip().unacknowledged(30_000);
        assertEquals(10_000, tcp.connection().info(tcp.nowNanos()).unackedBytes());
        // Twice the window of 12 segments in 96 ms: 2 segments in 8 ms.
        tcp.afterMillis(96).in(". ack 2001").out(". 10001:11001 ack 1", ". 11001:12001 ack 1");
        tcp.afterMillis(7).silent().afterMillis(1);
        tcp.out("+1ms . 12001:13001 ack 1", ". 13001:14001 ack 1").silent();
    }

    /// Twice 22 segments in 100 ms: two, and the next two 4.55 ms later.
    @Test
    void slowStartIsSpreadOnceItsBurstsAreLargerThanAnInitialWindow() {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.maximumSegmentSize = 1000;
                                    config.congestion = NewReno::new;
                                })
                        .roundTrip(ofMillis(100))
                        .established();
        tcp.write(60_000).skip().afterMillis(100);
        for (int ack = 2001; ack <= 10_001; ack += 2000) {
            tcp.in(". ack " + ack).skip();
        }
        assertEquals(20_000, tcp.connection().info(tcp.nowNanos()).unackedBytes());
        tcp.afterMillis(100).in(". ack 12001");
        tcp.out(". 30001:31001 ack 1", ". 31001:32001 ack 1").afterMillis(4).silent();
        tcp.afterMillis(1).out(". 32001:33001 ack 1", ". 33001:34001 ack 1");
    }

    @Test
    void onAShortPathThereIsNothingToSpread() {
        var tcp =
                windowPaced(ofMillis(1))
                        .write(30_000)
                        .skip()
                        .afterMillis(1)
                        .in(". ack 10001")
                        .skip();
        assertEquals(12_000, tcp.connection().info(tcp.nowNanos()).unackedBytes());
    }

    /// Octets a second and the clock's tick in microseconds.
    @ParameterizedTest
    @CsvSource({
        "125_000, 1",
        "125_000, 15_000",
        "5_000_000, 1",
        "5_000_000, 1000",
        "5_000_000, 15_000"
    })
    void theRateIsReachedWithACoarseClockToo(String octetsPerSecond, String tickMicros) {
        long rate = Long.parseLong(octetsPerSecond.replace("_", ""));
        long tick = 1000 * Long.parseLong(tickMicros.replace("_", ""));
        int octets = (int) (2 * rate);
        TcpConfig config =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.congestion = size -> new Steady(1 << 27, rate);
                            draft.sendBuffer = 1 << 27;
                            draft.receiveBuffer = 1 << 27;
                            draft.timeWaitNanos = 0;
                        });
        try (var network = new CoreNetwork(1)) {
            CoreHost client = network.host("client", config).granularity(tick);
            CoreHost server = network.host("server", config);
            network.connect(client, server, LinkFaults.NONE.delay(Duration.ofMillis(10)));
            var transfer = BulkTransfer.of(octets);
            client.application(transfer);
            server.application(BulkTransfer.of(0).waitsForPeer());
            server.listen();
            client.open();
            network.run();
            double seconds = network.clock().nanoTime() / 1e9;
            assertEquals(0, client.connection().retransmittedSegments());
            assertTrue(seconds > 1.95 && seconds < 2.3, seconds + " s");
        }
    }
}
