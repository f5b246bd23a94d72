package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.stack.tcp.SenderScripts.info;
import static toytcp.stack.tcp.SenderScripts.sack;
import static toytcp.stack.tcp.SenderScripts.segments;
import static toytcp.stack.tcp.SenderScripts.withSack;

import static java.time.Duration.ofMinutes;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Loss recovery by the peer's SACK blocks and by time (RFC 2018, 6675, 8985, 9937).
class SackRecoveryTest {
    /// A flight of 20 segments, 10 to 29, a round trip ago.
    private static TcpScript flightOfTwenty() {
        var tcp = withSack().write(60_000).skip().afterMillis(100);
        tcp.in(". ack 2001", ". ack 4001", ". ack 6001", ". ack 8001", ". ack 10001");
        return tcp.out(segments(10, 30)).afterMillis(100);
    }

    @Test
    @Rfc(number = 8985, section = "6.2")
    @Rfc(number = 2018, section = "5", id = "5-1")
    void onlyTheHolesAreSentAgain() {
        var tcp = withSack().write(10_000).skip().afterMillis(100);
        // Segments 1 and 4 of 0 to 9 are lost. The third report proves it.
        tcp.in(". ack 1001").in(sack(1001, "2001:3001"), sack(1001, "2001:4001")).silent();
        tcp.in(sack(1001, "5001:6001 2001:4001")).out(". 1001:2001 ack 1");
        assertEquals(3, info(tcp).sacked());
        assertEquals(2, info(tcp).lost());
        assertEquals(1, info(tcp).retrans());
        // ssthresh is 4500: the second goes when it has room.
        tcp.in(sack(1001, "5001:7001 2001:4001")).silent();
        tcp.in(sack(1001, "5001:8001 2001:4001")).out(". 4001:5001 ack 1");
        tcp.in(sack(1001, "5001:9001 2001:4001")).in(sack(1001, "5001:10001 2001:4001")).silent();
        tcp.afterMillis(100).in(sack(4001, "5001:10001")).silent().in(". ack 10001").silent();
        assertEquals(2, info(tcp).totalRetrans());
        assertEquals(0, info(tcp).sacked() + info(tcp).lost() + info(tcp).retrans());
        tcp.after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 6675, section = "5")
    @Rfc(number = 2018, section = "5.1", id = "5.1-1")
    void theFirstTwoReportsLetNewSegmentsOut() {
        var tcp = withSack().write(20_000).out(segments(0, 10)).afterMillis(100);
        tcp.in(sack(1, "1001:2001")).out(segments(10, 11));
        assertEquals(TcpInfo.CaState.DISORDER, info(tcp).caState());
        tcp.in(sack(1, "1001:3001")).out(segments(11, 12));
        assertEquals(10, info(tcp).sndCwnd());
        tcp.in(sack(1, "1001:4001")).out(". 1:1001 ack 1");
        // "segments sent as part of the Limited Transmit mechanism not be counted in FlightSize"
        assertEquals(5000, info(tcp).sndSsthreshBytes());
        assertEquals(TcpInfo.CaState.RECOVERY, info(tcp).caState());
    }

    @Test
    @Rfc(number = 6675, section = "2")
    void aReportCountsEvenIfTheWindowMovedAndTextCameWithIt() {
        var tcp = withSack().write(5000).skip().afterMillis(100);
        tcp.in("P. 1:11 ack 1 win 50000 <sack 1001:2001>");
        tcp.in(". 11:11 ack 1 win 51000 <sack 1001:3001>");
        tcp.in("P. 11:21 ack 1 win 52000 <sack 1001:4001>").out(". 1:1001 ack 21");
    }

    @Test
    @Rfc(number = 6675, section = "2")
    void anAckWithoutNewsIsNoDuplicate() {
        var tcp = withSack().write(10_000).skip().afterMillis(10);
        tcp.in(". ack 1", ". ack 1", ". ack 1", ". ack 1").silent();
        tcp.in(sack(1, "1001:2001"), sack(1, "1001:2001"), sack(1, "1001:2001")).silent();
    }

    @Test
    @Rfc(number = 8985, section = "6.2")
    void aSingleReportProvesALossAfterAQuarterOfARoundTrip() {
        var tcp = withSack().write(4000).skip().afterMillis(100).in(sack(1, "1001:2001")).silent();
        tcp.afterMillis(24).silent().afterMillis(1).out(". 1:1001 ack 1");
        assertEquals(TcpInfo.CaState.RECOVERY, info(tcp).caState());
        tcp.afterMillis(75).in(". ack 4001").after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 8985, section = "6.2")
    void whatWasReorderedHasAQuarterOfARoundTripToArrive() {
        var tcp = withSack().write(8000).skip().afterMillis(100);
        tcp.in(sack(1, "1001:2001")).afterMillis(20).in(". ack 2001").silent();
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
        // Now that reordering was seen, three reports prove nothing any more.
        tcp.in(sack(2001, "3001:4001"), sack(2001, "3001:5001"), sack(2001, "3001:6001")).silent();
        tcp.afterMillis(24).silent().afterMillis(1).out(". 2001:3001 ack 1");
    }

