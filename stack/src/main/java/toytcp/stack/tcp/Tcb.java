package toytcp.stack.tcp;

import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpError;
import toytcp.codec.SeqNum;
import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.CongestionController;
import toytcp.stack.tcp.congestion.CongestionControllerFactory;

/// The transmission control block: everything that is known of one connection (RFC 9293, 3.3.1).
///
/// Pure data with the few steps that more than one collaborator needs. What happens when is in
/// [SegmentArrives], [UserCalls], [Timeouts] and [Transmitter].
final class Tcb {
    /// Octets of data in a segment if the peer sends no MSS option (RFC 9293, 3.7.1, MUST-15).
    static final int DEFAULT_MSS = 536;

    /// The least that we send even if a peer asks for smaller segments, so that nobody makes us send a header
    /// for every octet: text and TCP options, as in Linux (`tcp_min_snd_mss`).
    ///
    /// Deviation: RFC 9293, 3.7.1, sends no more than the MSS option says (MUST-16), and has no least value. No
    /// host means it: all must be able to take 576 octets (RFC 1122, 3.3.2).
    private static final int LEAST_MSS = 48;

    private static final int TIMESTAMP_OCTETS = 12;

    final ByteBufAllocator allocator;
    final TcpOutput output;
    final Timers timers = new Timers();
    final RttEstimator rtt;
    final FlowCounters counters = new FlowCounters();
    final AckPolicy acks = new AckPolicy();
    final ReceiveQueue receiveQueue;
    final Assembler assembler = new Assembler();
    final DuplicateReport duplicate = new DuplicateReport();
    final FlowMemory memory;
    final Timestamps timestamps;
    final SendSequence snd;
    final SendQueue sendQueue;
    final PathMtu path;

    /// The settings that our SYN offers; they count even if others are in force when the answer comes.
    final TcpConfig offered;

    TcpConfig config;
    TcpState state = TcpState.CLOSED;
    CloseReason closeReason;

    boolean sackPermitted;

    /// Made when the peer's SYN is known.
    ReceiveSequence rcv;

    CongestionController congestion;
    LossRecovery recovery;

    /// What is known of the path from before, until it is used.
    @Nullable PathMetrics known;

    /// `null` unless ECN is in use; set by [#useEcn].
    Ecn ecn;

    final AckSample ackSample = new AckSample();

    /// Whether the user will send nothing more: FIN follows the last octet.
    boolean finQueued;

    /// Whether the user will read nothing more, and how it said so.
    Reading reading = Reading.OPEN;

    /// When the last segment arrived that was certainly the peer's.
    long receivedAt;

    /// When we last sent data.
    long sentAt;

    /// Timeouts of the oldest outstanding octet.
    int retransmissions;

    /// Whether the SYN had to be sent again.
    boolean synLost;

    /// Probes of a closed window since the peer last acknowledged something new.
    int unansweredProbes;

    /// Keep-alive probes since the peer was last heard.
    int keepAliveProbes;

    /// Whether the congestion window held the sender back since the last ACK.
    boolean congestionLimited;

    /// Whether what is queued now leaves although the config's cork is in: for as long as it takes.
    boolean corkLifted;

    /// The last ICMP error that was no reason to end the connection, and SND.UNA then.
    private @Nullable IcmpError lastError;

    private int lastErrorUna;

    /// Pending events, see [Events].
    int events;

    enum Reading {
        /// Octets wait for the user.
        OPEN,
        /// `shutdownInput`: octets are acknowledged and thrown away.
        DISCARD,
        /// `close`: octets that nobody will read are answered by RST (RFC 9293, 3.6.1).
        CLOSED
    }

    Tcb(
            TcpConfig config,
            ByteBufAllocator allocator,
            TcpOutput output,
            int iss,
            int tsOffset,
            MemoryBudget budget) {
        this.config = config;
        offered = config;
        this.allocator = allocator;
        this.output = output;
        receiveQueue = new ReceiveQueue(allocator);
        rtt = new RttEstimator(config);
        snd = new SendSequence(iss);
        timestamps = new Timestamps(tsOffset, config.timestamps());
        sendQueue = new SendQueue(allocator, iss + 1);
        path = new PathMtu(this);
        memory = new FlowMemory(this, budget);
    }

    void enter(TcpState next) {
        TcpState previous = state;
        state = next;
        output.stateChanged(previous, next);
    }

    void drop(DropReason reason) {
        output.dropped(reason);
    }

