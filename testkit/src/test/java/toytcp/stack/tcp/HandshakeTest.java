package toytcp.stack.tcp;

import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// Opening a connection (RFC 9293, 3.5), and what the two SYNs agree on.
class HandshakeTest {
    @Test
    @Rfc(number = 9293, section = "3.5")
    void activeOpen() {
        var tcp = TcpScript.closed().open().state(TcpState.SYN_SENT);
        tcp.out("S 0:0 win 65535 <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>");
        tcp.in("S. 0:0 ack 1 win 65535 <mss 1460>").out(". 1:1 ack 1 <>");
        tcp.state(TcpState.ESTABLISHED).event(TcpEvent.ESTABLISHED).idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.5")
    void passiveOpen() {
        var tcp = TcpScript.listening().in("S 0:0 win 65535 <mss 1460>");
        tcp.out("S. 0:0 ack 1 <mss 1460>").state(TcpState.SYN_RECEIVED);
        tcp.in(". 1:1 ack 1").silent().state(TcpState.ESTABLISHED);
        tcp.event(TcpEvent.ESTABLISHED).idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.5", id = "MUST-10")
    void simultaneousOpen() {
        var tcp = TcpScript.closed().open().out("S 0:0");
        tcp.in("S 0:0 win 65535 <mss 1000>").out("S. 0:0 ack 1").state(TcpState.SYN_RECEIVED);
        tcp.in("S. 0:0 ack 1").state(TcpState.ESTABLISHED).event(TcpEvent.ESTABLISHED);
        tcp.in("P. 1:11 ack 1").readable(10);
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.3")
    void aResetRefusesTheSyn() {
        var tcp = TcpScript.closed().open().out("S 0:0");
        tcp.in("R. 0:0 ack 1").silent().closed(CloseReason.REFUSED);
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.3")
    void aResetWithoutAcknowledgementIsIgnored() {
        var tcp = TcpScript.closed().open().out("S 0:0");
        tcp.in("R 0:0").silent().state(TcpState.SYN_SENT).dropped(DropReason.RST_INVALID);
    }

    @Test
    @Rfc(number = 9293, section = "3.5.1")
    void anAcknowledgementOfAnOldConnectionIsReset() {
        var tcp = TcpScript.closed().open().out("S 0:0");
        tcp.in(". 300:300 ack 91").out("R 91:91").state(TcpState.SYN_SENT);
        tcp.in("S. 0:0 ack 1").out(". 1:1 ack 1").state(TcpState.ESTABLISHED);
    }

    @Test
    @Rfc(number = 6298, section = "2.1")
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-23")
    @Rfc(number = 6298, section = "2", id = "2.1")
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-22")
    void aLostSynIsSentAgainForThreeMinutes() {
        var tcp = TcpScript.closed().open().out("S 0:0");
        tcp.after(ofSeconds(1)).out("+1000ms S 0:0").after(ofSeconds(2)).out("+2000ms S 0:0");
        tcp.after(ofSeconds(4)).out("+4000ms S 0:0").after(ofSeconds(8)).out("+8000ms S 0:0");
        tcp.after(ofSeconds(16)).out("S 0:0").after(ofSeconds(32)).out("S 0:0");
        tcp.after(ofSeconds(64)).out("S 0:0");
        tcp.after(ofSeconds(53)).silent().closed(CloseReason.TIMED_OUT);
    }

    @Test
    @Rfc(number = 5681, section = "3.1")
    void afterALostSynTheInitialWindowIsOneSegment() {
        var tcp = TcpScript.with(config -> config.maximumSegmentSize = 1000).closed().open();
        tcp.out("S 0:0").after(ofSeconds(1)).out("S 0:0");
        tcp.in("S. 0:0 ack 1 win 65535 <mss 1000>").out(". 1:1 ack 1");
        tcp.write(3000).out(". 1:1001 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-15")
    void withoutTheOptionTheMaximumSegmentSizeIs536() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("").established();
        tcp.write(1000).out(". 1:537 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-16")
    void theSmallerMaximumSegmentSizeCounts() {
        var tcp = TcpScript.with(config -> config.maximumSegmentSize = 900);
        var larger = tcp.peerOptions("mss 1460").established();
        larger.write(1000).out(". 1:901 ack 1");
        var smaller = TcpScript.with(_ -> {}).peerOptions("mss 700").established();
        smaller.write(1000).out(". 1:701 ack 1");
    }

    @Test
    @Rfc(number = 7323, section = "1.3")
    @Rfc(number = 7323, section = "2.2", id = "2.2-2")
    @Rfc(number = 7323, section = "2.3", id = "2.3-1")
    @Rfc(number = 2018, section = "4", id = "4-2")
    void optionsAreUsedOnlyIfBothSidesOffer() {
        var tcp = TcpScript.listening().in("S 0:0 win 1000 <mss 1460,sackOK>");
        tcp.out("S. 0:0 ack 1 <mss 1460,sackOK>");
        tcp = TcpScript.listening().in("S 0:0 win 1000 <mss 1460,wscale 2>");
        tcp.out("S. 0:0 ack 1 <mss 1460,wscale 7>");
        tcp = TcpScript.listening().in("S 0:0 win 1000 <mss 1460,TS val 7 ecr 0>");
        tcp.out("S. 0:0 ack 1 <mss 1460,TS val 0 ecr 7>");
    }

    @Test
    @Rfc(number = 7323, section = "2.3")
    @Rfc(number = 7323, section = "2.2", id = "2.2-4")
    void theWindowOfASynIsNeverScaled() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1000,wscale 4").peerWindow(500);
        tcp.established().write(2000).out(". 1:501 ack 1");
    }

    @Test
    void textOnTheSynAckIsTaken() {
        var tcp = TcpScript.closed().open().out("S 0:0");
        tcp.in("S. 0:5 ack 1 win 1000 <mss 1000>").out(". 1:1 ack 6").readable(5).readAll();
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.3", id = "U-3")
    void writesBeforeEstablishedGoWithTheHandshake() {
        var tcp = TcpScript.closed().open().out("S 0:0").write(10).silent();
        tcp.in("S. 0:0 ack 1 win 1000 <mss 1000>").out("P. 1:11 ack 1");
    }
}
