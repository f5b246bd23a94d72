package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.PathMetrics;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpInfo;
import toytcp.stack.tcp.TcpState;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// Owns one [TcpConnection] on the link's event loop: gives it segments, user calls and time, puts
/// addresses into what it sends, and tells the channel what happened.
///
/// The driver outlives its channel: it goes when the connection is at its end (FIN-WAIT, TIME-WAIT).
/// It also exists before its channel does: what arrives for an accepted connection waits in the
/// connection until the channel attaches.
final class FlowDriver extends FlowOutput implements Flow, Runnable {
    /// A timer that fires later than this tells that the event loop was late.
    private static final long LATE_NANOS = 1_000_000;

    /// How many batches the link may read first.
    private static final int MAX_POSTPONED = 4;

    private static final long NOT_ARMED = Long.MAX_VALUE;

    /// Whether the driver waits in the stack's list of flows to flush.
    boolean touched;

    private boolean closeCalled;
    private boolean inputShutdown;

    /// How many segments that were sent again the stack was told of.
    private long retransmitted;

    /// See [PathMtus#changes].
    private int pathsSeen;

    private @Nullable ScheduledFuture<?> timer;

    /// How often the timer was put off because it came late.
    private int postponed;

    private long armedNanos = NOT_ARMED;

    FlowDriver(TcpStackHandler stack, LocalPorts.@Nullable Binding binding, FlowEntry ends) {
        this(
                stack,
                binding,
                ends.localHigh,
                ends.localLow,
                ends.localPort,
                ends.remoteHigh,
                ends.remoteLow,
                ends.remotePort);
    }

    FlowDriver(
            TcpStackHandler stack,
            LocalPorts.@Nullable Binding binding,
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort) {
        super(stack, binding, localHigh, localLow, localPort, remoteHigh, remoteLow, remotePort);
    }

    TcpStackHandler stack() {
        return stack;
    }

    /// An active open: sends the SYN at the end of this turn.
    ///
    /// @param predecessor the connection in TIME-WAIT whose place it takes, or null
    void open(
            TcpConfig config,
            FlowSettings settings,
            FlowEvents events,
            @Nullable FlowDriver predecessor) {
        this.events = events;
        adopt(settings);
        long now = stack.nowNanos();
        int generated = stack.initialSequence(this, now);
        connection =
                new TcpConnection(
                        config,
                        stack.allocator(),
                        this,
                        predecessor == null ? generated : predecessor.successorIss(generated),
                        stack.timestampOffset(this),
                        stack.memory());
        recall(now);
        adoptPathMtu(now);
        connection.open(now);
        stack.touch(this);
        events.connecting(Endpoints.socketAddress(localHigh, localLow, localPort));
    }

    /// A passive open whose handshake the segment completes, which the driver takes over.
    void accept(HalfOpenEntry entry, Listener listener, TcpSegment segment, long nowNanos) {
        this.listener = listener;
        adopt(listener.settings());
        iss = entry.iss;
        irs = entry.irs;
        connection = entry.halfOpen.promote(stack.allocator(), this, stack.memory());
        retransmitted = connection.retransmittedSegments();
        recall(nowNanos);
        adoptPathMtu(nowNanos);
        connection.onSegment(segment, nowNanos);
        stack.touch(this);
    }

    private void recall(long nowNanos) {
        if (connection.config().pathMetrics()) {
            PathMetrics known = stack.metrics().get(remoteHigh, remoteLow, nowNanos);
            if (known != null) {
                connection.usePathMetrics(known);
            }
        }
    }

    @Override
    void offer(Listener listener) {
        listener.accepted(this);
    }

    /// Connects an accepted flow to its channel, which learns what happened in the meantime.
    void attach(FlowEvents events) {
        if (failure != null) {
            events.failed(failure);
            return;
        }
        this.events = events;
        if (established) {
            events.established();
        }
        tellUrgent();
        if (readableBytes() > 0 || isInputEnded()) {
            events.readable();
        }
        events.writable();
    }

    /// Back to the state before [#attach], while the channel moves to another event loop.
    void detach() {
        events = null;
    }

    // ---- from the link

    @Override
    void onSegment(TcpSegment segment, long nowNanos) {
        if (segment.has(TcpFlags.SYN)) {
            irs = segment.seq();
        }
        if (FlowLog.isDebug()) {
            FlowLog.segment(this, "received", segment, irs, iss);
        }
        connection.onSegment(segment, nowNanos);
        stack.touch(this);
    }

    @Override
    void onIcmpError(IcmpError error, long nowNanos) {
        if (FlowLog.isDebug()) {
            FlowLog.debug(this, "ICMP error:", error);
        }
        connection.onIcmpError(error, nowNanos);
        stack.touch(this);
    }

    /// Whether the connection is in TIME-WAIT and `syn` may begin its successor.
    boolean mayReopen(TcpSegment syn) {
        return connection.mayReopen(syn);
    }

    /// The initial sequence number of the connection that takes the place of this one.
    int successorIss(int generated) {
        return connection.successorIss(generated);
    }

    /// Ends TIME-WAIT; what the channel has not read yet stays readable.
    void endTimeWait(long nowNanos) {
        connection.endTimeWait();
        connection.flush(nowNanos);
    }

    /// Ends a TIME-WAIT for the sake of a new connection of ours between the same ends.
    ///
    /// @return whether this was one that may end
    boolean giveWay(long nowNanos) {
        if (!connection.mayBeReplaced(nowNanos)) {
            return false;
        }
        endTimeWait(nowNanos);
        return true;
    }

