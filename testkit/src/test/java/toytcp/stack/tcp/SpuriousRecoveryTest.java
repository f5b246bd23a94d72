package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.stack.tcp.SenderScripts.established;
import static toytcp.stack.tcp.SenderScripts.info;
import static toytcp.stack.tcp.SenderScripts.withSack;

import static java.time.Duration.ofMinutes;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.congestion.NewReno;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Recovery that was in vain, and is taken back (RFC 5682, 3522, 3708, 4015); the round trip is 100 ms.
class SpuriousRecoveryTest {
    private static final int NO_THRESHOLD = Integer.MAX_VALUE;

    /// The timer has expired for ten segments and a probe, and the first segment went again.
    private static TcpScript timedOut() {
        var tcp = withSack().write(20_000).skip().afterMillis(202).out(". 10001:11001 ack 1");
        return tcp.afterMillis(300).out(". 1:1001 ack 1").afterMillis(10);
    }

    @Test
    @Rfc(number = 5682, section = "3.1")
    void anAckOfWhatWasSentOnceShowsThatTheTimeoutWasSpurious() {
        var tcp = timedOut();
        assertEquals(5500, info(tcp).sndSsthreshBytes());
        // Step 2b: two new segments, whatever is taken for lost.
        tcp.in(". ack 2001").out(". 11001:12001 ack 1", ". 12001:13001 ack 1");
        assertEquals(TcpInfo.CaState.LOSS, info(tcp).caState());
        // Step 3b.
        tcp.in(". ack 4001");
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
        assertEquals(0, info(tcp).lost());
        assertEquals(NO_THRESHOLD, info(tcp).sndSsthreshBytes());
        tcp.skip().in(". ack 13001").skip().in(". ack 20001").after(ofMinutes(2)).idle();
        // Nothing but the segment that the timer sent.
        assertEquals(1, info(tcp).totalRetrans());
    }

    @Test
    @Rfc(number = 5682, section = "3.1")
    void aReportOfWhatWasSentOnceShowsItToo() {
        var tcp = timedOut().in(". ack 2001").skip().in(". ack 2001 <sack 3001:4001>");
        assertEquals(TcpInfo.CaState.DISORDER, info(tcp).caState());
    }

    @Test
    @Rfc(number = 5682, section = "3.1")
    void aReportOfTheNewSegmentsOnlyShowsThatTheLossIsReal() {
        var tcp = timedOut().in(". ack 2001").skip();
        tcp.in(". ack 2001 <sack 11001:12001>").out(". 2001:3001 ack 1");
        assertEquals(TcpInfo.CaState.LOSS, info(tcp).caState());
        assertEquals(5500, info(tcp).sndSsthreshBytes());
    }

    @Test
    @Rfc(number = 5682, section = "3.1")
    void withoutNewDataTheConventionalRecoveryGoesOn() {
        var tcp = withSack().write(10_000).skip().afterMillis(502).skip().afterMillis(10);
        tcp.in(". ack 2001").out(". 2001:3001 ack 1", ". 3001:4001 ack 1");
    }

    @Test
    @Rfc(number = 5682, section = "3.1")
    void aTimeoutInFastRecoveryIsNotDoubted() {
        var tcp = withSack().write(20_000).skip().afterMillis(100);
        tcp.in(". ack 1 <sack 1001:4001>").skip().afterMillis(300).out(". 1:1001 ack 1");
        tcp.in(". ack 4001").out(". 4001:5001 ack 1", ". 5001:6001 ack 1");
    }

    @Test
    @Rfc(number = 5682, section = "2.1")
    void withoutSackTheSecondAckDecides() {
        var tcp = established(1000, "mss 1000").write(20_000).skip().afterMillis(300);
        tcp.out(". 1:1001 ack 1").afterMillis(10);
        tcp.in(". ack 2001").out(". 10001:11001 ack 1", ". 11001:12001 ack 1");
        tcp.in(". ack 3001");
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
        assertEquals(NO_THRESHOLD, info(tcp).sndSsthreshBytes());
        tcp.skip().in(". ack 12001").skip().in(". ack 20001").after(ofMinutes(2)).idle();
        assertEquals(1, info(tcp).totalRetrans());
    }

    @Test
    @Rfc(number = 5682, section = "2.1")
    void withoutSackADuplicateShowsThatTheLossIsReal() {
        var tcp = established(1000, "mss 1000").write(20_000).skip().afterMillis(300).skip();
        tcp.in(". ack 2001").skip().in(". ack 2001").out(". 2001:3001 ack 1", ". 3001:4001 ack 1");
        assertEquals(5000, info(tcp).sndSsthreshBytes());
    }

    /// Step 11 of RFC 4015, 3.1: SRTT <- max (SRTT_prev, RTT-SAMPLE), RTTVAR <- max (RTTVAR_prev,
    /// RTT-SAMPLE/2).
    @Test
    @Rfc(number = 4015, section = "3.1")
    void afterASpuriousTimeoutTheTimerIsMorePatient() {
        var tcp = timedOut().in(". ack 2001").skip().in(". ack 4001").skip().afterMillis(400);
        tcp.in(". ack 13001");
        assertEquals(400_000, info(tcp).rtt());
        assertEquals(200_000, info(tcp).rttvar());
        assertEquals(1_200_000, info(tcp).rto());
    }

