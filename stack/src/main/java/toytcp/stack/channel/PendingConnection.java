package toytcp.stack.channel;

import io.netty.util.concurrent.Future;

import java.net.InetSocketAddress;

/// A connection attempt that nothing was answered to yet: the application decides.
///
/// A server channel with [TcpChannelOption#TCP_PENDING_ACCEPT_MILLIS] fires one as a user event in its
/// own pipeline for each SYN. A proxy connects upstream first, and accepts only then:
///
/// ```java
/// new ServerBootstrap()
///         .option(TcpChannelOption.TCP_PENDING_ACCEPT_MILLIS, 30_000)
///         .handler(new ChannelInboundHandlerAdapter() {
///             public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
///                 if (event instanceof PendingConnection pending) {
///                     upstream.connect(pending.localAddress()).addListener(
///                             connected -> { if (connected.isSuccess()) pending.accept(); else pending.reject(); });
///                 } else {
///                     ctx.fireUserEventTriggered(event);
///                 }
///             }
///         })
/// ```
///
/// What was accepted goes on as usual: the handshake is completed with the peer, then the child channel
/// is read from the server channel. All methods may be called from any thread. The first decision
/// counts, whoever takes it; later ones have no effect.
///
/// The peer repeats its SYN meanwhile, which causes no further events, and gives up in time, by itself
/// and in silence: Linux after two minutes, many programs much sooner. An attempt stands in the
/// listener's SYN queue, see [TcpChannelOption#TCP_MAX_SYN_BACKLOG], and occupies no more than that.
public interface PendingConnection {
    /// What became of an attempt.
    enum Outcome {
        /// [#accept()]: the handshake goes on.
        ACCEPTED,
        /// [#reject()]: the peer was refused.
        REJECTED,
        /// [#drop()]: the peer hears nothing.
        DROPPED,
        /// Nobody decided in time, or the SYN queue was full and needed the place: the peer hears nothing.
        EXPIRED,
        /// The peer took the attempt back.
        WITHDRAWN,
        /// The server channel, or the link, was closed: the peer was refused if that was possible.
        LISTENER_CLOSED
    }

    /// The destination of the SYN: the `localAddress()` of the later channel.
    InetSocketAddress localAddress();

    /// Where the SYN came from.
    InetSocketAddress remoteAddress();

    /// The maximum segment size that the peer announces, in octets; -1 if it does not.
    int maximumSegmentSize();

    /// The shift of the peer's windows, 0 to 14; -1 if it does not scale windows.
    int windowScale();

    /// Whether the peer understands selective acknowledgements.
    boolean isSackPermitted();

    /// Whether the peer sends timestamps.
    boolean hasTimestamps();

    /// Answers the SYN.
    ///
    /// @return whether this call decided
    boolean accept();

    /// Refuses by RST: `Connection refused` at the peer.
    ///
    /// @return whether this call decided
    boolean reject();

    /// Forgets the SYN, as a packet filter does. A repetition of it is a new attempt, with an event of
    /// its own.
    ///
    /// @return whether this call decided
    boolean drop();

    /// Done when it is decided; its listeners are called on the event loop of the server channel. It
    /// never fails.
    Future<Outcome> outcome();
}
