package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.testkit.Rfc;
import toytcp.testkit.TcpScript;

/// RFC 9293, 3.10.7, SEGMENT ARRIVES, as a table: `state | segment in | segments out | next state`.
///
/// Segments out are separated by `;`, none means silence. What SND.UNA, SND.NXT and RCV.NXT are in
/// each state says [States]. The protection of RFC 5961 that RFC 9293 describes is on; in SYN-SENT
/// the sequence number of an RST is not looked at, because RCV.NXT is not known there (erratum 8167).
/// `SYN-RECEIVED` stands for a passive open, `SYN-RECEIVED active` for a simultaneous one.
class SegmentArrivesTableTest {
    @Rfc(number = 9293, section = "3.10.7.1", id = "SEG-CLOSED")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # "An incoming segment containing a RST is discarded."
                    CLOSED | R 5:5              |               | CLOSED
                    CLOSED | R. 5:5 ack 7       |               | CLOSED
                    CLOSED | R 5:105            |               | CLOSED
                    # "If the ACK bit is off, sequence number zero is used"
                    CLOSED | S 5:5              | R. 0:0 ack 6  | CLOSED
                    CLOSED | S 5:105            | R. 0:0 ack 106| CLOSED
                    CLOSED | F 5:5              | R. 0:0 ack 6  | CLOSED
                    CLOSED | F 5:105            | R. 0:0 ack 106| CLOSED
                    CLOSED | - 5:5              | R. 0:0 ack 5  | CLOSED
                    CLOSED | P 5:105            | R. 0:0 ack 105| CLOSED
                    CLOSED | U 5:5 urg 1        | R. 0:0 ack 5  | CLOSED
                    CLOSED | S 4294967295:4294967295 | R. 0:0 ack 0 | CLOSED
                    # "If the ACK bit is on, <SEQ=SEG.ACK><CTL=RST>"
                    CLOSED | . 5:5 ack 7        | R 7:7         | CLOSED
                    CLOSED | S. 5:5 ack 7       | R 7:7         | CLOSED
                    CLOSED | F. 5:5 ack 7       | R 7:7         | CLOSED
                    CLOSED | P. 5:105 ack 7     | R 7:7         | CLOSED
                    CLOSED | U. 5:5 ack 7 urg 1 | R 7:7         | CLOSED
                    """)
    void inClosedEverythingButAResetIsAnsweredByAReset(
            String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    @Rfc(number = 9293, section = "3.10.7.2", id = "SEG-LISTEN")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # First, check for a RST
                    LISTEN | R 5:5              |               | LISTEN
                    LISTEN | R. 5:5 ack 7       |               | LISTEN
                    # Second, check for an ACK
                    LISTEN | . 5:5 ack 7        | R 7:7         | LISTEN
                    LISTEN | S. 5:5 ack 7       | R 7:7         | LISTEN
                    LISTEN | F. 5:5 ack 7       | R 7:7         | LISTEN
                    LISTEN | P. 5:105 ack 7     | R 7:7         | LISTEN
                    # Third, check for a SYN
                    LISTEN | S 0:0              | S. 0:0 ack 1  | SYN-RECEIVED
                    LISTEN | S 5:5              | S. 0:0 ack 6  | SYN-RECEIVED
                    LISTEN | S 5:5 <mss 536>    | S. 0:0 ack 6  | SYN-RECEIVED
                    LISTEN | SEW 5:5            | SE. 0:0 ack 6 | SYN-RECEIVED
                    LISTEN | S 5:105            | S. 0:0 ack 6  | SYN-RECEIVED
                    LISTEN | S 4294967295:4294967295 | S. 0:0 ack 0 | SYN-RECEIVED
                    # Fourth, other data or control
                    LISTEN | - 5:5              |               | LISTEN
                    LISTEN | P 5:105            |               | LISTEN
                    LISTEN | F 5:5              |               | LISTEN
                    LISTEN | U 5:5 urg 1        |               | LISTEN
                    """)
    void inListenOnlyASynWithoutAckOpens(
            String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    @Rfc(number = 9293, section = "3.10.7.3", id = "SEG-SYN-SENT")
    @Rfc(number = 5961, section = "3.2", id = "3.2-6")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # First, check the ACK bit: SEG.ACK =< ISS or SEG.ACK > SND.NXT
                    SYN-SENT | . 5:5 ack 0        | R 0:0         | SYN-SENT
                    SYN-SENT | . 5:5 ack 2        | R 2:2         | SYN-SENT
                    SYN-SENT | S. 5:5 ack 0       | R 0:0         | SYN-SENT
                    SYN-SENT | S. 5:5 ack 2       | R 2:2         | SYN-SENT
                    SYN-SENT | S. 5:5 ack 4294967295 | R 4294967295:4294967295 | SYN-SENT
                    SYN-SENT | F. 5:5 ack 2       | R 2:2         | SYN-SENT
                    SYN-SENT | R. 5:5 ack 0       |               | SYN-SENT
                    SYN-SENT | R. 5:5 ack 2       |               | SYN-SENT
                    # Second, check the RST bit
                    SYN-SENT | R. 0:0 ack 1       |               | CLOSED
                    SYN-SENT | R. 5:5 ack 1       |               | CLOSED
                    SYN-SENT | R 0:0              |               | SYN-SENT
                    SYN-SENT | R 1:1              |               | SYN-SENT
                    # Fourth, check the SYN bit
                    SYN-SENT | S. 0:0 ack 1       | . 1:1 ack 1   | ESTABLISHED
                    SYN-SENT | S. 5:5 ack 1       | . 1:1 ack 6   | ESTABLISHED
                    SYN-SENT | S. 0:100 ack 1     | . 1:1 ack 101 | ESTABLISHED
                    SYN-SENT | S 0:0              | S. 0:0 ack 1  | SYN-RECEIVED active
                    SYN-SENT | S 5:5              | S. 0:0 ack 6  | SYN-RECEIVED active
                    # Fifth, if neither of the SYN or RST bits is set
                    SYN-SENT | . 0:0 ack 1        |               | SYN-SENT
                    SYN-SENT | P. 1:101 ack 1     |               | SYN-SENT
                    SYN-SENT | F. 0:0 ack 1       |               | SYN-SENT
                    SYN-SENT | F 0:0              |               | SYN-SENT
                    SYN-SENT | - 1:101            |               | SYN-SENT
                    """)
    void inSynSentAnAcknowledgedSynEstablishes(
            String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    @Rfc(number = 9293, section = "3.10.7.4", id = "SEG-SEQ")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # "If an incoming segment is not acceptable, an acknowledgment should be sent"
                    SYN-RECEIVED        | . 0:0 ack 1          | . 1:1 ack 1     | SYN-RECEIVED
                    SYN-RECEIVED        | . 20000:20000 ack 1  | . 1:1 ack 1     | SYN-RECEIVED
                    SYN-RECEIVED        | P. 20000:20100 ack 1 | . 1:1 ack 1     | SYN-RECEIVED
                    SYN-RECEIVED active | . 0:0 ack 1          | . 1:1 ack 1     | SYN-RECEIVED active
                    SYN-RECEIVED active | . 20000:20000 ack 1  | . 1:1 ack 1     | SYN-RECEIVED active
                    ESTABLISHED | . 0:0 ack 101         | . 101:101 ack 1     | ESTABLISHED
                    ESTABLISHED | . 0:1 ack 1           | . 101:101 ack 1     | ESTABLISHED
                    ESTABLISHED | - 0:0                 | . 101:101 ack 1     | ESTABLISHED
                    ESTABLISHED | . 10002:10002 ack 1   | . 101:101 ack 1     | ESTABLISHED
                    ESTABLISHED | . 10001:10101 ack 1   | . 101:101 ack 1     | ESTABLISHED
                    ESTABLISHED | F. 0:0 ack 1          | . 101:101 ack 1     | ESTABLISHED
                    FIN-WAIT-1  | . 0:0 ack 102         | . 102:102 ack 1     | FIN-WAIT-1
                    FIN-WAIT-1  | F. 20000:20000 ack 102| . 102:102 ack 1     | FIN-WAIT-1
                    FIN-WAIT-2  | . 0:0 ack 102         | . 102:102 ack 1     | FIN-WAIT-2
                    FIN-WAIT-2  | F. 20000:20000 ack 102| . 102:102 ack 1     | FIN-WAIT-2
                    CLOSE-WAIT  | . 1:1 ack 101         | . 101:101 ack 2     | CLOSE-WAIT
                    CLOSE-WAIT  | F. 1:1 ack 1          | . 101:101 ack 2     | CLOSE-WAIT
                    CLOSE-WAIT  | . 20000:20000 ack 1   | . 101:101 ack 2     | CLOSE-WAIT
                    CLOSING     | . 1:1 ack 102         | . 102:102 ack 2     | CLOSING
                    CLOSING     | F. 1:1 ack 101        | . 102:102 ack 2     | CLOSING
                    CLOSING     | . 20000:20000 ack 102 | . 102:102 ack 2     | CLOSING
                    LAST-ACK    | . 1:1 ack 102         | . 102:102 ack 2     | LAST-ACK
                    LAST-ACK    | F. 1:1 ack 1          | . 102:102 ack 2     | LAST-ACK
                    LAST-ACK    | . 20000:20000 ack 102 | . 102:102 ack 2     | LAST-ACK
                    TIME-WAIT   | F. 1:1 ack 102        | . 102:102 ack 2     | TIME-WAIT
                    TIME-WAIT   | . 1:1 ack 102         | . 102:102 ack 2     | TIME-WAIT
                    TIME-WAIT   | . 20000:20000 ack 102 | . 102:102 ack 2     | TIME-WAIT
                    # "only the new parts are processed"
                    ESTABLISHED | . 0:101 ack 1         | . 101:101 ack 101   | ESTABLISHED
                    ESTABLISHED | . 1:10101 ack 1       | . 101:101 ack 10001 | ESTABLISHED
                    # The last number of the window is in it
                    ESTABLISHED | . 10000:10000 ack 101 |                     | ESTABLISHED
                    # So is the one after it for a peer that has filled it (a deviation)
                    ESTABLISHED | . 10001:10001 ack 101 |                     | ESTABLISHED
                    """)
    void firstTheSequenceNumberIsChecked(
            String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    @Rfc(number = 9293, section = "3.10.7.4", id = "SEG-RST")
    @Rfc(number = 5961, section = "3.2", id = "3.2-1")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-4")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-5")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-6")
    @Rfc(number = 9293, section = "3.5", id = "MUST-11")
    @Rfc(number = 5961, section = "3.2", id = "3.2-2")
    @Rfc(number = 5961, section = "3.2", id = "3.2-3")
    @Rfc(number = 5961, section = "3.2", id = "3.2-4")
    @Rfc(number = 5961, section = "3.2", id = "3.2-5")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # 1) "outside the current receive window, silently drop the segment"
                    SYN-RECEIVED        | R 0:0           |                 | SYN-RECEIVED
                    SYN-RECEIVED        | R 20000:20000   |                 | SYN-RECEIVED
                    SYN-RECEIVED active | R 0:0           |                 | SYN-RECEIVED active
                    ESTABLISHED         | R 0:0           |                 | ESTABLISHED
                    ESTABLISHED         | R 10001:10001   |                 | ESTABLISHED
                    ESTABLISHED         | R. 0:0 ack 101  |                 | ESTABLISHED
                    FIN-WAIT-1          | R 0:0           |                 | FIN-WAIT-1
                    FIN-WAIT-2          | R 20000:20000   |                 | FIN-WAIT-2
                    CLOSE-WAIT          | R 1:1           |                 | CLOSE-WAIT
                    CLOSING             | R 1:1           |                 | CLOSING
                    LAST-ACK            | R 20000:20000   |                 | LAST-ACK
                    TIME-WAIT           | R 1:1           |                 | TIME-WAIT
                    # 2) "exactly matches the next expected sequence number"
                    SYN-RECEIVED        | R 1:1           |                 | LISTEN
                    SYN-RECEIVED        | R. 1:1 ack 1    |                 | LISTEN
                    SYN-RECEIVED active | R 1:1           |                 | CLOSED
                    SYN-RECEIVED active | R. 1:1 ack 1    |                 | CLOSED
                    ESTABLISHED         | R 1:1           |                 | CLOSED
                    ESTABLISHED         | R. 1:1 ack 1    |                 | CLOSED
                    ESTABLISHED         | R 1:101         |                 | CLOSED
                    FIN-WAIT-1          | R 1:1           |                 | CLOSED
                    FIN-WAIT-2          | R 1:1           |                 | CLOSED
                    CLOSE-WAIT          | R 2:2           |                 | CLOSED
                    CLOSING             | R 2:2           |                 | CLOSED
                    LAST-ACK            | R 2:2           |                 | CLOSED
                    TIME-WAIT           | R 2:2           |                 | CLOSED
                    # 3) "within the current receive window": challenge ACK
                    SYN-RECEIVED        | R 2:2           | . 1:1 ack 1     | SYN-RECEIVED
                    SYN-RECEIVED active | R 2:2           | . 1:1 ack 1     | SYN-RECEIVED active
                    ESTABLISHED         | R 2:2           | . 101:101 ack 1 | ESTABLISHED
                    ESTABLISHED         | R 10000:10000   | . 101:101 ack 1 | ESTABLISHED
                    ESTABLISHED         | R. 2:2 ack 101  | . 101:101 ack 1 | ESTABLISHED
                    FIN-WAIT-1          | R 2:2           | . 102:102 ack 1 | FIN-WAIT-1
                    FIN-WAIT-2          | R 2:2           | . 102:102 ack 1 | FIN-WAIT-2
                    CLOSE-WAIT          | R 3:3           | . 101:101 ack 2 | CLOSE-WAIT
                    CLOSING             | R 3:3           | . 102:102 ack 2 | CLOSING
                    LAST-ACK            | R 3:3           | . 102:102 ack 2 | LAST-ACK
                    TIME-WAIT           | R 3:3           | . 102:102 ack 2 | TIME-WAIT
                    """)
    void secondOnlyAnExactResetEndsTheConnection(
            String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    @Rfc(number = 9293, section = "3.10.7.4", id = "SEG-SYN")
    @Rfc(number = 5961, section = "4.2", id = "4.2-1")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-7")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-8")
    @Rfc(number = 9293, section = "3.5", id = "MUST-11")
    @Rfc(number = 5961, section = "4.2", id = "4.2-2")
    @Rfc(number = 5961, section = "4.2", id = "4.2-3")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # "If the connection was initiated with a passive OPEN, then return to LISTEN"
                    SYN-RECEIVED        | S 1:1              |                 | LISTEN
                    SYN-RECEIVED        | S. 1:1 ack 1       |                 | LISTEN
                    SYN-RECEIVED active | S 1:1              | . 1:1 ack 1     | SYN-RECEIVED active
                    # "irrespective of the sequence number, TCP endpoints MUST send a challenge ACK"
                    ESTABLISHED         | S 0:0              | . 101:101 ack 1 | ESTABLISHED
                    ESTABLISHED         | S. 0:0 ack 1       | . 101:101 ack 1 | ESTABLISHED
                    ESTABLISHED         | S 1:1              | . 101:101 ack 1 | ESTABLISHED
                    ESTABLISHED         | S. 1:1 ack 101     | . 101:101 ack 1 | ESTABLISHED
                    ESTABLISHED         | S 500:500          | . 101:101 ack 1 | ESTABLISHED
                    ESTABLISHED         | S 20000:20000      | . 101:101 ack 1 | ESTABLISHED
                    FIN-WAIT-1          | S 1:1              | . 102:102 ack 1 | FIN-WAIT-1
                    FIN-WAIT-1          | S. 0:0 ack 1       | . 102:102 ack 1 | FIN-WAIT-1
                    FIN-WAIT-2          | S 1:1              | . 102:102 ack 1 | FIN-WAIT-2
                    FIN-WAIT-2          | S 20000:20000      | . 102:102 ack 1 | FIN-WAIT-2
                    CLOSE-WAIT          | S 2:2              | . 101:101 ack 2 | CLOSE-WAIT
                    CLOSE-WAIT          | S 0:0              | . 101:101 ack 2 | CLOSE-WAIT
                    CLOSING             | S 2:2              | . 102:102 ack 2 | CLOSING
                    CLOSING             | S 0:0              | . 102:102 ack 2 | CLOSING
                    LAST-ACK            | S 2:2              | . 102:102 ack 2 | LAST-ACK
                    LAST-ACK            | S 20000:20000      | . 102:102 ack 2 | LAST-ACK
                    TIME-WAIT           | S 2:2              | . 102:102 ack 2 | TIME-WAIT
                    TIME-WAIT           | S 0:0              | . 102:102 ack 2 | TIME-WAIT
                    """)
    void fourthASynIsChallenged(String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    @Rfc(number = 9293, section = "3.10.7.4", id = "SEG-ACK")
    @Rfc(number = 5961, section = "5.2", id = "5.2-1")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-9")
    @Rfc(number = 9293, section = "3.10.7.4", id = "U-10")
    @Rfc(number = 5961, section = "5.2", id = "5.2-2")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # "if the ACK bit is off, drop the segment"
                    SYN-RECEIVED        | - 1:1               |                   | SYN-RECEIVED
                    SYN-RECEIVED        | P 1:101             |                   | SYN-RECEIVED
                    SYN-RECEIVED active | F 1:1               |                   | SYN-RECEIVED active
                    ESTABLISHED         | - 1:1               |                   | ESTABLISHED
                    ESTABLISHED         | P 1:101             |                   | ESTABLISHED
                    ESTABLISHED         | F 1:1               |                   | ESTABLISHED
                    FIN-WAIT-1          | F 1:1               |                   | FIN-WAIT-1
                    FIN-WAIT-2          | P 1:101             |                   | FIN-WAIT-2
                    FIN-WAIT-2          | F 1:1               |                   | FIN-WAIT-2
                    CLOSE-WAIT          | - 2:2               |                   | CLOSE-WAIT
                    CLOSING             | - 2:2               |                   | CLOSING
                    LAST-ACK            | - 2:2               |                   | LAST-ACK
                    TIME-WAIT           | - 2:2               |                   | TIME-WAIT
                    # SYN-RECEIVED: "If the segment acknowledgment is not acceptable, form a reset"
                    SYN-RECEIVED        | . 1:1 ack 0         | R 0:0             | SYN-RECEIVED
                    SYN-RECEIVED        | . 1:1 ack 2         | R 2:2             | SYN-RECEIVED
                    SYN-RECEIVED        | . 1:1 ack 1         |                   | ESTABLISHED
                    SYN-RECEIVED active | . 1:1 ack 0         | R 0:0             | SYN-RECEIVED active
                    SYN-RECEIVED active | . 1:1 ack 2         | R 2:2             | SYN-RECEIVED active
                    SYN-RECEIVED active | . 1:1 ack 1         |                   | ESTABLISHED
                    # Old, current, partial, complete; then of something not yet sent
                    ESTABLISHED         | . 1:1 ack 0         |                   | ESTABLISHED
                    ESTABLISHED         | . 1:1 ack 1         |                   | ESTABLISHED
                    ESTABLISHED         | . 1:1 ack 51        |                   | ESTABLISHED
                    ESTABLISHED         | . 1:1 ack 101       |                   | ESTABLISHED
                    ESTABLISHED         | . 1:1 ack 102       | . 101:101 ack 1   | ESTABLISHED
                    ESTABLISHED         | P. 1:101 ack 102    | . 101:101 ack 1   | ESTABLISHED
                    ESTABLISHED         | F. 1:1 ack 102      | . 101:101 ack 1   | ESTABLISHED
                    # SND.UNA - MAX.SND.WND is the oldest that is acceptable: 1 - 65535
                    ESTABLISHED         | . 1:1 ack 4294901762 |                  | ESTABLISHED
                    ESTABLISHED         | . 1:1 ack 4294901761 | . 101:101 ack 1  | ESTABLISHED
                    FIN-WAIT-1          | . 1:1 ack 1         |                   | FIN-WAIT-1
                    FIN-WAIT-1          | . 1:1 ack 101       |                   | FIN-WAIT-1
                    FIN-WAIT-1          | . 1:1 ack 102       |                   | FIN-WAIT-2
                    FIN-WAIT-1          | . 1:1 ack 103       | . 102:102 ack 1   | FIN-WAIT-1
                    FIN-WAIT-2          | . 1:1 ack 101       |                   | FIN-WAIT-2
                    FIN-WAIT-2          | . 1:1 ack 102       |                   | FIN-WAIT-2
                    FIN-WAIT-2          | . 1:1 ack 103       | . 102:102 ack 1   | FIN-WAIT-2
                    CLOSE-WAIT          | . 2:2 ack 1         |                   | CLOSE-WAIT
                    CLOSE-WAIT          | . 2:2 ack 101       |                   | CLOSE-WAIT
                    CLOSE-WAIT          | . 2:2 ack 102       | . 101:101 ack 2   | CLOSE-WAIT
                    CLOSING             | . 2:2 ack 101       |                   | CLOSING
                    CLOSING             | . 2:2 ack 102       |                   | TIME-WAIT
                    CLOSING             | . 2:2 ack 103       | . 102:102 ack 2   | CLOSING
                    LAST-ACK            | . 2:2 ack 1         |                   | LAST-ACK
                    LAST-ACK            | . 2:2 ack 101       |                   | LAST-ACK
                    LAST-ACK            | . 2:2 ack 102       |                   | CLOSED
                    LAST-ACK            | . 2:2 ack 103       | . 102:102 ack 2   | LAST-ACK
                    TIME-WAIT           | . 2:2 ack 102       |                   | TIME-WAIT
                    TIME-WAIT           | . 2:2 ack 103       | . 102:102 ack 2   | TIME-WAIT
                    """)
    void fifthTheAcknowledgementIsChecked(
            String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    @Rfc(number = 9293, section = "3.10.7.4", id = "SEG-URG")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    SYN-RECEIVED | U. 1:1 ack 1 urg 5      |                   | ESTABLISHED
                    ESTABLISHED  | U. 1:1 ack 1 urg 5      |                   | ESTABLISHED
                    ESTABLISHED  | U. 1:101 ack 1 urg 50   | . 101:101 ack 101 | ESTABLISHED
                    FIN-WAIT-1   | U. 1:1 ack 1 urg 5      |                   | FIN-WAIT-1
                    FIN-WAIT-2   | U. 1:1 ack 102 urg 5    |                   | FIN-WAIT-2
                    CLOSE-WAIT   | U. 2:2 ack 1 urg 5      |                   | CLOSE-WAIT
                    CLOSING      | U. 2:2 ack 101 urg 5    |                   | CLOSING
                    LAST-ACK     | U. 2:2 ack 1 urg 5      |                   | LAST-ACK
                    TIME-WAIT    | U. 2:2 ack 102 urg 5    |                   | TIME-WAIT
                    """)
    void sixthTheUrgentPointerIsTaken(String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    @Rfc(number = 9293, section = "3.10.7.4", id = "SEG-TEXT")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    SYN-RECEIVED | P. 1:101 ack 1          | . 1:1 ack 101     | ESTABLISHED
                    SYN-RECEIVED | . 101:201 ack 1         | . 1:1 ack 1       | ESTABLISHED
                    SYN-RECEIVED active | P. 1:101 ack 1   | . 1:1 ack 101     | ESTABLISHED
                    ESTABLISHED  | P. 1:101 ack 1          | . 101:101 ack 101 | ESTABLISHED
                    ESTABLISHED  | . 1:101 ack 101         | . 101:101 ack 101 | ESTABLISHED
                    ESTABLISHED  | . 101:201 ack 1         | . 101:101 ack 1   | ESTABLISHED
                    ESTABLISHED  | . 9901:10101 ack 1      | . 101:101 ack 1   | ESTABLISHED
                    FIN-WAIT-1   | P. 1:101 ack 1          | . 102:102 ack 101 | FIN-WAIT-1
                    FIN-WAIT-1   | P. 1:101 ack 102        | . 102:102 ack 101 | FIN-WAIT-2
                    FIN-WAIT-2   | P. 1:101 ack 102        | . 102:102 ack 101 | FIN-WAIT-2
                    FIN-WAIT-2   | . 101:201 ack 102       | . 102:102 ack 1   | FIN-WAIT-2
                    # "This should not occur [...]. Ignore the segment text."
                    CLOSE-WAIT   | P. 2:102 ack 1          |                   | CLOSE-WAIT
                    CLOSING      | P. 2:102 ack 101        |                   | CLOSING
                    LAST-ACK     | P. 2:102 ack 1          |                   | LAST-ACK
                    TIME-WAIT    | P. 2:102 ack 102        |                   | TIME-WAIT
                    """)
    void seventhTheTextIsProcessed(String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    @Rfc(number = 9293, section = "3.10.7.4", id = "SEG-FIN")
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    SYN-RECEIVED | F. 1:1 ack 1            | . 1:1 ack 2       | CLOSE-WAIT
                    SYN-RECEIVED | F. 1:101 ack 1          | . 1:1 ack 102     | CLOSE-WAIT
                    SYN-RECEIVED active | F. 1:1 ack 1     | . 1:1 ack 2       | CLOSE-WAIT
                    ESTABLISHED  | F. 1:1 ack 1            | . 101:101 ack 2   | CLOSE-WAIT
                    ESTABLISHED  | FP. 1:101 ack 101       | . 101:101 ack 102 | CLOSE-WAIT
                    ESTABLISHED  | F. 101:101 ack 1        | . 101:101 ack 1   | ESTABLISHED
                    ESTABLISHED  | F. 0:51 ack 1           | . 101:101 ack 52  | CLOSE-WAIT
                    FIN-WAIT-1   | F. 1:1 ack 1            | . 102:102 ack 2   | CLOSING
                    FIN-WAIT-1   | F. 1:1 ack 101          | . 102:102 ack 2   | CLOSING
                    FIN-WAIT-1   | F. 1:101 ack 101        | . 102:102 ack 102 | CLOSING
                    FIN-WAIT-1   | F. 1:1 ack 102          | . 102:102 ack 2   | TIME-WAIT
                    FIN-WAIT-1   | F. 101:101 ack 102      | . 102:102 ack 1   | FIN-WAIT-2
                    FIN-WAIT-2   | F. 1:1 ack 102          | . 102:102 ack 2   | TIME-WAIT
                    FIN-WAIT-2   | FP. 1:101 ack 102       | . 102:102 ack 102 | TIME-WAIT
                    FIN-WAIT-2   | F. 101:101 ack 102      | . 102:102 ack 1   | FIN-WAIT-2
                    # "Remain in the [...] state": the FIN was there already
                    CLOSE-WAIT   | F. 1:1 ack 1            | . 101:101 ack 2   | CLOSE-WAIT
                    CLOSE-WAIT   | F. 2:2 ack 1            |                   | CLOSE-WAIT
                    CLOSING      | F. 1:1 ack 101          | . 102:102 ack 2   | CLOSING
                    CLOSING      | F. 2:2 ack 101          |                   | CLOSING
                    LAST-ACK     | F. 1:1 ack 1            | . 102:102 ack 2   | LAST-ACK
                    LAST-ACK     | F. 2:2 ack 1            |                   | LAST-ACK
                    TIME-WAIT    | F. 1:1 ack 102          | . 102:102 ack 2   | TIME-WAIT
                    TIME-WAIT    | F. 2:2 ack 102          |                   | TIME-WAIT
                    """)
    void eighthTheFinIsChecked(String state, String in, @Nullable String out, String next) {
        row(state, in, out, next);
    }

    private static void row(String state, String in, @Nullable String out, String next) {
        TcpScript tcp = States.reach(state(state), !state.endsWith("active"));
        tcp.in(in).out(out == null ? new String[0] : out.split(";")).state(state(next));
    }

    private static TcpState state(String name) {
        return TcpState.valueOf(name.replace(" active", "").replace('-', '_'));
    }
}
