package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.stack.tcp.SenderScripts.info;
import static toytcp.stack.tcp.SenderScripts.withSack;

import static java.time.Duration.ofMillis;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Loss probes (RFC 8985, 7); the round trip is 100 ms, so PTO is 200 ms and 2 more, and RTO is 300 ms.
class TailLossProbeTest {
    @Test
    @Rfc(number = 8985, section = "7.3")
    void theProbeIsTheFirstSegmentThatWasNeverSent() {
        var tcp = withSack().write(20_000).skip().afterMillis(201).silent().afterMillis(1);
        tcp.out(". 10001:11001 ack 1");
        // "re-arm the RTO timer"
        tcp.afterMillis(299).silent().afterMillis(1).out(". 1:1001 ack 1");
    }

    @Test
    @Rfc(number = 8985, section = "7.3")
    void ifAllWasSentItIsTheLastSegment() {
        var tcp = withSack().write(4500).shutdown().skip().afterMillis(201).silent();
        tcp.afterMillis(1).out("FP. 4001:4501 ack 1").afterMillis(299).silent();
        tcp.afterMillis(1).out(". 1:1001 ack 1");
    }

    @Test
    @Rfc(number = 8985, section = "7.3")
    void aWindowWithoutRoomLeavesOnlyTheLastSegment() {
        var tcp =
                TcpScript.with(config -> config.maximumSegmentSize = 1000)
                        .peerOptions("mss 1000,sackOK")
                        .peerWindow(4000)
                        .roundTrip(ofMillis(100))
                        .established();
        tcp.write(6000).skip().afterMillis(202).out(". 3001:4001 ack 1");
    }

    /// "When the FlightSize is one segment, the sender MAY inflate the PTO by TLP.max_ack_delay"; "if the
    /// time at which an RTO would fire is sooner than the computed time for the PTO, then the sender
    /// schedules a TLP to be sent at that RTO time."
    @Test
    @Rfc(number = 8985, section = "7.2")
    void aSingleSegmentMayBeWaitingForItsDelayedAck() {
        var tcp = withSack().write(500).skip().afterMillis(299).silent();
        tcp.afterMillis(1).out("P. 1:501 ack 1").afterMillis(299).silent();
        tcp.afterMillis(1).out("P. 1:501 ack 1");
    }

    @Test
    @Rfc(number = 8985, section = "7.2")
    void anAckOfNewDataStartsTheTimerAnew() {
        var tcp = withSack().write(10_000).skip().afterMillis(150).in(". ack 2001");
        // SRTT = 7/8 * 100 + 1/8 * 150
        tcp.afterMillis(214).silent().afterMillis(1).out("P. 9001:10001 ack 1");
    }

    @Test
    @Rfc(number = 8985, section = "7.2")
    void nothingIsProbedWhileTheReorderingTimerJudges() {
        var tcp = withSack().write(4000).skip().afterMillis(100);
        tcp.in(". ack 1 <sack 1001:2001>").afterMillis(25).out(". 1:1001 ack 1");
        tcp.afterMillis(299).silent().afterMillis(1).out(". 1:1001 ack 1");
    }

    @Test
    @Rfc(number = 8985, section = "7.4.1")
    void theAnswerShowsWhatWasLostBeforeTheProbe() {
        var tcp = withSack().write(10_000).skip().afterMillis(100).in(". ack 7001");
        tcp.afterMillis(202).out("P. 9001:10001 ack 1").afterMillis(100);
        tcp.in(". ack 7001 <sack 9001:10001>").out(". 7001:8001 ack 1");
        assertEquals(TcpInfo.CaState.RECOVERY, info(tcp).caState());
        tcp.afterMillis(100).in(". ack 8001 <sack 9001:10001>").out(". 8001:9001 ack 1");
    }

    /// "(Invoke congestion control to react to the loss event the probe has repaired)"
    @Test
    @Rfc(number = 8985, section = "7.4.2")
    void aLossThatTheProbeRepairedIsCongestionToo() {
        var tcp = withSack().write(10_000).skip().afterMillis(202).out("P. 9001:10001 ack 1");
        tcp.afterMillis(100).in(". ack 10001").write(1000).out("P. 10001:11001 ack 1");
        assertEquals(Integer.MAX_VALUE, info(tcp).sndSsthreshBytes());
        tcp.afterMillis(100).in(". ack 11001");
        assertEquals(2000, info(tcp).sndSsthreshBytes());
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
    }

    /// Case 1.
    @Test
    @Rfc(number = 8985, section = "7.4.2")
    void aProbeThatIsReportedAsDuplicateRepairedNothing() {
        var tcp = withSack().write(10_000).skip().afterMillis(202).out("P. 9001:10001 ack 1");
        tcp.in(". ack 10001").afterMillis(100).in(". ack 10001 <sack 9001:10001>");
        tcp.write(1000).skip().afterMillis(100).in(". ack 11001");
        assertEquals(Integer.MAX_VALUE, info(tcp).sndSsthreshBytes());
    }

    /// "the sender has obtained an RTT measurement since the last loss probe transmission"
    @Test
    @Rfc(number = 8985, section = "7.3")
    void afterAProbeThereIsNoOtherBeforeASample() {
        var tcp = withSack().write(10_000).skip().afterMillis(202).out("P. 9001:10001 ack 1");
        // What was timed was sent again, so its ACK is no sample.
        tcp.afterMillis(50).in(". ack 10001", ". ack 10001 <sack 9001:10001>");
        tcp.write(3000).skip().afterMillis(501).silent().afterMillis(1).out(". 10001:11001 ack 1");
    }

    @Test
    @Rfc(number = 8985, section = "7.3")
    void aFinDoesNotCutTheFirstOctetOfItsSegment() {
        var tcp =
                TcpScript.with(config -> config.maximumSegmentSize = 1000)
                        .peerOptions("mss 1000,sackOK")
                        .peerWindow(1000)
                        .roundTrip(ofMillis(100))
                        .established();
        tcp.write(2000).out(". 1:1001 ack 1").shutdown().silent().afterMillis(100);
        tcp.in(". ack 1001 win 5000").out("FP. 1001:2001 ack 1").afterMillis(202);
        tcp.out("FP. 1001:2001 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-16")
    void nothingIsProbedBeyondAnEdgeThatCameBack() {
        var tcp = withSack().write(4000).skip().afterMillis(100).in(". ack 1001 win 1000");
        tcp.afterMillis(214).silent();
    }
}
