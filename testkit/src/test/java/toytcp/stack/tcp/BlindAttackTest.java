package toytcp.stack.tcp;

import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Blind in-window attacks (RFC 5961, taken over by RFC 9293, 3.10.7.4), and PAWS (RFC 7323, 5).
class BlindAttackTest {
    @Test
    @Rfc(number = 5961, section = "3.2", id = "3.2-2")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-4")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-5")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-6")
    @Rfc(number = 5961, section = "3.2", id = "3.2-3")
    @Rfc(number = 5961, section = "3.2", id = "3.2-4")
    @Rfc(number = 5961, section = "3.2", id = "3.2-5")
    @Rfc(number = 5961, section = "4.2", id = "4.2-4")
    void aResetMustHitTheNextSequenceNumber() {
        var tcp = TcpScript.established().in("R 2:2").out(". 1:1 ack 1");
        tcp.dropped(DropReason.RST_INVALID).in("R 70000000:70000000").silent();
        tcp.dropped(DropReason.RST_INVALID).in("R 1:1").silent().closed(CloseReason.RESET);
    }

    @Test
    @Rfc(number = 5961, section = "4.2", id = "4.2-2")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-7")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-8")
    @Rfc(number = 5961, section = "4.2", id = "4.2-3")
    @Rfc(number = 5961, section = "1.1", id = "1.1-1")
    void aSynIsChallengedWhereverItIs() {
        var tcp = TcpScript.established().in("S 1:1").out(". 1:1 ack 1");
        tcp.in("S 100000000:100000000").out(". 1:1 ack 1").state(TcpState.ESTABLISHED);
    }

    @Test
    @Rfc(number = 5961, section = "5.2", id = "5.2-1")
    @Rfc(number = 9293, section = "3.10.7.4", id = "MAY-12")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-9")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-10")
    @Rfc(number = 5961, section = "5.2", id = "5.2-2")
    void anAckFarFromTheWindowIsChallenged() {
        var tcp = TcpScript.with(_ -> {}).iss(1_000_000).established();
        tcp.in("P. 1:11 ack 2").out(". 1:1 ack 1").dropped(DropReason.ACK_UNACCEPTABLE);
        tcp.in("P. 1:11 ack 4294901761").out(". 1:1 ack 1").dropped(DropReason.ACK_UNACCEPTABLE);
        tcp.in("P. 1:11 ack 4294901762").readable(10);
    }

    @Test
    @Rfc(number = 5961, section = "7", id = "7-1")
    void challengesAreThrottled() {
        var tcp = TcpScript.established();
        for (int i = 0; i < 10; i++) {
            tcp.in("S 1:1").out(". 1:1 ack 1");
        }
        tcp.in("S 1:1").silent().after(ofSeconds(5)).in("S 1:1").out(". 1:1 ack 1");
    }

    @Test
    @Rfc(number = 7323, section = "5.3", id = "5.3-1")
    @Rfc(number = 7323, section = "5.2", id = "5.2-1")
    void anOldTimestampIsRefused() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1460,TS val 1000 ecr 0").established();
        tcp.in("P. 1:11 ack 1 <TS val 1010 ecr 0>").afterMillis(40).skip();
        tcp.in("P. 11:21 ack 1 <TS val 1005 ecr 0>").out(". 1:1 ack 11 <TS>").readable(10);
        tcp.dropped(DropReason.TIMESTAMP_TOO_OLD);
        tcp.in("P. 11:21 ack 1 <TS val 1010 ecr 0>").readable(20);
    }

    @Test
    @Rfc(number = 7323, section = "3.2", id = "3.2-7")
    void aSegmentWithoutTimestampIsRefusedOnceTheyAreAgreed() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1460,TS").established();
        tcp.in("P. 1:11 ack 1 <noTS>").silent().dropped(DropReason.TIMESTAMP_MISSING);
        tcp.in("R 1:1 <noTS>").closed(CloseReason.RESET);
    }

    @Test
    @Rfc(number = 7323, section = "4.3", id = "4.3-1")
    @Rfc(number = 7323, section = "3.2", id = "3.2-2")
    void theEchoIsThatOfTheEarliestUnacknowledgedSegment() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1460,TS val 100 ecr 0").established();
        tcp.in("P. 1:11 ack 1 <TS val 110 ecr 0>", "P. 11:21 ack 1 <TS val 120 ecr 0>");
        tcp.out(". 1:1 ack 21 <TS val 0 ecr 110>");
    }
}
