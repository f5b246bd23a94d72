package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.stack.tcp.SenderScripts.info;

import static java.time.Duration.ofMillis;

import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// What a connection tells of itself, step by step.
class TcpInfoTest {
    private static TcpScript established() {
        return TcpScript.with(config -> config.maximumSegmentSize = 1000)
                .roundTrip(ofMillis(100))
                .established();
    }

    @Test
    @Rfc(number = 9293, section = "3.10.6")
    void beforeThePeersSynLittleIsKnown() {
        var tcp = TcpScript.with(_ -> {}).opening().afterMillis(500);
        TcpInfo info = info(tcp);
        assertEquals(TcpState.SYN_SENT, info.state());
        assertEquals(TcpInfo.CaState.OPEN, info.caState());
        assertEquals("cubic", info.congestionControl());
        assertEquals(0, info.sndMss());
        assertEquals(0, info.rcvMss());
        assertEquals(1460, info.advmss());
        assertEquals(0, info.pmtu());
        assertEquals(1, info.unacked());
        assertEquals(0, info.sndCwnd());
        assertEquals(Integer.MAX_VALUE, info.sndSsthresh());
        assertEquals(1_000_000, info.rto());
        assertEquals(0, info.rtt());
        assertEquals(0, info.minRtt());
        assertEquals(1, info.segsOut());
        assertEquals(0, info.segsIn());
        assertEquals(0, info.options());
        assertEquals(-1, info.lastDataSent());
        assertEquals(-1, info.lastAckSent());
        assertEquals(-1, info.lastDataRecv());
        assertEquals(-1, info.lastAckRecv());
    }

    @Test
    void theHandshakeTellsTheSizesAndTheFirstRoundTrip() {
        TcpInfo info = info(established());
        assertEquals(TcpState.ESTABLISHED, info.state());
        assertEquals(1000, info.sndMss());
        assertEquals(1000, info.advmss());
        assertEquals(info.sndMss() + 40, info.pmtu());
        assertEquals(100_000, info.rtt());
        assertEquals(50_000, info.rttvar());
        assertEquals(100_000, info.minRtt());
        assertEquals(300_000, info.rto());
        assertEquals(40_000, info.ato());
        assertEquals(10, info.sndCwnd());
        assertEquals(10_000, info.sndCwndBytes());
        assertEquals(3, info.reordering());
        assertEquals(65535, info.sndWnd());
        assertEquals(65535, info.rcvWnd());
        assertEquals(0, info.unacked());
        assertEquals(2, info.segsOut());
        assertEquals(1, info.segsIn());
        assertEquals(0, info.dataSegsOut() + info.dataSegsIn() + info.bytesSent());
    }

