package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// Urgent data is delivered in line, and its end is reported (RFC 9293, 3.8.5).
class UrgentTest {
    @AfterEach
    void finish() {
        TcpScript.finishAll();
    }

    private static TcpScript established() {
        return TcpScript.established(config -> config.maximumSegmentSize = 1000);
    }

    // ---- receiving

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-30")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-32")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-33")
    void theUserLearnsHowMuchUrgentDataRemains() {
        var tcp = TcpScript.established().in("PU. 1:11 ack 1 urg 5");
        tcp.event(TcpEvent.URGENT, TcpEvent.READABLE);
        assertEquals(5, tcp.connection().urgentBytes());
        assertEquals(5, tcp.connection().info(tcp.nowNanos()).rcvUrgent());
        tcp.read(3);
        assertEquals(2, tcp.connection().urgentBytes());
        tcp.read(3);
        assertEquals(0, tcp.connection().urgentBytes());
        tcp.readAll().received(10);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-31")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-32")
    void urgentDataMayGoFarBeyondTheSegment() {
        var tcp = TcpScript.established().in("PU. 1:11 ack 1 urg 50000");
        assertEquals(50_000, tcp.connection().urgentBytes());
        tcp.event(TcpEvent.URGENT, TcpEvent.READABLE).in("PU. 11:21 ack 1 urg 49990");
        tcp.event(TcpEvent.READABLE).in("PU. 21:31 ack 1 urg 60000");
        tcp.event(TcpEvent.URGENT, TcpEvent.READABLE);
        assertEquals(60_020, tcp.connection().urgentBytes());
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-32")
    void urgentDataAfterUrgentDataThatWasReadIsToldAgain() {
        var tcp = TcpScript.established().in("PU. 1:11 ack 1 urg 10").readAll();
        tcp.event(TcpEvent.URGENT, TcpEvent.READABLE).in("P. 11:21 ack 1").readAll();
        tcp.event(TcpEvent.READABLE).in("PU. 21:22 ack 1 urg 1");
        tcp.event(TcpEvent.URGENT, TcpEvent.READABLE);
    }

    /// "if the urgent pointer (RCV.UP) is in advance of the data consumed" (3.10.7.4, sixth).
    @Test
    @Rfc(number = 9293, section = "3.10.7.4")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-32")
    void aPointerIntoWhatWaitsToBeReadIsTold() {
        var tcp = TcpScript.established().in("P. 1:11 ack 1").event(TcpEvent.READABLE);
        tcp.in("U. 11:11 ack 1 urg 0").event(TcpEvent.URGENT);
        assertEquals(10, tcp.connection().urgentBytes());
        tcp.readAll().in("U. 11:11 ack 1 urg 0").event();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-62")
    void aPointerToThePastIsIgnored() {
        var tcp = TcpScript.established().in("P. 1:101 ack 1").readAll();
        tcp.event(TcpEvent.READABLE).in("PU. 101:102 ack 1 urg 0").event(TcpEvent.READABLE);
        assertEquals(0, tcp.connection().urgentBytes());
    }

    /// "continue processing at the sixth step below where the URG bit is checked" (3.10.7.3).
    @Test
    @Rfc(number = 9293, section = "3.10.7.3")
    void urgentDataMayComeWithTheSynAck() {
        var tcp = TcpScript.with(_ -> {}).opening().in("SU. 0:5 ack 1 urg 5");
        tcp.state(TcpState.ESTABLISHED);
        tcp.event(TcpEvent.ESTABLISHED, TcpEvent.URGENT, TcpEvent.READABLE);
        assertEquals(4, tcp.connection().urgentBytes());
    }

    @Test
    @Rfc(number = 9293, section = "3.4", id = "MUST-66")
    void aClosedWindowDoesNotHideThatUrgentDataComes() {
        var tcp = TcpScript.established(config -> config.receiveBuffer = 1000);
        tcp.in("P. 1:1001 ack 1").after(ofSeconds(1)).skip().event(TcpEvent.READABLE);
        tcp.in("U. 1001:1001 ack 1 urg 100").event(TcpEvent.URGENT);
        assertEquals(1100, tcp.connection().urgentBytes());
        tcp.in("PU. 1001:1002 ack 1 urg 200").event(TcpEvent.URGENT).readable(1000);
        assertEquals(1200, tcp.connection().urgentBytes());
    }

    @Test
    void whoDoesNotReadIsToldOfNothing() {
        var tcp = TcpScript.established().shutdownInput();
        tcp.in("PU. 1:11 ack 1 urg 10").event();
    }

    // ---- sending

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-30")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-62")
    void thePointerIsTheOctetBehindTheUrgentData() {
        var tcp = established().writeUrgent(5).out("PU. 1:6 ack 1 urg 5");
        tcp.in(". ack 6").silent().write(5).out("P. 6:11 ack 1");
        tcp.in(". ack 11").after(ofMinutes(2)).idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-31")
    void everySegmentBeforeTheEndPointsThere() {
        var tcp = established().writeUrgent(2500).write(10);
        tcp.out(
                "U. 1:1001 ack 1 urg 2500",
                "U. 1001:2001 ack 1 urg 1500",
                "PU. 2001:2501 ack 1 urg 500",
                "P. 2501:2511 ack 1");
        tcp.in(". ack 2511").silent();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-31")
    void whatIsTooFarForThePointerIsPointedToAsFarAsItGoes() {
        var tcp = established().in(". ack 1 win 1000").writeUrgent(70_000);
        tcp.out("U. 1:1001 ack 1 urg 65535").in(". ack 1001 win 1000");
        tcp.out("U. 1001:2001 ack 1 urg 65535").in(". ack 2001 win 65535").skip();
        for (int acked = 4001; acked < 66_000; acked += 2000) {
            tcp.in(". ack " + acked).skip();
        }
        tcp.in(". ack 69001").skip().in(". ack 70001").silent();
        tcp.write(1).out("P. 70001:70002 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-30")
    void aRetransmissionSaysItAgain() {
        var tcp = established().writeUrgent(5).out("PU. 1:6 ack 1 urg 5");
        tcp.afterMillis(300).out("PU. 1:6 ack 1 urg 5").in(". ack 6").silent();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5")
    void urgentDataDoesNotWaitForNagleOrACork() {
        var tcp = established().configure(config -> config.noDelay = false);
        tcp.write(5).out("P. 1:6 ack 1").write(5).silent();
        tcp.writeUrgent(1).out("PU. 6:12 ack 1 urg 6").in(". ack 12").silent();
        tcp.configure(config -> config.cork = true).write(5).silent();
        tcp.writeUrgent(1).out("PU. 12:18 ack 1 urg 6").in(". ack 18").silent();
        tcp.write(5).silent().afterMillis(200).out("P. 18:23 ack 1");
    }

    /// The notice goes ahead of the data: at once, and with each probe.
    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-30")
    void theNoticePassesAClosedWindow() {
        var tcp = established().in(". ack 1 win 0").writeUrgent(5);
        tcp.out("U. 1:1 ack 1 urg 5").afterMillis(300).out("U. 1:2 ack 1 urg 5");
        tcp.in(". ack 1 win 100").out("PU. 1:6 ack 1 urg 5");
        tcp.in(". ack 6 win 100").silent();
    }

    @Test
    void urgentDataThatIsWrittenEarlyIsToldOfOnceThereIsAConnection() {
        var tcp = TcpScript.with(_ -> {}).opening().writeUrgent(5).silent();
        tcp.in("S. 0:0 ack 1").out("PU. 1:6 ack 1 urg 5").in(". ack 6").silent();
    }

    @Test
    void anEndOfUrgentDataNeedsData() {
        var tcp = established();
        tcp.connection().markUrgent(tcp.nowNanos());
        tcp.write(1).out("P. 1:2 ack 1").in(". ack 2").silent();
        tcp.connection().markUrgent(tcp.nowNanos());
        tcp.write(1).out("P. 2:3 ack 1");
    }

    @Test
    void aKeepAliveProbeAndAResetPointNowhere() {
        var tcp = established().configure(config -> config.keepAlive = true);
        tcp.writeUrgent(5).skip().in(". ack 6").after(ofMinutes(121)).out(". 5:5 ack 1");
        tcp.writeUrgent(5).skip().abort().out("R. 11:11 ack 1");
    }
}
