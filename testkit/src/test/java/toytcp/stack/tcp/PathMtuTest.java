package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.DropReason;
import toytcp.stack.tcp.congestion.NewReno;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// What routers say of the path MTU (RFC 1191), with the examples of RFC 5927, 7.3.
class PathMtuTest {
    private static TcpScript established() {
        return established(1460);
    }

    private static TcpScript established(int mss) {
        return TcpScript.with(
                        config -> {
                            config.maximumSegmentSize = mss;
                            config.noDelay = true;
                            config.congestion = NewReno::new;
                        })
                .roundTrip(ofMillis(100))
                .established();
    }

    @Test
    @Rfc(number = 5927, section = "7.3.1")
    @Rfc(number = 1191, section = "6.4")
    @Rfc(number = 7323, section = "5.7", id = "5.7-1")
    void theInitialDiscoveryGoesStepByStep() {
        var tcp = established(4424).write(4424).out("P. 1:4425 ack 1");
        tcp.tooBig(1, 2048, 4464);
        tcp.out(". 1:2009 ack 1", ". 2009:4017 ack 1", "P. 4017:4425 ack 1");
        tcp.tooBig(1, 1500, 2048);
        tcp.out(". 1:1461", ". 1461:2921", ". 2921:4381", "P. 4381:4425");
        assertEquals(1500, tcp.connection().pathMtu());
        tcp.in(". ack 4425").after(ofMinutes(1)).idle().dropped();
    }

    @Test
    @Rfc(number = 1191, section = "6.4")
    void eachOfABurstSaysTheSameAndTheFirstIsEnough() {
        var tcp = established().write(6000).skip();
        tcp.tooBig(1, 1280, 1500);
        tcp.out(". 1:1241", ". 1241:2481", ". 2481:3721", ". 3721:4961", "P. 4961:6001");
        tcp.tooBig(1461, 1280, 1500).tooBig(2921, 1280, 1500).tooBig(4381, 1280, 1500).silent();
        tcp.dropped(DropReason.ICMP_MTU, DropReason.ICMP_MTU, DropReason.ICMP_MTU);
    }

    @Test
    @Rfc(number = 1191, section = "6.4")
    void theCongestionWindowStaysAsItIs() {
        var tcp = established().write(1460).skip().after(ofMillis(400)).out("P. 1:1461");
        TcpInfo before = tcp.connection().info(tcp.nowNanos());
        assertEquals(1460, before.sndCwndBytes());
        assertEquals(2920, before.sndSsthreshBytes());
        tcp.tooBig(1, 1280, 1500).out(". 1:1241", "P. 1241:1461");
        TcpInfo after = tcp.connection().info(tcp.nowNanos());
        assertEquals(1460, after.sndCwndBytes());
        assertEquals(2920, after.sndSsthreshBytes());
        assertEquals(before.retransmits(), after.retransmits());
        assertEquals(before.rto(), after.rto());
    }

    @Test
    @Rfc(number = 1191, section = "6.4")
    void nothingIsTakenForCongestion() {
        var tcp = established().write(6000).skip().tooBig(1, 1280, 1500).skip();
        TcpInfo info = tcp.connection().info(tcp.nowNanos());
        assertEquals(Integer.MAX_VALUE, info.sndSsthreshBytes());
        // The initial window of segments of 1240 octets.
        assertEquals(12_400, info.sndCwndBytes());
        assertEquals(0, info.retransmits());
        assertEquals(0, info.backoff());
        tcp.in(". ack 6001");
        assertEquals(TcpInfo.CaState.OPEN, tcp.connection().info(tcp.nowNanos()).caState());
    }

