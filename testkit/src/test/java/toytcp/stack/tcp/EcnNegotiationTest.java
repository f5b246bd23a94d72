package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.stack.tcp.congestion.Dctcp;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// Who uses which kind of ECN after which handshake. In the text of the flags E is ECE, W is CWR and e is AE;
/// the ACE field counts e as 4, W as 2 and E as 1, and begins with 5.
class EcnNegotiationTest {
    @AfterEach
    void finish() {
        TcpScript.finishAll();
    }

    private static TcpScript opening(EcnPolicy policy) {
        return TcpScript.with(config -> config.ecn = policy).closed().open();
    }

    private static TcpScript listening(EcnPolicy policy) {
        return TcpScript.with(config -> config.ecn = policy).listening();
    }

    private static boolean usesEcn(TcpScript tcp) {
        return (tcp.connection().info(tcp.nowNanos()).options() & TcpInfo.OPTION_ECN) != 0;
    }

    @ParameterizedTest
    @CsvSource({"OFF, S", "PASSIVE, S", "CLASSIC, SEW", "ACCURATE, SEWe"})
    @Rfc(number = 3168, section = "6.1.1")
    @Rfc(number = 9768, section = "3.1.1")
    void theSynAsksForWhatTheSettingsSay(EcnPolicy policy, String flags) {
        opening(policy).out("[Not-ECT] " + flags + " 0:0");
    }

    /// Table 2, the client's side: SYN,ACK, our ACK, our first data.
    @ParameterizedTest
    @CsvSource({
        "CLASSIC,  SE.,   .,   [ECT0] P.",
        "CLASSIC,  S.,    .,   [Not-ECT] P.",
        "CLASSIC,  SEW.,  .,   [Not-ECT] P.",
        "CLASSIC,  SW.,   .,   [Not-ECT] P.",
        "CLASSIC,  SEe.,  .,   [ECT0] P.",
        "CLASSIC,  SEWe., .,   [Not-ECT] P.",
        "ACCURATE, SW.,   W.,  [ECT0] PEe.",
        "ACCURATE, SEe.,  W.,  [ECT0] PEe.",
        "ACCURATE, SE.,   .,   [ECT0] P.",
        "ACCURATE, S.,    .,   [Not-ECT] P.",
        "ACCURATE, SEWe., .,   [Not-ECT] P.",
        "OFF,      SE.,   .,   [Not-ECT] P.",
        "PASSIVE,  SE.,   .,   [Not-ECT] P.",
    })
    @Rfc(number = 3168, section = "6.1.1")
    @Rfc(number = 9768, section = "3.1.2")
    void theSynAckDecides(EcnPolicy policy, String synAck, String ack, String data) {
        var tcp = opening(policy).skip();
        tcp.in(synAck + " 0:0 ack 1 <mss 1460>").out(ack + " 1:1 ack 1");
        tcp.write(100).out(data + " 1:101 ack 1");
    }

    /// Table 2, the top block: our SYN left as Not-ECT, so any other codepoint at the peer shows that the
    /// path changes what it must not (3.2.2.3).
    @ParameterizedTest
    @CsvSource({"SW., ECT0", "SEW., Not-ECT", "Se., Not-ECT", "SWe., Not-ECT"})
    @Rfc(number = 9768, section = "3.2.2.3")
    void aCodepointThatChangedOnTheWayStopsEct(String synAck, String data) {
        var tcp = opening(EcnPolicy.ACCURATE).skip();
        tcp.in(synAck + " 0:0 ack 1 <mss 1460>").out("W. 1:1 ack 1");
        tcp.write(100).out("[" + data + "] PEe. 1:101 ack 1");
        assertEquals(true, usesEcn(tcp));
    }

    /// "the TCP Client still triggers the congestion control actions necessary to respond to the CE
    /// feedback" (3.2.2.2).
    @Test
    @Rfc(number = 9768, section = "3.2.2.2")
    void aMarkedSynReducesTheInitialWindow() {
        var tcp = opening(EcnPolicy.ACCURATE).skip();
        tcp.in("SWe. 0:0 ack 1 <mss 1000>").skip();
        assertEquals(7000, tcp.connection().congestionWindow());
    }

