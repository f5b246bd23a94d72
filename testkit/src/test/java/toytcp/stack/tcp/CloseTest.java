package toytcp.stack.tcp;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// Closing a connection (RFC 9293, 3.6).
class CloseTest {
    @Test
    @Rfc(number = 9293, section = "3.6.1", id = "MUST-13")
    void theNormalCloseEndsInTimeWait() {
        var tcp = TcpScript.established().shutdown().out("F. 1:1 ack 1").state(TcpState.FIN_WAIT_1);
        tcp.in(". ack 2").state(TcpState.FIN_WAIT_2).in("F. 1:1 ack 2").out(". 2:2 ack 2");
        tcp.state(TcpState.TIME_WAIT).event(TcpEvent.PEER_CLOSED).after(ofSeconds(59)).silent();
        tcp.state(TcpState.TIME_WAIT).after(ofSeconds(1)).closed(CloseReason.NORMAL);
    }

    @Test
    @Rfc(number = 9293, section = "3.6")
    void thePassiveSideGoesThroughLastAck() {
        var tcp = TcpScript.established().in("F. 1:1 ack 1").out(". 1:1 ack 2");
        tcp.state(TcpState.CLOSE_WAIT).shutdown().out("F. 1:1 ack 2").state(TcpState.LAST_ACK);
        tcp.in(". ack 2").closed(CloseReason.NORMAL);
    }

    @Test
    @Rfc(number = 9293, section = "3.6")
    void bothSidesCloseAtOnce() {
        var tcp = TcpScript.established().shutdown().out("F. 1:1 ack 1");
        tcp.in("F. 1:1 ack 1").out(". 2:2 ack 2").state(TcpState.CLOSING);
        tcp.in(". ack 2").state(TcpState.TIME_WAIT).after(ofSeconds(60));
        tcp.closed(CloseReason.NORMAL);
    }

    @Test
    void finAndItsAcknowledgementInOneSegment() {
        var tcp = TcpScript.established().shutdown().out("F. 1:1 ack 1");
        tcp.in("F. 1:1 ack 2").out(". 2:2 ack 2").state(TcpState.TIME_WAIT);
    }

    @Test
    void halfClosedTheOtherDirectionGoesOn() {
        var tcp = TcpScript.established().shutdown().out("F. 1:1 ack 1").in(". ack 2");
        tcp.in("P. 1:101 ack 2").afterMillis(40).out(". 2:2 ack 101").readAll().received(100);
        tcp.in("F. 101:101 ack 2").out(". 2:2 ack 102").state(TcpState.TIME_WAIT);
    }

    @Test
    void theOtherHalfGoesOnToo() {
        var tcp = TcpScript.established().in("F. 1:1 ack 1").out(". 1:1 ack 2");
        tcp.write(10).out("P. 1:11 ack 2").in(". ack 11").shutdown().out("F. 11:11 ack 2");
        tcp.in(". ack 12").closed(CloseReason.NORMAL);
    }

    @Test
    void theFinFollowsTheData() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000).write(1500);
        tcp.out(". 1:1001 ack 1").shutdown().out("FP. 1001:1501 ack 1").in(". ack 1502");
        tcp.state(TcpState.FIN_WAIT_2).idle();
    }

    @Test
    void aLostFinIsSentAgain() {
        var tcp = TcpScript.with(_ -> {}).roundTrip(ofMillis(100)).established().shutdown();
        tcp.out("F. 1:1 ack 1").after(ofSeconds(1));
        tcp.out("+300ms F. 1:1 ack 1", "+900ms F. 1:1 ack 1");
        tcp.in(". ack 2").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.4")
    void aRepeatedFinRestartsTimeWait() {
        var tcp = TcpScript.established().shutdown().out("F. 1:1 ack 1").in("F. 1:1 ack 2");
        tcp.out(". 2:2 ack 2").after(ofSeconds(30)).in("F. 1:1 ack 2").out(". 2:2 ack 2");
        tcp.after(ofSeconds(59)).state(TcpState.TIME_WAIT).after(ofSeconds(1));
        tcp.closed(CloseReason.NORMAL);
    }

    @Test
    @Rfc(number = 9293, section = "3.6.1", id = "MAY-1")
    @Rfc(number = 9293, section = "3.6.1", id = "SHLD-3")
    void closingWithUnreadDataResets() {
        var tcp = TcpScript.established().in("P. 1:11 ack 1").close().out("R. 1:1 ack 11");
        tcp.closed(CloseReason.ABORTED);
    }

    @Test
    @Rfc(number = 9293, section = "3.6.1", id = "MAY-1")
    @Rfc(number = 9293, section = "3.6.1", id = "SHLD-3")
    void dataAfterTheCloseIsReset() {
        var tcp = TcpScript.established().close().out("F. 1:1 ack 1").in(". ack 2");
        tcp.in("P. 1:11 ack 2").out("R. 2:2 ack 1").dropped(DropReason.DATA_AFTER_CLOSE);
        tcp.closed(CloseReason.ABORTED);
    }

    @Test
    void dataAfterShutdownInputIsAcknowledgedAndForgotten() {
        var tcp = TcpScript.established().in("P. 1:11 ack 1").shutdownInput().readable(0);
        tcp.in("P. 11:21 ack 1").skip().in("F. 21:21 ack 1").out(". 1:1 ack 22").readable(0);
    }

    @Test
    void aPeerThatNeverClosesIsForgottenOnceTheUserIsGone() {
        var tcp = TcpScript.established().close().out("F. 1:1 ack 1").in(". ack 2");
        tcp.after(ofSeconds(59)).state(TcpState.FIN_WAIT_2).after(ofSeconds(1)).silent();
        tcp.closed(CloseReason.TIMED_OUT);
    }

    @Test
    void aUserWhoStillReadsMayWaitForEver() {
        var tcp = TcpScript.established().shutdown().out("F. 1:1 ack 1").in(". ack 2").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.10.5")
    void abortResets() {
        TcpScript.established().abort().out("R. 1:1 ack 1").closed(CloseReason.ABORTED);
        TcpScript.closed().open().out("S 0:0").abort().silent().closed(CloseReason.ABORTED);
    }

    @Test
    void whatIsUnreadCanBeReadAfterAnOrderlyEnd() {
        var tcp = TcpScript.established().in("FP. 1:11 ack 1").shutdown().skip().in(". ack 2");
        tcp.closed(CloseReason.NORMAL).readAll().received(10);
    }

    @Test
    void whatIsUnreadCanBeReadAfterAReset() {
        var tcp = TcpScript.established().in("P. 1:11 ack 1").in("R. 11:11 ack 1");
        tcp.closed(CloseReason.RESET).readAll().received(10);
    }
}
