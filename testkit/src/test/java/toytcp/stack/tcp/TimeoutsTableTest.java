package toytcp.stack.tcp;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// RFC 9293, 3.10.8, timeouts, in each state in which they can happen. What is outstanding says [States].
class TimeoutsTableTest {
    /// "For any state if the user timeout expires, flush all queues, signal the user".
    @Rfc(number = 9293, section = "3.10.8", id = "TIMEOUT-USER")
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "SYN-SENT, 180",
        "SYN-RECEIVED, 180",
        "ESTABLISHED, 900",
        "FIN-WAIT-1, 900",
        "CLOSE-WAIT, 900",
        "CLOSING, 900",
        "LAST-ACK, 900"
    })
    void theUserTimeoutEndsTheConnection(String state, int seconds) {
        TcpScript tcp = States.reach(state(state), false);
        tcp.after(ofSeconds(seconds).minusMillis(1)).skip().state(state(state));
        tcp.after(ofMillis(1)).skip().closed(CloseReason.TIMED_OUT);
        tcp.after(ofMinutes(10)).idle();
    }

    /// "send the segment at the front of the retransmission queue again"; a FIN behind it fits into it.
    @Rfc(number = 9293, section = "3.10.8", id = "TIMEOUT-RETRANSMISSION")
    @ParameterizedTest(name = "{0}: {1} ms")
    @CsvSource({
        "SYN-SENT,     1000, S 0:0",
        "SYN-RECEIVED, 1000, S. 0:0 ack 1",
        "ESTABLISHED,  200,  P. 1:101 ack 1",
        "FIN-WAIT-1,   200,  FP. 1:101 ack 1",
        "CLOSE-WAIT,   200,  P. 1:101 ack 2",
        "CLOSING,      200,  F. 101:101 ack 2",
        "LAST-ACK,     200,  FP. 1:101 ack 2"
    })
    void theFirstSegmentThatIsOutGoesAgain(String state, int millis, String segment) {
        TcpScript tcp = States.reach(state(state), false);
        // The round trip of the script is no time, which counts as a nanosecond.
        tcp.after(ofMillis(millis - 1)).silent().after(ofMillis(2)).out(segment);
        // Then the interval is twice as long.
        tcp.after(ofMillis(2 * millis - 2)).silent().after(ofMillis(2)).out(segment);
        tcp.state(state(state));
    }

    @Rfc(number = 9293, section = "3.10.8", id = "TIMEOUT-TIME-WAIT")
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = "TIME-WAIT")
    void timeWaitEnds(String state) {
        TcpScript tcp = States.reach(state(state), false).after(ofMillis(59_999)).silent();
        tcp.state(TcpState.TIME_WAIT).after(ofMillis(1)).silent().closed(CloseReason.NORMAL);
    }

    private static TcpState state(String name) {
        return TcpState.valueOf(name.replace('-', '_'));
    }
}
