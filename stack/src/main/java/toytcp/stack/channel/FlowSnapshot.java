package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.TcpInfo;
import toytcp.stack.tcp.TcpState;

import java.net.InetSocketAddress;

/// A connection, a connection attempt or a listener of a stack at one moment: a line of `ss -tin`.
///
/// @param local our end; for a listener on a network its first address, and the port, or 0 for several
/// @param listenAddress where a listener listens if not on one address and port; else null
/// @param remote the other end; null for a listener
/// @param state the state; `LISTEN` for a listener, `SYN_RECEIVED` for a half-open connection
/// @param receiveQueue octets that arrived and that the application has not taken yet; for a listener,
///     connections that wait to be accepted
/// @param sendQueue octets that the application gave and that the peer has not acknowledged; for a
///     listener, how many connections may wait to be accepted
/// @param halfOpen for a listener, how many connections are half open; else 0
/// @param halfOpenLimit for a listener, how many may be; else 0
/// @param timers the timers that are armed, each with the milliseconds until it is due:
///     `retransmission:200ms,give_up:900000ms`; empty if there are none, and for what is no connection yet
/// @param info everything else; null for listeners and half-open connections
public record FlowSnapshot(
        InetSocketAddress local,
        @Nullable ListenAddress listenAddress,
        @Nullable InetSocketAddress remote,
        TcpState state,
        int receiveQueue,
        int sendQueue,
        int halfOpen,
        int halfOpenLimit,
        String timers,
        @Nullable TcpInfo info) {

    static FlowSnapshot of(FlowDriver flow, long nowNanos) {
        TcpInfo info = flow.connection.info(nowNanos);
        return new FlowSnapshot(
                local(flow),
                null,
                remote(flow),
                info.state(),
                flow.connection.unconsumedBytes(),
                flow.connection.unacknowledgedBytes(),
                0,
                0,
                flow.connection.timers(nowNanos),
                info);
    }

    static FlowSnapshot of(HalfOpenEntry entry) {
        return new FlowSnapshot(
                local(entry), null, remote(entry), TcpState.SYN_RECEIVED, 0, 0, 0, 0, "", null);
    }

    static FlowSnapshot of(Listener listener) {
        LocalPorts.Binding binding = listener.binding();
        return new FlowSnapshot(
                new InetSocketAddress(binding.address(), binding.port()),
                binding.listenAddress(),
                null,
                TcpState.LISTEN,
                listener.acceptQueueLength(),
                listener.acceptQueueLimit(),
                listener.synQueueLength(),
                listener.synQueueLimit(),
                "",
                null);
    }

    /// `ESTABLISHED 0 0 10.0.0.1:61000 -> 10.0.1.1:80 cubic rto:201ms rtt:0.512/0.256ms mss:1448
    /// cwnd:10 ... timer:(retransmission:201ms)`, in one line; zeros are left out.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(state.rfcName());
        text.append(' ').append(receiveQueue).append(' ').append(sendQueue);
        text.append(' ');
        text.append(listenAddress == null ? Endpoints.end(local) : listenAddress);
        if (remote != null) {
            text.append(" -> ").append(Endpoints.end(remote));
        }
        append(text, "syns", halfOpen);
        if (info != null) {
            append(text, info);
        }
        if (!timers.isEmpty()) {
            text.append(" timer:(").append(timers).append(')');
        }
        return text.toString();
    }

    private static void append(StringBuilder text, TcpInfo info) {
        text.append(' ').append(info.congestionControl());
        append(text, "wscale", info.sndWscale(), info.rcvWscale(), ",", "");
        text.append(" rto:").append(info.rto() / 1000).append("ms");
        append(text, "rtt", info.rtt() / 1000.0, info.rttvar() / 1000.0, "/", "ms");
        append(text, "mss", info.sndMss());
        append(text, "cwnd", info.sndCwnd());
        append(text, "ssthresh", info.sndSsthresh() == Integer.MAX_VALUE ? 0 : info.sndSsthresh());
        append(text, "bytes_sent", info.bytesSent());
        append(text, "bytes_retrans", info.bytesRetrans());
        append(text, "bytes_acked", info.bytesAcked());
        append(text, "bytes_received", info.bytesReceived());
        append(text, "segs_out", info.segsOut());
        append(text, "segs_in", info.segsIn());
        append(text, "unacked", info.unacked());
        append(text, "notsent", info.notsentBytes());
        append(text, "retrans", info.totalRetrans());
        append(text, "rcv_ooopack", info.rcvOoopack());
    }

    private static void append(StringBuilder text, String name, long value) {
        if (value != 0) {
            text.append(' ').append(name).append(':').append(value);
        }
    }

    private static void append(
            StringBuilder text, String name, Number a, Number b, String between, String unit) {
        if (a.doubleValue() != 0 || b.doubleValue() != 0) {
            text.append(' ').append(name).append(':');
            text.append(a).append(between).append(b).append(unit);
        }
    }

    private static InetSocketAddress local(FlowEntry entry) {
        return Endpoints.socketAddress(entry.localHigh, entry.localLow, entry.localPort);
    }

    private static InetSocketAddress remote(FlowEntry entry) {
        return Endpoints.socketAddress(entry.remoteHigh, entry.remoteLow, entry.remotePort);
    }
}