    @Test
    @Rfc(number = 3522, section = "3.2")
    void theEchoOfAnOlderTimestampEndsFastRecovery() {
        var tcp = established(1012, "mss 1012,sackOK,TS").write(20_000).skip().afterMillis(100);
        tcp.in(". ack 1 <sack 1001:4001>").skip().afterMillis(20);
        assertEquals(TcpInfo.CaState.RECOVERY, info(tcp).caState());
        // The segments left at 100 ms, the first one again at 200 ms.
        tcp.in(". ack 4001 <TS val 320 ecr 100>");
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
        assertEquals(NO_THRESHOLD, info(tcp).sndSsthreshBytes());
        assertEquals(10, info(tcp).sndCwnd());
    }

    @Test
    @Rfc(number = 3522, section = "3.2")
    void theEchoOfTheRetransmissionShowsThatTheLossIsReal() {
        var tcp = established(1012, "mss 1012,sackOK,TS").write(20_000).skip().afterMillis(100);
        tcp.in(". ack 1 <sack 1001:4001>").skip().afterMillis(100);
        tcp.in(". ack 4001 <TS val 400 ecr 200>");
        assertEquals(5000, info(tcp).sndSsthreshBytes());
        // "The Eifel detection algorithm MUST NOT be reinitiated": later echoes mean nothing.
        tcp.in(". ack 5001 <TS val 400 ecr 100>");
        assertEquals(TcpInfo.CaState.RECOVERY, info(tcp).caState());
    }

    /// Step 5: a whole window of ACKs may have been lost.
    @Test
    @Rfc(number = 3522, section = "3.3")
    void anOlderEchoForAllThatIsOutProvesNothing() {
        var tcp =
                established(1012, "mss 1012,sackOK,TS").write(4000).skip().afterMillis(502).skip();
        tcp.in(". ack 4001 <TS val 700 ecr 100>");
        assertEquals(2000, info(tcp).sndSsthreshBytes());
    }

    @Test
    @Rfc(number = 3708, section = "3")
    void aDuplicateForAllThatWasSentAgainTakesItBack() {
        var tcp = withSack().write(10_000).skip().afterMillis(100);
        tcp.in(". ack 1 <sack 1001:4001>").out(". 1:1001 ack 1").afterMillis(10);
        tcp.in(". ack 10001");
        assertEquals(5000, info(tcp).sndSsthreshBytes());
        tcp.afterMillis(90).in(". ack 10001 <sack 1:1001>");
        assertEquals(NO_THRESHOLD, info(tcp).sndSsthreshBytes());
        assertEquals(10, info(tcp).sndCwnd());
    }

    /// (B.2)
    @Test
    @Rfc(number = 3708, section = "3")
    void aDuplicateForSomeOfItDoesNot() {
        var tcp = withSack().write(20_000).skip().afterMillis(100);
        tcp.in(". ack 1 <sack 1001:2001 3001:7001>").skip();
        tcp.in(". ack 1 <sack 3001:9001>").skip().afterMillis(10).in(". ack 9001").skip();
        tcp.in(". ack 9001 <sack 1:1001>");
        assertEquals(5000, info(tcp).sndSsthreshBytes());
    }

    /// (A.4) What was never sent again arrived twice: it is the network that duplicates.
    @Test
    @Rfc(number = 3708, section = "3")
    void inANetworkThatDuplicatesAReportProvesNothing() {
        var tcp = withSack().write(10_000).skip().afterMillis(100);
        tcp.in(". ack 1 <sack 1001:4001>").skip().afterMillis(10);
        tcp.in(". ack 1 <sack 2001:3001 1001:4001>", ". ack 10001", ". ack 10001 <sack 1:1001>");
        assertEquals(5000, info(tcp).sndSsthreshBytes());
    }

    /// What a loss probe carried was sent again too, though in no episode.
    @Test
    @Rfc(number = 3708, section = "3")
    void aDuplicateOfALossProbeIsNotTheNetworks() {
        var tcp = withSack().write(5000).skip().afterMillis(202).out("P. 4001:5001 ack 1");
        tcp.afterMillis(300).out(". 1:1001 ack 1").in(". ack 5001");
        tcp.in(". ack 5001 <sack 4001:5001>", ". ack 5001 <sack 1:1001>");
        assertEquals(NO_THRESHOLD, info(tcp).sndSsthreshBytes());
    }

    @Test
    @Rfc(number = 4015, section = "3.1")
    void aTimeoutThatIsFoundSpuriousLateMakesTheTimerPatientToo() {
        var tcp = withSack().write(5000).skip().afterMillis(502).skip().in(". ack 5001");
        tcp.in(". ack 5001 <sack 1:1001>").write(1000).skip().afterMillis(400).in(". ack 6001");
        assertEquals(400_000, info(tcp).rtt());
    }

    @Test
    @Rfc(number = 3168, section = "6.1.2")
    void whatAMarkReducedStaysReduced() {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.maximumSegmentSize = 1000;
                                    config.congestion = NewReno::new;
                                    config.ecn = EcnPolicy.CLASSIC;
                                })
                        .closed();
        tcp.open().skip().afterMillis(100).in("SE. 0:0 ack 1 <mss 1000,sackOK>").skip();
        tcp.write(20_000).skip().afterMillis(100);
        tcp.in(". ack 1 <sack 1001:4001>").skip().in(". ack 10001").skip().afterMillis(100);
        tcp.in("E. ack 11001").skip();
        int reduced = info(tcp).sndCwndBytes();
        tcp.in("E. ack 11001 <sack 1:1001>");
        assertEquals(reduced, info(tcp).sndCwndBytes());
    }
}