    /// An ICMP error told of something that is outstanding.
    void noteAdvice(IcmpError error) {
        lastError = error;
        lastErrorUna = snd.una;
    }

    /// The last ICMP error that was noted.
    IcmpError lastError() {
        return lastError;
    }

    /// The last ICMP error, if nothing was acknowledged since.
    @Nullable IcmpError advice() {
        return lastErrorUna == snd.una ? lastError : null;
    }

    /// The sequence number of our FIN: it follows the last octet of the queue.
    int fin() {
        return sendQueue.end();
    }

    boolean isFinAcknowledged() {
        return finQueued && SeqNum.gt(snd.una, fin());
    }

    /// Whether there are octets or a FIN that were not sent yet, or must be sent again.
    boolean hasUnsent() {
        return SeqNum.lt(snd.cursor, finQueued ? fin() + 1 : fin());
    }

    /// Octets of the user that were never sent.
    int unsent() {
        return Math.clamp(SeqNum.distance(snd.nxt, fin()), 0, sendQueue.size());
    }

    /// Octets from the next one to read to the end of the urgent data.
    int urgent() {
        int next = rcv.nxt - receiveQueue.readable();
        boolean finTaken = rcv.finSeen && SeqNum.gt(rcv.nxt, rcv.fin);
        return Math.max(0, SeqNum.distance(finTaken ? next - 1 : next, rcv.up));
    }

    /// Octets of text in a full-sized segment of the peer, whatever super-segments the link delivers.
    int largestArrivingText() {
        return offered.maximumSegmentSize() - (timestamps.enabled() ? TIMESTAMP_OCTETS : 0);
    }

    /// How long nothing may be acknowledged before the connection is given up: R2, or what the
    /// user set for this connection (RFC 9293, 3.8.3).
    long giveUpNanos() {
        if (!state.isSynchronized()) {
            return config.synGiveUpNanos();
        }
        return config.userTimeoutNanos() > 0 ? config.userTimeoutNanos() : config.giveUpNanos();
    }

    /// Takes over what the peer's SYN says (RFC 9293, 3.7.1; RFC 7323, 1.3; RFC 2018, 2).
    void synReceived(PeerOptions peer, long nowNanos) {
        rcv = new ReceiveSequence(peer.irs());
        timestamps.lastAckSent = rcv.nxt;
        if (peer.hasTimestamps() && timestamps.enabled()) {
            timestamps.start(peer.tsVal(), nowNanos);
        } else {
            timestamps.disable();
        }
        sackPermitted = peer.sackPermitted() && offered.sack();
        if (offered.windowScaling() && peer.windowScale() >= 0) {
            snd.shift = Math.min(peer.windowScale(), PeerOptions.MAX_SHIFT);
            rcv.shift = PeerOptions.shiftFor(offered.receiveBuffer());
        }
        int mss = peer.mss() > 0 ? peer.mss() : DEFAULT_MSS;
        int most = Math.max(LEAST_MSS, Math.min(mss, offered.maximumSegmentSize()));
        path.start(most - (timestamps.enabled() ? TIMESTAMP_OCTETS : 0), nowNanos);
        congestion = config.congestion().create(snd.mss);
        if (known != null) {
            known.applyTo(congestion);
            known = null;
        }
        recovery =
                sackPermitted
                        ? new SackRecovery(snd, congestion, rtt, timestamps)
                        : new DuplicateAckRecovery(snd, congestion, rtt, timestamps);
        recovery.watch(path);
        // The window of a SYN is never scaled (RFC 7323, 2.2).
        snd.updateWindow(peer.window(), peer.irs(), snd.una);
        rcv.wnd = PeerOptions.synWindow(offered.receiveBuffer());
    }

    /// Switches the congestion control of a connection that is under way.
    void replaceController(CongestionControllerFactory factory) {
        CongestionController replacement = factory.create(snd.mss);
        replacement.takeOver(congestion.window(), congestion.slowStartThreshold());
        congestion = replacement;
        recovery.replaceController(replacement);
    }

    /// ECN was negotiated, if `negotiated` is not `null`.
    void useEcn(@Nullable Ecn negotiated) {
        ecn = negotiated;
        recovery.ecn = negotiated;
    }

    /// How fast segments leave, in octets a second: what the algorithm says, or, if it says nothing and either
    /// the user wants it or slow start would fill queues with bursts, as fast as the window gets round.
    long pacingRate() {
        long rate = congestion.pacingRate();
        boolean named = rate != CongestionController.NO_PACING;
        return named || !config.pacing() && !Pacer.isBursty(congestion, snd.mss)
                ? rate
                : Pacer.windowRate(congestion, rtt.srtt());
    }

