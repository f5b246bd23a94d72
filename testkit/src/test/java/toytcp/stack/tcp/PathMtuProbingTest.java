package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.time.Duration.ofMillis;
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
    void aConnectionThatWasToldWhyItStandsStillIsInNoBlackHole() {
        var tcp = established(PathMtuProbing.ON_BLACK_HOLE).write(1460).skip().icmp(3, 1, 1);
        tcp.after(ofSeconds(20)).skip();
        assertEquals(1500, tcp.connection().pathMtu());
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
}
