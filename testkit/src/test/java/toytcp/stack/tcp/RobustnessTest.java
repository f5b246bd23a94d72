package toytcp.stack.tcp;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// What went wrong once, or nearly: one script each.
class RobustnessTest {
    private static TcpScript established() {
        return TcpScript.with(config -> config.maximumSegmentSize = 1000)
                .roundTrip(ofMillis(100))
                .established();
    }

    private static TcpScript withTimestamps() {
        return TcpScript.with(_ -> {}).peerOptions("mss 1460,TS val 1000 ecr 0").established();
    }

    @Test
    @Rfc(number = 7323, section = "4.3")
    void aRepeatedSegmentIsEchoedToo() {
        var tcp = withTimestamps().in("P. 1:11 ack 1 <TS val 1010 ecr 0>").afterMillis(40).skip();
        tcp.in("P. 1:11 ack 1 <TS val 6000 ecr 0>").out(". 1:1 ack 11 <TS val 40 ecr 6000>");
    }

    @Test
    @Rfc(number = 5961, section = "5.2")
    void aForgedAckDoesNotOutdateTrueTimestamps() {
        var tcp = withTimestamps().in(". 1:1 ack 900000000 <TS val 2000000000 ecr 0>").skip();
        tcp.in("P. 1:11 ack 1 <TS val 1010 ecr 0>").readable(10);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6", id = "MUST-35")
    void aWindowThatShrinksOverOutstandingDataIsProbed() {
        var tcp = established().write(5000).skip().in(". ack 1 win 0").silent();
        for (int i = 0; i < 40; i++) {
            tcp.after(ofMinutes(2)).skip().in(". ack 1 win 0").state(TcpState.ESTABLISHED);
        }
        tcp.in(". ack 1 win 65535")
                .out(
                        ". 1:1001 ack 1",
                        ". 1001:2001 ack 1",
                        ". 2001:3001 ack 1",
                        ". 3001:4001 ack 1",
                        "P. 4001:5001 ack 1");
        tcp.in(". ack 5001").idle();
    }

    @Test
    @Rfc(number = 9293, section = "3.8.4", id = "MUST-29")
    void aPeerThatAnswersItsProbesLivesOnWhateverTheInterval() {
        var tcp =
                TcpScript.established(
                        config -> {
                            config.keepAlive = true;
                            config.keepAliveIdleNanos = 60_000_000_000L;
                        });
        for (int i = 0; i < 20; i++) {
            tcp.after(ofSeconds(75)).skip().in(". ack 1");
        }
        tcp.state(TcpState.ESTABLISHED);
    }

    @Test
    void junkDoesNotCountAsALiveSign() {
        var tcp =
                TcpScript.established(
                        config -> {
                            config.keepAlive = true;
                            config.keepAliveIdleNanos = 1_000_000_000L;
                            config.keepAliveIntervalNanos = 1_000_000_000L;
                        });
        for (int i = 0; i < 9; i++) {
            tcp.after(ofMillis(999)).in("R 70000000:70000000").after(ofMillis(1));
        }
        tcp.skip().after(ofSeconds(1)).skip().closed(CloseReason.KEEP_ALIVE_TIMED_OUT);
    }

    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-16")
    void dataLeavesNoRoomForSack() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1460,sackOK,TS").established();
        tcp.in(". 11:21 ack 1", ". 31:41 ack 1", ". 51:61 ack 1").skip();
        tcp.write(1448).out("P. 1:1449 ack 1 <TS>").in(". ack 1449").skip();
        tcp.write(10).out("P. 1449:1459 ack 1 <TS,sack 51:61 31:41 11:21>");
    }

    @Test
    @Rfc(number = 9293, section = "3.8.6.2.1")
    void otherSegmentsDoNotPutTheOverrideTimeoutOff() {
        var tcp = established().in(". ack 1 win 300").write(1000).silent();
        for (int i = 0; i < 2; i++) {
            int n = i + 1;
            tcp.afterMillis(100).skip().in("P. " + n + ":" + (n + 1) + " ack 1 win 300").silent();
        }
        tcp.afterMillis(100).out("+40ms . 1:1 ack 3", "+100ms . 1:301 ack 3");
    }

    @Test
    @Rfc(number = 9293, section = "3.5")
    void textOnACrossingSynAckBeginsBehindTheSyn() {
        var tcp = TcpScript.closed().open().out("S 0:0");
        tcp.in("S 0:0 win 65535 <mss 1000>").out("S. 0:0 ack 1");
        tcp.in("S. 0:10 ack 1 win 1000").out(". 1:1 ack 11").readAll().received(10);
    }

    @Test
    @Rfc(number = 7323, section = "2.2", id = "2.2-4")
    void theWindowOfACrossingSynAckIsNotScaled() {
        var tcp = TcpScript.closed().open().out("S 0:0");
        tcp.in("S 0:0 win 65535 <mss 1000,wscale 7>").out("S. 0:0 ack 1");
        tcp.in("S. 0:0 ack 1 win 1000").skip().write(2000).out(". 1:1001 ack 1");
    }

