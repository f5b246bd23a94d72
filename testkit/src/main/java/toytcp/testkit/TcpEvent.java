package toytcp.testkit;

/// What a connection tells its user, see [toytcp.stack.tcp.TcpOutput].
public enum TcpEvent {
    /// The connection reached ESTABLISHED.
    ESTABLISHED,
    /// More octets can be read.
    READABLE,
    /// The peer's FIN is next.
    PEER_CLOSED,
    /// The peer signalled urgent data.
    URGENT,
    /// A router told of something that does not end the connection.
    SOFT_ERROR,
    /// Acknowledged octets left the send buffer.
    WRITABLE,
    /// The same data was retransmitted R1 times.
    RETRANSMISSION_TROUBLE,
    /// The connection is at its end; the reason is asserted by [TcpScript#closed].
    CLOSED
}