    @Test
    @Rfc(number = 7323, section = "3.2", id = "3.2-6")
    void whatWasNegotiatedIsInTheOptions() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1000,sackOK,TS,wscale 3").established();
        TcpInfo info = info(tcp);
        int all = TcpInfo.OPTION_TIMESTAMPS | TcpInfo.OPTION_SACK | TcpInfo.OPTION_WSCALE;
        assertEquals(all, info.options());
        assertEquals(3, info.sndWscale());
        assertEquals(7, info.rcvWscale());
        assertEquals(988, info.sndMss());
        assertEquals(0, info(TcpScript.established()).options());
    }

    @Test
    void sentAndAcknowledgedOctetsAreCounted() {
        var tcp = established().in(". ack 1 win 2500").write(5000).skip();
        TcpInfo info = info(tcp);
        assertEquals(2, info.unacked());
        assertEquals(2000, info.unackedBytes());
        assertEquals(3000, info.notsentBytes());
        assertEquals(2000, info.bytesSent());
        assertEquals(2, info.dataSegsOut());
        assertEquals(2500, info.sndWnd());
        tcp.in(". ack 1501 win 1600").skip().afterMillis(7);
        info = info(tcp);
        assertEquals(1500, info.bytesAcked());
        assertEquals(7, info.lastAckRecv());
        assertEquals(7, info.lastDataSent());
        assertEquals(0, info.bytesRetrans());
        assertEquals(0, info.totalRetrans());
    }

    @Test
    void theFinIsNoOctetOfTheUsers() {
        var tcp = established().write(10).shutdown().skip().in(". ack 12").afterMillis(1);
        assertEquals(10, info(tcp).bytesAcked());
        assertEquals(10, info(tcp).bytesSent());
        assertEquals(0, info(tcp).unackedBytes());
        tcp.in("F. 1:1 ack 12").skip();
        assertEquals(TcpState.TIME_WAIT, info(tcp).state());
        assertEquals(0, info(tcp).bytesReceived());
    }

    @Test
    void receivedOctetsAreCountedOnce() {
        var tcp = established().in("P. 1:101 ack 1", "P. 1:101 ack 1").skip();
        tcp.in("P. 201:301 ack 1").skip().afterMillis(3);
        TcpInfo info = info(tcp);
        assertEquals(100, info.bytesReceived());
        assertEquals(1, info.rcvOoopack());
        assertEquals(3, info.dataSegsIn());
        assertEquals(4, info.segsIn());
        assertEquals(100, info.rcvMss());
        assertEquals(3, info.lastDataRecv());
        assertEquals(3, info.lastAckSent());
        tcp.in("P. 101:201 ack 1").skip();
        assertEquals(300, info(tcp).bytesReceived());
    }

    @Test
    void timeoutsShowAsLossUntilEverythingThatWasOutIsAcknowledged() {
        var tcp = established().write(3000).skip().afterMillis(300).out("+300ms . 1:1001 ack 1");
        TcpInfo info = info(tcp);
        assertEquals(TcpInfo.CaState.LOSS, info.caState());
        assertEquals(1, info.retransmits());
        assertEquals(1, info.backoff());
        assertEquals(600_000, info.rto());
        assertEquals(1, info.totalRetrans());
        assertEquals(1000, info.bytesRetrans());
        assertEquals(4000, info.bytesSent());
        assertEquals(1, info.sndCwnd());
        assertEquals(2, info.sndSsthresh());
        assertEquals(2100, info.sndSsthreshBytes());
        tcp.in(". ack 1001").skip();
        assertEquals(TcpInfo.CaState.LOSS, info(tcp).caState());
        assertEquals(0, info(tcp).retransmits());
        tcp.in(". ack 3001").skip();
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
    }

    @Test
    void duplicateAcksShowAsDisorderThenAsRecovery() {
        var tcp = established().write(5000).skip().in(". ack 1");
        assertEquals(TcpInfo.CaState.DISORDER, info(tcp).caState());
        tcp.in(". ack 1", ". ack 1").out(". 1:1001 ack 1");
        assertEquals(TcpInfo.CaState.RECOVERY, info(tcp).caState());
        assertEquals(1, info(tcp).totalRetrans());
        tcp.in(". ack 5001");
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
    }

    @Test
    void aRepeatedSynIsARetransmissionWithoutOctets() {
        var tcp = TcpScript.with(_ -> {}).opening().afterMillis(1000).out("+1s S 0:0");
        assertEquals(1, info(tcp).totalRetrans());
        assertEquals(0, info(tcp).bytesRetrans());
        assertEquals(1, info(tcp).retransmits());
        var passive = TcpScript.listening().in("S 0:0 win 65535 <mss 1000>").out("S. 0:0 ack 1");
        passive.afterMillis(1000).out("+1s S. 0:0 ack 1").in(". 1:1 ack 1");
        assertEquals(1, info(passive).totalRetrans());
        assertEquals(1, info(passive).segsIn());
        assertEquals(0, info(passive).segsOut());
    }

    @Test
    void probesOfAClosedWindowAreCountedUntilAnAnswer() {
        var tcp = established().in(". ack 1 win 0").write(100).afterMillis(900).skip();
        assertEquals(2, info(tcp).probes());
        assertEquals(0, info(tcp).sndWnd());
        tcp.in(". ack 1 win 1000").skip();
        assertEquals(0, info(tcp).probes());
    }

    @Test
    void keepAliveProbesAreProbesToo() {
        var tcp =
                TcpScript.established(
                        config -> {
                            config.keepAlive = true;
                            config.keepAliveIdleNanos = 1_000_000_000;
                            config.keepAliveIntervalNanos = 1_000_000_000;
                        });
        tcp.afterMillis(2500).skip();
        assertEquals(2, info(tcp).probes());
        tcp.in(". 1:1 ack 1");
        assertEquals(0, info(tcp).probes());
    }

    @Test
    void theEndIsAStateToo() {
        var tcp = established().write(10).skip().in("R. 1:1 ack 1");
        assertEquals(TcpState.CLOSED, info(tcp).state());
        assertEquals(10, info(tcp).bytesSent());
        assertEquals(0, info(tcp).notsentBytes());
    }

    @Test
    void quickAckHasNoDelay() {
        assertEquals(0, info(TcpScript.established(config -> config.quickAck = true)).ato());
    }
}
