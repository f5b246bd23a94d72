package toytcp.stack.channel;

import io.netty.channel.ChannelOption;

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

    // Constants are made by the pool of ChannelOption; nobody calls this.
    @SuppressWarnings({"deprecation", "unused"})
    private TcpChannelOption() {
        super(null);
    }
}
