package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Loss recovery by the peer's SACK blocks (RFC 2018, 6675).
class SackRecoveryTest {
    private static TcpScript established() {
        return TcpScript.with(config -> config.maximumSegmentSize = 1000)
                .peerOptions("mss 1000,sackOK")
                .roundTrip(ofMillis(100))
                .established();
    }

    private static TcpInfo info(TcpScript tcp) {
        return tcp.connection().info(tcp.nowNanos());
    }

    private static String sack(int ack, String blocks) {
        return ". ack " + ack + " <sack " + blocks + ">";
    }

    @Test
    @Rfc(number = 6675, section = "5")
    void onlyTheHolesAreSentAgain() {
        var tcp = established().write(10_000).skip();
        // Segments 1 and 4 of 0 to 9 are lost.
        tcp.in(". ack 1001").in(sack(1001, "2001:4001")).silent();
        tcp.in(sack(1001, "5001:6001 2001:4001")).out(". 1001:2001 ack 1");
        tcp.in(sack(1001, "5001:7001 2001:4001")).silent();
        tcp.in(sack(1001, "5001:8001 2001:4001")).out(". 4001:5001 ack 1");
        tcp.in(sack(1001, "5001:9001 2001:4001")).in(sack(1001, "5001:10001 2001:4001")).silent();
        tcp.in(sack(4001, "5001:10001")).silent().in(". ack 10001").silent();
        assertEquals(2, info(tcp).totalRetrans());
        tcp.after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 6675, section = "5")
    void theFirstTwoReportsLetNewSegmentsOut() {
        var tcp = established().write(20_000).out(segments(0, 10));
        tcp.in(sack(1, "1001:2001")).out(segments(10, 11));
        tcp.in(sack(1, "1001:3001")).out(segments(11, 12));
        assertEquals(10, info(tcp).sndCwnd());
        tcp.in(sack(1, "1001:4001")).out(". 1:1001 ack 1");
        // "segments sent as part of the Limited Transmit mechanism not be counted in FlightSize"
        assertEquals(5000, info(tcp).sndSsthreshBytes());
        assertEquals(TcpInfo.CaState.RECOVERY, info(tcp).caState());
    }

    @Test
    @Rfc(number = 6675, section = "5")
    void aReportCountsEvenIfTheWindowMovedAndTextCameWithIt() {
        var tcp = established().write(5000).skip();
        tcp.in("P. 1:11 ack 1 win 50000 <sack 1001:2001>");
        tcp.in(". 11:11 ack 1 win 51000 <sack 1001:3001>");
        tcp.in("P. 11:21 ack 1 win 52000 <sack 1001:4001>").out(". 1:1001 ack 21");
    }

    @Test
    @Rfc(number = 6675, section = "4")
    void oneReportOfMoreThanTwoSegmentsIsEnough() {
        var tcp = established().write(10_000).skip();
        tcp.in(sack(1, "1001:3001")).silent();
        tcp.in(sack(1, "1001:3002")).out(". 1:1001 ack 1");
    }

    @Test
    @Rfc(number = 6675, section = "2")
    void anAckWithoutNewsIsNoDuplicate() {
        var tcp = established().write(10_000).skip();
        tcp.in(". ack 1", ". ack 1", ". ack 1", ". ack 1").silent();
        tcp.in(sack(1, "1001:2001")).in(sack(1, "1001:2001")).in(sack(1, "1001:2001")).silent();
    }

    /// Pipe is what is out, less what is held, less what is lost and was not sent again.
    @Test
    @Rfc(number = 6675, section = "4")
    void pipeGovernsWhatIsSent() {
        var tcp = established().write(40_000).skip();
        tcp.in(". ack 2001", ". ack 4001", ". ack 6001", ". ack 8001", ". ack 10001");
        tcp.out(segments(10, 30));
        // Of 20 segments the first five are lost; ssthresh = cwnd = 10.
        tcp.in(sack(10001, "15001:18001")).out(segments(10, 11));
        // 20 out, 3 held, 5 lost, 1 sent again: pipe is 13.
        assertEquals(3, info(tcp).sacked());
        assertEquals(5, info(tcp).lost());
        assertEquals(1, info(tcp).retrans());
        assertEquals(10_000, info(tcp).sndCwndBytes());
        tcp.in(sack(10001, "15001:21001")).silent();
        // 7 held, so pipe is 9.
        tcp.in(sack(10001, "15001:22001")).out(segments(11, 12));
        tcp.in(sack(10001, "15001:23001")).out(segments(12, 13));
        tcp.in(sack(10001, "15001:26001"));
        tcp.out(". 13001:14001 ack 1", ". 14001:15001 ack 1", ". 30001:31001 ack 1");
        // The first two retransmissions arrive: everything is out once, so new segments go.
        tcp.in(sack(12001, "15001:26001")).out(segments(31, 33));
        tcp.in(". ack 30001").skip();
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
        assertEquals(0, info(tcp).sacked() + info(tcp).lost() + info(tcp).retrans());
        assertEquals(5, info(tcp).totalRetrans());
    }

