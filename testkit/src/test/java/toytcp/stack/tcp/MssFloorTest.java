package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// What a peer's MSS option can make us send. An option of 0 counts as none, as in Linux.
class MssFloorTest {
    @ParameterizedTest
    @CsvSource({"0, 536", "1, 48", "47, 48", "48, 48", "49, 49", "536, 536", "65535, 1460"})
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-16")
    void aSillyOptionMakesSegmentsOfFortyEightOctetsAndNoLess(int option, int size) {
        var tcp =
                TcpScript.with(config -> config.noDelay = true)
                        .peerOptions("mss " + option)
                        .established();
        assertEquals(size, tcp.connection().maximumSegmentSize());
        tcp.write(size).out("P. 1:" + (size + 1));
    }

    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-16")
    void timestampsTakeTheirRoomFromThat() {
        var tcp =
                TcpScript.with(config -> config.noDelay = true)
                        .peerOptions("mss 1,TS")
                        .established();
        tcp.write(100).out(". 1:37", ". 37:73", "P. 73:101");
    }

    @Test
    void aPathMtuDoesNotRaiseThem() {
        var tcp =
                TcpScript.with(config -> config.noDelay = true)
                        .peerOptions("mss 100")
                        .established();
        tcp.connection().onPathMtu(1280, 0);
        tcp.write(101).out(". 1:101", "P. 101:102").tooBig(1, 552, 140).silent();
        assertEquals(100, tcp.connection().maximumSegmentSize());
    }
}
