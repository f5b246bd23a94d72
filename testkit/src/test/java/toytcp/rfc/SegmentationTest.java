package toytcp.rfc;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.TcpConfig;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// RFC 9293, 3.7: how large segments are, and how many of them.
class SegmentationTest {
    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-14")
    @Rfc(number = 9293, section = "3.7.1", id = "SHLD-5")
    @Rfc(number = 9293, section = "3.7.1", id = "MAY-3")
    void everySynSaysOurSizeAlsoIfItIsTheDefault() {
        for (int size : new int[] {1460, 1000, 536}) {
            var active = TcpScript.with(config -> plain(config, size)).closed().open();
            active.out("S 0:0 <mss " + size + ">");
            var passive = TcpScript.with(config -> plain(config, size)).listening();
            passive.in("S 0:0 win 1000").out("S. 0:0 ack 1 <mss " + size + ">");
        }
    }

    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-14")
    void thePeersSizeIsObeyedByBothOpens() {
        var active = TcpScript.with(_ -> {}).peerOptions("mss 700").established();
        active.write(1500).out(". 1:701 ack 1", ". 701:1401 ack 1");
        var passive = TcpScript.with(_ -> {}).peerOptions("mss 600").establishedPassive();
        passive.write(1250).out(". 1:601 ack 1", ". 601:1201 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-15")
    void withoutItThePeerTakes536OctetsFromBothOpens() {
        var active = TcpScript.with(_ -> {}).peerOptions("").established();
        active.write(1072).out(". 1:537 ack 1", "P. 537:1073 ack 1");
        var passive = TcpScript.with(_ -> {}).peerOptions("").establishedPassive();
        passive.write(1072).out(". 1:537 ack 1", "P. 537:1073 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-16")
    void optionsTakeTheirRoomFromTheText() {
        var tcp = TcpScript.with(_ -> {}).peerOptions("mss 1000,TS").established();
        tcp.write(1976).out(". 1:989 ack 1 <TS>", "P. 989:1977 ack 1 <TS>");
    }

    @Test
    @Rfc(number = 9293, section = "3.7.4", id = "SHLD-7")
    @Rfc(number = 9293, section = "3.9.1.2", id = "MAY-16")
    @Rfc(number = 9293, section = "3.9.1.2", id = "SHLD-27")
    void smallWritesShareASegmentWithOnePushOnceTheFirstIsAcknowledged() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.write(10).out("P. 1:11 ack 1").write(300).write(300).write(300).silent();
        tcp.in(". ack 11").out("P. 11:911 ack 1");
    }

    @Test
    @Rfc(number = 9293, section = "3.7.4", id = "MUST-17")
    void withoutNagleTheyDoNotWait() {
        var tcp = TcpScript.established(config -> config.noDelay = true);
        tcp.write(10).out("P. 1:11 ack 1").write(10).out("P. 11:21 ack 1");
    }

    private static void plain(TcpConfig.Draft config, int size) {
        config.maximumSegmentSize = size;
        config.sack = false;
        config.timestamps = false;
        config.windowScaling = false;
    }
}