    @Test
    @Rfc(number = 5927, section = "7.3.2")
    void aSmallerMtuThanWhatHasArrivedCountsAfterATimeout() {
        var tcp = established().write(1460).skip().in(". ack 1461");
        tcp.write(1460).out("P. 1461:2921");
        tcp.tooBig(1461, 1492, 1500).silent().dropped();
        tcp.after(ofMillis(400)).out(". 1461:2913");
        tcp.in(". ack 2913").out("P. 2913:2921");
        assertEquals(1492, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 5927, section = "7.3.3")
    @Rfc(number = 5927, section = "4.1")
    void anIdleConnectionBelievesNothing() {
        var tcp = established().write(50).skip().in(". ack 51");
        tcp.tooBig(1, 600, 1500).tooBig(51, 600, 1500).tooBig(0, 600, 1500).silent();
        DropReason late = DropReason.ICMP_SEQUENCE;
        tcp.dropped(late, late, late);
        assertEquals(1500, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 5927, section = "7.3.4")
    void progressShowsThatAClaimIsFalse() {
        var tcp = established().write(4 * 1460).skip().in(". ack 1461");
        tcp.tooBig(1461, 600, 1500).silent().in(". ack 2921").silent();
        tcp.after(ofMillis(400)).out(". 2921:4381");
        assertEquals(1500, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 5927, section = "7.3.5")
    void noRouterDropsWhatIsSmallerThanItsMtu() {
        var tcp = established().write(100).skip().in(". ack 101").write(100).skip();
        tcp.tooBig(101, 800, 840).tooBig(101, 150, 140).silent();
        tcp.dropped(DropReason.ICMP_MTU, DropReason.ICMP_MTU);
        tcp.in(". ack 201").write(2000).out(". 201:1661", "P. 1661:2201");
    }

    @Test
    @Rfc(number = 5927, section = "4.1")
    void onlyWhatIsOutstandingCounts() {
        var tcp = established().write(1460).skip();
        tcp.tooBig(0, 1280, 1500).tooBig(1461, 1280, 1500).silent();
        tcp.dropped(DropReason.ICMP_SEQUENCE, DropReason.ICMP_SEQUENCE);
        tcp.tooBig(1460, 1280, 1500).out(". 1:1241", "P. 1241:1461");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 67})
    @Rfc(number = 1191, section = "4")
    @Rfc(number = 5927, section = "7.4")
    void whatNoRouterMaySayIsNotBelieved(int mtu) {
        established().write(1460).skip().tooBig(1, mtu, 1500).silent().dropped(DropReason.ICMP_MTU);
    }

    @Test
    @Rfc(number = 1191, section = "5")
    void aRouterThatDoesNotSayItsMtuGetsTheNextPlateau() {
        var tcp = established(4424).write(3000).out("P. 1:3001");
        tcp.tooBig(1, 0, 3040).out(". 1:1963", "P. 1963:3001");
        assertEquals(2002, tcp.connection().pathMtu());
        // "If the Total Length field returned is not less than the current PMTU estimate, it must
        // be reduced".
        tcp.tooBig(1, 0, 2002).out(". 1:1453", ". 1453:2905", "P. 2905:3001");
        tcp.tooBig(1, 0, 1492).skip();
        assertEquals(1006, tcp.connection().pathMtu());
    }

    @Test
    void noRouterCanTalkUsBelowTheFloor() {
        var tcp = established().write(1460).skip().tooBig(1, 296, 1500);
        tcp.out(". 1:513", ". 513:1025", "P. 1025:1461");
        tcp.tooBig(1, 296, 552).silent().dropped(DropReason.ICMP_MTU);
        assertEquals(552, tcp.connection().pathMtu());
    }

    /// "every router must be able to forward a datagram of 68 octets", and none less.
    @Test
    @Rfc(number = 1191, section = "3")
    @Rfc(number = 1191, section = "4")
    void theLeastThatARouterMaySayCountsAsTheFloor() {
        var tcp = established().write(1460).skip().tooBig(1, 68, 1500).dropped();
        tcp.out(". 1:513", ". 513:1025", "P. 1025:1461");
    }

    @Test
    void theFloorCanBeSet() {
        var tcp = TcpScript.established(config -> config.minimumPathMtu = 68);
        tcp.write(1460).skip().tooBig(1, 296, 1500).skip();
        assertEquals(296, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 1191, section = "6.3")
    void whatWasLearntIsForgottenAfterTenMinutes() {
        var tcp = established().write(1460).skip().tooBig(1, 1280, 1500).skip().in(". ack 1461");
        tcp.after(ofMinutes(10).minusMillis(1)).write(1300).out(". 1461:2701", "P. 2701:2761");
        tcp.in(". ack 2761").afterMillis(1).write(1300).out("P. 2761:4061");
        assertEquals(1500, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 1191, section = "6.4")
    void timestampsCountToThePacket() {
        var tcp =
                TcpScript.with(config -> config.noDelay = true)
                        .peerOptions("mss 1460,TS")
                        .established();
        tcp.write(1448).out("P. 1:1449").tooBig(1, 1280, 1500).out(". 1:1229", "P. 1229:1449");
        assertEquals(1280, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 1191, section = "6.4")
    void thePeersMssOptionBoundsWhatIsForgottenToo() {
        var tcp =
                TcpScript.with(config -> config.noDelay = true)
                        .peerOptions("mss 1300")
                        .established();
        tcp.write(1300).skip().tooBig(1, 1280, 1340).skip().in(". ack 1301");
        tcp.after(ofMinutes(10)).write(1400).out(". 1301:2601", "P. 2601:2701");
    }

    @Test
    @Rfc(number = 1191, section = "6.2")
    void whatOtherConnectionsKnowCountsFromTheBeginning() {
        var tcp = TcpScript.with(config -> config.noDelay = true).closed();
        tcp.connection().onPathMtu(1280, 0);
        tcp.open()
                .out("S 0:0 <mss 1460,sackOK,TS,wscale 7>")
                .in("S. 0:0 ack 1 <mss 1460>")
                .out(". 1:1 ack 1");
        tcp.write(1460).out(". 1:1241", "P. 1241:1461");
    }

    @Test
    @Rfc(number = 1191, section = "6.2")
    void whatOtherConnectionsLearnIsAdoptedAndNothingIsSentAgain() {
        var tcp = established().write(1460).skip();
        tcp.connection().onPathMtu(1280, tcp.nowNanos());
        tcp.silent().in(". ack 1461").write(1460).out(". 1461:2701", "P. 2701:2921");
    }

    @Test
    @Rfc(number = 5927, section = "7.2")
    void whatOtherConnectionsLearnIsNotBelievedIfMoreHasArrivedHere() {
        var tcp = established().write(1460).skip().in(". ack 1461");
        tcp.connection().onPathMtu(1280, tcp.nowNanos());
        assertEquals(1500, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 5927, section = "7.2")
    void aStormOfForgedErrorsDoesNothingButCount() {
        var tcp = established().write(3000).skip().in(". ack 1461");
        for (int mtu = 0; mtu <= 65_535; mtu += 97) {
            tcp.tooBig(1461, mtu, 1500).tooBig(99_999, mtu, 1500).silent();
        }
        tcp.in(". ack 3001").write(1460).out("P. 3001:4461").in(". ack 4461");
        assertEquals(1500, tcp.connection().pathMtu());
        tcp.after(ofMinutes(1)).idle();
    }
}
