package toytcp.stack.tcp;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpError;
import toytcp.codec.TcpSegment;

/// Where a [TcpConnection] puts its results.
///
/// [#segment], [#stateChanged] and [#dropped] are called from within inputs and user calls and must
/// not call the connection back. The events below them are called at the end of
/// [TcpConnection#flush], once each per flush, when calling the connection back is safe.
public interface TcpOutput {
    /// A segment to send, without addresses and ports; the receiver of this call owns it.
    void segment(TcpSegment segment);

    /// A step of the state machine; for logs and counters.
    void stateChanged(TcpState from, TcpState to);

    /// An arriving segment was dropped, or its text was.
    void dropped(DropReason reason);

    /// The connection has found out how large packets to its peer may be, which other connections to the same
    /// host want to know. Called as [#segment] is.
    ///
    /// @param mtu octets of a packet, headers included: 68 to 65535
    default void pathMtu(int mtu) {}

    /// The connection reached ESTABLISHED.
    void established();

    /// [TcpConnection#readableBytes()] grew.
    void readable();

    /// The peer's FIN is next: once what is readable has been read, nothing more comes.
    void peerClosed();

    /// The peer signalled urgent data, or more of it, up to an offset that [TcpConnection#urgentBytes()]
    /// tells (RFC 9293, 3.8.5). Told before [#readable] is, so that nothing of it was read yet.
    void urgent();

    /// Acknowledged octets left the send buffer.
    void writable();

    /// A router or the peer's host told of something that does not end the connection, but may be why it
    /// gets on badly (RFC 9293, 3.9.1.8 and 3.9.2.2). Of several in one batch the last one is told.
    default void softError(IcmpError error) {}

    /// The same data was retransmitted R1 times: the path may be dead (RFC 9293, 3.8.3).
    void retransmissionTrouble();

    /// The connection is at its end: the state is CLOSED, no timer runs, nothing follows. What arrived
    /// before stays readable until the user closes or aborts. For TIME-WAIT this comes when it is over.
    void closed(CloseReason reason);
}
