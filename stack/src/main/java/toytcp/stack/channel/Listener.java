package toytcp.stack.channel;

import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.HalfOpenConnection;
import toytcp.stack.tcp.Listen;
import toytcp.stack.tcp.TcpConfig;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// LISTEN on one local address and port: the SYN queue and the limit of the accept queue.
///
/// Both queues hold as many as SO_BACKLOG says. Half-open connections stand in the flow table and in
/// a list through themselves; one task serves all their retransmissions.
final class Listener implements Runnable {
    private static final long NOT_ARMED = Long.MAX_VALUE;

    /// The least time between two walks over the list: under a flood of SYNs their deadlines lie so
    /// close that one walk for each would cost more than the answers.
    private static final long WALK_SPACING_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final TcpStackHandler stack;
    private final LocalPorts.Binding binding;
    private final Acceptor acceptor;
    private final TcpServerSocketConfig config;
    private final int backlog;

    /// Connections that are established or about to be, and that the channel has not read yet.
    /// Counted down by the server channel, perhaps on another event loop.
    private final AtomicInteger waiting = new AtomicInteger();

    private @Nullable HalfOpenEntry first;
    private int halfOpenCount;
    private boolean closed;

    private @Nullable ScheduledFuture<?> timer;
    private long armedNanos = NOT_ARMED;
    private long lastWalkNanos = -WALK_SPACING_NANOS;

    Listener(
            TcpStackHandler stack,
            LocalPorts.Binding binding,
            Acceptor acceptor,
            TcpServerSocketConfig config) {
        this.stack = stack;
        this.binding = binding;
        this.acceptor = acceptor;
        this.config = config;
        backlog = Math.max(1, config.getBacklog());
    }

    LocalPorts.Binding binding() {
        return binding;
    }

    /// How many connections wait to be accepted, those in the last step of the handshake included.
    int acceptQueueLength() {
        return waiting.get();
    }

    /// How many may.
    int acceptQueueLimit() {
        return backlog;
    }

    /// How many connections are half open.
    int synQueueLength() {
        return halfOpenCount;
    }

    /// How many may be.
    int synQueueLimit() {
        return backlog;
    }

    /// What connections begin with.
    FlowSettings settings() {
        return config.flow();
    }

    /// A segment for this listener that belongs to no flow (RFC 9293, 3.10.7.2); the caller releases
    /// it.
    void onSegment(TcpSegment segment, long nowNanos) {
        boolean syn = segment.has(TcpFlags.SYN);
        if (syn && halfOpenCount >= backlog) {
            stack.drops().count(DropReason.SYN_QUEUE_FULL);
            return;
        }
        if (!syn) {
            // Before anything is looked up: anybody can send these.
            refuse(segment);
            return;
        }
        int iss = stack.initialSequence(segment, nowNanos);
        int timestampOffset = stack.timestampOffset(segment);
        TcpConfig tcp = stack.configFor(config.flow(), segment.srcHigh(), segment.srcLow());
        HalfOpenConnection halfOpen = Listen.onSegment(segment, tcp, iss, timestampOffset);
        if (halfOpen == null) {
            refuse(segment);
            return;
        }
        HalfOpenEntry entry = new HalfOpenEntry(this, segment, halfOpen, iss);
        if (FlowLog.isDebug()) {
            FlowLog.segment(entry, "received", segment, entry.irs, iss);
            FlowLog.debug(entry, "LISTEN -> SYN-RECEIVED");
        }
        link(entry);
        stack.add(entry);
        reply(entry, halfOpen.synAck(nowNanos));
        arm(halfOpen.nextDeadlineNanos());
    }

    private void refuse(TcpSegment segment) {
        if (segment.has(TcpFlags.RST)) {
            stack.drops().count(DropReason.RST_INVALID);
        } else if (segment.has(TcpFlags.ACK)) {
            stack.drops().count(DropReason.NO_FLOW);
            stack.reset(segment);
        } else {
            stack.drops().count(DropReason.LISTEN_UNEXPECTED);
        }
    }

    /// A segment for a half-open connection; takes ownership of it.
    void onHalfOpenSegment(HalfOpenEntry entry, TcpSegment segment, long nowNanos) {
        if (FlowLog.isDebug()) {
            FlowLog.segment(entry, "received", segment, entry.irs, entry.iss);
        }
        HalfOpenConnection halfOpen = entry.halfOpen;
        switch (halfOpen.onSegment(segment, nowNanos)) {
            case KEEP -> {
                reply(entry, halfOpen.reply());
                arm(halfOpen.nextDeadlineNanos());
                segment.release();
            }
            case REMOVE -> {
                reply(entry, halfOpen.reply());
                drop(entry, "connection attempt ended by the peer");
                segment.release();
            }
            case ESTABLISH -> establish(entry, segment, nowNanos);
        }
    }

