package toytcp.stack.channel;

import io.netty.channel.ConnectTimeoutException;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.util.concurrent.TimeUnit;

/// The exceptions that users see when a connection fails: the types that callers of kernel sockets
/// catch already, with messages that say what happened, to which flow, and what to try.
final class FlowErrors {
    private FlowErrors() {}

    /// For a connection that was established, or half-way there, when it ended for `reason`.
    ///
    /// @param error what a router or the host said last about a segment that is not acknowledged
    static IOException closed(
            CloseReason reason,
            String flow,
            boolean established,
            TcpConfig config,
            @Nullable IcmpError error) {
        return switch (reason) {
            case UNREACHABLE -> unreachable(flow, error);
            case REFUSED ->
                    new ConnectException(
                            "Connection refused: "
                                    + flow
                                    + ": nobody listens there; check address and port");
            case RESET ->
                    new SocketException(
                            "Connection reset: "
                                    + flow
                                    + ": the peer closed it without reading everything, or"
                                    + " restarted");
            case TIMED_OUT ->
                    established
                            ? timedOut(flow, config, error)
                            : connectTimedOut(flow, config, error);
            case KEEP_ALIVE_TIMED_OUT ->
                    new SocketException(
                            "Connection timed out: %s: the peer answered none of %d keep-alive probes; it or the path is down, see TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT"
                                    .formatted(flow, config.keepAliveProbes()));
            case NORMAL, ABORTED -> new SocketException("Connection closed: " + flow);
        };
    }

    private static IOException unreachable(String flow, @Nullable IcmpError error) {
        boolean port =
                error != null
                        && error.type() == IcmpError.UNREACHABLE
                        && error.code() == IcmpError.PORT;
        return port
                ? new ConnectException(
                        "Connection refused: %s: %s; nobody listens there, or a packet filter rejects it"
                                .formatted(flow, error))
                : new NoRouteToHostException(
                        "No route to host: %s: %s; check the packet filters on the way, and the address"
                                .formatted(flow, error));
    }

    private static IOException connectTimedOut(
            String flow, TcpConfig config, @Nullable IcmpError error) {
        String why = "the host is down, or a packet filter drops the packets";
        return new ConnectTimeoutException(
                "Connection timed out: %s: no answer to the SYN in %d s; %s"
                        .formatted(
                                flow,
                                TimeUnit.NANOSECONDS.toSeconds(config.synGiveUpNanos()),
                                error == null ? why : error));
    }

    private static IOException timedOut(String flow, TcpConfig config, @Nullable IcmpError error) {
        long nanos = config.userTimeoutNanos();
        String limit = "TCP_USER_TIMEOUT";
        if (nanos == 0) {
            nanos = config.giveUpNanos();
            limit = "giveUpNanos of the stack's TcpConfig";
        }
        return new SocketException(
                "Connection timed out: %s: the peer acknowledged nothing for %d ms; %s, or allow more time by %s"
                        .formatted(
                                flow,
                                TimeUnit.NANOSECONDS.toMillis(nanos),
                                error == null ? "check the path" : error + "; mend that",
                                limit));
    }

    static SocketException linkClosed(String who) {
        return new SocketException(
                "Network is down: "
                        + who
                        + ": the link of this stack was closed; open a link with a new TcpStack");
    }

    static SocketException noLink(String who) {
        return new SocketException(
                "Network is down: "
                        + who
                        + ": the stack has no active link yet; first bind one: new"
                        + " Bootstrap().handler(stack.linkHandler())...bind(..).sync()");
    }
}
