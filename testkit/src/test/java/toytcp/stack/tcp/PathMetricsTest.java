package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

import java.time.Duration;

/// What a connection passes on to the next one to the same peer (RFC 9040).
class PathMetricsTest {
    private static final long MS = 1_000_000;
    private static final int NONE = Integer.MAX_VALUE;

    private static PathMetrics metrics(long millis, long variation, int threshold) {
        return new PathMetrics(millis * MS, variation * MS, threshold, 0);
    }

    private static TcpScript closed(PathMetrics known) {
        var tcp = TcpScript.with(config -> config.maximumSegmentSize = 1000).closed();
        tcp.connection().usePathMetrics(known);
        return tcp;
    }

    @Test
    @Rfc(number = 9040, section = "6.2")
    void oldAndNewAreMerged() {
        PathMetrics old = metrics(100, 20, 40_000);
        assertEquals(metrics(120, 30, 30_000), metrics(180, 60, 20_000).merge(old));
        assertEquals(metrics(75, 15, 40_000), metrics(0, 0, NONE).merge(old));
        assertEquals(metrics(100, 20, 7000), metrics(100, 20, 7000).merge(metrics(100, 20, NONE)));
    }

    @Test
    @Rfc(number = 9040, section = "6.3")
    void withoutOldOnesTheNewOnesCount() {
        assertEquals(metrics(180, 60, 20_000), metrics(180, 60, 20_000).merge(null));
    }

    @Test
    @Rfc(number = 9040, section = "6.1")
    void aPathThatIsKnownToBeSlowGetsALongerFirstTimeout() {
        var tcp = closed(metrics(1200, 300, NONE)).open().out("S 0:0");
        tcp.after(Duration.ofSeconds(5)).out("+2400ms S 0:0");
    }

    @Test
    void aFastOneGetsNoShorterOneThanAnUnknownPath() {
        closed(metrics(10, 1, NONE)).open().out("S 0:0").afterMillis(1500).out("+1000ms S 0:0");
    }

    @Test
    void untilTheSecondSampleTheTimeoutIsNotBelowWhatWasNeeded() {
        var tcp = closed(metrics(100, 150, NONE)).open().out("S 0:0").afterMillis(50);
        tcp.in("S. 0:0 ack 1 win 65535 <mss 1000>").out(". 1:1 ack 1");
        assertEquals(700_000, tcp.connection().info(tcp.nowNanos()).rto());
        tcp.write(1000).out("P. 1:1001 ack 1").afterMillis(50).in(". ack 1001");
        assertEquals(250_000, tcp.connection().info(tcp.nowNanos()).rto());
    }

    @Test
    @Rfc(number = 9040, section = "6.1")
    void slowStartEndsWhereItDid() {
        var tcp = closed(metrics(100, 10, 12_000)).open().out("S 0:0").afterMillis(100);
        tcp.in("S. 0:0 ack 1 win 65535 <mss 1000>").out(". 1:1 ack 1").write(40_000).skip();
        TcpInfo info = tcp.connection().info(tcp.nowNanos());
        assertEquals(10_000, info.sndCwndBytes(), "the window is not passed on");
        assertEquals(12_000, info.sndSsthreshBytes());
        tcp.afterMillis(100).in(". ack 2001").skip().in(". ack 4001").skip();
        int after = tcp.connection().congestionWindow();
        assertEquals(12, after / 1000);
    }

    @Test
    void aThresholdBelowTheInitialWindowIsNotBelieved() {
        var tcp = closed(metrics(100, 10, 2000)).open().out("S 0:0").afterMillis(100);
        tcp.in("S. 0:0 ack 1 win 65535 <mss 1000>").out(". 1:1 ack 1");
        TcpInfo info = tcp.connection().info(tcp.nowNanos());
        assertEquals(10_000, info.sndCwndBytes());
        assertEquals(10_000, info.sndSsthreshBytes());
    }

    @Test
    void aPassiveOpenUsesThemToo() {
        var tcp = TcpScript.establishedPassive();
        tcp.connection().usePathMetrics(metrics(100, 10, 50_000));
        assertEquals(50_000, tcp.connection().info(tcp.nowNanos()).sndSsthreshBytes());
    }

    @Test
    void aShortConnectionPassesOnItsTimes() {
        var tcp = TcpScript.with(_ -> {}).roundTrip(Duration.ofMillis(80)).established();
        assertEquals(
                new PathMetrics(80 * MS, 40 * MS, NONE, tcp.nowNanos()),
                tcp.connection().pathMetrics(tcp.nowNanos()));
        tcp.shutdown().out("F. 1:1 ack 1").afterMillis(80).in("F. 1:1 ack 2").skip();
        tcp.state(TcpState.TIME_WAIT);
        assertNotNull(tcp.connection().pathMetrics(tcp.nowNanos()));
    }

    @Test
    @Rfc(number = 9040, section = "8")
    void onlyALongFlowPassesOnItsThreshold() {
        var tcp =
                TcpScript.with(config -> config.maximumSegmentSize = 1000)
                        .peerOptions("mss 1000,sackOK")
                        .roundTrip(Duration.ofMillis(100))
                        .established();
        tcp.write(10_000).skip().afterMillis(100);
        tcp.in(". ack 1 <sack 1001:4001>", ". ack 1 <sack 1001:10001>").afterMillis(50).skip();
        // A loss: the threshold is 7 of 10 segments.
        tcp.afterMillis(50).in(". ack 10001");
        assertEquals(7000, tcp.connection().info(tcp.nowNanos()).sndSsthreshBytes());
        assertEquals(NONE, tcp.connection().pathMetrics(tcp.nowNanos()).slowStartThreshold());
        int acked = 10_001;
        for (int i = 0; i < 60; i++) {
            tcp.write(1000).skip().afterMillis(100);
            acked += 1000;
            tcp.in(". ack " + acked).skip();
        }
        assertEquals(7000, tcp.connection().pathMetrics(tcp.nowNanos()).slowStartThreshold());
    }

    @Test
    void whatBrokePassesOnNothing() {
        var tcp = TcpScript.established().write(100).skip().in("R. 1:1 ack 1");
        assertNull(tcp.connection().pathMetrics(tcp.nowNanos()));
        assertNull(TcpScript.closed().connection().pathMetrics(0));
    }
}
