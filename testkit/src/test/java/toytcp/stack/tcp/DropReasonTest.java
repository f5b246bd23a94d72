package toytcp.stack.tcp;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// What is dropped is counted by its reason, once, and goes no further.
class DropReasonTest {
    private static TcpScript synReceived() {
        return TcpScript.closed().open().skip().in("S 0:0").out("S. 0:0 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.3")
    void inSynSent() {
        var tcp = TcpScript.closed().open().skip();
        tcp.in("R. 0:0 ack 2").dropped(DropReason.RST_INVALID).silent();
        tcp.in("R 0:0").dropped(DropReason.RST_INVALID).silent();
        tcp.in("S. 0:0 ack 2").dropped(DropReason.ACK_UNACCEPTABLE).out("R 2:2");
        tcp.in(". 0:0 ack 0").dropped(DropReason.ACK_UNACCEPTABLE).out("R 0:0");
        tcp.in(". 0:0 ack 1").dropped(DropReason.SYN_MISSING).silent();
        tcp.in("F 0:0").dropped(DropReason.SYN_MISSING).silent().state(TcpState.SYN_SENT);
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.4")
    void inSynReceived() {
        var tcp = synReceived();
        tcp.in(". 1:1 ack 2").dropped(DropReason.ACK_UNACCEPTABLE).out("R 2:2");
        tcp.in(". 1:1 ack 0").dropped(DropReason.ACK_UNACCEPTABLE).out("R 0:0");
        tcp.in("P 1:11").dropped(DropReason.ACK_MISSING).silent().state(TcpState.SYN_RECEIVED);
        tcp.in(". 1:1 ack 1").dropped().state(TcpState.ESTABLISHED).readable(0);
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.4")
    void inEstablished() {
        var tcp = TcpScript.established();
        tcp.in("R 0:0").dropped(DropReason.RST_INVALID).silent();
        tcp.in("R 2:2").dropped(DropReason.RST_INVALID).out(". 1:1 ack 1");
        tcp.in("S 1:1").dropped(DropReason.SYN_UNEXPECTED).out(". 1:1 ack 1");
        tcp.in("P 1:11").dropped(DropReason.ACK_MISSING).silent();
        tcp.in("P. 1:11 ack 2").dropped(DropReason.ACK_UNACCEPTABLE).out(". 1:1 ack 1");
        tcp.in("P. 70000:70010 ack 1").dropped(DropReason.SEQUENCE_OUTSIDE_WINDOW);
        tcp.out(". 1:1 ack 1").readable(0).state(TcpState.ESTABLISHED);
    }

    /// Whatever was dropped does not speak for the peer: neither its text nor its FIN is taken.
    @Test
    void nothingOfADroppedSegmentIsTaken() {
        var tcp = TcpScript.established();
        tcp.in("SF 1:11", "F 1:11", "F. 1:11 ack 9", "FR 2:12").readable(0).event();
        tcp.state(TcpState.ESTABLISHED);
    }

    @Test
    void aGapTooManyIsNotKept() {
        var tcp = TcpScript.established();
        for (int n = 0; n < Assembler.MAX_BLOCKS; n++) {
            tcp.in(". " + (3 + 2 * n) + ":" + (4 + 2 * n) + " ack 1").dropped();
        }
        int next = 3 + 2 * Assembler.MAX_BLOCKS;
        tcp.in(". " + next + ":" + (next + 1) + " ack 1").dropped(DropReason.REASSEMBLY_FULL);
        tcp.in(". 1:3 ack 1").dropped().readable(3);
    }
}
