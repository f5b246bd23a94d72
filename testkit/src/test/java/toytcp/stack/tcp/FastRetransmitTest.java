package toytcp.stack.tcp;

import static toytcp.stack.tcp.SenderScripts.segments;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.congestion.NewReno;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Slow start, congestion avoidance, fast retransmit and fast recovery (RFC 5681, 6582, 6928).
class FastRetransmitTest {
    private static TcpScript established() {
        return TcpScript.with(
                        config -> {
                            config.maximumSegmentSize = 1000;
                            config.congestion = NewReno::new;
                        })
                .roundTrip(ofMillis(100))
                .established();
    }

    @Test
    @Rfc(number = 6928, section = "2")
    void theInitialWindowIsTenSegments() {
        var tcp = established().write(20_000);
        tcp.out(segments(0, 10)).in(". ack 2001").out(segments(10, 14));
    }

    @Test
    @Rfc(number = 5681, section = "3.2")
    void theThirdDuplicateAckResendsTheMissingSegment() {
        var tcp = established().write(4000).skip();
        tcp.in(". ack 1", ". ack 1").silent().in(". ack 1").out(". 1:1001 ack 1");
        tcp.in(". ack 4001").silent().after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 3042, section = "2")
    void eachOfTheFirstTwoDuplicatesLetsANewSegmentOut() {
        var tcp = established().write(20_000).out(segments(0, 10));
        tcp.in(". ack 1").out(segments(10, 11)).in(". ack 1").out(segments(11, 12));
        // They were no sign of loss: cwnd grows by the two acknowledged segments and no more.
        tcp.in(". ack 2001").out(segments(12, 14));
    }

    @Test
    @Rfc(number = 3042, section = "2")
    void limitedTransmitKeepsToThePeersWindow() {
        var tcp = established().in(". ack 1 win 10500").write(20_000).out(segments(0, 10));
        tcp.in(". ack 1 win 10500", ". ack 1 win 10500").silent();
    }

    @Test
    @Rfc(number = 5681, section = "3.2")
    void furtherDuplicatesLetNewSegmentsOut() {
        var tcp = established().write(20_000).out(segments(0, 10));
        tcp.in(". ack 1").out(segments(10, 11)).in(". ack 1").out(segments(11, 12));
        // ssthresh = 10000 / 2; the window is 5000 + 3 * 1000 with 12000 outstanding.
        tcp.in(". ack 1").out(". 1:1001 ack 1");
        tcp.in(". ack 1", ". ack 1", ". ack 1", ". ack 1").silent();
        tcp.in(". ack 1").out(segments(12, 13));
        // Full acknowledgement: 1000 octets in flight, cwnd is min(5000, 1000 + 1000).
        tcp.in(". ack 12001").out(segments(13, 14));
    }

    @Test
    @Rfc(number = 6582, section = "3.2")
    void aPartialAckResendsTheNextMissingSegment() {
        var tcp = established().write(10_000).out(pushed(0, 10));
        tcp.in(". ack 1", ". ack 1", ". ack 1").out(". 1:1001 ack 1");
        tcp.in(". ack 3001").out(". 3001:4001 ack 1").in(". ack 5001").out(". 5001:6001 ack 1");
        tcp.in(". ack 10001").silent().after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 6582, section = "3.2")
    void duplicatesOfOurOwnRetransmissionsStartNothing() {
        var tcp = established().write(4000).skip().after(ofMillis(300)).out(". 1:1001 ack 1");
        tcp.in(". ack 2001").skip().in(". ack 2001", ". ack 2001", ". ack 2001", ". ack 2001");
        tcp.silent();
    }

    @Test
    @Rfc(number = 5681, section = "2")
    void anAckThatMovesTheWindowIsNoDuplicate() {
        var tcp = established().write(4000).skip();
        tcp.in(". ack 1 win 60000", ". ack 1 win 61000", ". ack 1 win 62000").silent();
        tcp.in("P. 1:2 ack 1 win 62000", "P. 2:3 ack 1 win 62000", "P. 3:4 ack 1 win 62000");
        tcp.out(". 4001:4001 ack 3");
    }

    @Test
    @Rfc(number = 5681, section = "3.1")
    @Rfc(number = 9293, section = "3.8.2", id = "MUST-19")
    void inCongestionAvoidanceTheWindowGrowsByASegmentARoundTrip() {
        var tcp = established().write(60_000).skip().after(ofMillis(300)).skip();
        // After the timeout: ssthresh 5000, cwnd 1000.
        tcp.in(". ack 10001").out(segments(10, 12)).in(". ack 12001").out(segments(12, 15));
        tcp.in(". ack 14001").out(segments(15, 18)).in(". ack 16001").out(segments(18, 21));
        // From here on a segment for each 5000 octets.
        tcp.in(". ack 18001").out(segments(21, 23)).in(". ack 19001").out(segments(23, 24));
        tcp.in(". ack 21001").out(segments(24, 27));
    }

    @Test
    @Rfc(number = 5681, section = "4.1")
    void afterAnIdleTimeoutTheWindowIsTheInitialOne() {
        var tcp = established().write(30_000).skip().in(". ack 10001").in(". ack 22001").skip();
        tcp.in(". ack 30001").after(ofSeconds(10)).write(20_000).out(segments(30, 40));
    }

    private static String[] pushed(int from, int to) {
        String[] lines = segments(from, to);
        lines[lines.length - 1] = "P" + lines[lines.length - 1];
        return lines;
    }
}
