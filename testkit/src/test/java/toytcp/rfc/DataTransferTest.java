package toytcp.rfc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpState;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// RFC 9293, 3.8: retransmissions, keep-alives, windows and ACKs.
class DataTransferTest {
    private static TcpScript established() {
        return TcpScript.with(config -> config.maximumSegmentSize = 1000)
                .roundTrip(ofMillis(100))
                .established();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.3", id = "SHLD-9")
    @Rfc(number = 9293, section = "3.8.3", id = "SHLD-10")
    void theThirdRetransmissionIsReportedAndNoneBefore() {
        var tcp = established().write(10).out("P. 1:11 ack 1").afterMillis(900);
        tcp.out("P. 1:11 ack 1", "P. 1:11 ack 1").event().afterMillis(1199).silent().event();
        tcp.afterMillis(1).out("P. 1:11 ack 1").event(TcpEvent.RETRANSMISSION_TROUBLE);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.3", id = "SHLD-11")
    void dataAreTriedForMoreThanAHundredSeconds() {
        var tcp = established().write(10).out("P. 1:11 ack 1").after(ofSeconds(100)).skip();
        tcp.state(TcpState.ESTABLISHED).after(ofSeconds(120));
        tcp.out("P. 1:11 ack 1").state(TcpState.ESTABLISHED).in(". ack 11").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-22")
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-23")
    void aSynIsReportedAndGivenUpAsDataAre() {
        var tcp = TcpScript.closed().open().out("S 0:0").after(ofSeconds(3));
        tcp.out("S 0:0", "S 0:0").after(ofMillis(3999)).silent().event();
        tcp.afterMillis(1).out("S 0:0").event(TcpEvent.RETRANSMISSION_TROUBLE);
        tcp.after(ofSeconds(173).minusMillis(1)).skip().state(TcpState.SYN_SENT);
        tcp.afterMillis(1).silent().closed(CloseReason.TIMED_OUT);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-26")
    void whateverArrivesPutsTheKeepAliveOff() {
        var tcp = TcpScript.established(config -> config.keepAlive = true).after(ofHours(1));
        tcp.in("P. 1:11 ack 1").afterMillis(40).out(". 1:1 ack 11").after(ofMinutes(119)).silent();
        tcp.in(". ack 1").after(ofMinutes(119)).silent().after(ofMinutes(1));
        tcp.out(". 0:0 ack 11");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-27")
    void theIntervalBeforeAKeepAliveIsASetting() {
        var tcp =
                TcpScript.established(
                        config -> {
                            config.keepAlive = true;
                            config.keepAliveIdleNanos = ofSeconds(30).toNanos();
                        });
        tcp.after(ofMillis(29_999)).silent().afterMillis(1).out(". 0:0 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-29")
    void eachAnsweredKeepAliveBeginsAnew() {
        var tcp = TcpScript.established(config -> config.keepAlive = true).after(ofHours(2));
        for (int i = 0; i < 20; i++) {
            // Eight of nine stay without an answer.
            tcp.out(". 0:0 ack 1").after(ofSeconds(75 * 7)).skip().in(". ack 1");
            tcp.state(TcpState.ESTABLISHED).after(ofHours(2));
        }
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "MUST-34")
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-15")
    @Rfc(number = 9293, section = "3.8.6", id = "SHLD-16")
    void aWindowThatShrinksBehindWhatIsOutStopsAllButRetransmissionsWithinIt() {
        var tcp = established().in(". ack 1 win 5000").write(8000).skip();
        tcp.in(". ack 1001 win 1000").silent();
        tcp.afterMillis(1100).out(". 1001:2001 ack 1", ". 1001:2001 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.1", id = "MAY-8")
    void ourWindowStaysClosedForAsLongAsNobodyReads() {
        var tcp = TcpScript.established(config -> config.receiveBuffer = 1000);
        tcp.in("P. 1:1001 ack 1").afterMillis(40).out(". 1:1 ack 1001 win 0");
        for (int i = 0; i < 1000; i++) {
            tcp.after(ofMinutes(2)).silent().in(". 1001:1002 ack 1");
            tcp.out(". 1:1 ack 1001 win 0").state(TcpState.ESTABLISHED);
        }
        tcp.readAll().received(1000).out(". 1:1 ack 1001 win 1000");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.1", id = "MUST-36")
    @Rfc(number = 9293, section = "3.8.6.1", id = "SHLD-29")
    @Rfc(number = 9293, section = "3.8.6.1", id = "SHLD-30")
    void theFirstProbeComesAfterATimeoutAndTheNextAfterTwice() {
        var tcp = established().in(". ack 1 win 0").write(100).silent().afterMillis(299).silent();
        tcp.afterMillis(1).out(". 1:2 ack 1").in(". ack 1 win 0").afterMillis(599).silent();
        tcp.afterMillis(1).out(". 1:2 ack 1").in(". ack 1 win 0").afterMillis(1199).silent();
        tcp.afterMillis(1).out(". 1:2 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.2.1", id = "MUST-38")
    void aWindowThatOpensBitByBitIsNotFilledBitByBit() {
        var tcp = established().write(5000).skip().in(". ack 5001 win 0").write(3000).silent();
        tcp.in(". ack 5001 win 100").silent().in(". ack 5001 win 200").silent();
        tcp.in(". ack 5001 win 999").silent().in(". ack 5001 win 1000").out(". 5001:6001 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.2.2", id = "MUST-39")
    void aReaderOfSingleOctetsOpensTheWindowBySegments() {
        var tcp =
                TcpScript.established(
                        config -> {
                            config.maximumSegmentSize = 1000;
                            config.receiveBuffer = 4000;
                        });
        tcp.in(". 1:1001 ack 1", ". 1001:2001 ack 1", ". 2001:3001 ack 1", "P. 3001:4001 ack 1");
        tcp.skip();
        for (int i = 0; i < 999; i++) {
            tcp.read(1).silent();
        }
        tcp.read(1).out(". 1:1 ack 4001 win 1000");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.3", id = "SHLD-18")
    @Rfc(number = 9293, section = "3.8.6.3", id = "MUST-40")
    @Rfc(number = 9293, section = "3.8.6.3", id = "SHLD-19")
    void anAckWaitsLessThanHalfASecondAndForOneFullSegmentOnly() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.in(". 1:1001 ack 1").silent().in(". 1001:2001 ack 1").out(". 1:1 ack 2001");
        tcp.in(". 2001:3001 ack 1").silent().afterMillis(39).silent().afterMillis(461);
        tcp.out("+1ms . 1:1 ack 3001");
        long longest = tcp.connection().config().delayedAckNanos();
        assertTrue(longest < ofMillis(500).toNanos(), "delayedAckNanos: " + longest);
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.2", id = "MUST-60")
    void nothingWaitsForEverToBeSent() {
        // For Nagle, an ACK ends it; and a lost one does not prevent that.
        var tcp = established().write(10).out("P. 1:11 ack 1").write(10).silent();
        tcp.afterMillis(300).out(". 1:11 ack 1").in(". ack 11").out("P. 11:21 ack 1");
        // For a cork, a timer.
        var corked = TcpScript.established(config -> config.cork = true).write(10).silent();
        corked.afterMillis(199).silent().afterMillis(1).out("P. 1:11 ack 1");
        // For a window that is too small, the override timeout.
        var small = established().in(". ack 1 win 100").write(1000).silent();
        small.after(ofSeconds(1)).out("+300ms . 1:101 ack 1", "+600ms . 1:101 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.2", id = "MUST-61")
    void onlyTheLastSegmentOfWhatIsQueuedIsPushed() {
        var tcp = established().write(2500);
        tcp.out(". 1:1001 ack 1", ". 1001:2001 ack 1").in(". ack 2001").out("P. 2001:2501 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.10.7.4", id = "MUST-58")
    @Rfc(number = 9293, section = "3.10.7.4", id = "MUST-59")
    void aBatchOfManySegmentsHasOneAck() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.batch(". 1:1001 ack 1", ". 1001:2001 ack 1", ". 2001:3001 ack 1", ". 3001:4001 ack 1");
        tcp.out(". 1:1 ack 4001");
        assertEquals(4000, tcp.connection().readableBytes());
        // Once: and what can carry an ACK does.
        tcp.in(". ack 1").silent().in("P. 4001:4011 ack 1").write(10).out("P. 1:11 ack 4011");
    }
}
