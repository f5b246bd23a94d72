package toytcp.stack.channel;

import toytcp.codec.IcmpError;

/// What a connection has to tell that is no reason to end it (RFC 9293, 3.9.1.8): a user event in the
/// pipeline of a channel with the option [TcpChannelOption#TCP_REPORTS], and of no other.
///
/// ```java
/// public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
///     switch (event) {
///         case TcpReport.Unacknowledged _ -> status.show("waiting for " + ctx.channel().remoteAddress());
///         case TcpReport.SoftError soft -> status.show(soft.error().toString());
///         case TcpReport.UrgentAhead urgent -> discard(urgent.octets());
///         default -> ctx.fireUserEventTriggered(event);
///     }
/// }
/// ```
///
/// A report comes on the channel's event loop, whether the channel reads or not. Nobody has to do anything:
/// the connection goes on as it would without.
public sealed interface TcpReport {
    /// The peer said that data is urgent, or that more is (RFC 9293, 3.8.5, MUST-32). It comes in line, with
    /// the next reads; the octets behind it may be in the same buffer.
    ///
    /// @param octets how many octets of those that were not read yet go up to the end of the urgent data, whether
    ///     or not they have arrived: from 1. Whoever counts what it reads knows how much is left (MUST-33)
    record UrgentAhead(int octets) implements TcpReport {}

    /// A router, or the peer's host, cannot pass on what was sent (3.9.2.2, SHLD-25). It may be over in a
    /// moment, so the connection goes on trying.
    ///
    /// @param error what was said, and by whom
    record SoftError(IcmpError error) implements TcpReport {}

    /// The same data, or the SYN, was sent again R1 times, by default three, and is not acknowledged: the peer
    /// or the path may be down (3.8.3, SHLD-9). The connection goes on trying until R2: TCP_USER_TIMEOUT, or
    /// the stack's own limit.
    ///
    /// @param retransmissions how often
    record Unacknowledged(int retransmissions) implements TcpReport {}
}
