package toytcp.stack.tcp;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// The retransmission timer (RFC 6298) and giving up (RFC 9293, 3.8.3).
class RetransmissionTest {
    private static TcpScript established(long roundTripMillis) {
        return TcpScript.with(config -> config.maximumSegmentSize = 1000)
                .roundTrip(ofMillis(roundTripMillis))
                .established();
    }

    @Test
    @Rfc(number = 6298, section = "2.2")
    @Rfc(number = 6298, section = "2", id = "2.2")
    @Rfc(number = 6298, section = "5", id = "5-1")
    @Rfc(number = 9293, section = "3.8.1", id = "MUST-18")
    void theFirstSampleSetsTheTimeout() {
        // SRTT = 100 ms, RTTVAR = 50 ms: 100 + 4 * 50.
        var tcp = established(100).write(10).out("P. 1:11 ack 1");
        tcp.after(ofSeconds(1)).out("+300ms P. 1:11 ack 1", "+900ms P. 1:11 ack 1");
    }

    @Test
    @Rfc(number = 6298, section = "5.5")
    @Rfc(number = 6298, section = "5", id = "5.5")
    @Rfc(number = 9293, section = "3.8.2", id = "MUST-19")
    @Rfc(number = 9293, section = "3.8.1", id = "MUST-18")
    @Rfc(number = 6298, section = "5", id = "5-2")
    void theTimeoutDoublesUpToTheMaximum() {
        var tcp = established(100).write(10).out("P. 1:11 ack 1").after(ofMillis(300));
        tcp.out("P. 1:11 ack 1").after(ofMillis(600)).out("P. 1:11 ack 1");
        tcp.after(ofMillis(1200)).out("P. 1:11 ack 1").after(ofMillis(2399)).silent();
        tcp.after(ofMillis(1)).out("P. 1:11 ack 1").in(". ack 11").idle();
    }

    @Test
    @Rfc(number = 6298, section = "3", id = "3-1")
    @Rfc(number = 6298, section = "3", id = "3-2")
    @Rfc(number = 9293, section = "3.8.1", id = "MUST-18")
    void aSegmentThatWasSentAgainIsNoSample() {
        var tcp = established(100).write(10).out("P. 1:11 ack 1");
        tcp.after(ofMillis(300)).out("P. 1:11 ack 1").after(ofMillis(500)).in(". ack 11");
        // Karn: the RTO stays backed off until a sample is taken.
        tcp.write(10).out("P. 11:21 ack 1").after(ofMillis(600)).out("+600ms P. 11:21 ack 1");
    }

    @Test
    @Rfc(number = 7323, section = "4")
    void withTimestampsItIs() {
        var tcp =
                TcpScript.with(config -> config.maximumSegmentSize = 1012)
                        .peerOptions("mss 1012,TS")
                        .roundTrip(ofMillis(100))
                        .established();
        tcp.write(10).out("P. 1:11 ack 1").after(ofMillis(300)).out("P. 1:11 ack 1");
        tcp.after(ofMillis(100)).in(". ack 11").write(10).out("P. 11:21 ack 1");
        // SRTT stays 100 ms, RTTVAR falls to 3/4: 37.5 ms; the RTO is no longer backed off.
        tcp.after(ofMillis(299)).silent().after(ofMillis(1)).out("P. 11:21 ack 1");
    }

    @Test
    @Rfc(number = 6298, section = "5.4")
    @Rfc(number = 5681, section = "3.1")
    @Rfc(number = 9293, section = "3.8.2", id = "MUST-19")
    @Rfc(number = 6298, section = "5", id = "5-2")
    void afterATimeoutEverythingIsSentAgainInSlowStart() {
        var tcp = established(100).write(5000).skip().after(ofMillis(300));
        tcp.out("+300ms . 1:1001 ack 1").in(". ack 1001");
        tcp.out(". 1001:2001 ack 1", ". 2001:3001 ack 1");
        tcp.in(". ack 3001").out(". 3001:4001 ack 1", "P. 4001:5001 ack 1").in(". ack 5001").idle();
    }

    @Test
    void whatThePeerHeldIsNotSentAgain() {
        var tcp = established(100).write(5000).skip().after(ofMillis(300));
        tcp.out(". 1:1001 ack 1").in(". ack 5001").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.3", id = "SHLD-9")
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-20")
    @Rfc(number = 9293, section = "3.8.3", id = "SHLD-10")
    @Rfc(number = 9293, section = "3.8.3", id = "SHLD-11")
    void theUserIsAdvisedAtR1AndTheConnectionEndsAtR2() {
        var tcp = established(100).write(10).after(ofMillis(900)).event().afterMillis(1300);
        tcp.event(TcpEvent.RETRANSMISSION_TROUBLE).after(ofMinutes(14)).skip();
        tcp.state(TcpState.ESTABLISHED).after(ofMinutes(1)).closed(CloseReason.TIMED_OUT);
    }

    @Test
    @Rfc(number = 9293, section = "3.10.8")
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-21")
    void theUserTimeoutEndsTheConnection() {
        var tcp = established(100).configure(c -> c.userTimeoutNanos = 5_000_000_000L).write(10);
        tcp.after(ofMillis(4999)).skip().state(TcpState.ESTABLISHED).after(ofMillis(1));
        tcp.out("R. 11:11 ack 1").closed(CloseReason.TIMED_OUT);
    }

    @Test
    void theOtherOptionsDoNotPostponeTheUserTimeout() {
        var tcp = established(100).configure(c -> c.userTimeoutNanos = 5_000_000_000L).write(10);
        tcp.after(ofMillis(2000)).configure(c -> c.cork = true).after(ofMillis(2000));
        tcp.configure(c -> c.cork = false).after(ofMillis(999)).skip();
        tcp.state(TcpState.ESTABLISHED).after(ofMillis(1));
        tcp.out("R. 11:11 ack 1").closed(CloseReason.TIMED_OUT);
    }

    @Test
    void aNewUserTimeoutCountsFromTheOldestOctet() {
        var tcp = established(100).configure(c -> c.userTimeoutNanos = 5_000_000_000L).write(10);
        tcp.after(ofMillis(4000)).configure(c -> c.userTimeoutNanos = 7_000_000_000L);
        tcp.after(ofMillis(2999)).skip().state(TcpState.ESTABLISHED).after(ofMillis(1));
        tcp.out("R. 11:11 ack 1").closed(CloseReason.TIMED_OUT);
    }

    @Test
    void progressPostponesTheUserTimeout() {
        var tcp = established(100).configure(c -> c.userTimeoutNanos = 5_000_000_000L).write(1010);
        tcp.after(ofMillis(4900)).in(". ack 1001").after(ofMillis(4900)).skip();
        tcp.state(TcpState.ESTABLISHED).in(". ack 1011").after(ofMinutes(1)).skip();
        tcp.state(TcpState.ESTABLISHED).idle();
    }
}
