package toytcp.stack.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.congestion.CongestionControllers;

/// One TCP connection, without I/O, clock, threads or randomness: time and entropy are arguments,
/// results go to a [TcpOutput]. The same inputs give the same outputs, always.
///
/// There are four kinds of methods: getters; inputs ([#onSegment], [#onDeadline]); the user's calls of
/// RFC 9293, 3.10.1 to 3.10.5; and the outputs [#flush] and [#nextDeadlineNanos]. A driver does this,
/// all on one thread:
///
/// ```
/// connection.onSegment(segment, now);          // for each segment that arrived
/// connection.onDeadline(now);                  // once nextDeadlineNanos() <= now
/// connection.send(data, now);                  // or any other user call
/// connection.flush(now);                       // then, once: segments and events go to the output
/// schedule(connection.nextDeadlineNanos());
/// ```
///
/// A call from within an event is a call like any other: it wants its flush afterwards.
///
/// Time is nanoseconds since any fixed moment: never negative, never backwards. Buffers that are passed
/// in belong to the connection, buffers that are handed out belong to the receiver. The connection
/// must be ended by [#close] or [#abort] so that nothing that is unread stays behind.
public final class TcpConnection {
    /// A second, as in Linux: a thousand ticks of the timestamp clock.
    private static final long REPLACEABLE_AFTER_NANOS = 1_000_000_000L;

    private final Tcb tcb;
    private final Transmitter transmitter;
    private final UserCalls userCalls;
    private final SegmentArrives segmentArrives;
    private final Timeouts timeouts;
    private final IcmpArrives icmpArrives;

    /// A connection in CLOSED, to be opened actively.
    ///
    /// @param config the settings
    /// @param allocator makes the buffers that gather small writes
    /// @param output receives segments and events
    /// @param iss the initial send sequence number, see [IsnGenerator]
    /// @param timestampOffset where the timestamp clock starts, see [IsnGenerator]
    public TcpConnection(
            TcpConfig config,
            ByteBufAllocator allocator,
            TcpOutput output,
            int iss,
            int timestampOffset) {
        this(config, allocator, output, iss, timestampOffset, MemoryBudget.unlimited());
    }

    /// The same for a connection that shares its memory with others.
    ///
    /// @param budget how much all of them may hold
    public TcpConnection(
            TcpConfig config,
            ByteBufAllocator allocator,
            TcpOutput output,
            int iss,
            int timestampOffset,
            MemoryBudget budget) {
        this(new Tcb(config, allocator, output, iss, timestampOffset, budget));
    }

    TcpConnection(Tcb tcb) {
        this.tcb = tcb;
        transmitter = new Transmitter(tcb);
        userCalls = new UserCalls(tcb, transmitter);
        segmentArrives = new SegmentArrives(tcb, transmitter);
        timeouts = new Timeouts(tcb, transmitter);
        icmpArrives = new IcmpArrives(tcb);
    }

    /// OPEN, active (3.10.1): the SYN leaves with the next flush.
    ///
    /// @throws IllegalStateException if the connection was opened before
    public void open(long nowNanos) {
        userCalls.open();
    }

    /// What is known of the path from connections to the same peer that ended (RFC 9040, 6.1): for a
    /// connection that has not sent anything yet. The retransmission timeout begins no shorter than it was
    /// there, and slow start ends where it did.
    public void usePathMetrics(PathMetrics known) {
        tcb.rtt.expect(known.rtoNanos(tcb.config.minimumRtoNanos()));
        if (tcb.congestion == null) {
            tcb.known = known;
        } else {
            known.applyTo(tcb.congestion);
        }
    }

    /// What this connection learnt of the path, for the next one; null if that is nothing that can be
    /// relied on: it measured no round trip, or it was reset or given up.
    public @Nullable PathMetrics pathMetrics(long nowNanos) {
        return PathMetrics.of(tcb, nowNanos);
    }

    /// SEND (3.10.2): queues all octets of `data` and owns it. Allowed before the connection is
    /// established.
    ///
    /// @throws IllegalArgumentException if the send buffer has no room for them; `data` is released
    /// @throws IllegalStateException if the connection is closing or closed; `data` is released
    public void send(ByteBuf data, long nowNanos) {
        userCalls.send(data);
        tcb.memory.settle();
    }

    /// The URGENT flag of SEND: what was given to [#send] so far is urgent, and the peer is told at once where
    /// it ends, even if its window is closed (3.8.5). Without effect if all of that is acknowledged, since "the
    /// user must also send at least one data octet".
    ///
    /// Urgent data waits neither for the Nagle algorithm nor for a cork.
    public void markUrgent(long nowNanos) {
        userCalls.markUrgent();
    }