    /// Of the [Flow]: nothing to do, the end of the turn flushes.
    @Override
    public void flush() {}

    /// Ends the batch of segments and calls: due segments leave, then the channel hears the events.
    void endTurn() {
        if (!closed) {
            if (pathsSeen != stack.paths().changes()) {
                adoptPathMtu(stack.nowNanos());
            }
            connection.flush(stack.nowNanos());
            countRetransmissions();
            tellFinished();
            arm();
        }
        stack.counters().memory(stack.memory());
    }

    /// What other connections have learnt of the way to the same host (RFC 1191, 6.2).
    private void adoptPathMtu(long nowNanos) {
        pathsSeen = stack.paths().changes();
        int mtu = stack.paths().get(remoteHigh, remoteLow, nowNanos);
        if (mtu != 0) {
            connection.onPathMtu(mtu, nowNanos);
        }
    }

    private void countRetransmissions() {
        long all = connection.retransmittedSegments();
        if (all != retransmitted) {
            stack.counters().retransmitted(all - retransmitted);
            retransmitted = all;
        }
    }

    /// The link is gone: nothing can be sent any more, and no time passes.
    void linkClosed() {
        if (failure == null) {
            failure = FlowErrors.linkClosed(toString());
        }
        connection.abort(stack.nowNanos());
        connection.flush(stack.nowNanos());
    }

    // ---- time

    /// Re-arms lazily: the task is touched only when the deadline moves earlier.
    private void arm() {
        if (closed) {
            return;
        }
        long deadline = connection.nextDeadlineNanos();
        if (deadline >= armedNanos) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        armedNanos = deadline;
        long delay = Math.max(0, deadline - stack.nowNanos());
        timer = stack.eventLoop().schedule(this, delay, TimeUnit.NANOSECONDS);
    }

    @Override
    void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /// The timer fired, perhaps for a deadline that has moved on since.
    @Override
    public void run() {
        timer = null;
        armedNanos = NOT_ARMED;
        if (closed) {
            return;
        }
        long now = stack.nowNanos();
        long deadline = connection.nextDeadlineNanos();
        if (deadline > now) {
            postponed = 0;
            arm();
        } else if (isLate(now - deadline) && connection.isSilenceDue(now)) {
            postpone();
        } else {
            postponed = 0;
            connection.onDeadline(now);
            stack.touch(this);
        }
    }

    private boolean isLate(long nanos) {
        return nanos > LATE_NANOS && postponed < MAX_POSTPONED;
    }

    /// The event loop was busy or got no processor: what the timer waits for may have arrived meanwhile, and
    /// lies in the link. The next turn reads before it comes back here.
    private void postpone() {
        postponed++;
        armedNanos = 0;
        timer = stack.eventLoop().schedule(this, 0, TimeUnit.NANOSECONDS);
    }

    // ---- Flow

    @Override
    public void info(Promise<TcpInfo> promise) {
        promise.trySuccess(connection.info(stack.nowNanos()));
    }

    @Override
    public int readableBytes() {
        return connection.readableBytes();
    }

    @Override
    public boolean isInputEnded() {
        return inputShutdown || peerClosed && readableBytes() == 0;
    }

    @Override
    public ByteBuf receive(int max) {
        return connection.receive(max);
    }

    @Override
    public void consumed(int octets) {
        connection.consumed(octets, stack.nowNanos());
        stack.touch(this);
    }

    @Override
    public int sendCredit() throws IOException {
        if (failure != null) {
            throw failure;
        }
        return sendCreditOrZero();
    }

    int sendCreditOrZero() {
        return isOver() ? 0 : connection.sendBufferFree();
    }

    /// The connection may be at its end in this turn already, before the event that says so.
    private boolean isOver() {
        return closed || connection.state() == TcpState.CLOSED;
    }

    int unacknowledgedBytes() {
        return connection.unacknowledgedBytes();
    }

    @Override
    public void send(ByteBuf data) {
        if (isOver()) {
            data.release();
            return;
        }
        connection.send(data, stack.nowNanos());
        stack.touch(this);
    }

    @Override
    public void markUrgent() {
        if (!isOver()) {
            connection.markUrgent(stack.nowNanos());
            stack.touch(this);
        }
    }

    @Override
    public void configure(FlowSettings settings) {
        adopt(settings);
        if (!closed) {
            // What the handshake negotiated by the route stays.
            int maximumSegmentSize = connection.config().maximumSegmentSize();
            connection.configure(
                    stack.withMaximumSegmentSize(settings.tcp(), maximumSegmentSize),
                    stack.nowNanos());
            stack.touch(this);
        }
    }

    @Override
    public void shutdownInput() {
        inputShutdown = true;
        if (!closed) {
            connection.shutdownInput(stack.nowNanos());
            stack.touch(this);
        }
    }

    @Override
    public void shutdownOutput() {
        if (!closed) {
            connection.shutdown(stack.nowNanos());
            stack.touch(this);
        }
    }

    @Override
    public void close(boolean linger) {
        if (!linger) {
            events = null;
        }
        if (!closeCalled) {
            closeCalled = true;
            lingering = linger;
            connection.close(stack.nowNanos());
            stack.touch(this);
        }
        if (closed) {
            tellFinished();
        }
    }

    @Override
    public void abort() {
        events = null;
        if (touched && !closed) {
            // What a kernel socket is given to send leaves at once, before the RST of a close that
            // follows; here it would still wait for the end of the turn, and be dropped.
            connection.flush(stack.nowNanos());
        }
        connection.abort(stack.nowNanos());
        stack.touch(this);
    }
}
