package toytcp.stack.tcp;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// Text out of order, overlapping, repeated (RFC 9293, 3.10.7.4, seventh), and what SACK says of it.
class ReassemblyTest {
    private static TcpScript withSack() {
        return TcpScript.with(_ -> {}).peerOptions("mss 1460,sackOK").established();
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.4", id = "SHLD-31")
    void textAboveAGapIsHeld() {
        var tcp = TcpScript.established().in(". 21:31 ack 1", ". 11:21 ack 1").skip().readable(0);
        tcp.in("P. 1:11 ack 1").out(". 1:1 ack 31").readable(30).readAll().received(30);
    }

    @Test
    void overlapsAreTakenOnce() {
        var tcp = TcpScript.established().in(". 11:21 ack 1", ". 16:41 ack 1", ". 5:15 ack 1");
        tcp.skip().in("P. 1:50 ack 1").out(". 1:1 ack 50").readAll().received(49);
    }

    @Test
    @Rfc(number = 2018, section = "4", id = "4-1")
    @Rfc(number = 2018, section = "4", id = "4-3")
    @Rfc(number = 2018, section = "4", id = "4-4")
    @Rfc(number = 2018, section = "4", id = "4-5")
    @Rfc(number = 2018, section = "4", id = "4-6")
    @Rfc(number = 2018, section = "4", id = "4-8")
    @Rfc(number = 2018, section = "8", id = "8-1")
    void theNewestBlockIsReportedFirst() {
        var tcp = withSack().in(". 11:21 ack 1").out(". 1:1 ack 1 <sack 11:21>");
        tcp.in(". 31:41 ack 1").out(". 1:1 ack 1 <sack 31:41 11:21>");
        tcp.in(". 51:61 ack 1").out(". 1:1 ack 1 <sack 51:61 31:41 11:21>");
        tcp.in(". 21:31 ack 1").out(". 1:1 ack 1 <sack 11:41 51:61>");
        tcp.in(". 1:11 ack 1").out(". 1:1 ack 41 <sack 51:61>");
        tcp.in(". 41:51 ack 1").out(". 1:1 ack 61 <>");
    }

    @Test
    @Rfc(number = 2018, section = "3")
    @Rfc(number = 2018, section = "4", id = "4-7")
    void fourBlocksAreReportedAtMost() {
        var tcp = withSack();
        tcp.in(". 11:12 ack 1", ". 21:22 ack 1", ". 31:32 ack 1", ". 41:42 ack 1").skip();
        tcp.in(". 51:52 ack 1").out(". 1:1 ack 1 <sack 51:52 41:42 31:32 21:22>");
    }

    @Test
    void aFinAboveAGapWaitsForTheText() {
        var tcp = TcpScript.established().in("F. 11:21 ack 1").out(". 1:1 ack 1").event();
        tcp.in(". 1:11 ack 1").out(". 1:1 ack 22").state(TcpState.CLOSE_WAIT);
        tcp.event(TcpEvent.READABLE, TcpEvent.PEER_CLOSED).readAll().received(20);
    }

    @Test
    void textBeyondTheWindowIsCutOff() {
        var tcp = TcpScript.established(config -> config.receiveBuffer = 100);
        tcp.in("P. 1:201 ack 1").readable(100).afterMillis(40).out(". 1:1 ack 101 win 0");
    }

    @Test
    void theSequenceSpaceWraps() {
        var tcp = TcpScript.with(_ -> {}).iss(-20).irs(-10).established();
        tcp.in("P. 11:21 ack 1").out(". 1:1 ack 1").in("P. 1:11 ack 1").out(". 1:1 ack 21");
        tcp.write(50).out("P. 1:51 ack 21").in(". ack 51").readAll().received(20).idle();
    }
}