    /// RECEIVE (3.10.3): the next octets, at most `max`; an empty buffer if there are none. The caller
    /// owns the buffer. The receive window does not open for them before [#consumed].
    public ByteBuf receive(int max) {
        return tcb.receiveQueue.take(max);
    }

    /// Says that the user is done with `octets` of what [#receive] handed over.
    ///
    /// @throws IllegalArgumentException if that many were not handed over
    public void consumed(int octets, long nowNanos) {
        userCalls.consumed(octets, nowNanos);
    }

    /// Ends reading: octets that arrive are acknowledged and thrown away.
    public void shutdownInput(long nowNanos) {
        userCalls.shutdownInput();
        tcb.memory.settle();
    }

    /// CLOSE (3.10.4): FIN follows all that was sent; reading goes on. Repeating it has no effect.
    public void shutdown(long nowNanos) {
        userCalls.shutdown();
    }

    /// Ends both directions: what was sent is still delivered, then FIN. If octets are unread, or were
    /// handed over and not [#consumed], or arrive later, the peer gets an RST instead (3.6.1).
    public void close(long nowNanos) {
        userCalls.close(nowNanos);
        tcb.memory.settle();
    }

    /// ABORT (3.10.5): RST, and everything queued is thrown away.
    public void abort(long nowNanos) {
        userCalls.abort(nowNanos);
        tcb.memory.settle();
    }

    /// Changes the settings. What was negotiated in the handshake and the RTO bounds stay as they were;
    /// another congestion controller goes on with the window of the one before.
    public void configure(TcpConfig config, long nowNanos) {
        userCalls.configure(config, nowNanos);
    }

    /// SEGMENT ARRIVES (3.10.7). Owns the segment; its addresses and ports are not looked at.
    public void onSegment(TcpSegment segment, long nowNanos) {
        try {
            segmentArrives.onSegment(segment, nowNanos);
            tcb.memory.settle();
        } finally {
            segment.release();
        }
    }

    /// An ICMP error about a segment of this connection arrives (3.9.2.2). What it is worth is decided here:
    /// the sequence number must be that of an outstanding segment (RFC 5927).
    public void onIcmpError(IcmpError error, long nowNanos) {
        icmpArrives.onError(error, nowNanos);
    }

    /// Another connection to the same host has learnt how large packets may be, also before this one is
    /// opened. The MSS option stays what the settings say (RFC 1191, 6.4).
    ///
    /// @param mtu octets of a packet, headers included
    public void onPathMtu(int mtu, long nowNanos) {
        tcb.path.onKnown(mtu, nowNanos);
    }

    /// TIMEOUTS (3.10.8): does what is due; calling it early does no harm.
    public void onDeadline(long nowNanos) {
        timeouts.onDeadline(nowNanos);
    }

    /// Ends a batch of inputs and calls: sends what is due, then reports the events.
    public void flush(long nowNanos) {
        transmitter.flush(nowNanos);
        tcb.memory.settle();
        if (tcb.events != 0) {
            Events.report(tcb);
        }
    }

    /// When [#onDeadline] is due; `Long.MAX_VALUE` for never.
    public long nextDeadlineNanos() {
        return tcb.timers.next();
    }

    /// The timers that are armed, and in how many milliseconds each is due: `retransmission:200ms,give_up:900000ms`.
    public String timers(long nowNanos) {
        return tcb.timers.text(nowNanos);
    }

    /// Whether what is due takes the peer's silence for a loss, or for its end: a driver that comes late should
    /// first hand over what has arrived meanwhile.
    public boolean isSilenceDue(long nowNanos) {
        return tcb.timers.isSilenceDue(nowNanos);
    }

    /// The settings in force.
    public TcpConfig config() {
        return tcb.config;
    }

    /// The state.
    public TcpState state() {
        return tcb.state;
    }

    /// Octets that [#receive] can hand over now.
    public int readableBytes() {
        return tcb.receiveQueue.readable();
    }

    /// Octets that arrived in order and that the user has not [#consumed] yet.
    public int unconsumedBytes() {
        return tcb.receiveQueue.unconsumed();
    }

    /// Whether the peer's FIN was taken: after the readable octets nothing comes.
    public boolean isPeerClosed() {
        return tcb.rcv != null && tcb.rcv.finSeen && SeqNum.gt(tcb.rcv.nxt, tcb.rcv.fin);
    }

    /// How many octets to give to [#send] now: what the send buffer, tuned or not, and the memory of the stack
    /// have room for, and not more than the low-water mark of unsent octets wants; 0 or more. [#send] takes
    /// more, as much as the largest send buffer has room for.
    public int sendBufferFree() {
        int free = tcb.memory.sendRoom();
        long mark = tcb.config.notSentLowWater();
        return mark == 0 ? free : (int) Math.min(free, roomBelow(mark));
    }

