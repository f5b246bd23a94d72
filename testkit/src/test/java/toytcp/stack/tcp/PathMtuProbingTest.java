package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.congestion.NewReno;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Finding the path MTU without routers (RFC 4821). 1024 octets carry 984 of text, 1280 carry 1240, 1400 carry
/// 1360, 1500 carry 1460.
class PathMtuProbingTest {
    private static TcpScript established(PathMtuProbing mode) {
        return established(mode, "mss 1460");
    }

    private static TcpScript established(PathMtuProbing mode, String options) {
        return TcpScript.with(
                        config -> {
                            config.pathMtuProbing = mode;
                            config.congestion = NewReno::new;
                            config.noDelay = true;
                        })
                .peerOptions(options)
                .roundTrip(ofMillis(100))
                .established();
    }

    /// The window is 20 * 984, all is acknowledged, and the search is on.
    private static TcpScript always(String options) {
        var tcp = established(PathMtuProbing.ALWAYS, options).afterMillis(1);
        assertEquals(1024, tcp.connection().pathMtu());
        return tcp;
    }

    @Test
    @Rfc(number = 4821, section = "7.7")
    void aConnectionThatStandsStillGoesOnWithSmallerSegments() {
        var tcp = established(PathMtuProbing.ON_BLACK_HOLE).write(1460).out("P. 1:1461");
        tcp.after(ofMillis(300)).out("P. 1:1461").after(ofMillis(600)).out("P. 1:1461");
        // R1.
        tcp.after(ofMillis(1200)).out(". 1:985");
        assertEquals(1024, tcp.connection().pathMtu());
        tcp.in(". ack 985").out("P. 985:1461").in(". ack 1461");
    }

