package toytcp.stack.channel;

import io.netty.channel.ChannelOption;

import toytcp.stack.tcp.EcnPolicy;

/// Options of TCP channels beyond the stock [ChannelOption]s, with the names and units that Netty's
/// epoll transport gave them.
///
/// @param <T> the type of the value
public final class TcpChannelOption<T> extends ChannelOption<T> {
    /// How long, in milliseconds, data may stay unacknowledged before the connection is closed; 0 for
    /// the stack's own limit (RFC 9293, 3.9.1.8; RFC 5482).
    public static final ChannelOption<Integer> TCP_USER_TIMEOUT =
            valueOf(TcpChannelOption.class, "TCP_USER_TIMEOUT");

    /// How many seconds a connection is idle before the first keep-alive probe: 1 to 32767. Takes
    /// effect with [ChannelOption#SO_KEEPALIVE].
    public static final ChannelOption<Integer> TCP_KEEPIDLE =
            valueOf(TcpChannelOption.class, "TCP_KEEPIDLE");

    /// How many seconds lie between keep-alive probes: 1 to 32767.
    public static final ChannelOption<Integer> TCP_KEEPINTVL =
            valueOf(TcpChannelOption.class, "TCP_KEEPINTVL");

    /// How many keep-alive probes stay unanswered before the connection is closed: 1 to 127.
    public static final ChannelOption<Integer> TCP_KEEPCNT =
            valueOf(TcpChannelOption.class, "TCP_KEEPCNT");

    /// Whether a segment that is not full waits for more octets to fill it, for 200 ms at most. What waits
    /// leaves when the option is cleared, or when [ChannelOption#TCP_NODELAY] is switched on, and a FIN
    /// waits for nothing.
    public static final ChannelOption<Boolean> TCP_CORK =
            valueOf(TcpChannelOption.class, "TCP_CORK");

    /// Whether what arrives is acknowledged at once, and not after a delay. Other than on Linux, where the
    /// kernel leaves this mode by itself, it lasts until it is cleared.
    public static final ChannelOption<Boolean> TCP_QUICKACK =
            valueOf(TcpChannelOption.class, "TCP_QUICKACK");

    /// How many octets may wait in the send buffer without having been sent, before the channel accepts
    /// no more: 0 to 4294967295; 0 for as many as [ChannelOption#SO_SNDBUF] holds. At least a segment is
    /// always accepted.
    public static final ChannelOption<Long> TCP_NOTSENT_LOWAT =
            valueOf(TcpChannelOption.class, "TCP_NOTSENT_LOWAT");

    /// An upper bound of the maximum segment size, our own and, in the MSS option, the peer's: 88 to 32767
    /// octets of data and TCP options, or 0 to leave it to the route. Takes effect in the handshake only
    /// (RFC 9293, 3.7.1).
    public static final ChannelOption<Integer> TCP_MAXSEG =
            valueOf(TcpChannelOption.class, "TCP_MAXSEG");

    /// Whether larger and smaller segments are tried where routers do not say what fits (RFC 4821): 0 never, 1,
    /// the default, once a connection stands still, 2 from the beginning, which must be set before the
    /// connection begins. Named after Linux's sysctl.
    public static final ChannelOption<Integer> TCP_MTU_PROBING =
            valueOf(TcpChannelOption.class, "TCP_MTU_PROBING");

    /// The name of the congestion control algorithm, see
    /// [toytcp.stack.tcp.congestion.CongestionControllers]. A connection that is under way goes on with
    /// its window.
    public static final ChannelOption<String> TCP_CONGESTION =
            valueOf(TcpChannelOption.class, "TCP_CONGESTION");

    /// Whether and how explicit congestion notification is used; takes effect in the handshake only. On
    /// Linux this is the sysctl `tcp_ecn`, for all connections.
    public static final ChannelOption<EcnPolicy> TCP_ECN =
            valueOf(TcpChannelOption.class, "TCP_ECN");

    /// The time to live of what is sent: 1 to 255 routers (RFC 9293, 3.9.2, MUST-49).
    public static final ChannelOption<Integer> IP_TTL = valueOf(TcpChannelOption.class, "IP_TTL");

    /// Whether the channel fires a [TcpReport] as a user event for what does not end the connection: ICMP
    /// errors, retransmissions that go on, urgent data of the peer (RFC 9293, 3.9.1.8, MUST-47). Off by
    /// default, since other transports have nothing like it (SHLD-20).
    public static final ChannelOption<Boolean> TCP_REPORTS =
            valueOf(TcpChannelOption.class, "TCP_REPORTS");

    /// How many seconds the first data may be awaited before a connection is accepted: 0, the default,
    /// to 32767. A child channel then appears with its first data, and the bare ACK of the handshake is
    /// ignored.
    ///
    /// As in Linux, the time is rounded up to timeouts of the SYN,ACK (1, 3, 7, 15 ... seconds after it),
    /// and when it is over the SYN,ACK goes again: a peer that answers it is accepted without data.
    /// For server channels; read whenever a SYN arrives.
    public static final ChannelOption<Integer> TCP_DEFER_ACCEPT =
            valueOf(TcpChannelOption.class, "TCP_DEFER_ACCEPT");

    /// How many connections of a server channel may be half open: 1 to 2^20, 16384 by default, at some 250
    /// octets each; named after Linux's sysctl. [ChannelOption#SO_BACKLOG] limits those that wait to be
    /// accepted.
    ///
    /// When there are as many, a new SYN takes the place of the oldest if that is half a second old (RFC
    /// 4987, 3.4), and is ignored if not. Under a flood of forged SYNs an honest peer is served at the first
    /// attempt as long as fewer than twice as many SYNs come in a second, and at one of its later attempts
    /// with a chance in proportion beyond that. Read when the channel is bound.
    public static final ChannelOption<Integer> TCP_MAX_SYN_BACKLOG =
            valueOf(TcpChannelOption.class, "TCP_MAX_SYN_BACKLOG");

    /// How many milliseconds a connection attempt waits for the application's decision: 0, the default,
    /// accepts each at once; up to 3,600,000. With it, a server channel fires a [PendingConnection] as a
    /// user event for each SYN, reading or not. An attempt that nobody decides in time is dropped in
    /// silence, and counted. For server channels; read whenever a SYN arrives.
    public static final ChannelOption<Integer> TCP_PENDING_ACCEPT_MILLIS =
            valueOf(TcpChannelOption.class, "TCP_PENDING_ACCEPT_MILLIS");

    // Constants are made by the pool of ChannelOption; nobody calls this.
    @SuppressWarnings({"deprecation", "unused"})
    private TcpChannelOption() {
        super(null);
    }
}
