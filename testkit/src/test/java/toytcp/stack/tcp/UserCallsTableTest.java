package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// RFC 9293, 3.10.1 to 3.10.6, the user's calls, as tables: `state | segments out | next state`, and for calls
/// that may fail the beginning of the message. What was sent and acknowledged in each state says [States].
///
/// A listener has no such calls, and of a passive open the user learns when it is established, so
/// SYN-RECEIVED is that of a simultaneous open.
class UserCallsTableTest {
    @Rfc(number = 9293, section = "3.10.1", id = "CALL-OPEN")
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    CLOSED              | S 0:0 | SYN-SENT     |
                    SYN-SENT            |       | SYN-SENT     | connection already exists
                    SYN-RECEIVED active |       | SYN-RECEIVED | connection already exists
                    ESTABLISHED         |       | ESTABLISHED  | connection already exists
                    FIN-WAIT-1          |       | FIN-WAIT-1   | connection already exists
                    FIN-WAIT-2          |       | FIN-WAIT-2   | connection already exists
                    CLOSE-WAIT          |       | CLOSE-WAIT   | connection already exists
                    CLOSING             |       | CLOSING      | connection already exists
                    LAST-ACK            |       | LAST-ACK     | connection already exists
                    TIME-WAIT           |       | TIME-WAIT    | connection already exists
                    """)
    void openOpensWhatDoesNotExist(
            String state, @Nullable String out, String next, @Nullable String error) {
        TcpScript tcp = reach(state);
        call(error, tcp::open);
        after(tcp, out, next);
    }

    /// "queue the data for transmission after entering ESTABLISHED state" (SYN-SENT, SYN-RECEIVED).
    @Rfc(number = 9293, section = "3.10.2", id = "CALL-SEND")
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    CLOSED              |                  | CLOSED       | connection does not exist
                    SYN-SENT            |                  | SYN-SENT     |
                    SYN-RECEIVED active |                  | SYN-RECEIVED |
                    ESTABLISHED         | P. 101:111 ack 1 | ESTABLISHED  |
                    FIN-WAIT-1          |                  | FIN-WAIT-1   | connection closing
                    FIN-WAIT-2          |                  | FIN-WAIT-2   | connection closing
                    CLOSE-WAIT          | P. 101:111 ack 2 | CLOSE-WAIT   |
                    CLOSING             |                  | CLOSING      | connection closing
                    LAST-ACK            |                  | LAST-ACK     | connection closing
                    TIME-WAIT           |                  | TIME-WAIT    | connection closing
                    """)
    void sendIsTakenUntilTheUserHasClosed(
            String state, @Nullable String out, String next, @Nullable String error) {
        TcpScript tcp = reach(state).configure(config -> config.noDelay = true);
        int queued = tcp.connection().unacknowledgedBytes();
        call(error, () -> tcp.write(10));
        assertEquals(queued + (error == null ? 10 : 0), tcp.connection().unacknowledgedBytes());
        after(tcp, out, next);
    }

    /// What came before the FIN can be read after it: `state | segment in | octets to read`.
    @Rfc(number = 9293, section = "3.10.3", id = "CALL-RECEIVE")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    CLOSED              |                    | 0   | false
                    SYN-SENT            |                    | 0   | false
                    SYN-RECEIVED active |                    | 0   | false
                    ESTABLISHED         |                    | 0   | false
                    ESTABLISHED         | P. 1:101 ack 1     | 100 | false
                    ESTABLISHED         | FP. 1:101 ack 1    | 100 | true
                    FIN-WAIT-1          | P. 1:101 ack 1     | 100 | false
                    FIN-WAIT-1          | FP. 1:101 ack 1    | 100 | true
                    FIN-WAIT-2          | P. 1:101 ack 102   | 100 | false
                    FIN-WAIT-2          | FP. 1:101 ack 102  | 100 | true
                    CLOSE-WAIT          |                    | 0   | true
                    CLOSE-WAIT          | P. 2:102 ack 1     | 0   | true
                    CLOSING             |                    | 0   | true
                    LAST-ACK            |                    | 0   | true
                    TIME-WAIT           |                    | 0   | true
                    """)
    void receiveGivesWhatCameInOrder(String state, @Nullable String in, int octets, boolean end) {
        TcpScript tcp = reach(state);
        if (in != null) {
            tcp.in(in).skip();
        }
        tcp.readable(octets).readAll().received(octets).silent();
        assertEquals(end, tcp.connection().isPeerClosed());
    }

    /// CLOSE closes one direction. In SYN-RECEIVED it waits for the handshake, in all cases: the FIN needs
    /// no state of its own then.
    @Rfc(number = 9293, section = "3.10.4", id = "CALL-CLOSE")
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    CLOSED              |                  | CLOSED
                    SYN-SENT            |                  | CLOSED
                    SYN-RECEIVED active |                  | SYN-RECEIVED
                    ESTABLISHED         | F. 101:101 ack 1 | FIN-WAIT-1
                    FIN-WAIT-1          |                  | FIN-WAIT-1
                    FIN-WAIT-2          |                  | FIN-WAIT-2
                    CLOSE-WAIT          | F. 101:101 ack 2 | LAST-ACK
                    CLOSING             |                  | CLOSING
                    LAST-ACK            |                  | LAST-ACK
                    TIME-WAIT           |                  | TIME-WAIT
                    """)
    void closeSendsOneFin(String state, @Nullable String out, String next) {
        TcpScript tcp = reach(state).shutdown();
        after(tcp, out, next);
        if (next.equals("SYN-RECEIVED")) {
            tcp.in(". 1:1 ack 1").out("F. 1:1 ack 1").state(TcpState.FIN_WAIT_1);
        }
    }

    @Rfc(number = 9293, section = "3.10.5", id = "CALL-ABORT")
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    CLOSED              |
                    SYN-SENT            |
                    SYN-RECEIVED active | R. 1:1 ack 1
                    ESTABLISHED         | R. 101:101 ack 1
                    FIN-WAIT-1          | R. 102:102 ack 1
                    FIN-WAIT-2          | R. 102:102 ack 1
                    CLOSE-WAIT          | R. 101:101 ack 2
                    CLOSING             |
                    LAST-ACK            |
                    TIME-WAIT           |
                    """)
    void abortResetsWhatThePeerStillKnows(String state, @Nullable String out) {
        TcpScript tcp = reach(state).abort();
        after(tcp, out, "CLOSED");
        tcp.noTimers();
    }

    @Rfc(number = 9293, section = "3.10.6", id = "CALL-STATUS")
    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "CLOSED",
                "SYN-SENT",
                "SYN-RECEIVED active",
                "ESTABLISHED",
                "FIN-WAIT-1",
                "FIN-WAIT-2",
                "CLOSE-WAIT",
                "CLOSING",
                "LAST-ACK",
                "TIME-WAIT"
            })
    void statusTellsTheState(String state) {
        TcpScript tcp = reach(state);
        assertEquals(state(state), tcp.connection().info(tcp.nowNanos()).state());
        after(tcp, null, state);
    }

    private static TcpScript reach(String state) {
        return States.reach(state(state), false);
    }

    private static TcpState state(String name) {
        return TcpState.valueOf(name.replace(" active", "").replace('-', '_'));
    }

    private static void call(@Nullable String error, Runnable call) {
        if (error == null) {
            call.run();
        } else {
            String message = assertThrows(IllegalStateException.class, call::run).getMessage();
            assertEquals(error, message.substring(0, error.length()));
        }
    }

    private static void after(TcpScript tcp, @Nullable String out, String next) {
        tcp.out(out == null ? new String[0] : new String[] {out}).state(state(next));
    }
}