    @Test
    @Rfc(number = 4821, section = "7.7")
    void ifThatDoesNotHelpSegmentsAreHalvedDownToTheFloor() {
        var tcp = established(PathMtuProbing.ON_BLACK_HOLE).write(3000).skip();
        tcp.after(ofMillis(2100)).skip().after(ofMillis(2400)).out(". 1:513");
        tcp.after(ofMillis(4800)).out(". 1:513");
        assertEquals(552, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 4821, section = "7.7")
    void whatIsSmallAlreadyIsNotMadeSmaller() {
        var tcp = established(PathMtuProbing.ON_BLACK_HOLE).write(900).skip();
        tcp.after(ofSeconds(20)).skip();
        assertEquals(1500, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 4821, section = "7.7")
    void aReasonThatIsLongPastHidesNoBlackHole() {
        var tcp = established(PathMtuProbing.ON_BLACK_HOLE).write(1460).skip().icmp(3, 1, 1);
        tcp.after(ofSeconds(20)).skip();
        assertEquals(552, tcp.connection().pathMtu());
    }

    @Test
    void withoutProbingNothingIsTried() {
        var tcp = established(PathMtuProbing.OFF).write(1460).skip().after(ofSeconds(20)).skip();
        assertEquals(1500, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 4821, section = "7.2")
    @Rfc(number = 4821, section = "7.6.1")
    void aConnectionThatAlwaysProbesBeginsSmallAndGrows() {
        var tcp = always("mss 1460").write(20_000);
        // 1240 and three more segments: what a probe needs is there from the first segment on.
        tcp.out(
                ". 1:1241",
                ". 1241:2225",
                ". 2225:3209",
                ". 3209:4193",
                ". 4193:5177",
                ". 5177:6161",
                ". 6161:7145",
                ". 7145:8129",
                ". 8129:9113");
        assertEquals(1024, tcp.connection().pathMtu());
        tcp.afterMillis(100).in(". ack 1241").skip();
        assertEquals(1280, tcp.connection().pathMtu());
    }

    @Test
    @Rfc(number = 4821, section = "7.4")
    void aProbeNeedsThreeSegmentsBehindIt() {
        int needed = 1240 + 3 * 984;
        always("mss 1460")
                .write(needed - 1)
                .out(". 1:985", ". 985:1969", ". 1969:2953", ". 2953:3937", "P. 3937:4192");
        always("mss 1460")
                .write(needed)
                .out(". 1:1241", ". 1241:2225", ". 2225:3209", "P. 3209:4193");
    }

    @Test
    @Rfc(number = 4821, section = "7.4")
    void theWindowOfThePeerMustTakeThemToo() {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.pathMtuProbing = PathMtuProbing.ALWAYS;
                                    config.noDelay = true;
                                })
                        .peerWindow(4191)
                        .established();
        tcp.write(10_000).out(". 1:985", ". 985:1969", ". 1969:2953", ". 2953:3937");
    }

    /// A probe of 1240 octets at 1, and eight segments behind it.
    private static TcpScript probing(String options) {
        var tcp = always(options).write(1240 + 8 * 984).skip();
        assertEquals(9840, tcp.connection().congestionWindow());
        return tcp.afterMillis(100);
    }

    @Test
    @Rfc(number = 4821, section = "7.6.2")
    @Rfc(number = 4821, section = "10.1")
    void aLostProbeGoesAgainInPiecesAndIsNoSignOfCongestion() {
        var tcp = probing("mss 1460");
        tcp.in(". ack 1", ". ack 1").silent().in(". ack 1").out(". 1:985", ". 985:1241");
        assertEquals(9840, tcp.connection().congestionWindow());
        assertEquals(TcpInfo.CaState.OPEN, tcp.connection().info(tcp.nowNanos()).caState());
        tcp.in(". ack 1", ". ack 1", ". ack 1", ". ack 1", ". ack 1").silent();
        tcp.afterMillis(100).in(". ack 9113").silent();
        TcpInfo info = tcp.connection().info(tcp.nowNanos());
        assertEquals(Integer.MAX_VALUE, info.sndSsthreshBytes());
        assertEquals(1024, tcp.connection().pathMtu());
        tcp.after(ofMinutes(1)).idle();
    }

    @Test
    @Rfc(number = 4821, section = "7.6.2")
    void withSackTooALostProbeIsNoSignOfCongestion() {
        var tcp = probing("mss 1460,sackOK");
        tcp.in(". ack 1 <sack 1241:2225>", ". ack 1 <sack 1241:3209>").silent();
        tcp.in(". ack 1 <sack 1241:4193>").out(". 1:985", ". 985:1241");
        assertEquals(9840, tcp.connection().congestionWindow());
        tcp.in(". ack 1 <sack 1241:9113>").silent().afterMillis(100).in(". ack 9113").silent();
        TcpInfo info = tcp.connection().info(tcp.nowNanos());
        assertEquals(Integer.MAX_VALUE, info.sndSsthreshBytes());
        assertEquals(2, info.totalRetrans());
        tcp.after(ofMinutes(1)).idle();
    }

    @Test
    @Rfc(number = 4821, section = "7.6.4")
    void aProbeThatIsLostAmongOthersTellsNothingAndIsCongestion() {
        var tcp = probing("mss 1460,sackOK");
        // The segment behind it is lost too.
        tcp.in(". ack 1 <sack 2225:5177>").skip();
        assertEquals(TcpInfo.CaState.RECOVERY, tcp.connection().info(tcp.nowNanos()).caState());
        assertEquals(4556, tcp.connection().info(tcp.nowNanos()).sndSsthreshBytes());
        tcp.afterMillis(100).in(". ack 9113").skip();
        // The same size is tried again.
        tcp.write(20_000);
        tcp.out(". 9113:10353", ". 10353:11337", ". 11337:12321", ". 12321:13305");
    }

    @Test
    @Rfc(number = 4821, section = "7.6.2")
    void afterAFailureTheNextProbeWaitsForARoundTripForEachSegmentOfTheWindow() {
        var tcp = probing("mss 1460,sackOK").in(". ack 1 <sack 1241:9113>").skip();
        tcp.afterMillis(100).in(". ack 9113").silent();
        // The window is ten segments, the round trip 100 ms.
        tcp.afterMillis(800).write(5000);
        tcp.out(
                ". 9113:10097",
                ". 10097:11081",
                ". 11081:12065",
                ". 12065:13049",
                ". 13049:14033",
                "P. 14033:14113");
        tcp.in(". ack 14113").afterMillis(101).write(5000);
        // The search goes on in the middle of 984 and 1239.
        tcp.out(
                ". 14113:15225",
                ". 15225:16209",
                ". 16209:17193",
                ". 17193:18177",
                "P. 18177:19113");
    }

    @Test
    @Rfc(number = 4821, section = "7.6.2")
    void aRouterThatDroppedTheProbeSaysWhatFits() {
        var tcp = probing("mss 1460").tooBig(1, 1200, 1280).out(". 1:985", ". 985:1241");
        assertEquals(9840, tcp.connection().congestionWindow());
        tcp.in(". ack 9113").after(ofSeconds(2)).write(10_000);
        // 1160 is the most now, and the middle 1072.
        tcp.out(
                ". 9113:10185",
                ". 10185:11169",
                ". 11169:12153",
                ". 12153:13137",
                ". 13137:14121",
                ". 14121:15105",
                ". 15105:16089",
                ". 16089:17073",
                ". 17073:18057");
    }

    @Test
    @Rfc(number = 4821, section = "7.3")
    void theSearchEndsAndBeginsAnewAfterTenMinutes() {
        // The peer's MSS bounds the search: 984 and 1000 lie so close that nothing is to be gained.
        var tcp = established(PathMtuProbing.ALWAYS, "mss 1000").write(4000);
        tcp.out(". 1:985", ". 985:1969", ". 1969:2953", ". 2953:3937", "P. 3937:4001");
        assertEquals(1024, tcp.connection().pathMtu());
        // From 984 to 1100 it is.
        var wider = established(PathMtuProbing.ALWAYS, "mss 1100").write(5000);
        wider.out(". 1:1101", ". 1101:2085", ". 2085:3069", ". 3069:4053", "P. 4053:5001");
        wider.tooBig(1, 1030, 1140).skip().in(". ack 5001");
        wider.afterMillis(599_000)
                .write(5000)
                .out(
                        ". 5001:5985",
                        ". 5985:6969",
                        ". 6969:7953",
                        ". 7953:8937",
                        ". 8937:9921",
                        "P. 9921:10001");
        wider.in(". ack 10001").afterMillis(1_201_000).write(5000);
        wider.out(
                ". 10001:11101",
                ". 11101:12085",
                ". 12085:13069",
                ". 13069:14053",
                "P. 14053:15001");
        wider.in(". ack 15001");
        assertEquals(1140, wider.connection().pathMtu());
    }
}