    @Test
    @Rfc(number = 6675, section = "4")
    void aHoleOfWhichLittleIsKnownIsTheLastButOneResort() {
        var tcp = established().write(10_000).skip();
        // Segments 0 and 7 are missing; of the second not enough is known, and nothing new is
        // queued.
        tcp.in(sack(1, "1001:4001")).out(". 1:1001 ack 1");
        tcp.in(sack(1, "8001:9001 1001:7001")).out(". 7001:8001 ack 1");
        tcp.in(". ack 10001").after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 6675, section = "4")
    void theRescueCarriesTheLastOutstandingOctetsOnce() {
        var tcp = established().write(10_000).skip();
        // Segment 0 is missing, and the last two are.
        tcp.in(sack(1, "1001:8001")).out(". 1:1001 ack 1");
        tcp.in(". ack 8001").out("P. 9001:10001 ack 1").afterMillis(100);
        tcp.in(sack(8001, "9001:10001")).out(". 8001:9001 ack 1");
        tcp.in(". ack 10001").after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 6675, section = "5.1")
    void afterATimeoutEverythingGoesAgainExceptWhatIsReportedAnew() {
        var tcp = established().write(10_000).skip();
        tcp.in(sack(1, "1001:3001")).after(ofMillis(300)).out(". 1:1001 ack 1");
        assertEquals(0, info(tcp).sacked());
        assertEquals(10, info(tcp).lost());
        assertEquals(1, info(tcp).retrans());
        // The window is one segment, then two.
        tcp.in(sack(1001, "2001:4001")).out(". 1001:2001 ack 1", ". 4001:5001 ack 1");
        assertEquals(7, info(tcp).lost());
        tcp.in(sack(5001, "7001:10001")).out(". 5001:6001 ack 1", ". 6001:7001 ack 1");
        tcp.in(". ack 10001").silent().after(ofMinutes(2)).idle();
        assertEquals(5, info(tcp).totalRetrans());
    }

    @Test
    @Rfc(number = 2018, section = "8")
    void aPeerThatThrowsAwayWhatItHeldGetsItAll() {
        var tcp = established().write(4000).skip();
        tcp.in(sack(1, "1001:2001 3501:4001")).silent();
        tcp.after(ofMillis(300)).out(". 1:1001 ack 1");
        tcp.in(". ack 1001").out(". 1001:2001 ack 1", ". 2001:3001 ack 1");
        tcp.in(". ack 3001").out("P. 3001:4001 ack 1").in(". ack 4001").after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 6675, section = "5")
    void theFinIsAHoleLikeAnyOther() {
        var tcp = established().write(5500).shutdown().skip();
        tcp.in(sack(1, "1001:4001")).out(". 1:1001 ack 1");
        tcp.in(sack(1001, "1001:4001")).in(". ack 4001").out("FP. 4502:5501 ack 1");
        tcp.in(". ack 5502");
        assertEquals(TcpState.FIN_WAIT_2, tcp.connection().state());
    }

    /// The scenario of RFC 9937, 8, figure 1: 20 segments, the first one lost. In octets half a segment is
    /// not rounded up to one as it is in the figure, so each segment leaves an ACK later.
    @Test
    @Rfc(number = 9937, section = "8")
    void oneLossHalvesTheFlightEvenly() {
        var tcp = established().write(60_000).skip();
        tcp.in(". ack 2001", ". ack 4001", ". ack 6001", ". ack 8001", ". ack 10001").skip();
        tcp.in(sack(10001, "11001:12001")).out(segments(30, 31));
        tcp.in(sack(10001, "11001:13001")).out(segments(31, 32));
        tcp.in(sack(10001, "11001:14001")).out(segments(10, 11));
        int next = 32;
        for (int ack = 4; ack <= 21; ack++) {
            tcp.in(sack(10001, "11001:" + (11_001 + 1000 * ack)));
            boolean sends = ack < 18 ? ack > 4 && ack % 2 == 0 : ack > 18;
            if (sends) {
                tcp.out(segments(next, ++next));
            } else {
                tcp.silent();
            }
        }
        assertEquals(1, info(tcp).totalRetrans());
        tcp.in(". ack 32001");
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
    }

    /// Figure 2: the first 15 of 20 segments are lost.
    @Test
    @Rfc(number = 9937, section = "8")
    void aBurstOfLossesLetsOutAsMuchAsArrives() {
        var tcp = established().write(60_000).skip();
        tcp.in(". ack 2001", ". ack 4001", ". ack 6001", ". ack 8001", ". ack 10001").skip();
        tcp.in(sack(10001, "25001:26001")).out(segments(30, 31));
        tcp.in(sack(10001, "25001:27001")).out(segments(31, 32));
        tcp.in(sack(10001, "25001:28001")).out(segments(10, 11));
        tcp.in(sack(10001, "25001:29001")).out(segments(11, 12));
        tcp.in(sack(10001, "25001:30001")).out(segments(12, 13));
        tcp.in(sack(10001, "25001:32001")).out(segments(13, 15));
        // SND.UNA advances, no further loss shows: a segment more for each ACK.
        tcp.in(sack(11001, "25001:32001")).out(segments(15, 17));
        tcp.in(sack(12001, "25001:32001")).out(segments(17, 19));
    }

    private static String[] segments(int from, int to) {
        String[] lines = new String[to - from];
        for (int i = from; i < to; i++) {
            lines[i - from] = ". " + (1000 * i + 1) + ":" + (1000 * i + 1001) + " ack 1";
        }
        return lines;
    }
}
