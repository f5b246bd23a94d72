package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.stack.tcp.SenderScripts.info;

import static java.time.Duration.ofMillis;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.stack.tcp.congestion.NewReno;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Accurate ECN (RFC 9768) once it is negotiated, with segments of 1000 octets. The ACE field is the flags
/// e (4), W (2) and E (1), and begins with 5: `Ee.`.
class AccurateEcnTest {
    private static final String OPTION = "ECN e0b 1 ceb 0 e1b 1";

    @AfterEach
    void finish() {
        TcpScript.finishAll();
    }

    private static TcpScript established(String options) {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.ecn = EcnPolicy.ACCURATE;
                                    config.congestion = NewReno::new;
                                    config.maximumSegmentSize = 1000;
                                })
                        .closed()
                        .open()
                        .skip();
        return tcp.in("SW. 0:0 ack 1 <" + options + ">").skip();
    }

    /// The peer has shown an option.
    private static TcpScript established() {
        return established("mss 1000," + OPTION);
    }

    /// So many segments of ours are marked, as the peer tells, and so many octets.
    private static void marked(int segments, int octets, TcpScript tcp) {
        assertEquals(segments, info(tcp).deliveredCe());
        assertEquals(octets, info(tcp).deliveredCeBytes());
    }

    private static void window(int octets, TcpScript tcp) {
        assertEquals(octets, tcp.connection().congestionWindow());
    }

    // ---- the receiver

    @Test
    @Rfc(number = 9768, section = "3.2.3.2.1")
    void theFirstAckAndTheFirstDataTestThePath() {
        var tcp = TcpScript.with(config -> config.ecn = EcnPolicy.ACCURATE).closed().open().skip();
        tcp.in("SW. 0:0 ack 1 <mss 1460>").out("W. 1:1 ack 1 <" + OPTION + ">");
        tcp.write(100).out("PEe. 1:101 ack 1 <" + OPTION + ">");
        tcp.write(100).in("Ee. ack 101").out("PEe. 101:201 ack 1 <>");
    }

    @Test
    @Rfc(number = 9768, section = "3.2.3.3")
    void dataThatFillASegmentLeaveNoRoomForTheOption() {
        var tcp = established().write(1000).out("PEe. 1:1001 ack 1 <>");
        tcp.in("Ee. ack 1001").write(988).out("PEe. 1001:1989 ack 1 <" + OPTION + ">");
        established().write(989).out("PEe. 1:990 ack 1 <>");
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2")
    void theAceFieldCountsMarkedPackets() {
        var tcp = established();
        String[] ace = {"We.", "EWe.", ".", "E.", "W.", "EW.", "e.", "Ee.", "We."};
        for (int i = 0; i < ace.length; i++) {
            tcp.in("[CE] PEe. %d:%d ack 1".formatted(1 + 10 * i, 11 + 10 * i));
            tcp.after(ofMillis(40)).out(ace[i] + " 1:1 ack " + (11 + 10 * i));
        }
        assertEquals(9, info(tcp).receivedCe());
        assertEquals(90, info(tcp).receivedCeBytes());
    }

    @Test
    @Rfc(number = 9768, section = "3.2")
    void aMarkOnAPureAckIsCountedAndCarriesNoOctets() {
        var tcp = established().in("[CE] Ee. ack 1").write(990).out("PWe. 1:991 ack 1 <>");
        assertEquals(1, info(tcp).receivedCe());
        assertEquals(0, info(tcp).receivedCeBytes());
    }

    @Test
    @Rfc(number = 9768, section = "3.2")
    void whatIsNotAcceptableIsNotCounted() {
        var tcp = established().in("[ECT0] PEe. 1:11 ack 1").after(ofMillis(40)).skip();
        tcp.in("[CE] PEe. 1:11 ack 1").out("Ee. 1:1 ack 11");
        tcp.in("[CE] PEe. 100000:100010 ack 1").out("Ee. 1:1 ack 11");
        tcp.in("[CE] PEe. 11:21 ack 5000").out("Ee. 1:1 ack 11");
        assertEquals(0, info(tcp).receivedCe());
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2.5.1")
    void theFirstMarkAfterNoneIsAcknowledgedAtOnce() {
        var tcp = established().in("[ECT0] Ee. 1:101 ack 1").silent();
        tcp.in("[CE] Ee. 101:201 ack 1").out("We. 1:1 ack 201");
        // No change: it may wait; two marks may not.
        tcp.in("[CE] Ee. 201:301 ack 1").silent();
        tcp.in("[CE] Ee. 301:401 ack 1").out(". 1:1 ack 401");
        // The comparison is with any packet, a pure ACK too.
        tcp.in("[Not-ECT] Ee. ack 1", "[CE] Ee. 401:501 ack 1").out("E. 1:1 ack 501");
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2.5.1")
    void threeMarkedPureAcksAreAcknowledged() {
        var tcp = established().in("[CE] Ee. ack 1", "[CE] Ee. ack 1").silent();
        tcp.in("[CE] Ee. ack 1").out(". 1:1 ack 1");
        tcp.in("[CE] Ee. ack 1", "[CE] Ee. ack 1").silent();
    }

    /// "if ECT(0) is the only codepoint that has ever arrived [...] only the EE0B field [...]. However, as
    /// soon as even one CE-marked packet arrives, [...] two fields" (3.2.3.3).
    @Test
    @Rfc(number = 9768, section = "3.2.3.3")
    void theOptionHasTheCountersThatEverChanged() {
        var tcp = established().write(10).skip();
        tcp.in("[ECT0] Ee. 1:1001 ack 11", "[ECT0] Ee. 1001:2001 ack 11");
        tcp.out("Ee. 11:11 ack 2001 <ECN e0b 2001>");
        tcp.in("[CE] Ee. 2001:2501 ack 11").out("We. 11:11 ack 2501 <ECN e0b 2001 ceb 500>");
        tcp.in("[ECT0] Ee. 2501:4501 ack 11").out("We. 11:11 ack 4501 <ECN e0b 4001 ceb 500>");
        tcp.in("[ECT1] Ee. 4501:6501 ack 11");
        tcp.out("We. 11:11 ack 6501 <ECN e0b 4001 ceb 500 e1b 2001>");
        // Nothing that counts has changed.
        tcp.in("[Not-ECT] Ee. 6501:8501 ack 11").out("We. 11:11 ack 8501 <>");
    }

    @Test
    @Rfc(number = 9768, section = "3.2.3")
    void withoutEct0TheOtherOrderIsShorter() {
        var tcp = established().write(10).skip().in("[ECT1] Ee. 1:2001 ack 11");
        tcp.out("Ee. 11:11 ack 2001 <ECN e1b 2001>");
        tcp.in("[CE] Ee. 2001:2501 ack 11").out("We. 11:11 ack 2501 <ECN e1b 2001 ceb 500>");
    }

    /// Two SACK blocks come first; a short option fits beside them, a long one does not.
    @Test
    @Rfc(number = 9768, section = "3.2.3.3")
    void sackComesFirst() {
        var tcp = established("mss 1000,sackOK,TS," + OPTION).write(10).skip();
        tcp.in("Ee. ack 11", "[ECT0] Ee. 1001:1101 ack 11");
        tcp.out("Ee. 11:11 ack 1 <sack 1001:1101,ECN e0b 101>");
        tcp.in("[CE] Ee. 2001:2101 ack 11");
        tcp.out("We. 11:11 ack 1 <sack 2001:2101 1001:1101,ECN e0b 101 ceb 100>");
        tcp.in("[ECT1] Ee. 3001:3101 ack 11");
        tcp.out("We. 11:11 ack 1 <sack 3001:3101 2001:2101 1001:1101>");
    }

    // ---- the sender

    @Test
    @Rfc(number = 9768, section = "3.1.5")
    void cwrIsNeverSentAsSuchAndTheWindowIsReducedOncePerWindow() {
        var tcp = established().write(30_000).skip();
        tcp.in("We. ack 1001 <ECN e0b 1 ceb 1000>");
        window(5000, tcp);
        marked(1, 1000, tcp);
        assertEquals(TcpInfo.CaState.CWR, info(tcp).caState());
        tcp.in("EWe. ack 2001 <ECN e0b 1 ceb 2000>", "EWe. ack 10001 <ECN e0b 8001 ceb 2000>");
        // The last one told of no mark, so it let the window grow by a segment.
        window(6000, tcp);
        marked(2, 2000, tcp);
        tcp.out(
                "[ECT0] Ee. 10001:11001 ack 1",
                "[ECT0] Ee. 11001:12001 ack 1",
                "[ECT0] Ee. 12001:13001 ack 1",
                "[ECT0] Ee. 13001:14001 ack 1",
                "[ECT0] Ee. 14001:15001 ack 1",
                "[ECT0] Ee. 15001:16001 ack 1");
        tcp.in("EWe. ack 11001 <ECN e0b 9001>");
        assertEquals(TcpInfo.CaState.OPEN, info(tcp).caState());
        tcp.in(". ack 12001 <ECN e0b 9001 ceb 3000>");
        marked(3, 3000, tcp);
        assertEquals(TcpInfo.CaState.CWR, info(tcp).caState());
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2.2")
    void anAckThatTellsNothingNewMayBeOldAndIsIgnored() {
        var tcp = established().write(30_000).skip().in("We. ack 2001 <ECN e0b 1001 ceb 1000>");
        tcp.in("Ee. ack 1001 <ECN e0b 1001 ceb 0>").in("Ee. ack 2001");
        marked(1, 1000, tcp);
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2.2")
    void aLaterTimestampMakesAnAckNewToo() {
        var tcp = established("mss 1000,sackOK,TS," + OPTION).write(5000).skip();
        tcp.afterMillis(5).in("Ee. ack 1001 <TS>").skip();
        tcp.afterMillis(5).in("We. ack 1001 <TS>");
        assertEquals(1, info(tcp).deliveredCe());
        tcp.in("EWe. ack 1001 <TS>");
        assertEquals(1, info(tcp).deliveredCe());
    }

    /// The client answers a SYN,ACK that came again, by the encoding of the handshake (3.2.2.1).
    @Test
    @Rfc(number = 9768, section = "3.2.2.1")
    void theHandshakeAckThatComesAgainIsNoCounter() {
        var tcp = established("mss 1000,sackOK,TS," + OPTION).write(5000).skip();
        tcp.afterMillis(5).in("W. ack 1 <TS>");
        assertEquals(0, info(tcp).deliveredCe());
    }

    /// Appendix A.2.1: nine segments and an increment of two may be two marks, ten must be ten.
    @ParameterizedTest
    @CsvSource({"9, 2", "10, 10"})
    @Rfc(number = 9768, section = "3.2.2.5.2")
    void anAckOfManySegmentsIsReadAsItsWorstCase(int segments, int marks) {
        var tcp = established("mss 1000").write(30_000).skip();
        tcp.in("EWe. ack " + (1 + 1000 * segments));
        marked(marks, 1000 * marks, tcp);
    }

    @Test
    @Rfc(number = 9768, section = "3.2.3.2.5")
    void anOptionSaysThatTheWorstCaseDidNotHappen() {
        var tcp = established().write(30_000).skip();
        tcp.in("EWe. ack 10001 <ECN e0b 8001 ceb 2000>");
        marked(2, 2000, tcp);
    }

    /// Appendix A.3, and what was estimated is not counted again when an option comes.
    @Test
    @Rfc(number = 9768, section = "3.2.3.2.5")
    void withoutAnOptionTheOctetsAreEstimated() {
        var tcp = established().write(30_000).skip().in("We. ack 2001");
        marked(1, 1000, tcp);
        tcp.in("EWe. ack 3001 <ECN e0b 1001 ceb 2000>");
        marked(2, 2000, tcp);
    }

    @ParameterizedTest
    @CsvSource({"ECN e0b 0 ceb 0 e1b 1", "ECN e0b 1 ceb 0 e1b 0", "ECN e1b 0"})
    @Rfc(number = 9768, section = "3.2.3.2.4")
    void anOptionThatBeginsWithZeroIsNotTrusted(String option) {
        var tcp = established("mss 1000," + option).write(30_000).skip();
        tcp.in("EWe. ack 10001 <ECN e0b 8001 ceb 2000>");
        marked(10, 10_000, tcp);
        tcp.write(10).skip();
    }

    /// "If the value of this ACE field is found to be zero" the sender neither marks nor answers marks.
    @Test
    @Rfc(number = 9768, section = "3.2.2.4")
    void aCounterThatBeginsWithZeroEndsIt() {
        var tcp = established().write(1000).skip().in(". ack 1001").write(1000);
        tcp.out("[Not-ECT] PEe. 1001:2001 ack 1").in("EW. ack 2001");
        window(10_000, tcp);
        marked(0, 0, tcp);
        // As a receiver it goes on.
        tcp.in("[CE] PEW. 1:11 ack 2001").out("We. 2001:2001 ack 11 <ECN e0b 1 ceb 10>");
    }

    /// 3.2.3.2.5: octets were marked, but no segment.
    @Test
    @Rfc(number = 9768, section = "3.2.3.2.5")
    void countersThatContradictEachOtherEndEct() {
        var tcp = established().write(2000).skip().in("Ee. ack 2001 <ECN e0b 1001 ceb 1000>");
        tcp.write(1000).out("[Not-ECT] PEe. 2001:3001 ack 1");
    }

    /// An option may come an ACK later than the ACE field that it belongs to.
    @Test
    @Rfc(number = 9768, section = "3.2.3.2.5")
    void anOptionThatIsLateIsNoContradiction() {
        var tcp = established().write(2000).skip().in("We. ack 1001");
        tcp.in("We. ack 2001 <ECN e0b 1001 ceb 1000>");
        tcp.write(1000).out("[ECT0] PEe. 2001:3001 ack 1");
    }

    /// 3.2.2.3: everything is marked, for the first four rounds.
    @Test
    @Rfc(number = 9768, section = "3.2.2.3")
    void marksThatNeverEndAreNotBelieved() {
        var tcp = established();
        String[] ace = {"We.", "EWe.", ".", "E."};
        for (int i = 0; i < ace.length; i++) {
            tcp.write(1000).out("[ECT0] PEe. %d:%d ack 1".formatted(1 + 1000 * i, 1001 + 1000 * i));
            tcp.in(
                    ace[i]
                            + " ack "
                            + (1001 + 1000 * i)
                            + " <ECN e0b 1 ceb "
                            + 1000 * (i + 1)
                            + ">");
        }
        tcp.write(1000).out("[Not-ECT] PEe. 4001:5001 ack 1");
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2.3")
    void aRoundThatIsNotAllMarkedSettlesThat() {
        var tcp = established().write(1000).skip().in("Ee. ack 1001 <ECN e0b 1001>");
        String[] ace = {"We.", "EWe.", ".", "E.", "W."};
        for (int i = 0; i < ace.length; i++) {
            tcp.write(1000).skip();
            tcp.in(
                    ace[i]
                            + " ack "
                            + (2001 + 1000 * i)
                            + " <ECN e0b 1 ceb "
                            + 1000 * (i + 1)
                            + ">");
        }
        tcp.write(1000).out("[ECT0] PEe. 6001:7001 ack 1");
    }
}
