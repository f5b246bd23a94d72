package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpError;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.PathMetrics;
import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpOutput;
import toytcp.stack.tcp.TcpState;

import java.io.IOException;

/// The half of a [FlowDriver] that listens to its connection: segments get their addresses and leave,
/// events go to the channel, or to the listener before there is one.
abstract sealed class FlowOutput extends FlowEntry implements TcpOutput permits FlowDriver {
    final TcpStackHandler stack;
    final LocalPorts.@Nullable Binding binding;

    /// Set right after construction: the connection wants its output first.
    TcpConnection connection;

    @Nullable FlowEvents events;
    @Nullable Listener listener;
    @Nullable IOException failure;

    int iss;
    int irs;
    boolean established;
    boolean closed;
    boolean peerClosed;

    /// Whether the closed channel waits to hear that everything that was sent is acknowledged.
    boolean lingering;

    /// Whether everything that was sent, and our FIN, is acknowledged.
    private boolean finished;

    private boolean reports;
    private int trafficClass;
    private int ttl;

    FlowOutput(
            TcpStackHandler stack,
            LocalPorts.@Nullable Binding binding,
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort) {
        super(localHigh, localLow, localPort, remoteHigh, remoteLow, remotePort);
        this.stack = stack;
        this.binding = binding;
        if (binding != null) {
            binding.retain();
        }
    }

    /// The connection may be accepted.
    abstract void offer(Listener listener);

    /// No time passes any more.
    abstract void stopTimer();

    /// What the IP headers say from now on, and whether the application wants reports.
    final void adopt(FlowSettings settings) {
        reports = settings.reports();
        trafficClass = settings.trafficClass();
        ttl = settings.ttl();
    }

    @Override
    public final void segment(TcpSegment segment) {
        if (segment.has(TcpFlags.SYN)) {
            iss = segment.seq();
        }
        segment.from(localHigh, localLow, localPort)
                .to(remoteHigh, remoteLow, remotePort)
                .trafficClass(segment.trafficClass() | trafficClass)
                .ttl(ttl);
        if (FlowLog.isDebug()) {
            FlowLog.segment(this, "sent", segment, iss, irs);
        }
        stack.send(segment);
    }

    @Override
    public final void stateChanged(TcpState from, TcpState to) {
        stack.counters().step(from, to);
        // While a half-open connection becomes one, the listener has told of its state already.
        if (connection != null && FlowLog.isDebug()) {
            FlowLog.debug(this, from.rfcName() + " -> " + to.rfcName());
        }
        // Our FIN is acknowledged in exactly these states.
        if (to == TcpState.FIN_WAIT_2 || to == TcpState.TIME_WAIT || to == TcpState.CLOSED) {
            finished = true;
        }
        if (to == TcpState.TIME_WAIT || to == TcpState.CLOSED && from == TcpState.LAST_ACK) {
            remember();
        }
    }

    /// Our FIN and the peer's are acknowledged: what was learnt of the path is worth keeping.
    private void remember() {
        if (connection.config().pathMetrics()) {
            long now = stack.nowNanos();
            PathMetrics learnt = connection.pathMetrics(now);
            if (learnt != null) {
                stack.metrics().put(remoteHigh, remoteLow, learnt);
            }
        }
    }

    @Override
    public final void dropped(DropReason reason) {
        stack.drops().count(reason);
        if (FlowLog.isDebug()) {
            FlowLog.debug(this, "segment dropped:", reason);
        }
    }

    @Override
    public final void pathMtu(int mtu) {
        stack.paths().put(remoteHigh, remoteLow, mtu, stack.nowNanos());
        if (FlowLog.isDebug()) {
            FlowLog.debug(this, "path MTU:", mtu);
        }
    }

    @Override
    public final void established() {
        established = true;
        if (FlowLog.isDebug()) {
            FlowLog.debug(this, "connection established");
        }
        if (listener != null) {
            offer(listener);
        } else if (events != null) {
            events.established();
        }
    }

    @Override
    public final void readable() {
        if (events != null) {
            events.readable();
        }
    }

    @Override
    public final void peerClosed() {
        peerClosed = true;
        if (events != null) {
            events.readable();
        }
    }

    @Override
    public final void urgent() {
        if (FlowLog.isDebug()) {
            FlowLog.debug(this, "urgent octets ahead:", connection.urgentBytes());
        }
        tellUrgent();
    }

    /// What is urgent of the octets that the channel has not read yet.
    final void tellUrgent() {
        int octets = connection.urgentBytes();
        if (octets > 0) {
            report(new TcpReport.UrgentAhead(octets));
        }
    }

    @Override
    public final void softError(IcmpError error) {
        report(new TcpReport.SoftError(error));
    }

    private void report(TcpReport report) {
        if (reports && events != null) {
            events.report(report);
        }
    }

    @Override
    public final void writable() {
        if (events != null) {
            events.writable();
        }
    }

    @Override
    public final void retransmissionTrouble() {
        if (FlowLog.isDebug()) {
            FlowLog.debug(this, "the peer does not acknowledge: the path may be down");
        }
        stack.network().negativeAdvice(remoteHigh, remoteLow);
        report(new TcpReport.Unacknowledged(connection.config().retransmissionsR1()));
    }

    @Override
    public final void closed(CloseReason reason) {
        closed = true;
        stopTimer();
        if (FlowLog.isDebug()) {
            FlowLog.debug(this, "connection closed:", reason);
        }
        stack.remove(this);
        if (binding != null) {
            binding.release();
        }
        boolean failed = reason != CloseReason.NORMAL && reason != CloseReason.ABORTED;
        if (failed && failure == null) {
            failure =
                    FlowErrors.closed(
                            reason,
                            toString(),
                            established,
                            connection.config(),
                            connection.lastIcmpError());
        }
        if (listener != null && !established) {
            listener.failedBeforeAccept();
        }
        tellEnd();
    }

    private void tellEnd() {
        FlowEvents told = events;
        if (told == null) {
            return;
        }
        if (failure != null) {
            events = null;
            told.failed(failure);
        } else {
            tellFinished();
        }
    }

    final void tellFinished() {
        if (finished && lingering && events != null) {
            lingering = false;
            events.finished();
        }
    }
}
