package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import static java.time.Duration.ofMinutes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.codec.DropReason;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// What an ICMP error means for a connection (RFC 9293, 3.9.2.2; RFC 5927).
class IcmpErrorTest {
    private static TcpScript opening() {
        return TcpScript.with(_ -> {}).opening();
    }

    @ParameterizedTest
    @CsvSource({"3, 0", "3, 1", "3, 5", "3, 4", "11, 0", "11, 1", "12, 0", "3, 6", "3, 11"})
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-56")
    void aSoftErrorDoesNotAbortAnAttempt(int type, int code) {
        var tcp = opening().icmp(type, code, 0).silent().state(TcpState.SYN_SENT);
        tcp.in("S. 0:0 ack 1").state(TcpState.ESTABLISHED);
    }

    @ParameterizedTest
    @CsvSource({"2, protocol unreachable", "3, port unreachable", "13, prohibited by a filter"})
    @Rfc(number = 9293, section = "3.9.2.2", id = "SHLD-26")
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-54")
    void aHardErrorEndsAnAttempt(int code, String text) {
        var tcp = opening().icmp(3, code, 0).closed(CloseReason.UNREACHABLE).silent();
        assertEquals(text, tcp.connection().lastIcmpError().text());
    }

    @Test
    @Rfc(number = 5927, section = "5.2")
    void aHardErrorEndsASimultaneousOpen() {
        var tcp = opening().in("S 0:0").skip().state(TcpState.SYN_RECEIVED);
        tcp.icmp(3, 3, 0).closed(CloseReason.UNREACHABLE);
    }

    @ParameterizedTest
    @CsvSource({"3, 0", "3, 1", "3, 2", "3, 3", "3, 5", "3, 13", "11, 0", "12, 0"})
    @Rfc(number = 5927, section = "5.2")
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-56")
    void nothingEndsAConnectionThatIsEstablished(int type, int code) {
        var tcp = TcpScript.established().write(10).skip().icmp(type, code, 1).silent();
        tcp.state(TcpState.ESTABLISHED).in(". ack 11").after(ofMinutes(1)).idle();
    }

    @Test
    @Rfc(number = 5927, section = "4.1")
    void anErrorAboutWhatIsNotOutstandingCountsOnly() {
        var tcp = opening().icmp(3, 3, 1).icmp(3, 3, -1).state(TcpState.SYN_SENT);
        tcp.dropped(DropReason.ICMP_SEQUENCE, DropReason.ICMP_SEQUENCE);
        var idle = TcpScript.established().icmp(3, 3, 1).icmp(3, 3, 0);
        idle.dropped(DropReason.ICMP_SEQUENCE, DropReason.ICMP_SEQUENCE);
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "SHLD-25")
    void whatAnErrorSaysIsRememberedUntilSomethingIsAcknowledged() {
        var tcp = TcpScript.established().write(10).skip();
        assertNull(tcp.connection().lastIcmpError());
        tcp.icmp(3, 1, 1);
        assertEquals(
                "192.0.2.1 says: host unreachable", tcp.connection().lastIcmpError().toString());
        tcp.in(". ack 11");
        assertNull(tcp.connection().lastIcmpError());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.8", id = "MUST-47")
    @Rfc(number = 9293, section = "3.9.2.2", id = "SHLD-25")
    void theUserIsToldOfASoftErrorAtOnce() {
        var tcp = TcpScript.established().write(10).skip().icmp(3, 1, 1);
        tcp.event(TcpEvent.SOFT_ERROR).icmp(11, 0, 1).event(TcpEvent.SOFT_ERROR);
        assertEquals("time to live exceeded", tcp.connection().lastIcmpError().text());
        opening().icmp(3, 0, 0).event(TcpEvent.SOFT_ERROR).state(TcpState.SYN_SENT);
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "SHLD-25")
    void aConnectionThatTimesOutKnowsWhy() {
        var tcp = TcpScript.established().write(10).icmp(11, 0, 1).after(ofMinutes(16)).skip();
        tcp.closed(CloseReason.TIMED_OUT);
        assertEquals("time to live exceeded", tcp.connection().lastIcmpError().text());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "SHLD-26")
    void aHardErrorAboutItsSynAckEndsAHalfOpenConnection() {
        var tcp = TcpScript.listening().in("S 0:0 <mss 1460>").out("S. 0:0 ack 1");
        tcp.icmp(3, 1, 0).icmp(3, 3, 1).state(TcpState.SYN_RECEIVED);
        tcp.icmp(3, 3, 0).silent().state(TcpState.LISTEN);
    }

    @Test
    void nothingIsSaidOfAConnectionThatIsOver() {
        var tcp = TcpScript.established().write(10).skip().abort().skip();
        tcp.icmp(3, 3, 1).icmp(3, 4, 1).silent();
        tcp.dropped(DropReason.ICMP_SEQUENCE, DropReason.ICMP_SEQUENCE);
    }
}
