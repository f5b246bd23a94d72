package toytcp.rfc;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpState;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// RFC 9293, 3.5 and 3.6: opening and closing a connection.
class ConnectionTest {
    @Test
    @Rfc(number = 9293, section = "3.5", id = "MUST-10")
    void crossingSynsOpenOneConnectionThatWorksBothWays() {
        var tcp = TcpScript.closed().open().out("S 0:0");
        tcp.in("S 0:0 win 65535 <mss 1000>").out("S. 0:0 ack 1").state(TcpState.SYN_RECEIVED);
        tcp.in("S. 0:0 ack 1").state(TcpState.ESTABLISHED).skip();
        tcp.write(10).out("P. 1:11 ack 1").in("P. 1:21 ack 11").readAll().received(20);
    }

    @Test
    @Rfc(number = 9293, section = "3.5", id = "MUST-11")
    void aPassiveOpenGoesBackToListenAndAnActiveOneEnds() {
        var passive = TcpScript.listening().in("S 0:0 win 1000").out("S. 0:0 ack 1");
        passive.state(TcpState.SYN_RECEIVED).in("R 1:1").silent().state(TcpState.LISTEN);
        passive.in("S 7:7 win 1000").out("S. 0:0 ack 8").state(TcpState.SYN_RECEIVED);

        var active =
                TcpScript.closed().open().out("S 0:0").in("S 0:0 win 1000").out("S. 0:0 ack 1");
        active.state(TcpState.SYN_RECEIVED).in("R 1:1").silent().closed(CloseReason.REFUSED);
    }

    @Test
    @Rfc(number = 9293, section = "3.6", id = "MUST-12")
    void theUserLearnsWhetherThePeerClosedOrAborted() {
        var closed = TcpScript.established().in("F. 1:1 ack 1").out(". 1:1 ack 2");
        closed.event(TcpEvent.PEER_CLOSED).state(TcpState.CLOSE_WAIT);
        closed.shutdown().out("F. 1:1 ack 2").in(". ack 2").closed(CloseReason.NORMAL);

        var aborted = TcpScript.established().in("R 1:1").event(TcpEvent.CLOSED);
        aborted.closed(CloseReason.RESET);
    }

    @Test
    @Rfc(number = 9293, section = "3.6.1", id = "MUST-13")
    void whoClosesFirstWaitsWhoeverClosesSecondDoesNot() {
        var first = TcpScript.established().shutdown().out("F. 1:1 ack 1").in("F. 1:1 ack 2");
        first.out(". 2:2 ack 2").after(ofMillis(59_999)).silent().state(TcpState.TIME_WAIT);
        first.after(ofMillis(1)).silent().closed(CloseReason.NORMAL);

        var both = TcpScript.established().shutdown().out("F. 1:1 ack 1").in("F. 1:1 ack 1");
        both.out(". 2:2 ack 2").state(TcpState.CLOSING).in(". ack 2").state(TcpState.TIME_WAIT);
        both.after(ofSeconds(60)).closed(CloseReason.NORMAL);

        var second = TcpScript.established().in("F. 1:1 ack 1").out(". 1:1 ack 2").shutdown();
        second.out("F. 1:1 ack 2").in(". ack 2").closed(CloseReason.NORMAL);
    }

    @Test
    @Rfc(number = 9293, section = "3.6.1", id = "MAY-1")
    @Rfc(number = 9293, section = "3.6.1", id = "SHLD-3")
    void aCloseOverUnreadTextAndTextAfterACloseAreReset() {
        TcpScript.established().in("P. 1:11 ack 1").close().out("R. 1:1 ack 11");
        var late = TcpScript.established().close().out("F. 1:1 ack 1").in(". ack 2");
        late.state(TcpState.FIN_WAIT_2).in("P. 1:11 ack 2").out("R. 2:2 ack 1");
        late.closed(CloseReason.ABORTED);
        // Who has only closed for writing reads on.
        var half = TcpScript.established().shutdown().out("F. 1:1 ack 1").in(". ack 2");
        half.in("P. 1:11 ack 2").readAll().received(10).state(TcpState.FIN_WAIT_2);
    }
}
