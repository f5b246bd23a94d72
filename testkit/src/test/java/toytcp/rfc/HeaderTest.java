package toytcp.rfc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.time.Duration.ofHours;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpInfo;
import toytcp.stack.tcp.TcpState;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// RFC 9293, 3.1 to 3.4: the header, its options, and sequence numbers.
class HeaderTest {
    private static TcpInfo info(TcpScript tcp) {
        return tcp.connection().info(tcp.nowNanos());
    }

    @Test
    @Rfc(number = 9293, section = "3.1", id = "MUST-1")
    void aWindowWithTheHighestBitIsALargeOne() {
        var tcp =
                TcpScript.with(config -> config.maximumSegmentSize = 20_000)
                        .peerOptions("mss 20000")
                        .peerWindow(40_000)
                        .established();
        tcp.write(60_000).out(". 1:20001 ack 1", ". 20001:40001 ack 1");
        tcp.in(". ack 20001 win 65535").out("P. 40001:60001 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.1", id = "REC-1")
    void windowsHaveThirtyTwoBits() {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.receiveBuffer = 1 << 30;
                                    config.tuneReceiveBuffer = false;
                                })
                        .peerOptions("mss 1000,wscale 14")
                        .established()
                        .in("P. 1:1001 ack 1 win 65535", "P. 1001:2001 ack 1");
        // The edge that the SYN offered stays until an ACK tells of more.
        tcp.out(". 1:1 ack 2001 win 65535");
        assertEquals(65_535 << 14, info(tcp).sndWnd());
        assertEquals(65_535 << 14, info(tcp).rcvWnd());
    }

    @Test
    @Rfc(number = 9293, section = "3.2", id = "MUST-65")
    @Rfc(number = 2018, section = "2", id = "2-1")
    void whatBelongsToTheHandshakeIsInNoOtherSegment() {
        var tcp = TcpScript.with(config -> config.keepAlive = true).peerOptions("mss 1000,sackOK");
        var script = tcp.established().write(1500).out(". 1:1001 ack 1 <>");
        script.in(". 1:1001 ack 1001 win 65535").out("P. 1001:1501 ack 1001 <>");
        script.in(". ack 1501").after(ofHours(2)).out(". 1500:1500 ack 1001 <>").in(". ack 1501");
        script.shutdown().out("F. 1501:1501 ack 1001 <>").abort().out("R. 1502:1502 ack 1001 <>");
    }

    @Test
    @Rfc(number = 9293, section = "3.4", id = "MUST-66")
    void resetAndUrgentPointerCountThoughTheWindowIsClosed() {
        var tcp = TcpScript.established(config -> config.receiveBuffer = 1000);
        tcp.in("P. 1:1001 ack 1")
                .afterMillis(40)
                .out(". 1:1 ack 1001 win 0")
                .event(TcpEvent.READABLE);
        tcp.in("U. 1001:1001 ack 1 urg 10").event(TcpEvent.URGENT);
        assertEquals(1010, tcp.connection().urgentBytes());
        tcp.in("R 1002:1002").dropped(DropReason.RST_INVALID).state(TcpState.ESTABLISHED);
        tcp.in("R 1001:1001").closed(CloseReason.RESET);
    }

    @Test
    @Rfc(number = 9293, section = "3.5.3", id = "SHLD-2")
    void aResetMayCarryText() {
        var tcp = TcpScript.established().in("R. 1:31 ack 1").silent().closed(CloseReason.RESET);
        tcp.readable(0);
    }
}
