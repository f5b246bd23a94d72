package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Reports of octets that arrived twice: the examples of RFC 2883, 4 and 5, with segments of 500 octets.
class DuplicateSackTest {
    private static TcpScript established() {
        return TcpScript.with(_ -> {}).peerOptions("mss 1000,sackOK").established();
    }

    /// 4.1.1: the ACKs were lost, and a segment comes again.
    @Test
    @Rfc(number = 2883, section = "4.1")
    void aSegmentThatIsOldIsReportedOnce() {
        var tcp = established().in(". 1:501 ack 1", ". 501:1001 ack 1").skip();
        tcp.in(". 1:501 ack 1").out(". 1:1 ack 1001 <sack 1:501>");
        tcp.in(". 1001:1501 ack 1", ". 1501:2001 ack 1", ". 2001:2501 ack 1", ". 2501:3001 ack 1");
        assertFalse(lastSegmentOf(tcp.skip()).contains("sack"));
    }

    /// 4.1.2: a gap is there, the old segment comes first, then the block above the gap.
    @Test
    @Rfc(number = 2883, section = "4.1")
    void aSegmentThatIsOldIsReportedBeforeTheBlocksAboveAGap() {
        var tcp = established().in(". 1:501 ack 1", ". 501:1001 ack 1").skip();
        tcp.in(". 1501:2001 ack 1").out(". 1:1 ack 1001 <sack 1501:2001>");
        tcp.in(". 501:1001 ack 1").out(". 1:1 ack 1001 <sack 501:1001 1501:2001>");
        tcp.in(". 2001:2501 ack 1").out(". 1:1 ack 1001 <sack 1501:2501>");
    }

    /// 4.1.3: a segment above the gap comes twice; its block follows.
    @Test
    @Rfc(number = 2883, section = "4.1")
    void aSegmentThatIsHeldAboveAGapIsReportedWithinItsBlock() {
        var tcp = established().in(". 501:1001 ack 1").out(". 1:1 ack 1 <sack 501:1001>");
        tcp.in(". 1001:1501 ack 1").out(". 1:1 ack 1 <sack 501:1501>");
        tcp.in(". 1001:1501 ack 1").out(". 1:1 ack 1 <sack 1001:1501 501:1501>");
    }

    /// 4.2: only a part of a segment is old.
    @Test
    @Rfc(number = 2883, section = "4.2")
    void onlyThePartThatIsOldIsReported() {
        var tcp = established().in(". 1:501 ack 1", ". 501:1001 ack 1").skip();
        tcp.in(". 2001:2501 ack 1").skip();
        tcp.in(". 501:1501 ack 1").out(". 1:1 ack 1501 <sack 501:1001 2001:2501>");
    }

    @Test
    @Rfc(number = 2883, section = "4")
    void withoutSackNothingIsReported() {
        var tcp =
                TcpScript.with(_ -> {})
                        .established()
                        .in(". 1:501 ack 1", ". 501:1001 ack 1")
                        .skip();
        tcp.in(". 1:501 ack 1").out(". 1:1 ack 1001");
    }

    private static String lastSegmentOf(TcpScript tcp) {
        String exchange = tcp.toString();
        return exchange.substring(exchange.lastIndexOf(" > "));
    }
}
