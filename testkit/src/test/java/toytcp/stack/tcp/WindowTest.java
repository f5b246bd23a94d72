package toytcp.stack.tcp;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// Managing the window, on both sides (RFC 9293, 3.8.6).
class WindowTest {
    private static TcpScript established() {
        return TcpScript.with(config -> config.maximumSegmentSize = 1000)
                .roundTrip(ofMillis(100))
                .established();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "MUST-34")
    @Rfc(number = 7323, section = "2.4", id = "2.4-4")
    void theSenderStaysWithinTheWindow() {
        var tcp = established().in(". ack 1 win 2500").write(5000);
        tcp.out(". 1:1001 ack 1", ". 1001:2001 ack 1");
        tcp.in(". ack 1001 win 2500").out(". 2001:3001 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.2.1", id = "MUST-38")
    void aSmallPartOfTheWindowIsNotWorthASegment() {
        var tcp = established().write(1000).out("P. 1:1001 ack 1").in(". ack 1001 win 300");
        tcp.write(1000).silent().in(". ack 1001 win 1000").out("P. 1001:2001 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.2.1", id = "MUST-38")
    void theOverrideTimeoutSendsItAllTheSame() {
        var tcp = established().in(". ack 1 win 300").write(1000).silent();
        tcp.afterMillis(300).out("+300ms . 1:301 ack 1");
        tcp.in(". ack 301 win 300").silent();
    }

    @Test
    void halfOfTheLargestWindowIsWorthASegment() {
        var tcp = TcpScript.with(config -> config.maximumSegmentSize = 1000).peerWindow(600);
        var script = tcp.established().write(1000).out(". 1:601 ack 1");
        script.in(". ack 601 win 600").out("P. 601:1001 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.1", id = "MUST-36")
    @Rfc(number = 9293, section = "3.8.6.1", id = "SHLD-30")
    void aClosedWindowIsProbedAtGrowingIntervals() {
        var tcp = established().in(". ack 1 win 0").write(100).silent();
        tcp.afterMillis(300).out("+300ms . 1:2 ack 1").in(". ack 1 win 0");
        tcp.afterMillis(600).out("+600ms . 1:2 ack 1").in(". ack 1 win 0");
        tcp.afterMillis(1200).out("+1200ms . 1:2 ack 1");
        tcp.in(". ack 1 win 5000").out("P. 1:101 ack 1").in(". ack 101").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.1", id = "MUST-37")
    void aPeerThatAnswersProbesMayKeepItsWindowClosedForEver() {
        var tcp = established().in(". ack 1 win 0").write(100);
        for (int i = 0; i < 100; i++) {
            tcp.after(ofMinutes(2)).skip().in(". ack 1 win 0").state(TcpState.ESTABLISHED);
        }
    }

    @Test
    void aPeerThatAnswersNoProbeIsGivenUp() {
        var tcp = established().in(". ack 1 win 0").write(100);
        tcp.after(ofMinutes(16)).skip().closed(CloseReason.TIMED_OUT);
    }

    @Test
    void aProbeThatIsTakenGoesOn() {
        var tcp = established().in(". ack 1 win 0").write(100).afterMillis(300).out(". 1:2 ack 1");
        tcp.in(". ack 2 win 0").silent().afterMillis(500).out(". 2:3 ack 1");
        tcp.in(". ack 2 win 1000").out("P. 2:101 ack 1").in(". ack 101").afterMillis(50).idle();
    }

    @Test
    void aFinBehindAClosedWindowIsProbedToo() {
        var tcp = established().in(". ack 1 win 0").shutdown().silent();
        tcp.afterMillis(300).out("F. 1:1 ack 1").in(". ack 2 win 0").state(TcpState.FIN_WAIT_2);
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.4")
    void anAckStaysWithinAWindowThatAProbeHasLeft() {
        var tcp = established().in(". ack 1 win 0").write(100).afterMillis(300).out(". 1:2 ack 1");
        tcp.in("P. 1:11 ack 1 win 0").afterMillis(40).out(". 1:1 ack 11");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.2.2", id = "MUST-39")
    void theRightEdgeMovesInSegments() {
        var tcp = TcpScript.established(draft(4000)).in(". 1:1001 ack 1", ". 1001:2001 ack 1");
        tcp.out(". 1:1 ack 2001 win 2000").read(500).in(". 2001:2002 ack 1").afterMillis(40);
        tcp.out(". 1:1 ack 2002 win 1999").read(499).in(". 2002:2003 ack 1").afterMillis(40);
        tcp.out(". 1:1 ack 2003 win 1998").read(1).out(". 1:1 ack 2003 win 2998");
    }

    private static java.util.function.Consumer<TcpConfig.Draft> draft(int buffer) {
        return config -> {
            config.maximumSegmentSize = 1000;
            config.receiveBuffer = buffer;
        };
    }

    @Test
    void aReaderThatMakesRoomReopensTheWindow() {
        var tcp = TcpScript.established(draft(2000)).in(". 1:1001 ack 1", "P. 1001:2001 ack 1");
        tcp.out(". 1:1 ack 2001 win 0").read(999).silent().read(1).out(". 1:1 ack 2001 win 1000");
        tcp.read(1000).out(". 1:1 ack 2001 win 2000").received(2000).idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.4")
    void withAClosedWindowAcknowledgementsStillCount() {
        var tcp = TcpScript.established(draft(1000)).in("P. 1:1001 ack 1").afterMillis(40);
        tcp.out(". 1:1 ack 1001 win 0").write(10).out("P. 1:11 ack 1001");
        tcp.in("P. 1001:1101 ack 11").out(". 11:11 ack 1001 win 0").unacknowledged(0);
    }

    @Test
    @Rfc(number = 7323, section = "2.3", id = "2.3-3")
    @Rfc(number = 7323, section = "2.3", id = "2.3-4")
    @Rfc(number = 7323, section = "2.3", id = "2.3-5")
    void windowsAreScaledBothWays() {
        var setup = TcpScript.with(config -> config.tuneReceiveBuffer = false);
        var tcp = setup.peerOptions("mss 1000,wscale 3").established();
        tcp.in(". ack 1 win 125").write(5000).out(". 1:1001 ack 1");
        tcp.in("P. 1:101 ack 1001 win 125").out(". 1001:2001 ack 101 win 49152");
    }

    @Test
    void acknowledgedOctetsMakeRoomForTheUser() {
        var tcp = established().write(500).out("P. 1:501 ack 1").event().unacknowledged(500);
        tcp.in(". ack 501").event(TcpEvent.WRITABLE).unacknowledged(0).idle();
    }
}
