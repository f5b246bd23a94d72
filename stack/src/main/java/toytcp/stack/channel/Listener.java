package toytcp.stack.channel;

import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpError;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.channel.PendingConnection.Outcome;
import toytcp.stack.tcp.HalfOpenConnection;
import toytcp.stack.tcp.HalfOpenConnection.Verdict;
import toytcp.stack.tcp.Listen;
import toytcp.stack.tcp.TcpConfig;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// LISTEN: the SYN queue, and the limit of the accept queue.
///
/// Half-open connections stand in the flow table and in the SYN queue; one task serves all their
/// deadlines. When the SYN queue is full the oldest makes room for the next: under a flood of SYNs
/// that is most likely one that nobody will ever answer (RFC 4987, 3.4). But not before it had the
/// time to be answered, or else a fast flood would make us reset each honest peer that got our SYN,ACK;
/// meanwhile the next SYN is ignored, and an honest peer tries again. While the accept queue is full no SYN
/// is answered, as in Linux.
final class Listener implements Runnable {
    private static final long NOT_ARMED = Long.MAX_VALUE;

    /// The least time between two walks over the list: under a flood of SYNs their deadlines lie so
    /// close that one walk for each would cost more than the answers.
    private static final long WALK_SPACING_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /// How long a half-open connection keeps its place for certain: longer than the round trips of
    /// honest peers, and than what a flood holds up their answers in the buffers of a link.
    private static final long PROTECTED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final TcpStackHandler stack;
    private final LocalPorts.Binding binding;
    private final Acceptor acceptor;
    private final TcpServerSocketConfig config;
    private final int backlog;
    private final int synBacklog;

    /// Connections that are established or about to be, and that the channel has not read yet.
    /// Counted down by the server channel, perhaps on another event loop.
    private final AtomicInteger waiting = new AtomicInteger();