    private void establish(HalfOpenEntry entry, TcpSegment segment, long nowNanos) {
        if (waiting.get() >= backlog) {
            // The ACK is ignored: the peer, or our SYN,ACK, will come again when there may be room.
            stack.drops().count(DropReason.ACCEPT_QUEUE_FULL);
            segment.release();
            return;
        }
        waiting.incrementAndGet();
        unlink(entry);
        FlowDriver flow = new FlowDriver(stack, binding, entry);
        stack.add(flow);
        flow.accept(entry, this, segment, nowNanos);
    }

    /// The flow reached ESTABLISHED: it may be accepted.
    void accepted(FlowDriver flow) {
        if (closed) {
            taken();
            flow.abort();
        } else {
            acceptor.accepted(flow);
        }
    }

    /// The flow ended before it was established.
    void failedBeforeAccept() {
        taken();
    }

    /// One connection was accepted: there is room for another. Called on any event loop.
    void taken() {
        waiting.decrementAndGet();
    }

    /// Ends listening: half-open connections are reset, established ones are left alone.
    void close() {
        if (closed) {
            return;
        }
        stop();
        while (first != null) {
            HalfOpenEntry entry = first;
            reply(entry, entry.halfOpen.reject());
            drop(entry, "connection attempt refused: the listener was closed");
        }
        binding.close();
    }

    /// The link is gone.
    void linkClosed() {
        if (closed) {
            return;
        }
        stop();
        while (first != null) {
            drop(first, "connection attempt dropped: the link was closed");
        }
        FlowLog.info(binding, "not listening any more: the link of the stack was closed");
        binding.close();
        acceptor.linkClosed();
    }

    private void stop() {
        closed = true;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void drop(HalfOpenEntry entry, String why) {
        if (FlowLog.isDebug()) {
            FlowLog.debug(entry, why);
        }
        unlink(entry);
        stack.remove(entry);
    }

    private void reply(HalfOpenEntry entry, @Nullable TcpSegment segment) {
        if (segment == null) {
            return;
        }
        segment.from(entry.localHigh, entry.localLow, entry.localPort)
                .to(entry.remoteHigh, entry.remoteLow, entry.remotePort)
                .trafficClass(config.flow().trafficClass())
                .ttl(config.flow().ttl());
        if (FlowLog.isDebug()) {
            FlowLog.segment(entry, "sent", segment, entry.iss, entry.irs);
        }
        if (segment.has(TcpFlags.SYN) && entry.halfOpen.isRepeated()) {
            stack.counters().retransmitted(1);
        }
        stack.send(segment);
    }

    private void link(HalfOpenEntry entry) {
        entry.next = first;
        if (first != null) {
            first.previous = entry;
        }
        first = entry;
        halfOpenCount++;
    }

    private void unlink(HalfOpenEntry entry) {
        if (entry.previous != null) {
            entry.previous.next = entry.next;
        } else {
            first = entry.next;
        }
        if (entry.next != null) {
            entry.next.previous = entry.previous;
        }
        entry.previous = null;
        entry.next = null;
        halfOpenCount--;
    }

    private void arm(long deadlineNanos) {
        if (closed || deadlineNanos >= armedNanos) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        armedNanos = Math.max(deadlineNanos, lastWalkNanos + WALK_SPACING_NANOS);
        long delay = Math.max(0, armedNanos - stack.nowNanos());
        timer = stack.eventLoop().schedule(this, delay, TimeUnit.NANOSECONDS);
    }

    /// Walks over the half-open connections: those whose time has come are answered again or dropped.
    @Override
    public void run() {
        timer = null;
        armedNanos = NOT_ARMED;
        long now = stack.nowNanos();
        lastWalkNanos = now;
        long earliest = NOT_ARMED;
        for (HalfOpenEntry entry = first, next; entry != null; entry = next) {
            next = entry.next;
            if (entry.halfOpen.nextDeadlineNanos() <= now) {
                TcpSegment again = entry.halfOpen.onDeadline(now);
                if (again == null) {
                    drop(entry, "connection attempt given up: the peer does not answer");
                    continue;
                }
                reply(entry, again);
            }
            earliest = Math.min(earliest, entry.halfOpen.nextDeadlineNanos());
        }
        arm(earliest);
    }
}