    /// Table 3.
    @ParameterizedTest
    @CsvSource({"Not-ECT, W., PEe.", "ECT1, EW., PEe.", "ECT0, e., PEe.", "CE, We., PWe."})
    @Rfc(number = 9768, section = "3.2.2.1")
    void theAckEchoesTheCodepointOfTheSynAck(String codepoint, String ack, String data) {
        var tcp = opening(EcnPolicy.ACCURATE).skip();
        tcp.in("[" + codepoint + "] SW. 0:0 ack 1 <mss 1460>");
        tcp.out("[Not-ECT] " + ack + " 1:1 ack 1").write(100).out(data + " 1:101 ack 1");
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2.1")
    void theAckWithTheEchoLeavesBeforeDataThatWait() {
        var tcp = opening(EcnPolicy.ACCURATE).skip().write(100);
        tcp.in("SW. 0:0 ack 1 <mss 1460>").out("W. 1:1 ack 1", "[ECT0] PEe. 1:101 ack 1");
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2.1")
    void aRepeatedSynAckIsEchoedAgainAndCountedOnce() {
        var tcp = opening(EcnPolicy.ACCURATE).skip();
        tcp.in("[CE] SW. 0:0 ack 1 <mss 1460>").out("We. 1:1 ack 1");
        tcp.in("[CE] SW. 0:0 ack 1 <mss 1460>").out("We. 1:1 ack 1");
        tcp.in("[ECT0] SW. 0:0 ack 1 <mss 1460>").out("e. 1:1 ack 1");
        tcp.write(100).out("PWe. 1:101 ack 1");
    }

    @Test
    @Rfc(number = 9768, section = "3.1.5")
    void aForgedSynAckIsNotEchoed() {
        var tcp = opening(EcnPolicy.ACCURATE).skip();
        tcp.in("SW. 0:0 ack 1 <mss 1460>").out("W. 1:1 ack 1");
        tcp.in("[CE] SW. 5:5 ack 1").out("Ee. 1:1 ack 1");
    }

    /// Once established, flags in SYN,ACKs "SHOULD" be ignored (3.1.5).
    @Test
    @Rfc(number = 9768, section = "3.1.5")
    void aLateSynAckOfAnotherKindChangesNothing() {
        var tcp = opening(EcnPolicy.ACCURATE).skip();
        tcp.in("SW. 0:0 ack 1 <mss 1460>").skip().in("S. 0:0 ack 1 <mss 1460>");
        tcp.out("Ee. 1:1 ack 1").write(100).out("[ECT0] PEe. 1:101 ack 1");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.1.1")
    void aClassicSynFallsBackAtItsFirstRetransmission() {
        var tcp = opening(EcnPolicy.CLASSIC).out("SEW 0:0");
        tcp.after(ofSeconds(1)).out("+1s S 0:0").after(ofSeconds(2)).out("+2s S 0:0");
        // "no non-ECN-setup SYN": the answer to the first comes too late.
        tcp.in("SE. 0:0 ack 1 <mss 1460>").out(". 1:1 ack 1");
        tcp.write(100).out("[Not-ECT] P. 1:101 ack 1");
        // Yet marks are echoed, since we said that we would.
        tcp.in("[CE] P. 1:11 ack 101").afterMillis(40).out("E. 101:101 ack 11");
    }

    @Test
    @Rfc(number = 9768, section = "3.1.4.1")
    void anAccurateSynIsTriedTwice() {
        var tcp = opening(EcnPolicy.ACCURATE).out("SEWe 0:0");
        tcp.after(ofSeconds(1)).out("SEWe 0:0").after(ofSeconds(2)).out("S 0:0");
        tcp.after(ofSeconds(4)).out("S 0:0");
        // An AccECN client knows that the server is in AccECN mode, too.
        tcp.in("SW. 0:0 ack 1 <mss 1460>").out("W. 1:1 ack 1");
        tcp.write(100).out("[ECT0] PEe. 1:101 ack 1");
    }

    @Test
    @Rfc(number = 9768, section = "3.1.4.1")
    void aClassicAnswerAfterThatAllowsNoEct() {
        var tcp = opening(EcnPolicy.ACCURATE).out("SEWe 0:0");
        tcp.after(ofSeconds(3)).skip().in("SE. 0:0 ack 1 <mss 1460>").out(". 1:1 ack 1");
        tcp.write(100).out("[Not-ECT] P. 1:101 ack 1");
    }

    /// Table 2, the server's side, and 3.1.3 for the combinations that have no meaning yet; a CLASSIC host
    /// looks at CWR and ECE only.
    @ParameterizedTest
    @CsvSource({
        "OFF,      SEW,  S.",
        "OFF,      SEWe, S.",
        "CLASSIC,  S,    S.",
        "CLASSIC,  SEW,  SE.",
        "CLASSIC,  SEWe, SE.",
        "CLASSIC,  SE,   S.",
        "CLASSIC,  SW,   S.",
        "CLASSIC,  Se,   S.",
        "PASSIVE,  S,    S.",
        "PASSIVE,  SEW,  SE.",
        "PASSIVE,  SEWe, SW.",
        "ACCURATE, S,    S.",
        "ACCURATE, SEW,  SE.",
        "ACCURATE, SEWe, SW.",
        "ACCURATE, SE,   SW.",
        "ACCURATE, SW,   SW.",
        "ACCURATE, Se,   SW.",
        "ACCURATE, SEe,  SW.",
        "ACCURATE, SWe,  SW.",
    })
    @Rfc(number = 3168, section = "6.1.1")
    @Rfc(number = 9768, section = "3.1.3")
    void aSynIsAnswered(EcnPolicy policy, String syn, String synAck) {
        listening(policy).in(syn + " 0:0 <mss 1460>").out("[Not-ECT] " + synAck + " 0:0 ack 1");
    }

    @ParameterizedTest
    @CsvSource({"Not-ECT, SW.", "ECT1, SEW.", "ECT0, Se.", "CE, SWe."})
    @Rfc(number = 9768, section = "3.1.1")
    void theSynAckEchoesTheCodepointOfTheSyn(String codepoint, String synAck) {
        listening(EcnPolicy.ACCURATE)
                .in("[" + codepoint + "] SEWe 0:0 <mss 1460>")
                .out(synAck + " 0:0 ack 1 <mss 1460,ECN e0b 1 ceb 0 e1b 1>");
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2.2")
    void aMarkedSynIsNotCounted() {
        var tcp = listening(EcnPolicy.ACCURATE).in("[CE] SEWe 0:0 <mss 1460>").skip();
        tcp.in("W. 1:1 ack 1").write(10).out("[ECT0] PEe. 1:11 ack 1");
    }

    /// Table 4: our SYN,ACK left as Not-ECT.
    @ParameterizedTest
    @CsvSource({
        "000, Not-ECT, .",
        "001, ECT0,    E.",
        "010, ECT0,    W.",
        "011, Not-ECT, EW.",
        "100, Not-ECT, e.",
        "101, ECT0,    Ee.",
        "110, Not-ECT, We.",
        "111, ECT0,    EWe.",
    })
    @Rfc(number = 9768, section = "3.2.2.1")
    void theLastAckOfTheHandshakeTellsHowTheSynAckArrived(String ace, String data, String ack) {
        var tcp = listening(EcnPolicy.ACCURATE).in("SEWe 0:0 <mss 1460>").skip();
        tcp.in(ack + " 1:1 ack 1").write(100).out("[" + data + "] PEe. 1:101 ack 1");
        // Note 1: "MUST NOT respond to AccECN feedback". After 110 the counter is 6, else 5.
        int window = tcp.connection().congestionWindow();
        assertEquals(ace.equals("110") ? 10220 : 14600, window);
        tcp.in((ace.equals("110") ? "We." : "Ee.") + " ack 101");
        assertEquals(0, tcp.connection().info(tcp.nowNanos()).deliveredCe());
        tcp.write(100).skip().in("E. ack 201");
        int marks = ace.equals("000") ? 0 : ace.equals("110") ? 3 : 4;
        assertEquals(marks, tcp.connection().info(tcp.nowNanos()).deliveredCe());
    }

    @Test
    @Rfc(number = 9768, section = "3.2.3.2.2")
    void theSynAckFallsBackByAndBy() {
        var tcp = listening(EcnPolicy.ACCURATE).in("SEWe 0:0 <mss 1460>");
        tcp.out("SW. 0:0 ack 1 <mss 1460,ECN e0b 1 ceb 0 e1b 1>");
        tcp.after(ofSeconds(1)).out("SW. 0:0 ack 1 <mss 1460>");
        tcp.after(ofSeconds(2)).out("S. 0:0 ack 1 <mss 1460>");
        // Having sent that it must not mark, but it goes on counting.
        tcp.in("W. 1:1 ack 1").write(10).out("[Not-ECT] PEe. 1:11 ack 1");
        tcp.in("[CE] PEe. 1:11 ack 11").out("We. 11:11 ack 11");
    }

    @Test
    @Rfc(number = 9768, section = "3.1.5")
    void aSynThatFellBackIsAnsweredAsTheFirstButForbidsEct() {
        var tcp = listening(EcnPolicy.ACCURATE).in("SEWe 0:0 <mss 1460>").skip();
        tcp.in("[ECT0] S 0:0 <mss 1460>").out("Se. 0:0 ack 1");
        tcp.in("W. 1:1 ack 1").write(10).out("[Not-ECT] PEe. 1:11 ack 1");
    }

    @Test
    @Rfc(number = 3168, section = "6.1.1.1")
    void aClassicSynThatFellBackGetsAPlainAnswer() {
        var tcp = listening(EcnPolicy.CLASSIC).in("SEW 0:0 <mss 1460>").out("SE. 0:0 ack 1");
        tcp.in("S 0:0 <mss 1460>").out("S. 0:0 ack 1");
        tcp.in(". 1:1 ack 1").write(10).out("[Not-ECT] P. 1:11 ack 1");
    }

    @Test
    @Rfc(number = 9768, section = "3.1.5")
    void whoIsInNotEcnModeStaysThere() {
        var tcp = listening(EcnPolicy.ACCURATE).in("S 0:0 <mss 1460>").out("S. 0:0 ack 1");
        tcp.in("SEWe 0:0 <mss 1460>").out("S. 0:0 ack 1").in("SEW 0:0").out("S. 0:0 ack 1");
    }

    @ParameterizedTest
    @CsvSource({"SEW, SEWe", "SEWe, SEW"})
    @Rfc(number = 9768, section = "3.1.5")
    void twoKindsOfRequestsAreAnsweredByReset(String first, String second) {
        var tcp = listening(EcnPolicy.ACCURATE).in(first + " 0:0 <mss 1460>").skip();
        tcp.in(second + " 0:0 <mss 1460>").out("R. 1:1 ack 1").state(TcpState.LISTEN);
    }

    /// Simultaneous open: "Host A MUST then enter the same feedback mode as it would have entered had it
    /// been a responding host" (3.1.2).
    @ParameterizedTest
    @CsvSource({
        "ACCURATE, SEWe, SW., [ECT0] PEe.",
        "ACCURATE, SEW,  SE., [ECT0] P.",
        "ACCURATE, S,    S.,  [Not-ECT] P.",
        "CLASSIC,  SEW,  SE., [ECT0] P.",
        "CLASSIC,  SEWe, SE., [ECT0] P.",
        "CLASSIC,  S,    S.,  [Not-ECT] P.",
        "PASSIVE,  SEW,  SE., [Not-ECT] P.",
        "OFF,      SEW,  S.,  [Not-ECT] P.",
    })
    @Rfc(number = 9768, section = "3.1.2")
    void crossingSynsDecideAsIfTheyWereAnswered(
            EcnPolicy policy, String syn, String synAck, String data) {
        var tcp = opening(policy).skip();
        tcp.in(syn + " 0:0 <mss 1460>").out(synAck + " 0:0 ack 1");
        tcp.in(synAck + " 0:0 ack 1 <mss 1460>").state(TcpState.ESTABLISHED).skip();
        tcp.write(100).out(data + " 1:101 ack 1");
    }

    @Test
    @Rfc(number = 9768, section = "3.2.2")
    void noFlagsOfASynAckAreTakenForACounter() {
        var tcp = opening(EcnPolicy.ACCURATE).skip().in("SEWe 0:0 <mss 1460>").skip();
        tcp.in("SW. 0:0 ack 1 <mss 1460>").out("Ee. 1:1 ack 1");
        assertEquals(0, tcp.connection().info(tcp.nowNanos()).deliveredCe());
        tcp.write(100).skip().in("Ee. ack 101");
        assertEquals(0, tcp.connection().info(tcp.nowNanos()).deliveredCe());
    }

    @Test
    void dctcpAsksByItself() {
        var tcp = TcpScript.with(config -> config.congestion = Dctcp.FACTORY).closed().open();
        tcp.out("[ECT0] SEW 0:0").in("SE. 0:0 ack 1 <mss 1460>").out("[Not-ECT] . 1:1 ack 1");
        tcp.write(100).out("[ECT0] P. 1:101 ack 1").abort().out("[ECT0] R. 101:101 ack 1");
    }

    @Test
    void dctcpDoesNotAskIfEcnIsOff() {
        TcpScript.with(
                        config -> {
                            config.congestion = Dctcp.FACTORY;
                            config.ecn = EcnPolicy.OFF;
                        })
                .closed()
                .open()
                .out("[Not-ECT] S 0:0");
    }

    /// RFC 8257, 3.6: "the sender SHOULD set ECT for SYN, SYN-ACK, and RST packets".
    @Test
    @Rfc(number = 8257, section = "3.6")
    void dctcpMarksItsSynAckToo() {
        var tcp = TcpScript.with(config -> config.congestion = Dctcp.FACTORY).listening();
        tcp.in("[ECT0] SEW 0:0 <mss 1460>").out("[ECT0] SE. 0:0 ack 1");
    }

    /// What left as ECT(0) may arrive so, or with a mark.
    @ParameterizedTest
    @CsvSource({"Se., ECT0", "SWe., ECT0", "SW., Not-ECT", "SEW., Not-ECT", "SEe., ECT0"})
    @Rfc(number = 9768, section = "3.2.2.3")
    void anEctSynMayBeMarked(String synAck, String data) {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.congestion = Dctcp.FACTORY;
                                    config.ecn = EcnPolicy.ACCURATE;
                                })
                        .closed()
                        .open()
                        .out("[ECT0] SEWe 0:0");
        tcp.in(synAck + " 0:0 ack 1 <mss 1460>").skip();
        tcp.write(100).out("[" + data + "] PEe. 1:101 ack 1");
    }
}