    private final SynQueue synQueue = new SynQueue();
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
        synBacklog = config.maxSynBacklog();
    }

    LocalPorts.Binding binding() {
        return binding;
    }

    /// What connections begin with.
    FlowSettings settings() {
        return config.flow();
    }

    /// How many connections wait to be accepted, those in the last step of the handshake included.
    int acceptQueueLength() {
        return waiting.get();
    }

    /// How many may.
    int acceptQueueLimit() {
        return backlog;
    }

    /// How many connections are half open, pending ones included.
    int synQueueLength() {
        return synQueue.size();
    }

    /// How many may be.
    int synQueueLimit() {
        return synBacklog;
    }

    /// A segment for this listener that belongs to no flow (RFC 9293, 3.10.7.2); the caller releases
    /// it.
    ///
    /// @param predecessor the connection in TIME-WAIT that it ends, unless it is ignored; or null
    void onSegment(TcpSegment segment, @Nullable FlowDriver predecessor, long nowNanos) {
        if (!Listen.opens(segment)) {
            // Before anything is looked up: anybody can send these.
            refuse(segment, nowNanos);
            return;
        }
        if (isAcceptQueueFull()) {
            stack.drops().count(DropReason.ACCEPT_QUEUE_FULL);
            return;
        }
        if (synQueue.size() >= synBacklog && !makeRoom(nowNanos)) {
            return;
        }
        int generated = stack.initialSequence(segment, nowNanos);
        int iss = generated;
        if (predecessor != null) {
            iss = predecessor.successorIss(generated);
            // Not before there is room: a SYN that is ignored comes again, and must find it then.
            predecessor.endTimeWait(nowNanos);
        }
        int timestampOffset = stack.timestampOffset(segment);
        TcpConfig tcp = stack.configFor(config.flow(), segment, nowNanos);
        HalfOpenConnection halfOpen = Listen.onSegment(segment, tcp, iss, timestampOffset);
        halfOpen.deferAccept(config.deferAcceptNanos());
        HalfOpenEntry entry = new HalfOpenEntry(this, segment, halfOpen, iss, nowNanos);
        if (FlowLog.isDebug()) {
            FlowLog.segment(entry, "received", segment, entry.irs, iss);
            FlowLog.debug(entry, "LISTEN -> SYN-RECEIVED");
        }
        synQueue.add(entry);
        stack.add(entry);
        begin(entry, nowNanos);
    }

    private boolean isAcceptQueueFull() {
        return waiting.get() >= backlog;
    }

    /// Loses the oldest half-open connection, or the one that would be the next.
    private boolean makeRoom(long nowNanos) {
        stack.drops().count(DropReason.SYN_QUEUE_FULL);
        HalfOpenEntry oldest = synQueue.oldest();
        if (nowNanos - oldest.arrivedNanos < PROTECTED_NANOS) {
            return false;
        }
        String why = "connection attempt given up: the SYN queue needs the place";
        end(oldest, Outcome.EXPIRED, why);
        return true;
    }

    private void begin(HalfOpenEntry entry, long nowNanos) {
        long patience = config.pendingAcceptNanos();
        if (patience > 0) {
            entry.pending = acceptor.pending(entry, nowNanos + patience);
            if (entry.pending == null) {
                end(entry, Outcome.EXPIRED, "nobody is there to decide");
                return;
            }
        } else {
            reply(entry, entry.halfOpen.synAck(nowNanos));
        }
        arm(entry.deadlineNanos());
    }

    /// The application decided on a pending attempt, perhaps when that is over already.
    void onDecision(HalfOpenEntry entry, Outcome decision) {
        if (!entry.queued) {
            return;
        }
        entry.pending = null;
        switch (decision) {
            case ACCEPTED -> {
                reply(entry, entry.halfOpen.synAck(stack.nowNanos()));
                arm(entry.deadlineNanos());
            }
            case REJECTED -> {
                reply(entry, entry.halfOpen.reject());
                end(entry, decision, "connection attempt refused by the application");
            }
            default -> {
                stack.drops().count(DropReason.PENDING_DROPPED);
                end(entry, decision, "connection attempt dropped by the application");
            }
        }
    }

    private void refuse(TcpSegment segment, long nowNanos) {
        if (segment.has(TcpFlags.RST)) {
            stack.drops().count(DropReason.RST_INVALID);
        } else if (segment.has(TcpFlags.ACK)) {
            stack.drops().count(DropReason.NO_FLOW);
            stack.answers().reset(segment, nowNanos);
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
                answer(entry, segment, nowNanos);
                arm(entry.deadlineNanos());
                segment.release();
            }
            case REMOVE -> {
                end(entry, Outcome.WITHDRAWN, "connection attempt ended by the peer");
                segment.release();
            }
            case ESTABLISH -> establish(entry, segment, nowNanos);
        }
    }

    /// An ICMP error about the SYN,ACK of a half-open connection.
    void onHalfOpenError(HalfOpenEntry entry, IcmpError error) {
        if (error.seq() != entry.iss) {
            stack.drops().count(DropReason.ICMP_SEQUENCE);
        } else if (entry.halfOpen.onIcmpError(error) == Verdict.REMOVE) {
            end(entry, Outcome.WITHDRAWN, "connection attempt given up: " + error);
        }
    }

    /// What anybody could have called forth by forged segments is limited: RSTs and challenge ACKs.
    private void answer(HalfOpenEntry entry, TcpSegment segment, long nowNanos) {
        TcpSegment answer = entry.halfOpen.reply();
        if (answer == null) {
            if (entry.halfOpen.isDeferred()) {
                stack.drops().count(DropReason.ACCEPT_DEFERRED);
            }
            return;
        }
        if (answer.has(TcpFlags.RST)) {
            stack.drops().count(DropReason.ACK_UNACCEPTABLE);
            stack.answers().reset(segment, nowNanos);
        } else if (answer.has(TcpFlags.SYN) || stack.answers().mayChallenge(nowNanos)) {
            reply(entry, answer);
        }
    }

    private void establish(HalfOpenEntry entry, TcpSegment segment, long nowNanos) {
        if (isAcceptQueueFull()) {
            // The ACK is ignored: the peer, or our SYN,ACK, will come again when there may be room.
            stack.drops().count(DropReason.ACCEPT_QUEUE_FULL);
            segment.release();
            return;
        }
        waiting.incrementAndGet();
        synQueue.remove(entry);
        FlowDriver flow = new FlowDriver(stack, binding, entry);
        stack.add(flow);
        flow.accept(entry, this, segment, nowNanos);
    }

    /// The flow reached ESTABLISHED: it may be accepted.
    void accepted(FlowDriver flow) {
        if (closed || !acceptor.accepted(flow)) {
            taken();
            flow.abort();
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
        for (HalfOpenEntry entry; (entry = synQueue.oldest()) != null; ) {
            reply(entry, entry.halfOpen.reject());
            end(
                    entry,
                    Outcome.LISTENER_CLOSED,
                    "connection attempt refused: the listener was closed");
        }
        binding.close();
    }

    /// The link is gone.
    void linkClosed() {
        if (closed) {
            return;
        }
        stop();
        for (HalfOpenEntry entry; (entry = synQueue.oldest()) != null; ) {
            end(entry, Outcome.LISTENER_CLOSED, "connection attempt dropped: the link was closed");
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

    /// Forgets an attempt.
    ///
    /// @param how what the application hears if it has not decided itself
    private void end(HalfOpenEntry entry, Outcome how, String why) {
        if (FlowLog.isDebug()) {
            FlowLog.debug(entry, why);
        }
        if (entry.pending != null) {
            entry.pending.ended(how);
            entry.pending = null;
        }
        synQueue.remove(entry);
        stack.remove(entry);
    }

    private void reply(HalfOpenEntry entry, @Nullable TcpSegment segment) {
        if (segment == null) {
            return;
        }
        segment.from(entry.localHigh, entry.localLow, entry.localPort)
                .to(entry.remoteHigh, entry.remoteLow, entry.remotePort)
                .trafficClass(segment.trafficClass() | config.flow().trafficClass())
                .ttl(config.flow().ttl());
        if (FlowLog.isDebug()) {
            FlowLog.segment(entry, "sent", segment, entry.iss, entry.irs);
        }
        if (segment.has(TcpFlags.SYN) && entry.halfOpen.isRepeated()) {
            stack.counters().retransmitted(1);
        }
        stack.send(segment);
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
        for (HalfOpenEntry entry = synQueue.oldest(), next; entry != null; entry = next) {
            next = entry.next;
            if (entry.deadlineNanos() <= now && !stays(entry, now)) {
                continue;
            }
            earliest = Math.min(earliest, entry.deadlineNanos());
        }
        arm(earliest);
    }

    private boolean stays(HalfOpenEntry entry, long nowNanos) {
        if (entry.pending != null) {
            if (!entry.pending.ended(Outcome.EXPIRED)) {
                entry.pending = null;
                return true;
            }
            stack.drops().count(DropReason.PENDING_EXPIRED);
            end(entry, Outcome.EXPIRED, "connection attempt dropped: nobody decided on it");
            return false;
        }
        Verdict verdict = entry.halfOpen.onDeadline(nowNanos);
        reply(entry, entry.halfOpen.reply());
        if (verdict == Verdict.REMOVE) {
            end(entry, Outcome.WITHDRAWN, "connection attempt given up: the peer does not answer");
            return false;
        }
        return true;
    }
}
