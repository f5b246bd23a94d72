package toytcp.stack.tcp;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// The Nagle algorithm and PSH (RFC 9293, 3.7.4 and 3.9.1.2).
class NagleTest {
    @Test
    @Rfc(number = 9293, section = "3.7.4", id = "SHLD-7")
    @Rfc(number = 9293, section = "3.9.1.2", id = "MAY-16")
    void smallWritesWaitForTheAck() {
        var tcp = TcpScript.established().write(10).out("P. 1:11 ack 1");
        tcp.write(10).write(10).silent().in(". ack 11").out("P. 11:31 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.7.4", id = "MUST-17")
    void theAlgorithmCanBeSwitchedOff() {
        var tcp = TcpScript.established(config -> config.noDelay = true);
        tcp.write(10).out("P. 1:11 ack 1").write(10).out("P. 11:21 ack 1");
    }

    @Test
    void switchingItOffReleasesWhatWaits() {
        var tcp = TcpScript.established().write(10).out("P. 1:11 ack 1").write(10).silent();
        tcp.configure(config -> config.noDelay = true).out("P. 11:21 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.2", id = "SHLD-28")
    void fullSegmentsDoNotWait() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.write(10).out("P. 1:11 ack 1").write(2000).out(". 11:1011 ack 1", "P. 1011:2011 ack 1");
    }

    @Test
    void theFinDoesNotWait() {
        var tcp = TcpScript.established().write(10).out("P. 1:11 ack 1").write(10).silent();
        tcp.shutdown().out("FP. 11:21 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.2", id = "MUST-61")
    void theLastSegmentOfAWriteIsPushed() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.write(2500).out(". 1:1001 ack 1", ". 1001:2001 ack 1").in(". ack 2001");
        tcp.out("P. 2001:2501 ack 1");
    }
}
