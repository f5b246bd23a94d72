package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import toytcp.codec.DropReason;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpState;

import java.time.Duration;

class TcpScriptTest {
    @Test
    void aFailureShowsTheWholeExchangeAndMarksTheLine() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.afterMillis(1500).write(1500);
        assertEquals(
                """
                another segment was sent
                  expected: P. 1:1501 ack 1
                  actual:   . 1:1001 ack 1 win 65535 (1.500 s after the latest after() began)
                    +0.000   open()
                    +0.000 # CLOSED -> SYN-SENT
                    +0.000 > S 0:0 win 65535 <mss 1000,sackOK,TS val 0 ecr 0,wscale 7>
                    +0.000 < S. 0:0 ack 1 win 65535 <mss 1000>
                    +0.000 # SYN-SENT -> ESTABLISHED
                    +0.000 > . 1:1 ack 1 win 65535
                    +0.000 # established
                    +1.500   write(1500)
                ==> +1.500 > . 1:1001 ack 1 win 65535
                """,
                failure(() -> tcp.out("P. 1:1501 ack 1")));
    }

    @Test
    void aMissingSegmentAndASegmentTooManyAreFailures() {
        var tcp = TcpScript.established();
        assertFirstLine("a segment is missing", () -> tcp.out(". 1:1 ack 1"));
        tcp.write(100);
        assertFirstLine("a segment too many", tcp::silent);
        assertFirstLine("a segment too many", () -> tcp.out());
    }

    @Test
    void eachPartOfALineThatIsThereMustMatch() {
        assertMatches("P. 1:101");
        assertMatches("P. 1:101 ack 1 win 65535");
        assertMatches("P. 1:101 <>");
        assertMatches("P. 1:101 <noTS>");
        assertMatches("+0ms P. 1:101");
        assertDiffers(". 1:101");
        assertDiffers("P. ack 1");
        assertDiffers("P. 2:102");
        assertDiffers("P. 1:102");
        assertDiffers("P. 1:101 ack 2");
        assertDiffers("P. 1:101 ack 1 win 65534");
        assertDiffers("P. 1:101 ack 1 <sack 5:6>");
        assertDiffers("P. 1:101 ack 1 <TS>");
        assertDiffers("P. 1:101 ack 1 <TS val 0 ecr 0>");
        assertDiffers("+1ms P. 1:101");
    }

    @Test
    void handshakeOptionsOfOursCanBeAskedForOneByOne() {
        TcpScript.closed().open().out("S 0:0 <mss 1460,sackOK,TS,wscale 7>");
        assertThrows(
                AssertionError.class,
                () -> TcpScript.closed().open().out("S 0:0 <mss 1460,sackOK,noTS,wscale 7>"));
        assertThrows(
                AssertionError.class, () -> TcpScript.closed().open().out("S 0:0 <mss 1460,TS>"));
    }

    @Test
    void whatAnArrivingLineLeavesOutComesFromThePeersView() {
        var tcp = TcpScript.with(_ -> {}).peerWindow(5000).established();
        tcp.in("P. 1:101").in("P. 101:151 win 4000").write(10).in("P. 151:161 ack 11").in(".");
        String exchange = tcp.toString();
        assertTrue(exchange.contains("< P. 1:101 ack 1 win 5000"), exchange);
        assertTrue(exchange.contains("< P. 151:161 ack 11 win 4000"), exchange);
        assertTrue(exchange.contains("< . 161:161 ack 11 win 4000"), exchange);
    }

    @Test
    void whatLiesOutsideTheWindowDoesNotMoveThePeersView() {
        var tcp = TcpScript.established();
        tcp.in(". 900000:900100 ack 1").in(". 1:1 ack 77777").skip().in("P. ack 1");
        assertTrue(tcp.toString().contains("< P. 1:1 ack 1"), tcp.toString());
    }

    @Test
    void timestampsAreFilledInOnceBothSidesOfferedThem() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1000,TS val 500 ecr 0").established();
        tcp.afterMillis(20).in("P. 1:101").in("P. 101:201 <noTS>");
        tcp.dropped(DropReason.TIMESTAMP_MISSING);
        tcp.afterMillis(40).out("+40ms . 1:1 ack 101 <TS val 60 ecr 520>");
        tcp.in(". <TS val 1 ecr 1>").dropped(DropReason.TIMESTAMP_TOO_OLD);
        assertTrue(tcp.toString().contains("< P. 1:101 ack 1 win 65535 <TS val 520 ecr 0>"));
    }

    @Test
    void sequenceNumbersStayRelativeWhereTheyWrapAround() {
        var tcp = TcpScript.with(_ -> {}).iss(-50).irs(0x7fff_ffce).established();
        tcp.write(100).out("P. 1:101 ack 1").in("P. 1:101 ack 101").readAll().received(100);
        tcp.write(100).out("P. 101:201 ack 101");
    }

    @Test
    void timePassesThroughEachDeadlineOnTheWay() {
        var tcp = TcpScript.with(_ -> {}).roundTrip(Duration.ofMillis(100)).established();
        tcp.write(100).out("P. 1:101").after(Duration.ofSeconds(1));
        tcp.out("+300ms P. 1:101", "+900ms P. 1:101").in(". ack 101").idle();
    }

    @Test
    void statesEventsDropsAndNumbersAreDemandedExactly() {
        var tcp = TcpScript.established();
        tcp.in("P. 1:101").event(TcpEvent.READABLE).event();
        assertFirstLine("the state", () -> tcp.state(TcpState.CLOSED));
        assertFirstLine("octets to read", () -> tcp.readable(99));
        assertFirstLine("octets read so far", () -> tcp.received(100));
        assertFirstLine("octets unacknowledged", () -> tcp.unacknowledged(1));
        assertFirstLine("timers", tcp::noTimers);
        assertFirstLine("events", () -> tcp.event(TcpEvent.READABLE));
        assertFirstLine("drops", () -> tcp.dropped(DropReason.SYN_UNEXPECTED));
        assertFirstLine("the reason of the end", () -> tcp.closed(CloseReason.NORMAL));
    }

    @Test
    void aPassiveOpenGoesThroughListen() {
        var tcp = TcpScript.listening().state(TcpState.LISTEN).in("S 0:0 <mss 1000>");
        tcp.out("S. 0:0 ack 1 <mss 1460>").state(TcpState.SYN_RECEIVED);
        tcp.in(". 1:1 ack 1").silent().state(TcpState.ESTABLISHED).event(TcpEvent.ESTABLISHED);
        TcpScript.establishedPassive().state(TcpState.ESTABLISHED);
    }

    @Test
    void aHeldSynWaitsForItsFate() {
        var tcp = TcpScript.with(_ -> {}).holdSyn().listening().in("S 0:0").silent();
        tcp.state(TcpState.SYN_RECEIVED).accept().out("S. 0:0 ack 1");
        var refused = TcpScript.with(_ -> {}).holdSyn().listening().in("S 0:0").reject();
        refused.out("R. 0:0 ack 1").state(TcpState.LISTEN);
        assertThrows(IllegalStateException.class, refused::accept);
    }

    @Test
    void aBufferThatStaysBehindIsFoundAtTheEnd() {
        var tcp = TcpScript.established().in("P. 1:101");
        ByteBuf held = tcp.connection().receive(100);
        assertFirstLine("buffers of 100 octets were never released", tcp::finish);
        held.release();
    }

    @Test
    void aLineWithAMistakeIsRefused() {
        var tcp = TcpScript.established();
        for (String line : new String[] {"+5 . ack 1", "+5min .", "+5ms", ". <mss 5", "Q 1:1"}) {
            assertThrows(IllegalArgumentException.class, () -> tcp.in(line), line);
        }
    }

    private static void assertMatches(String line) {
        TcpScript.established().write(100).out(line);
    }

    private static void assertDiffers(String line) {
        var tcp = TcpScript.established().write(100);
        assertFirstLine("another segment was sent", () -> tcp.out(line));
    }

    private static void assertFirstLine(String expected, Executable step) {
        assertEquals(expected, failure(step).lines().findFirst().orElseThrow());
    }

    private static String failure(Executable step) {
        return assertThrows(AssertionError.class, step).getMessage().replace("\r\n", "\n");
    }
}
