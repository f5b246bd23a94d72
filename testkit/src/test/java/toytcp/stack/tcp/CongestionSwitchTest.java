package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.congestion.CongestionControllerFactory;
import toytcp.stack.tcp.congestion.FixedWindow;
import toytcp.stack.tcp.congestion.NewReno;
import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// TCP_CONGESTION on a running connection.
class CongestionSwitchTest {
    /// Goes on with what the one before had.
    private static final class Still extends FixedWindow {
        private int window;
        private int threshold = Integer.MAX_VALUE;

        private Still(int maximumSegmentSize) {
            super(maximumSegmentSize);
            window = maximumSegmentSize;
        }

        @Override
        public int window() {
            return window;
        }

        @Override
        public int slowStartThreshold() {
            return threshold;
        }

        @Override
        public void takeOver(int window, int slowStartThreshold) {
            this.window = window;
            threshold = slowStartThreshold;
        }

        @Override
        public String name() {
            return "still";
        }
    }

    private static final CongestionControllerFactory STILL = Still::new;
    private static final CongestionControllerFactory NEW_RENO = NewReno::new;

    private static TcpScript established() {
        return TcpScript.established(
                config -> {
                    config.maximumSegmentSize = 1000;
                    config.congestion = STILL;
                });
    }

    @Test
    @Rfc(number = 9293, section = "3.8.2", id = "MAY-18")
    void theConfigChoosesTheAlgorithm() {
        var tcp = established().write(3000).out(". 1:1001 ack 1");
        assertEquals("still", tcp.connection().congestionControl());
        tcp.in(". ack 1001").out(". 1001:2001 ack 1").in(". ack 2001").out("P. 2001:3001 ack 1");
    }

    @Test
    void aRunningConnectionSwitchesAndKeepsItsWindow() {
        var tcp = established().write(9000).out(". 1:1001 ack 1");
        tcp.configure(config -> config.congestion = NEW_RENO).silent();
        assertEquals("newreno", tcp.connection().congestionControl());
        assertEquals(1000, tcp.connection().congestionWindow());
        // Slow start: it doubles, where the other one stood still.
        tcp.in(". ack 1001").out(". 1001:2001 ack 1", ". 2001:3001 ack 1");
        tcp.configure(config -> config.congestion = STILL);
        assertEquals(2000, tcp.connection().congestionWindow());
        tcp.in(". ack 2001").out(". 3001:4001 ack 1");
    }

    @Test
    void aSwitchInTheMiddleOfARecoveryDoesNotDisturbIt() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.write(5000).skip().in(". ack 1", ". ack 1", ". ack 1").out(". 1:1001 ack 1");
        tcp.configure(config -> config.congestion = STILL).silent();
        tcp.in(". ack 2001").out(". 2001:3001 ack 1").in(". ack 5001").idle();
    }

    @Test
    void otherSettingsLeaveTheControllerAlone() {
        var tcp = TcpScript.established(config -> config.maximumSegmentSize = 1000);
        tcp.write(20_000).skip().in(". ack 1001", ". ack 2001").skip();
        int window = tcp.connection().congestionWindow();
        tcp.configure(config -> config.noDelay = true);
        assertEquals(window, tcp.connection().congestionWindow());
    }

    @Test
    void aSwitchInFastRecoveryLetsOutNoBurst() {
        var tcp =
                TcpScript.with(
                                config -> {
                                    config.maximumSegmentSize = 1000;
                                    config.congestion = STILL;
                                })
                        .peerOptions("mss 1000,sackOK")
                        .established();
        tcp.configure(config -> config.congestion = FixedWindow.of(10_000)).write(50_000).skip();
        tcp.in(". ack 1 <sack 1001:6001>").skip();
        tcp.configure(config -> config.congestion = NEW_RENO).in(". ack 10001").skip();
        assertTrue(tcp.connection().congestionWindow() <= 12_000);
    }
}
