package toytcp.testkit;

import toytcp.stack.tcp.TcpState;

/// The arrows of the state diagram (RFC 9293, 3.3.2, Figure 5).
///
/// The figure "addresses neither error conditions nor actions that are not connected with state changes":
/// an abort, a reset or a timeout leads from every state to CLOSED.
final class StateDiagram {
    private StateDiagram() {}

    /// Whether a connection may go this way in one step.
    static boolean allows(TcpState from, TcpState to) {
        if (to == TcpState.CLOSED) {
            return from != TcpState.CLOSED;
        }
        return switch (from) {
            // A passive open tells of itself once the handshake is complete: LISTEN has no
            // connection.
            case CLOSED, LISTEN -> to == TcpState.SYN_SENT || to == TcpState.SYN_RECEIVED;
            case SYN_SENT -> to == TcpState.SYN_RECEIVED || to == TcpState.ESTABLISHED;
            case SYN_RECEIVED -> to == TcpState.ESTABLISHED || to == TcpState.FIN_WAIT_1;
            case ESTABLISHED -> to == TcpState.FIN_WAIT_1 || to == TcpState.CLOSE_WAIT;
            // The way to TIME-WAIT with one segment is taken in two steps, by FIN-WAIT-2.
            case FIN_WAIT_1 -> to == TcpState.FIN_WAIT_2 || to == TcpState.CLOSING;
            case FIN_WAIT_2, CLOSING -> to == TcpState.TIME_WAIT;
            case CLOSE_WAIT -> to == TcpState.LAST_ACK;
            case LAST_ACK, TIME_WAIT -> false;
        };
    }
}