    /// Never less than a segment, or a low mark would cut the stream into crumbs.
    private long roomBelow(long mark) {
        int unsent = tcb.unsent();
        int segment = tcb.snd.mss > 0 ? tcb.snd.mss : Tcb.DEFAULT_MSS;
        return unsent >= mark ? 0 : Math.max(mark - unsent, segment);
    }

    /// Octets that were given to [#send] and are not acknowledged yet.
    public int unacknowledgedBytes() {
        return tcb.sendQueue.size();
    }

    /// Octets from the next one to read to the end of the urgent data; 0 if none is urgent (MUST-33).
    public int urgentBytes() {
        return tcb.rcv == null ? 0 : tcb.urgent();
    }

    /// Eff.snd.MSS: data octets of a full-sized segment; 0 before the peer's SYN is known.
    public int maximumSegmentSize() {
        return tcb.snd.mss;
    }

    /// The largest packet that is sent now, headers included; 0 before the peer's SYN is known.
    public int pathMtu() {
        return tcb.snd.mss == 0 ? 0 : tcb.path.mtu();
    }

    /// The last ICMP error that arrived about what is outstanding, if nothing was acknowledged since: why a
    /// connection may have ended, and advice before that.
    public @Nullable IcmpError lastIcmpError() {
        return tcb.advice();
    }

    /// The smoothed round-trip time in nanoseconds; -1 before the first sample (RFC 6298).
    public long smoothedRttNanos() {
        return tcb.rtt.srtt();
    }

    /// The congestion window in octets; 0 before the peer's SYN is known.
    public int congestionWindow() {
        return tcb.congestion == null ? 0 : tcb.congestion.window();
    }

    /// A snapshot of what is known of the connection; STATUS (3.10.6), and more.
    public TcpInfo info(long nowNanos) {
        return TcpInfo.of(tcb, congestionControl(), nowNanos);
    }

    /// Segments that were sent again, SYN included.
    public long retransmittedSegments() {
        return tcb.counters.totalRetrans;
    }

    /// The name of the congestion control algorithm: the one at work, or, before the peer's SYN is known,
    /// the one that will be.
    public String congestionControl() {
        return tcb.congestion == null
                ? CongestionControllers.nameOf(tcb.config.congestion())
                : tcb.congestion.name();
    }

    /// Whether a SYN with these values may open a new incarnation of a connection in TIME-WAIT: its
    /// timestamp is later (RFC 6191, 2), or, without timestamps, its sequence number is beyond all that
    /// was received (RFC 9293, 3.6.1, MAY-2).
    public boolean mayReopen(TcpSegment syn) {
        int control = TcpFlags.SYN | TcpFlags.ACK | TcpFlags.RST | TcpFlags.FIN;
        if (tcb.state != TcpState.TIME_WAIT || (syn.flags() & control) != TcpFlags.SYN) {
            return false;
        }
        if (tcb.timestamps.enabled() && syn.hasTimestamps()) {
            int recent = tcb.timestamps.recent();
            return SeqNum.gt(syn.tsVal(), recent)
                    || syn.tsVal() == recent && SeqNum.gt(syn.seq(), tcb.rcv.nxt);
        }
        return SeqNum.gt(syn.seq(), tcb.rcv.nxt);
    }

    /// The initial sequence number of the next connection between the same ends: "larger than the
    /// largest sequence number it used on the previous connection incarnation" (RFC 9293, 3.6.1, MAY-2).
    ///
    /// @param generated what [IsnGenerator] gives; taken if it is. A connection that sent faster than
    ///     its clock runs, 250 kB/s, is beyond it.
    public int successorIss(int generated) {
        int used = tcb.snd.nxt;
        // As far beyond as Linux goes: more than a window without scaling.
        return SeqNum.gt(generated, used) ? generated : used + 65_537;
    }

    /// Ends TIME-WAIT now, in good order: what is unread stays readable. Elsewhere it has no effect.
    public void endTimeWait() {
        if (tcb.state == TcpState.TIME_WAIT) {
            tcb.close(CloseReason.NORMAL);
            tcb.memory.settle();
        }
    }

    /// Whether a new active open may take the place of this connection in TIME-WAIT: timestamps are in
    /// use and have moved on, so the peer can tell the segments of the two apart (RFC 6191, 3; RFC 7323,
    /// B.2).
    public boolean mayBeReplaced(long nowNanos) {
        return tcb.state == TcpState.TIME_WAIT
                && tcb.timestamps.enabled()
                && nowNanos - tcb.receivedAt >= REPLACEABLE_AFTER_NANOS;
    }
}
