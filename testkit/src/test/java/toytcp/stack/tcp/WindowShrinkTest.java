package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// A peer that takes back what it offered, with and without loss beside it (RFC 9293, 3.8.6), and windows
/// that nobody hears of because the segment that tells is lost (3.8.6.1).
class WindowShrinkTest {
    private static TcpScript established() {
        return TcpScript.with(config -> config.maximumSegmentSize = 1000)
                .roundTrip(ofMillis(100))
                .established();
    }

    private static TcpScript selective() {
        return TcpScript.with(config -> config.maximumSegmentSize = 1000)
                .peerOptions("mss 1000,sackOK")
                .roundTrip(ofMillis(100))
                .established();
    }

    /// Five segments are out, and have arrived.
    private static TcpScript out(TcpScript tcp) {
        return tcp.write(5000)
                .out(
                        ". 1:1001 ack 1",
                        ". 1001:2001 ack 1",
                        ". 2001:3001 ack 1",
                        ". 3001:4001 ack 1",
                        "P. 4001:5001 ack 1")
                .afterMillis(100);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-15")
    @Rfc(number = 7323, section = "2.4", id = "2.4-1")
    @Rfc(number = 7323, section = "2.4", id = "2.4-4")
    void nothingNewLeavesBeyondAWindowThatShrank() {
        var tcp = out(established()).in(". ack 1001 win 2000").write(3000).silent();
        tcp.in(". ack 3001 win 2000").silent();
        tcp.in(". ack 5001 win 2000").out(". 5001:6001 ack 1", ". 6001:7001 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-16")
    @Rfc(number = 9293, section = "3.8.6", id = "MUST-34")
    @Rfc(number = 7323, section = "2.4", id = "2.4-1")
    void whatIsWithinTheShrunkWindowIsSentAgain() {
        var tcp = out(established()).in(". ack 1001 win 1500");
        tcp.afterMillis(300).out("+300ms . 1001:2001 ack 1");
        tcp.in(". ack 2001 win 1500").out(". 2001:3001 ack 1");
        tcp.in(". ack 3001 win 3000").out(". 3001:4001 ack 1", "P. 4001:5001 ack 1");
        tcp.in(". ack 5001 win 3000").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-16")
    void aSegmentThatIsSentAgainEndsAtTheEdgeOfTheWindow() {
        var tcp = out(established()).in(". ack 1001 win 400");
        tcp.afterMillis(300).out("+300ms . 1001:1401 ack 1");
        tcp.in(". ack 1401 win 5000").out(". 1401:2401 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "MUST-35")
    @Rfc(number = 9293, section = "3.8.6.1", id = "SHLD-29")
    @Rfc(number = 9293, section = "3.8.6.1", id = "SHLD-30")
    void aWindowThatShrankToZeroIsProbedInTheStandardWay() {
        var tcp = out(established()).in(". ack 1001 win 0").write(1000).silent();
        tcp.afterMillis(300).out("+300ms . 1001:1002 ack 1").in(". ack 1001 win 0");
        tcp.afterMillis(600).out("+600ms . 1001:1002 ack 1").in(". ack 1001 win 0");
        tcp.afterMillis(1200).out("+1200ms . 1001:1002 ack 1").in(". ack 1001 win 0");
        tcp.afterMillis(2400).out("+2400ms . 1001:1002 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-17")
    void aPeerThatKeepsTheRestOutIsNotGivenUp() {
        var tcp = out(established()).in(". ack 1001 win 0");
        for (int i = 0; i < 30; i++) {
            tcp.after(ofMinutes(2)).skip().in(". ack 1001 win 0").state(TcpState.ESTABLISHED);
        }
    }

    @Test
    @Rfc(number = 7661, section = "4.4.2")
    void aReopenedWindowLetsOutNoBurst() {
        var tcp = established();
        // The window grows to 30 segments.
        int acked = 1;
        tcp.write(60_000).afterMillis(100).skip();
        while (tcp.connection().congestionWindow() < 30_000) {
            acked += 1000;
            tcp.in(". ack " + acked).skip();
        }
        tcp.in(". ack " + acked + " win 0").afterMillis(300).skip();
        tcp.in(". ack " + acked + " win 0").afterMillis(600).skip();
        long before = sent(tcp);
        tcp.in(". ack " + acked + " win 60000");
        assertTrue(sent(tcp) - before <= 4, tcp::toString);
        // All of the window leaves, but over a round trip.
        tcp.afterMillis(100);
        assertTrue(sent(tcp) - before >= 30, tcp::toString);
        tcp.skip();
    }

    private static long sent(TcpScript tcp) {
        return tcp.connection().info(tcp.nowNanos()).segsOut();
    }

    @Test
    void refusalsAreNoDuplicatesThatTellOfALoss() {
        var tcp = out(established()).in(". ack 1001 win 0");
        tcp.in(". ack 1001 win 0", ". ack 1001 win 0", ". ack 1001 win 0").silent();
        tcp.in(". ack 1001 win 0").silent().afterMillis(300).out(". 1001:1002 ack 1");
        assertEquals(10_000, tcp.connection().congestionWindow());
    }

    @Test
    void aWindowThatShrinksToZeroInARecoveryStopsIt() {
        var tcp = out(selective());
        tcp.in(". ack 1 <sack 1001:2001>", ". ack 1 <sack 1001:3001>").silent();
        tcp.in(". ack 1 win 0 <sack 1001:4001>").silent().afterMillis(100).silent();
        tcp.afterMillis(200).out(". 1:2 ack 1").in(". ack 1 win 0").silent();
        // It was filled in between: what is held does not go again.
        tcp.afterMillis(600).out(". 1:2 ack 1").in(". ack 4001 win 5000").out("P. 4001:5001 ack 1");
        tcp.in(". ack 5001").afterMillis(50).idle();
    }

    @Test
    void aRecoveryGoesNoFurtherThanTheShrunkWindow() {
        var tcp = out(selective());
        tcp.in(". ack 1 win 1000 <sack 3001:4001>", ". ack 1 win 1000 <sack 3001:5001>");
        tcp.afterMillis(25).out(". 1:1001 ack 1");
        tcp.in(". ack 1001 win 1000 <sack 3001:5001>").out(". 1001:2001 ack 1");
        tcp.in(". ack 2001 win 1000 <sack 3001:5001>").out(". 2001:3001 ack 1");
        tcp.in(". ack 5001").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.1", id = "MUST-36")
    void aLostWindowUpdateIsLearntFromTheNextProbe() {
        var tcp = established().in(". ack 1 win 0").write(100).silent();
        tcp.afterMillis(300).out(". 1:2 ack 1").in(". ack 1 win 0");
        // Here ". ack 1 win 5000" gets lost.
        tcp.afterMillis(600).out("+600ms . 1:2 ack 1").in(". ack 2 win 5000");
        tcp.out("P. 2:101 ack 1").in(". ack 101").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.1", id = "SHLD-30")
    void lostProbesAreRepeated() {
        var tcp = established().in(". ack 1 win 0").write(100).silent();
        tcp.afterMillis(300).out("+300ms . 1:2 ack 1");
        tcp.afterMillis(600).out("+600ms . 1:2 ack 1");
        tcp.afterMillis(1200).out("+1200ms . 1:2 ack 1").in(". ack 2 win 0");
        // The answer ends the back-off.
        tcp.afterMillis(300).out("+300ms . 2:3 ack 1");
    }

    @Test
    void theFinWaitsBehindTheProbesOfTheTextBeforeIt() {
        var tcp = established().in(". ack 1 win 0").write(3).shutdown().silent();
        tcp.afterMillis(300).out(". 1:2 ack 1").in(". ack 1 win 0");
        tcp.afterMillis(600).out(". 1:2 ack 1").in(". ack 1 win 1000").out("FP. 1:4 ack 1");
        tcp.in(". ack 5").state(TcpState.FIN_WAIT_2);
    }

    @Test
    void aFinThatWasOutWhenTheWindowShrankGoesAgain() {
        var tcp = established().write(2000).shutdown();
        tcp.out(". 1:1001 ack 1", "P. 1001:2001 ack 1", "F. 2001:2001 ack 1").in(". ack 1 win 0");
        tcp.afterMillis(300).out(". 1:2 ack 1").in(". ack 1 win 0");
        tcp.afterMillis(600).skip().in(". ack 1 win 4000");
        tcp.out(". 1:1001 ack 1", "FP. 1001:2001 ack 1").in(". ack 2002");
        tcp.state(TcpState.FIN_WAIT_2);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.2.1", id = "MUST-38")
    void aSillyWindowAfterAShrinkIsFilledByTheOverrideTimeout() {
        var tcp = out(established()).in(". ack 5001 win 200").write(1000).silent();
        tcp.afterMillis(300).out("+300ms . 5001:5201 ack 1").in(". ack 5201 win 0");
        tcp.in(". ack 5201 win 2000").out("P. 5201:6001 ack 1").in(". ack 6001").idle();
    }

    @Test
    void aShrunkWindowThatComesBackBeforeTheTimerLosesNothing() {
        var tcp = out(established()).in(". ack 1001 win 0").afterMillis(100).silent();
        tcp.in(". ack 1001 win 10000").silent().in(". ack 5001 win 10000").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "MUST-34")
    void aClosedWindowThatOpensByLessThanASegmentDoesNotStandStill() {
        var tcp = selective().write(1000).skip().afterMillis(100).in(". ack 1 win 0");
        tcp.afterMillis(1000).skip().in(". ack 1 win 500");
        tcp.afterMillis(300).out(". 1:501 ack 1").in(". ack 501 win 5000");
        tcp.out("P. 501:1001 ack 1").in(". ack 1001").after(ofMinutes(2)).idle();
    }
}
