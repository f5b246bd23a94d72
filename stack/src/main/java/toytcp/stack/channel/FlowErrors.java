package toytcp.stack.channel;

import io.netty.channel.ConnectTimeoutException;

import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.util.concurrent.TimeUnit;

/// The exceptions that users see when a connection fails: the types that callers of kernel sockets
/// catch already, with messages that say what happened, to which flow, and what to try.
final class FlowErrors {
    private FlowErrors() {}

    /// For a connection that was established, or half-way there, when it ended for `reason`.
    static IOException closed(
            CloseReason reason, String flow, boolean established, TcpConfig config) {
        return switch (reason) {
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
            case TIMED_OUT -> established ? timedOut(flow, config) : connectTimedOut(flow, config);
            case KEEP_ALIVE_TIMED_OUT ->
                    new SocketException(
                            "Connection timed out: %s: the peer answered none of %d keep-alive probes; it or the path is down, see TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT"
                                    .formatted(flow, config.keepAliveProbes()));
            case NORMAL, ABORTED -> new SocketException("Connection closed: " + flow);
        };
    }

    private static IOException connectTimedOut(String flow, TcpConfig config) {
        return new ConnectTimeoutException(
                "Connection timed out: %s: no answer to the SYN in %d s; the host is down, or a packet filter drops the packets"
                        .formatted(flow, TimeUnit.NANOSECONDS.toSeconds(config.synGiveUpNanos())));
    }

    private static IOException timedOut(String flow, TcpConfig config) {
        long nanos = config.userTimeoutNanos();
        String limit = "TCP_USER_TIMEOUT";
        if (nanos == 0) {
            nanos = config.giveUpNanos();
            limit = "giveUpNanos of the stack's TcpConfig";
        }
        return new SocketException(
                "Connection timed out: %s: the peer acknowledged nothing for %d ms; check the path, or allow more by %s"
                        .formatted(flow, TimeUnit.NANOSECONDS.toMillis(nanos), limit));
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
