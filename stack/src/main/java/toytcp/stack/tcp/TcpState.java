package toytcp.stack.tcp;

/// The states of RFC 9293, 3.3.2.
public enum TcpState {
    CLOSED,
    LISTEN,
    SYN_SENT,
    SYN_RECEIVED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    CLOSE_WAIT,
    CLOSING,
    LAST_ACK,
    TIME_WAIT;

    /// Whether both sides have seen each other's SYN (RFC 9293, 3.5.2).
    public boolean isSynchronized() {
        return ordinal() >= ESTABLISHED.ordinal();
    }

    /// Whether data can still arrive: the peer's FIN has not.
    public boolean canReceive() {
        return this == ESTABLISHED || this == FIN_WAIT_1 || this == FIN_WAIT_2;
    }

    /// The name as the RFC writes it: `SYN-RECEIVED`.
    public String rfcName() {
        return name().replace('_', '-');
    }
}
