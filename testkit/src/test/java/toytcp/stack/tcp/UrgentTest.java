package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// Urgent data is delivered in line, and its end is reported (RFC 9293, 3.8.5).
class UrgentTest {
    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-32")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-33")
    void theUserLearnsHowMuchUrgentDataRemains() {
        var tcp = TcpScript.established().in("PU. 1:11 ack 1 urg 5");
        tcp.event(TcpEvent.READABLE, TcpEvent.URGENT);
        assertEquals(5, tcp.connection().urgentBytes());
        tcp.read(3);
        assertEquals(2, tcp.connection().urgentBytes());
        tcp.read(3);
        assertEquals(0, tcp.connection().urgentBytes());
        tcp.readAll().received(10);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-31")
    void urgentDataMayGoFarBeyondTheSegment() {
        var tcp = TcpScript.established().in("PU. 1:11 ack 1 urg 50000");
        assertEquals(50_000, tcp.connection().urgentBytes());
        tcp.event(TcpEvent.READABLE, TcpEvent.URGENT).in("PU. 11:21 ack 1 urg 49990");
        tcp.event(TcpEvent.READABLE).in("PU. 21:31 ack 1 urg 60000");
        tcp.event(TcpEvent.READABLE, TcpEvent.URGENT);
    }

    @Test
    void aPointerToThePastIsIgnored() {
        var tcp = TcpScript.established().in("P. 1:101 ack 1").readAll();
        tcp.event(TcpEvent.READABLE).in("PU. 101:102 ack 1 urg 0").event(TcpEvent.READABLE);
        assertEquals(0, tcp.connection().urgentBytes());
    }
}
