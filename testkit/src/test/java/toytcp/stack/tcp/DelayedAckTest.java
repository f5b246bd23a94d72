package toytcp.stack.tcp;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// When an ACK leaves (RFC 9293, 3.8.6.3; RFC 5681, 4.2).
class DelayedAckTest {
    @Test
    @Rfc(number = 9293, section = "3.8.6.3", id = "MUST-40")
    @Rfc(number = 9293, section = "3.8.6.3", id = "SHLD-18")
    void anAckWaitsFortyMilliseconds() {
        var tcp = TcpScript.established().in("P. 1:101 ack 1").silent();
        tcp.afterMillis(100).out("+40ms . 1:1 ack 101").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.3", id = "SHLD-19")
    void everySecondFullSegmentIsAcknowledgedAtOnce() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.in(". 1:1001 ack 1").silent().in(". 1001:2001 ack 1").out(". 1:1 ack 2001");
        tcp.in(". 2001:3001 ack 1").silent().in(". 3001:4001 ack 1").out(". 1:1 ack 4001").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.4", id = "MUST-59")
    @Rfc(number = 9293, section = "3.10.7.4", id = "MUST-58")
    void aBatchIsAcknowledgedOnce() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.batch(". 1:1001 ack 1", ". 1001:2001 ack 1", ". 2001:3001 ack 1", ". 3001:4001 ack 1");
        tcp.out(". 1:1 ack 4001").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.4")
    void dataCarriesTheAck() {
        var tcp = TcpScript.established().in("P. 1:101 ack 1").silent();
        tcp.write(10).out("P. 1:11 ack 101").in(". ack 11").idle();
    }

    @Test
    @Rfc(number = 5681, section = "4.2")
    void aSegmentAboveAGapIsAnsweredAtOnceAndSoIsTheOneThatFillsIt() {
        var tcp = TcpScript.established();
        tcp.in("P. 11:21 ack 1").out(". 1:1 ack 1").in("P. 1:11 ack 1").out(". 1:1 ack 21").idle();
    }

    @Test
    @Rfc(number = 5681, section = "4.2")
    @Rfc(number = 9293, section = "3.10.7.4", id = "MAY-13")
    @Rfc(number = 2018, section = "4", id = "4-4")
    void eachSegmentAboveAGapHasItsDuplicateAck() {
        var tcp = TcpScript.established();
        tcp.batch("P. 11:21 ack 1", "P. 21:31 ack 1", "P. 31:41 ack 1");
        tcp.out(". 1:1 ack 1", ". 1:1 ack 1", ". 1:1 ack 1");
    }

    @Test
    void aGapThatClosesWithinTheBatchIsAcknowledgedOnce() {
        var tcp = TcpScript.established();
        tcp.batch("P. 11:21 ack 1", "P. 21:31 ack 1", "P. 1:11 ack 1").out(". 1:1 ack 31");
    }

    @Test
    void anOldSegmentIsAnsweredAtOnce() {
        var tcp = TcpScript.established().in("P. 1:11 ack 1").afterMillis(40).out(". 1:1 ack 11");
        tcp.in("P. 1:11 ack 1").out(". 1:1 ack 11").readAll().received(10);
    }

    @Test
    void quickAckAcknowledgesEachBatchAtOnceForAsLongAsItIsSet() {
        var tcp = TcpScript.established(config -> config.quickAck = true);
        for (int seq = 1; seq < 1000; seq += 10) {
            tcp.in("P. %d:%d ack 1".formatted(seq, seq + 10));
            tcp.out(". 1:1 ack " + (seq + 10)).idle();
        }
        tcp.batch("P. 1001:1011 ack 1", "P. 1011:1021 ack 1").out(". 1:1 ack 1021").idle();
        tcp.configure(config -> config.quickAck = false);
        tcp.in("P. 1021:1031 ack 1").silent().afterMillis(40).out("+40ms . 1:1 ack 1031");
    }

    @Test
    void settingQuickAckReleasesAnAckThatWaits() {
        var tcp = TcpScript.established().in("P. 1:11 ack 1").silent();
        tcp.configure(config -> config.quickAck = true).out(". 1:1 ack 11").idle();
    }
}
