package toytcp.rfc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.DropReason;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpInfo;
import toytcp.stack.tcp.TcpState;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// RFC 7323: window scaling, timestamps, and protection against wrapped sequence numbers.
class TimestampsAndScalingTest {
    private static TcpScript withTimestamps() {
        return TcpScript.with(config -> config.maximumSegmentSize = 1012)
                .peerOptions("mss 1012,TS val 100 ecr 0")
                .roundTrip(ofMillis(100))
                .established();
    }

    private static TcpInfo info(TcpScript tcp) {
        return tcp.connection().info(tcp.nowNanos());
    }

    @Test
    @Rfc(number = 7323, section = "2.2", id = "2.2-1")
    void scalingIsOfferedThoughOurWindowNeedsNone() {
        var tcp = TcpScript.with(config -> config.receiveBuffer = 65_535).closed().open();
        tcp.out("S 0:0 <mss 1460,sackOK,wscale 0>");
        tcp.in("S. 0:0 ack 1 win 1000 <mss 1000,wscale 2>").out(". 1:1 ack 1 win 65535");
        tcp.in(". ack 1 win 1000");
        assertEquals(4000, info(tcp).sndWnd());
    }

    @Test
    @Rfc(number = 7323, section = "2.2", id = "2.2-2")
    @Rfc(number = 7323, section = "2.3", id = "2.3-3")
    void withoutTheOptionOfThePeerNeitherWindowIsScaled() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1000").established();
        tcp.in("P. 1:1001 ack 1 win 2000").afterMillis(40).out(". 1:1 ack 1001 win 64535");
        assertEquals(2000, info(tcp).sndWnd());
        assertEquals(64_535, info(tcp).rcvWnd());
    }

    @Test
    @Rfc(number = 7323, section = "2.3", id = "2.3-4")
    @Rfc(number = 7323, section = "2.3", id = "2.3-5")
    void bothWindowsAreShiftedByWhatWasAgreed() {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.receiveBuffer = 1 << 20;
                                    config.tuneReceiveBuffer = false;
                                })
                        .peerOptions("mss 1000,wscale 3")
                        .established();
        tcp.in("P. 1:1001 ack 1 win 1000").afterMillis(40).out(". 1:1 ack 1001 win 32737");
        assertEquals(8000, info(tcp).sndWnd());
        assertEquals(32_737 << 5, info(tcp).rcvWnd());
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 255})
    @Rfc(number = 7323, section = "2.3", id = "2.3-6")
    @Rfc(number = 7323, section = "2.3", id = "2.3-8")
    void noShiftIsLargerThanFourteen(int shift) {
        var tcp = TcpScript.with(config -> config.receiveBuffer = 1 << 30).closed().open();
        tcp.out("S 0:0 <mss 1460,sackOK,wscale 14>");
        tcp.in("S. 0:0 ack 1 win 1000 <mss 1000,wscale " + shift + ">").skip().in(". ack 1 win 3");
        assertEquals(14, info(tcp).sndWscale());
        assertEquals(3 << 14, info(tcp).sndWnd());
    }

    @Test
    @Rfc(number = 7323, section = "3.2", id = "3.2-1")
    void theFirstSynEchoesNothing() {
        TcpScript.closed().open().out("S 0:0 <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>");
    }

    @Test
    @Rfc(number = 7323, section = "3.2", id = "3.2-3")
    void theEchoOfASynIsNotLookedAt() {
        var tcp = TcpScript.with(_ -> {}).listening().afterMillis(1000);
        tcp.in("S 0:0 win 65535 <mss 1000,TS val 7 ecr 1>")
                .out("S. 0:0 ack 1 <mss 1460,TS val 1000 ecr 7>");
        tcp.afterMillis(100).in(". 1:1 ack 1 <TS val 8 ecr 1000>").state(TcpState.ESTABLISHED);
        assertEquals(100_000, info(tcp).rtt());
    }

    @Test
    @Rfc(number = 7323, section = "3.2", id = "3.2-2")
    @Rfc(number = 7323, section = "3.2", id = "3.2-4")
    void onceAgreedEverySegmentHasThem() {
        var tcp = withTimestamps().configure(config -> config.keepAlive = true);
        tcp.write(1500).out(". 1:1001 ack 1 <TS val 100 ecr 100>");
        tcp.in(". 1:1001 ack 1001 <TS val 300 ecr 100>");
        tcp.out("P. 1001:1501 ack 1001 <TS val 100 ecr 300>").in(". ack 1501 win 0");
        tcp.afterMillis(40).write(10).afterMillis(500).skip().in(". ack 1501 win 0");
        tcp.afterMillis(2000).out(". 1501:1502 ack 1001 <TS>", ". 1501:1502 ack 1001 <TS>");
    }

    @Test
    @Rfc(number = 7323, section = "3.2", id = "3.2-4")
    void soHaveProbesAndTheLastSegments() {
        var tcp = withTimestamps().configure(config -> config.keepAlive = true);
        tcp.after(ofHours(2)).out(". 0:0 ack 1 <TS val 7200000 ecr 100>").in(". ack 1");
        tcp.in("S 50:50 <TS>").out(". 1:1 ack 1 <TS>").shutdown().out("F. 1:1 ack 1 <TS>");
        tcp.in("F. 1:1 ack 2").out(". 2:2 ack 2 <TS>").state(TcpState.TIME_WAIT);
    }

    @Test
    @Rfc(number = 7323, section = "3.2", id = "3.2-5")
    @Rfc(number = 7323, section = "5.2", id = "5.2-4")
    void anAbortHasThemToo() {
        withTimestamps().abort().out("R. 1:1 ack 1 <TS val 100 ecr 100>");
    }

    @Test
    @Rfc(number = 7323, section = "3.2", id = "3.2-7")
    @Rfc(number = 7323, section = "3.2", id = "3.2-8")
    void aSegmentWithoutThemIsDroppedInSilence() {
        var tcp = withTimestamps().in("P. 1:11 ack 1 <noTS>").silent().readable(0);
        tcp.dropped(DropReason.TIMESTAMP_MISSING).state(TcpState.ESTABLISHED);
        tcp.in("P. 1:11 ack 1").readable(10);
    }

    @Test
    @Rfc(number = 7323, section = "3.2", id = "3.2-9")
    void whereTheyWereNotAgreedTheyMeanNothing() {
        var tcp = TcpScript.established().in("P. 1:11 ack 1 <TS val 500 ecr 9>").readable(10);
        tcp.in("P. 11:21 ack 1 <TS val 400 ecr 9>").readable(20).dropped();
        tcp.afterMillis(40).out(". 1:1 ack 21 <noTS>");
    }

    @Test
    @Rfc(number = 7323, section = "4.3", id = "4.3-2")
    @Rfc(number = 7323, section = "4.3", id = "4.3-3")
    void beyondAGapTheLastSegmentBeforeItIsEchoedAndThenTheOneThatFillsIt() {
        var tcp = withTimestamps().in(". 1:11 ack 1 <TS val 110 ecr 0>").afterMillis(40);
        tcp.out(". 1:1 ack 11 <TS val 140 ecr 110>").in(". 21:31 ack 1 <TS val 130 ecr 0>");
        tcp.out(". 1:1 ack 11 <TS val 140 ecr 110>").in(". 11:21 ack 1 <TS val 150 ecr 0>");
        tcp.out(". 1:1 ack 31 <TS val 140 ecr 150>");
    }

    @Test
    @Rfc(number = 7323, section = "5.2", id = "5.2-1")
    @Rfc(number = 7323, section = "5.3", id = "5.3-1")
    void whatIsComparedNeverGoesBack() {
        var tcp = withTimestamps().in(". 1:11 ack 1 <TS val 200 ecr 0>").readable(10).skip();
        tcp.in(". 11:21 ack 1 <TS val 199 ecr 0>").readable(10);
        tcp.dropped(DropReason.TIMESTAMP_TOO_OLD).out(". 1:1 ack 11 <TS val 100 ecr 200>");
        tcp.in(". 11:21 ack 1 <TS val 200 ecr 0>").readable(20).dropped();
    }

    @Test
    @Rfc(number = 7323, section = "5.2", id = "5.2-5")
    void aResetIsBelievedWithAnOldTimestamp() {
        var tcp = withTimestamps().in("R. 2:2 ack 1 <TS val 5000 ecr 0>");
        // A challenge ACK: and it echoes nothing of the RST.
        tcp.out(". 1:1 ack 1 <TS val 100 ecr 100>").dropped(DropReason.RST_INVALID);
        tcp.in("R. 1:1 ack 1 <TS val 5 ecr 0>").closed(CloseReason.RESET);
    }

    @Test
    @Rfc(number = 7323, section = "5.2", id = "5.2-2")
    @Rfc(number = 7323, section = "5.2", id = "5.2-3")
    void aResetAnswersWithTheTimestampOfWhatItAnswers() {
        TcpScript.closed().in("S 5:5 <TS val 70 ecr 3>").out("R. 0:0 ack 6 <TS val 0 ecr 70>");
        TcpScript.listening().in(". 5:5 ack 9 <TS val 70 ecr 3>").out("R 9:9 <TS val 0 ecr 70>");
        var opening = TcpScript.closed().open().out("S 0:0");
        opening.in("S. 0:0 ack 9 <TS val 70 ecr 3>").out("R 9:9 <TS val 0 ecr 70>");
        var halfOpen = TcpScript.listening().in("S 0:0 <TS val 70 ecr 0>").out("S. 0:0 ack 1");
        halfOpen.in(". 1:1 ack 9 <TS val 71 ecr 0>").out("R 9:9 <TS val 0 ecr 71>");
        var held = TcpScript.with(_ -> {}).holdSyn().listening().in("S 0:0 <TS val 70 ecr 0>");
        held.reject().out("R. 0:0 ack 1 <TS val 0 ecr 70>");
        TcpScript.closed().in("S 5:5").out("R. 0:0 ack 6 <noTS>");
    }

    @Test
    @Rfc(number = 7323, section = "5.3", id = "5.3-2")
    void anOldTimestampIsSeenBeforeTheSequenceNumber() {
        var tcp = withTimestamps().in("P. 90000000:90000010 ack 1 <TS val 99 ecr 0>");
        tcp.out(". 1:1 ack 1 <TS>").dropped(DropReason.TIMESTAMP_TOO_OLD);
        tcp.in("P. 90000000:90000010 ack 1 <TS val 100 ecr 0>").out(". 1:1 ack 1 <TS>");
        tcp.dropped(DropReason.SEQUENCE_OUTSIDE_WINDOW);
    }

    @Test
    @Rfc(number = 7323, section = "5.3", id = "5.3-3")
    void whatWaitedBehindAGapIsNotComparedAgain() {
        var tcp = withTimestamps().in(". 11:21 ack 1 <TS val 200 ecr 0>").skip();
        tcp.in(". 1:11 ack 1 <TS val 300 ecr 0>").readAll().received(20).dropped();
    }
}
