package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

import java.util.function.Consumer;

/// The receive window grows with what the user reads, and only then.
class ReceiveTuningTest {
    private static final String OPTIONS = "mss 1000,wscale 7,TS";

    private static TcpScript established(Consumer<TcpConfig.Draft> change) {
        return TcpScript.with(
                        config -> {
                            config.maximumSegmentSize = 1012;
                            change.accept(config);
                        })
                .peerOptions(OPTIONS)
                .roundTrip(ofMillis(100))
                .established();
    }

    /// Round trips of 100 ms, in each of which this many segments of 1000 octets come.
    private static int flow(TcpScript tcp, int from, int... segments) {
        int next = from;
        for (int count : segments) {
            String[] batch = new String[count];
            for (int i = 0; i < count; i++, next += 1000) {
                batch[i] = ". %d:%d ack 1".formatted(next, next + 1000);
            }
            tcp.batch(batch).readAll().afterMillis(100).skip();
        }
        return next;
    }

    private static int window(TcpScript tcp) {
        return tcp.connection().info(tcp.nowNanos()).rcvWnd();
    }

    @Test
    void itGrowsAheadOfASenderInSlowStart() {
        var tcp = established(_ -> {});
        assertEquals(65_536, window(tcp));
        flow(tcp, 1, 10, 20, 40);
        // The round trip from the second batch to the first octets of the third: 21 segments, more
        // than twice as many as in the one before.
        assertEquals((4 * 21_000 + 16_000) / 128 * 128, window(tcp));
        TcpInfo info = tcp.connection().info(tcp.nowNanos());
        assertEquals(100_000, info.rcvRtt());
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-14")
    void itNeverShrinks() {
        var tcp = established(_ -> {});
        int next = flow(tcp, 1, 10, 20, 40);
        int window = window(tcp);
        flow(tcp, next, 1, 1, 1, 1);
        assertTrue(window(tcp) >= window - 1000, window + " became " + window(tcp));
    }

    @Test
    void itStaysForAUserWhoDoesNotRead() {
        var tcp = established(_ -> {});
        for (int i = 0; i < 60; i++) {
            tcp.in(". %d:%d ack 1".formatted(1 + 1000 * i, 1001 + 1000 * i)).afterMillis(20);
        }
        tcp.skip().readable(60_000);
        // In units of the scale.
        assertEquals((5535 / 128 + 1) * 128, window(tcp), 128);
    }

    @Test
    void aSizeThatTheUserSetIsNotTuned() {
        var tcp =
                established(
                        config -> {
                            config.receiveBuffer = 100_000;
                            config.tuneReceiveBuffer = false;
                        });
        flow(tcp, 1, 10, 20, 40, 60, 60, 60);
        assertEquals(100_000 >> 1 << 1, window(tcp));
        assertEquals(0, tcp.connection().info(tcp.nowNanos()).rcvSpace());
    }

    @Test
    @Rfc(number = 7323, section = "2.3", id = "2.3-2")
    void theShiftIsThatOfTheLargestWindow() {
        TcpScript.closed().open().out("S 0:0 win 65535 <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>");
        TcpScript.with(config -> config.receiveBuffer = 1 << 30)
                .closed()
                .open()
                .out("S 0:0 win 65535 <mss 1460,sackOK,TS val 0 ecr 0,wscale 14>");
    }

    @Test
    void aShortConnectionHasNothingToTune() {
        var tcp = established(_ -> {});
        flow(tcp, 1, 5, 5);
        assertEquals(0, tcp.connection().info(tcp.nowNanos()).rcvRtt());
    }
}