    @Test
    @Rfc(number = 7323, section = "2.2")
    void whatTheSynOfferedCountsWhateverIsConfiguredMeanwhile() {
        var tcp = TcpScript.closed().open().out("S 0:0 <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>");
        tcp.configure(config -> config.receiveBuffer = 60_000);
        tcp.in("S. 0:0 ack 1 win 1000 <mss 1000,wscale 3>").out(". 1:1 ack 1 win 511");
    }

    @Test
    void aBufferBelowTheUnitOfTheWindowFieldIsNotAWindowThatIsClosedForEver() {
        var setup = TcpScript.with(config -> config.tuneReceiveBuffer = false);
        var tcp = setup.peerOptions("mss 1460,wscale 7").established();
        tcp.configure(config -> config.receiveBuffer = 100);
        for (int i = 0; i < 50; i++) {
            int n = 1 + 60_000 * i;
            tcp.in("P. " + n + ":" + (n + 60_000) + " ack 1").readAll().afterMillis(40).skip();
        }
        tcp.in("P. 3000001:3000002 ack 1").afterMillis(40).readAll().received(3_000_001);
    }

    @Test
    void aSmallerSegmentSizeForNewConnectionsIsNoHarmToThisOne() {
        var tcp = TcpScript.established().in("P. 1:1001 ack 1");
        tcp.configure(config -> config.maximumSegmentSize = 500).in("P. 1001:2001 ack 1");
        tcp.readAll().received(2000);
    }

    @Test
    void aResetStaysWithinTheWindowThatAProbeHasLeft() {
        var tcp = established().in(". ack 1 win 0").write(100).afterMillis(300).out(". 1:2 ack 1");
        tcp.abort().out("R. 1:1 ack 1");
    }

    @Test
    void aForgedFinAheadOfAGapGivesWayToText() {
        var tcp =
                TcpScript.established().in("F. 501:501 ack 1").in("P. 1:1001 ack 1").readable(1000);
        tcp.state(TcpState.ESTABLISHED).in("F. 1001:1001 ack 1").state(TcpState.CLOSE_WAIT);
        tcp = TcpScript.established().in(". 501:1001 ack 1", "F. 601:601 ack 1");
        tcp.in("P. 1:501 ack 1").readable(1000).state(TcpState.ESTABLISHED);
    }

    @Test
    void withoutATimeWaitTheLastAckStillLeaves() {
        var tcp = TcpScript.established(config -> config.timeWaitNanos = 0).shutdown().skip();
        tcp.in("F. 1:1 ack 2").out(". 2:2 ack 2").afterMillis(1).closed(CloseReason.NORMAL);
    }

    @Test
    void onlyThePeersOwnFinRestartsTimeWait() {
        var tcp = TcpScript.established().shutdown().skip().in("F. 1:1 ack 2").skip();
        tcp.after(ofSeconds(59)).in("F. 70000:70000 ack 2").after(ofSeconds(1));
        tcp.skip().closed(CloseReason.NORMAL);
    }

    @Test
    void spentChallengesDoNotSilenceTheAnswersToProbes() {
        var tcp = TcpScript.established();
        for (int i = 0; i < 20; i++) {
            tcp.in("R 5:5");
        }
        tcp.skip().in(". 0:0 ack 1").out(". 1:1 ack 1");
    }

    @Test
    void aUserWhoIsGoneWaitsForAClosedWindowNoLongerThanForAnything() {
        var tcp = established().in(". ack 1 win 0").write(100).close();
        for (int i = 0; i < 10; i++) {
            tcp.after(ofMinutes(2)).skip();
            if (tcp.connection().state() != TcpState.CLOSED) {
                tcp.in(". ack 1 win 0");
            }
        }
        tcp.skip().closed(CloseReason.TIMED_OUT);
    }

    @Test
    void manySmallSegmentsThatNobodyReadsAreKeptTogether() {
        var tcp = TcpScript.established();
        for (int n = 1; n <= 20_000; n++) {
            tcp.in("P. " + n + ":" + (n + 1) + " ack 1");
        }
        tcp.skip().readAll().received(20_000);
    }

    @Test
    @Rfc(number = 9293, section = "3.10.5")
    void whatFollowsOurSynDoesNotLieOnItEvenIfTheCrossingSynHadNoWindow() {
        var tcp = TcpScript.closed().open().skip().in("S 0:0 win 0").skip();
        tcp.in("- 70000:70000").out(". 1:1 ack 1").abort().out("R. 1:1 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.10.4")
    void aCloseBeforeTheOpenDoesNotStandInTheWayOfTheOneAfterIt() {
        var tcp = TcpScript.closed();
        tcp.connection().close(0);
        tcp.open().in("S. 0:0 ack 1").skip().close().out("F. 1:1 ack 1");
        tcp.state(TcpState.FIN_WAIT_1);
    }
}
