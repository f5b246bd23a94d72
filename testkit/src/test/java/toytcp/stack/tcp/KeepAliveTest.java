package toytcp.stack.tcp;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Keep-alive probes (RFC 9293, 3.8.4).
class KeepAliveTest {
    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-25")
    void itIsOffByDefault() {
        TcpScript.established().after(ofHours(24)).idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-28")
    @Rfc(number = 9293, section = "3.8.4", id = "MAY-5")
    @Rfc(number = 9293, section = "3.8.4", id = "SHLD-12")
    void itProbesAfterTwoHours() {
        var tcp = TcpScript.established(config -> config.keepAlive = true);
        tcp.after(ofHours(2))
                .out("+7200s . 0:0 ack 1")
                .in(". ack 1")
                .after(ofSeconds(7199))
                .silent();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-29")
    void aSilentPeerIsGivenUpAfterAllProbes() {
        var tcp = TcpScript.established(config -> config.keepAlive = true).after(ofHours(2));
        for (int i = 0; i < 9; i++) {
            tcp.out(". 0:0 ack 1").state(TcpState.ESTABLISHED).after(ofSeconds(75));
        }
        tcp.out("R. 1:1 ack 1").closed(CloseReason.KEEP_ALIVE_TIMED_OUT);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-26")
    void outstandingDataIsProbeEnough() {
        var tcp =
                TcpScript.established(
                        config -> {
                            config.keepAlive = true;
                            config.keepAliveIdleNanos = 1_000_000_000L;
                        });
        tcp.write(10).out("P. 1:11 ack 1").after(ofSeconds(3));
        tcp.out("P. 1:11 ack 1", "P. 1:11 ack 1", "P. 1:11 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-24")
    void itCanBeSwitchedOnAndOff() {
        var tcp = TcpScript.established().configure(config -> config.keepAlive = true);
        tcp.after(ofHours(2)).out(". 0:0 ack 1").configure(config -> config.keepAlive = false);
        tcp.after(ofHours(24)).idle();
    }

    @Test
    void theOtherOptionsDoNotPostponeTheEnd() {
        var tcp = TcpScript.established(config -> config.keepAlive = true).after(ofHours(2));
        for (int i = 0; i < 9; i++) {
            boolean cork = i % 2 == 0;
            tcp.out(". 0:0 ack 1").after(ofSeconds(40)).configure(config -> config.cork = cork);
            tcp.silent().state(TcpState.ESTABLISHED).after(ofSeconds(35));
        }
        tcp.out("R. 1:1 ack 1").closed(CloseReason.KEEP_ALIVE_TIMED_OUT);
    }

    @Test
    void fewerProbesEndTheWaitWithTheNextInterval() {
        var tcp = TcpScript.established(config -> config.keepAlive = true).after(ofHours(2));
        tcp.out(". 0:0 ack 1").after(ofSeconds(75)).out(". 0:0 ack 1").after(ofSeconds(40));
        tcp.configure(config -> config.keepAliveProbes = 2).silent().after(ofSeconds(35));
        tcp.out("R. 1:1 ack 1").closed(CloseReason.KEEP_ALIVE_TIMED_OUT);
    }

    @Test
    void aLongerIdleTimeEndsTheProbing() {
        var tcp = TcpScript.established(config -> config.keepAlive = true).after(ofHours(2));
        tcp.out(". 0:0 ack 1").configure(config -> config.keepAliveIdleNanos *= 2).silent();
        tcp.after(ofHours(2)).out(". 0:0 ack 1").after(ofSeconds(75)).out(". 0:0 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-27")
    void aShorterIdleTimeBringsTheProbeForward() {
        var tcp = TcpScript.established(config -> config.keepAlive = true).after(ofHours(1));
        tcp.silent().configure(config -> config.keepAliveIdleNanos /= 2).after(ofSeconds(1));
        tcp.out(". 0:0 ack 1");
    }
}