    @Test
    @Rfc(number = 8985, section = "6.2")
    void aRetransmissionThatIsLostIsSentAgainWithoutTheTimer() {
        var tcp = withSack().write(20_000).out(segments(0, 10)).afterMillis(100);
        tcp.in(sack(1, "1001:2001"), sack(1, "1001:3001"), sack(1, "1001:10001"));
        tcp.skip().afterMillis(100);
        // What was sent after it arrives, it does not.
        tcp.in(sack(1, "1001:12001")).skip().in(sack(1, "1001:13001"));
        tcp.out(". 1:1001 ack 1", ". 16001:17001 ack 1");
        assertEquals(TcpInfo.CaState.RECOVERY, info(tcp).caState());
        assertEquals(1, info(tcp).lost());
        tcp.afterMillis(50).in(". ack 17001").skip().in(". ack 19001").skip().in(". ack 20001");
        tcp.after(ofMinutes(2)).idle();
        assertEquals(2, info(tcp).totalRetrans());
    }

    @Test
    @Rfc(number = 6675, section = "5.1")
    @Rfc(number = 2018, section = "5", id = "5-2")
    @Rfc(number = 2018, section = "5.1", id = "5.1-2")
    void afterATimeoutEverythingGoesAgainExceptWhatIsReportedAnew() {
        var tcp = withSack().write(10_000).skip();
        tcp.afterMillis(202).out("P. 9001:10001 ack 1").afterMillis(300).out(". 1:1001 ack 1");
        assertEquals(10, info(tcp).lost());
        assertEquals(1, info(tcp).retrans());
        // The window is one segment, then two.
        tcp.in(sack(1001, "2001:4001")).out(". 1001:2001 ack 1", ". 4001:5001 ack 1");
        assertEquals(7, info(tcp).lost());
        tcp.in(sack(5001, "7001:10001")).out(". 5001:6001 ack 1", ". 6001:7001 ack 1");
        tcp.in(". ack 10001").silent().after(ofMinutes(2)).idle();
        assertEquals(6, info(tcp).totalRetrans());
    }

    @Test
    @Rfc(number = 2018, section = "8", id = "8-4")
    @Rfc(number = 2018, section = "5", id = "5-3")
    void aPeerThatThrowsAwayWhatItHeldGetsItAll() {
        var tcp = withSack().write(4000).skip().afterMillis(100);
        tcp.in(sack(1, "1001:2001 3001:4001")).afterMillis(25).skip();
        tcp.afterMillis(300).out(". 1:1001 ack 1");
        assertEquals(2, info(tcp).sacked());
        tcp.in(". ack 1001").out(". 1001:2001 ack 1", ". 2001:3001 ack 1");
        tcp.in(". ack 3001").out("P. 3001:4001 ack 1").in(". ack 4001").after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 8985, section = "6.2")
    void anAckOfARetransmissionTellsOfAllThatWasSentBeforeIt() {
        var tcp = withSack().write(5500).shutdown().skip().afterMillis(100);
        tcp.in(sack(1, "1001:4001")).out(". 1:1001 ack 1").afterMillis(100);
        tcp.in(". ack 4001").out(". 4001:5001 ack 1", "FP. 5001:5501 ack 1").in(". ack 5502");
        assertEquals(TcpState.FIN_WAIT_2, tcp.connection().state());
    }

    /// The scenario of RFC 9937, 8, figure 1: 20 segments, the first one lost. In octets half a segment is
    /// not rounded up to one as it is in the figure, so each segment leaves an ACK later.
    @Test
    @Rfc(number = 9937, section = "8")
    void oneLossHalvesTheFlightEvenly() {
        var tcp = flightOfTwenty();
        tcp.in(sack(10001, "11001:12001")).out(segments(30, 31));
        tcp.in(sack(10001, "11001:13001")).out(segments(31, 32));
        tcp.in(sack(10001, "11001:14001")).out(segments(10, 11));
        int next = 32;
        for (int ack = 4; ack <= 19; ack++) {
            tcp.in(sack(10001, "11001:" + (11_001 + 1000 * ack)));
            boolean sends = ack < 18 ? ack > 4 && ack % 2 == 0 : ack > 18;
            if (sends) {
                tcp.out(segments(next, ++next));
            } else {
                tcp.silent();
            }
        }
        assertEquals(1, info(tcp).totalRetrans());
        tcp.afterMillis(100).in(". ack 32001");
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
    }

    /// Figure 2: the first 15 of 20 segments are lost.
    @Test
    @Rfc(number = 9937, section = "8")
    void aBurstOfLossesLetsOutAsMuchAsArrives() {
        var tcp = flightOfTwenty();
        tcp.in(sack(10001, "25001:26001")).out(segments(30, 31));
        tcp.in(sack(10001, "25001:27001")).out(segments(31, 32));
        tcp.in(sack(10001, "25001:28001")).out(segments(10, 11));
        assertEquals(15, info(tcp).lost());
        assertEquals(10_000, info(tcp).sndSsthreshBytes());
        tcp.in(sack(10001, "25001:29001")).out(segments(11, 12));
        tcp.in(sack(10001, "25001:30001")).out(segments(12, 13)).afterMillis(100);
        tcp.in(sack(10001, "25001:32001")).out(segments(13, 15));
        // SND.UNA advances, no further loss shows: a segment more for each ACK.
        tcp.in(sack(11001, "25001:32001")).out(segments(15, 17));
        tcp.in(sack(12001, "25001:32001")).out(segments(17, 19));
    }
}