    /// Our SYN is acknowledged, the peer's SYN is there.
    void established(long nowNanos) {
        timers.stop(Timers.Kind.RETRANSMISSION);
        timers.stop(Timers.Kind.GIVE_UP);
        retransmissions = 0;
        if (synLost) {
            // RFC 5681, 3.1: after a lost SYN the initial window is one segment.
            rtt.synWasLost();
            congestion.onRetransmissionTimeout(0, false, nowNanos);
        }
        enter(TcpState.ESTABLISHED);
        events |= Events.ESTABLISHED;
        if (finQueued) {
            enter(TcpState.FIN_WAIT_1);
        }
        armKeepAlive(nowNanos);
    }

    /// The timers of RACK-TLP, after an ACK.
    ///
    /// @param advances whether the ACK acknowledged something new
    void armRecoveryTimers(boolean advances, long nowNanos) {
        long wait = recovery.reorderWaitNanos();
        if (wait > 0) {
            timers.arm(Timers.Kind.REORDER, nowNanos + wait);
        } else {
            timers.stop(Timers.Kind.REORDER);
        }
        if (!recovery.mayProbe()) {
            timers.stop(Timers.Kind.LOSS_PROBE);
        } else if (advances) {
            armLossProbe(nowNanos);
        }
    }

    /// After new data was sent or acknowledged (RFC 8985, 7.2). A probe comes before the timeout, and puts it
    /// off.
    void armLossProbe(long nowNanos) {
        if (recovery.mayProbe() && timers.isArmed(Timers.Kind.RETRANSMISSION)) {
            boolean single = snd.flightSize() <= snd.mss;
            long due = nowNanos + TailLossProbe.timeoutNanos(rtt.srtt(), single);
            timers.arm(
                    Timers.Kind.LOSS_PROBE,
                    Math.min(due, timers.deadline(Timers.Kind.RETRANSMISSION)));
        }
    }

    /// The peer is alive.
    void heard(long nowNanos) {
        receivedAt = nowNanos;
        keepAliveProbes = 0;
    }

    void armKeepAlive(long nowNanos) {
        if (config.keepAlive() && state.isSynchronized() && state != TcpState.TIME_WAIT) {
            timers.arm(
                    Timers.Kind.KEEP_ALIVE,
                    Math.max(nowNanos + 1, receivedAt + config.keepAliveIdleNanos()));
        } else {
            timers.stop(Timers.Kind.KEEP_ALIVE);
        }
    }

    /// The time to the next window probe: "the first zero-window probe when a zero window has
    /// existed for the retransmission timeout period" and exponentially later ones (RFC 9293, 3.8.6.1).
    long persistIntervalNanos() {
        return RttEstimator.backedOff(rtt.rto(), unansweredProbes, config.maximumRtoNanos());
    }

    /// All other timers off, the time-wait timer on.
    void enterTimeWait(long nowNanos) {
        timers.stopAll();
        assembler.release();
        enter(TcpState.TIME_WAIT);
        restartTimeWait(nowNanos);
    }

    void restartTimeWait(long nowNanos) {
        receivedAt = nowNanos;
        // At least until the last ACK has left.
        timers.arm(Timers.Kind.TIME_WAIT, nowNanos + Math.max(1, config.timeWaitNanos()));
    }

    /// Deviation: RFC 9293 lets FIN-WAIT-2 last for ever. When the user is gone and cannot read any
    /// more, a peer that never sends its FIN would hold the connection for ever, so that is bounded,
    /// as in Linux.
    void limitFinWait2(long nowNanos) {
        if (state == TcpState.FIN_WAIT_2 && reading == Reading.CLOSED) {
            timers.arm(Timers.Kind.TIME_WAIT, nowNanos + config.finWait2Nanos());
        }
    }

    /// The connection is over: timers stop, nothing is sent any more, buffers go.
    ///
    /// What arrived in order and was acknowledged stays readable until the user closes. Deviation: RFC
    /// 9293 (3.10.7.4) flushes it when the peer resets; kernels let it be read, and programs that send an
    /// answer and reset rely on that.
    void close(CloseReason reason) {
        closeReason = reason;
        timers.stopAll();
        sendQueue.release();
        assembler.release();
        if (reason == CloseReason.ABORTED || reading != Reading.OPEN) {
            receiveQueue.release();
        }
        enter(TcpState.CLOSED);
        events |= Events.CLOSED;
    }
}
