package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import toytcp.testkit.TcpEvent;
import toytcp.testkit.TcpScript;

/// TCP_NOTSENT_LOWAT: how much the user may queue ahead of what leaves.
class NotSentLowWaterTest {
    private static TcpScript with(long mark) {
        return TcpScript.with(
                        config -> {
                            config.maximumSegmentSize = 1000;
                            config.sendBuffer = 100_000;
                            config.tuneSendBuffer = false;
                            config.notSentLowWater = mark;
                        })
                .peerWindow(2000)
                .established();
    }

    private static void free(TcpScript tcp, int expected) {
        assertEquals(expected, tcp.connection().sendBufferFree(), tcp::toString);
    }

    @Test
    void withoutAMarkTheSendBufferIsTheLimit() {
        var tcp = with(0);
        free(tcp, 100_000);
        tcp.write(5000);
        free(tcp, 95_000);
    }

    @Test
    void whatIsOutDoesNotCount() {
        var tcp = with(3000);
        free(tcp, 3000);
        tcp.write(3000).out(". 1:1001 ack 1", ". 1001:2001 ack 1");
        free(tcp, 2000);
        tcp.write(2000).silent();
        free(tcp, 0);
        tcp.in(". ack 1001").out(". 2001:3001 ack 1");
        free(tcp, 1000);
    }

    @Test
    void theUserHearsThatSendingMadeRoom() {
        var tcp = with(1500).write(1500).out(". 1:1001 ack 1").event(TcpEvent.WRITABLE);
        tcp.write(1500).out(". 1001:2001 ack 1").event(TcpEvent.WRITABLE).write(1000).silent();
        free(tcp, 0);
        // Only the window grows: nothing is acknowledged.
        tcp.in(". ack 1 win 4000").out(". 2001:3001 ack 1", "P. 3001:4001 ack 1");
        tcp.event(TcpEvent.WRITABLE);
        free(tcp, 1500);
    }

    @Test
    void aLowMarkStillTakesAWholeSegment() {
        var tcp = with(1).write(2001).out(". 1:1001 ack 1", ". 1001:2001 ack 1");
        free(tcp, 0);
        tcp.in(". ack 2001").out("P. 2001:2002 ack 1");
        free(tcp, 1000);
    }

    @Test
    void theMarkMayChangeAtAnyTime() {
        var tcp = with(0).write(5000).skip();
        tcp.configure(config -> config.notSentLowWater = 3000);
        free(tcp, 0);
        tcp.configure(config -> config.notSentLowWater = 0xffffffffL);
        free(tcp, 95_000);
    }

    @Test
    void theSendBufferStaysTheLimit() {
        var tcp = with(1_000_000);
        free(tcp, 100_000);
        tcp.write(99_900);
        free(tcp, 100);
    }
}
