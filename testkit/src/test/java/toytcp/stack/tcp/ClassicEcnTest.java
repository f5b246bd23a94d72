package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.stack.tcp.SenderScripts.info;

import static java.time.Duration.ofMillis;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.congestion.Dctcp;
import toytcp.stack.tcp.congestion.NewReno;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// ECN by RFC 3168 once it is negotiated, with segments of 1000 octets: which segments are ECN-capable, what
/// the sender does about ECE, and what the receiver does about CE and CWR.
class ClassicEcnTest {
    @AfterEach
    void finish() {
        TcpScript.finishAll();
    }

    private static TcpScript established() {
        return established("mss 1000");
    }

    private static TcpScript established(String options) {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.ecn = EcnPolicy.CLASSIC;
                                    config.congestion = NewReno::new;
                                    config.maximumSegmentSize = 1000;
                                })
                        .closed()
                        .open()
                        .skip();
        return tcp.afterMillis(100).in("SE. 0:0 ack 1 <" + options + ">").skip();
    }

    private static TcpScript dctcp() {
        return dctcp(MemoryBudget.unlimited());
    }

    private static TcpScript dctcp(MemoryBudget memory) {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.congestion = Dctcp.FACTORY;
                                    config.maximumSegmentSize = 1000;
                                })
                        .memory(memory)
                        .closed()
                        .open()
                        .skip();
        return tcp.in("SE. 0:0 ack 1 <mss 1000>").skip();
    }

    private static void window(int octets, TcpScript tcp) {
        assertEquals(octets, tcp.connection().congestionWindow());
    }

    @Test
    @Rfc(number = 3168, section = "6.1.2")
    @Rfc(number = 3168, section = "6.1.5")
    @Rfc(number = 9293, section = "3.8.2", id = "SHLD-8")
    void newDataAreEcnCapableAndRetransmissionsAreNot() {
        var tcp = established().write(2000);
        tcp.out("[ECT0] . 1:1001 ack 1", "[ECT0] P. 1001:2001 ack 1");
        tcp.after(ofMillis(300)).out("[Not-ECT] . 1:1001 ack 1");
        tcp.in(". ack 1001").out("[Not-ECT] P. 1001:2001 ack 1");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.4")
    void pureAcksAreNotEcnCapable() {
        established().in("[ECT0] P. 1:11 ack 1").after(ofMillis(40)).out("[Not-ECT] . 1:1 ack 11");
        established().shutdown().out("[Not-ECT] F. 1:1 ack 1");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.6")
    void windowProbesAreNeitherEcnCapableNorCarryCwr() {
        var tcp = established().write(2000).skip().in("E. ack 2001 win 0").write(1000).silent();
        tcp.after(ofMillis(400)).out("[Not-ECT] . 2001:2002 ack 1");
        tcp.in(". ack 2002 win 9000").out("[ECT0] PW. 2002:3001 ack 1");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.2")
    @Rfc(number = 9293, section = "3.8.2", id = "SHLD-8")
    void anEchoHalvesTheWindowOncePerWindowAndTheFirstNewDataSaySo() {
        var tcp = established().write(30_000).skip();
        window(10_000, tcp);
        tcp.in("E. ack 1001");
        window(5000, tcp);
        assertEquals(TcpInfo.CaState.CWR, info(tcp).caState());
        tcp.in("E. ack 2001", "E. ack 3001", "E. ack 5001").silent();
        window(5000, tcp);
        // All that was out is acknowledged, but nobody has seen our CWR yet.
        tcp.in("E. ack 10001");
        window(5000, tcp);
        tcp.out(
                "[ECT0] W. 10001:11001 ack 1",
                "[ECT0] . 11001:12001 ack 1",
                "[ECT0] . 12001:13001 ack 1",
                "[ECT0] . 13001:14001 ack 1",
                "[ECT0] . 14001:15001 ack 1");
        assertEquals(TcpInfo.CaState.CWR, info(tcp).caState());
        tcp.in(". ack 11001").skip();
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
        assertEquals(10_000, info(tcp).deliveredCeBytes());
        assertEquals(10, info(tcp).deliveredCe());
    }

    @Test
    @Rfc(number = 3168, section = "6.1.2")
    void anEchoInTheNextWindowReducesAgain() {
        var tcp = established().write(30_000).skip().in("E. ack 1001", "E. ack 10001").skip();
        tcp.in("E. ack 11001");
        window(2500, tcp);
        tcp.in(". ack 15001")
                .out(
                        "[ECT0] W. 15001:16001 ack 1",
                        "[ECT0] . 16001:17001 ack 1",
                        "[ECT0] . 17001:18001 ack 1");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.2")
    void theWindowDoesNotGrowWithAnEcho() {
        var tcp = established().write(30_000).skip().in("E. ack 1001", "E. ack 10001").skip();
        tcp.in(". ack 11001", ". ack 12001", ". ack 13001", ". ack 14001");
        // 4000 octets do not fill a window of 5000; the marked ones would have.
        window(5000, tcp);
    }

    /// "because of a retransmit timeout, a Fast Retransmit, or in response to an ECN Notification"
    @Test
    @Rfc(number = 3168, section = "6.1.2")
    void aFastRetransmitIsToldByCwrToo() {
        var tcp = established("mss 1000").write(30_000).skip();
        tcp.in(". ack 1", ". ack 1").skip().in(". ack 1").out("[Not-ECT] . 1:1001 ack 1");
        tcp.in(". ack 12001").out("[ECT0] W. 12001:13001 ack 1", "[ECT0] . 13001:14001 ack 1");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.2")
    void aTimeoutIsToldByCwrToo() {
        var tcp = established().write(3000).skip().after(ofMillis(300));
        tcp.out("[Not-ECT] . 1:1001 ack 1").in(". ack 3001").write(1000);
        tcp.out("[ECT0] PW. 3001:4001 ack 1");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.2")
    void aLossAndAMarkInOneWindowReduceOnce() {
        var tcp = established("mss 1000").write(30_000).skip();
        tcp.in(". ack 1", ". ack 1", "E. ack 1").skip();
        assertEquals(TcpInfo.CaState.RECOVERY, info(tcp).caState());
        int threshold = info(tcp).sndSsthreshBytes();
        tcp.in("E. ack 1").in("E. ack 12001");
        assertEquals(threshold, info(tcp).sndSsthreshBytes());
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
    }

    @Test
    @Rfc(number = 3168, section = "6.1.3")
    @Rfc(number = 9293, section = "3.8.2", id = "SHLD-8")
    void aMarkIsEchoedUntilCwrComes() {
        var tcp =
                established().in("[CE] . 1:1001 ack 1").after(ofMillis(40)).out("E. 1:1 ack 1001");
        tcp.in("[ECT0] . 1001:2001 ack 1", "[ECT0] . 2001:3001 ack 1").out("E. 1:1 ack 3001");
        tcp.write(10).out("[ECT0] PE. 1:11 ack 3001");
        tcp.in("[ECT0] W. 3001:4001 ack 11").out(". 11:11 ack 4001");
        assertEquals(1, info(tcp).receivedCe());
        assertEquals(1000, info(tcp).receivedCeBytes());
        int ecn = TcpInfo.OPTION_ECN | TcpInfo.OPTION_ECN_SEEN;
        assertEquals(ecn, info(tcp).options() & ecn);
    }

    /// Erratum 3639.
    @Test
    @Rfc(number = 3168, section = "6.1.3")
    void aMarkOnThePacketWithCwrIsANewOne() {
        var tcp = established().in("[CE] . 1:1001 ack 1").after(ofMillis(40)).skip();
        tcp.in("[CE] W. 1001:2001 ack 1").out("E. 1:1 ack 2001");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.4")
    void aMarkOnAPureAckIsIgnored() {
        established().in("[CE] . ack 1").write(10).out("[ECT0] P. 1:11 ack 1");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.5")
    void aMarkOutsideTheWindowIsIgnored() {
        var tcp = established().in("[ECT0] . 1:1001 ack 1").after(ofMillis(40)).skip();
        tcp.in("[CE] . 1:1001 ack 1").out(". 1:1 ack 1001");
        tcp.in("[CE] . 100000:100010 ack 1").out(". 1:1 ack 1001");
        assertEquals(0, info(tcp).receivedCe());
    }

    @Test
    @Rfc(number = 3168, section = "6.1.6")
    void aMarkOnAWindowProbeCounts() {
        established().in("[CE] . 1:2 ack 1").after(ofMillis(40)).out("E. 1:1 ack 2");
    }

    /// RFC 8257, Figure 1, with two ACKs at a change while text waits for its ACK.
    @Test
    @Rfc(number = 8257, section = "3.2")
    void dctcpEchoesEachChange() {
        var tcp = dctcp().in("[ECT0] . 1:1001 ack 1").silent();
        tcp.in("[CE] . 1001:2001 ack 1").out(". 1:1 ack 1001", "E. 1:1 ack 2001");
        tcp.in("[CE] . 2001:3001 ack 1").silent();
        tcp.in("[CE] . 3001:4001 ack 1").out("E. 1:1 ack 4001");
        tcp.in("[ECT0] . 4001:5001 ack 1").out(". 1:1 ack 5001");
        tcp.in("[ECT0] . 5001:6001 ack 1", "[ECT0] . 6001:7001 ack 1").out(". 1:1 ack 7001");
    }

    @Test
    @Rfc(number = 8257, section = "3.2")
    void dctcpTellsTheChangesOfABatchOneByOne() {
        var tcp = dctcp();
        tcp.batch(
                "[CE] . 1:1001 ack 1",
                "[CE] . 1001:2001 ack 1",
                "[ECT0] . 2001:3001 ack 1",
                "[CE] . 3001:4001 ack 1",
                "[ECT0] . 4001:5001 ack 1");
        tcp.out("E. 1:1 ack 2001", ". 1:1 ack 3001", "E. 1:1 ack 4001", ". 1:1 ack 5001");
    }

    /// The right edge of the window stays, whatever the ACK says.
    @Test
    @Rfc(number = 8257, section = "3.2")
    void anAckOfDctcpThatTellsLessOffersTheSameEdge() {
        var tcp = dctcp().in("[ECT0] . 1:1001 ack 1");
        tcp.in("[CE] . 1001:2001 ack 1");
        tcp.out(". 1:1 ack 1001 win 64535", "E. 1:1 ack 2001 win 63535");
    }

    @Test
    @Rfc(number = 8257, section = "3.2")
    void anAckOfDctcpOffersNoMemoryThatTheStackDoesNotHave() {
        var budget = new MemoryBudget(300_000);
        var tcp = dctcp(budget).in("[ECT0] . 1:1001 ack 1");
        budget.add(300_000);
        tcp.in("[CE] . 1001:2001 ack 1");
        tcp.out(". 1:1 ack 1001 win 2096", "E. 1:1 ack 2001 win 2096");
    }

    /// RFC 8257, 3.2: "the ECE flag MUST be set if and only if DCTCP.CE is true".
    @Test
    @Rfc(number = 8257, section = "3.2")
    void cwrDoesNotEndTheEchoOfDctcp() {
        var tcp = dctcp().in("[CE] . 1:1001 ack 1").out("E. 1:1 ack 1001");
        tcp.in("[CE] W. 1001:2001 ack 1", "[CE] . 2001:3001 ack 1").out("E. 1:1 ack 3001");
    }
}
