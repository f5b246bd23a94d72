package toytcp.stack.tcp;

import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// A passive open in SYN-RECEIVED: a small record without buffers, so that a flood of SYNs costs
/// little (RFC 4987). At first it is *pending*: nothing was answered, and the user may still accept by
/// [#synAck], refuse by [#reject], or forget it.
///
/// Segments that this class makes carry no addresses and ports.
public final class HalfOpenConnection {
    /// What a segment means for the record.
    public enum Verdict {
        /// It stays; send [#reply()] if there is one.
        KEEP,
        /// It is gone: back to LISTEN. Send [#reply()] if there is one.
        REMOVE,
        /// The handshake is complete: [#promote], and give the segment to the connection.
        ESTABLISH
    }

    private final PeerOptions peer;
    private final TcpConfig config;
    private final int iss;
    private final int timestampOffset;
    private long acceptedAt = -1;
    private int tsRecent;
    private long deadline = Long.MAX_VALUE;

    /// How often the timer has fired.
    private int timeouts;

    /// How often it may fire before an acknowledgement without data is enough.
    private int deferredTimeouts;

    /// Whether such an acknowledgement came while it was not enough.
    private boolean acknowledged;

    /// How often the timer sent the SYN,ACK again.
    private int retransmissions;

    /// Whether it did because nothing had come.
    private boolean lost;

    /// Whether the SYN,ACK left more than once, by our timer or because the peer asked.
    private boolean repeated;

    private @Nullable TcpSegment reply;

    /// `null` if ECN will not be used.
    private final @Nullable EcnResponder ecn;

    HalfOpenConnection(
            PeerOptions peer,
            @Nullable EcnResponder ecn,
            TcpConfig config,
            int iss,
            int timestampOffset) {
        this.ecn = ecn;
        this.peer = peer;
        this.config = config;
        this.iss = iss;
        this.timestampOffset = timestampOffset;
        tsRecent = peer.tsVal();
    }

    /// Lets the last ACK of the handshake wait for data, as TCP_DEFER_ACCEPT does in Linux: an
    /// acknowledgement alone is ignored, and the SYN,ACK is not repeated after it, until the timer has
    /// fired so often that `nanos` are over. With the last of these the SYN,ACK goes again, and if the
    /// peer is still there its answer establishes the connection without data.
    ///
    /// Deviation: RFC 9293 (3.10.7.4, fifth) enters ESTABLISHED with the first acceptable ACK. The user
    /// asked for it, and the peer, which is in ESTABLISHED, sees no difference.
    ///
    /// @param nanos 0 for no waiting
    public void deferAccept(long nanos) {
        deferredTimeouts = 0;
        long left = nanos;
        for (long next; left > 0; left -= next) {
            next = interval(deferredTimeouts);
            if (next == config.maximumRtoNanos()) {
                // All others are as long: not counted one by one, since a flood of SYNs comes by
                // here.
                deferredTimeouts += (int) Math.min(1 + (left - 1) / next, 1 << 30);
                return;
            }
            deferredTimeouts++;
        }
    }

    /// Accepts: the SYN,ACK to send. Repeated calls give it again.
    public TcpSegment synAck(long nowNanos) {
        if (acceptedAt < 0) {
            acceptedAt = nowNanos;
            deadline = nowNanos + config.initialRtoNanos();
        } else {
            repeated = true;
        }
        TcpSegment syn = new TcpSegment().seq(iss).flag(TcpFlags.SYN).ack(peer.irs() + 1);
        PeerOptions.offer(syn, config, peer);
        if (ecn != null) {
            ecn.stamp(syn, acknowledged ? 0 : retransmissions);
        }
        return stamp(syn, nowNanos);
    }

    /// Whether nothing was answered yet.
    public boolean isPending() {
        return acceptedAt < 0;
    }

    /// Whether the last ACK of the handshake was there, and waits for data, see [#deferAccept].
    public boolean isDeferred() {
        return acknowledged && timeouts < deferredTimeouts;
    }

    /// The MSS option of the peer's SYN; -1 without.
    public int peerMaximumSegmentSize() {
        return peer.mss();
    }

    /// The window scale option of the peer's SYN, at most 14; -1 without.
    public int peerWindowScale() {
        return Math.min(peer.windowScale(), PeerOptions.MAX_SHIFT);
    }

    /// Whether the peer's SYN permits selective acknowledgements.
    public boolean isPeerSackPermitted() {
        return peer.sackPermitted();
    }

    /// Whether the peer's SYN has timestamps.
    public boolean peerHasTimestamps() {
        return peer.hasTimestamps();
    }

    /// The RST that refuses the SYN, also after [#synAck]. The record is to be forgotten.
    public TcpSegment reject() {
        TcpSegment reset =
                new TcpSegment()
                        .seq(isPending() ? 0 : iss + 1)
                        .flag(TcpFlags.RST)
                        .ack(peer.irs() + 1);
        // RFC 7323, 5.2.
        return peer.hasTimestamps() ? reset.timestamps(0, tsRecent) : reset;
    }

    /// When [#onDeadline] is due; `Long.MAX_VALUE` while pending.
    public long nextDeadlineNanos() {
        return deadline;
    }

    /// What the time means for the record: it stays, and [#reply()] is the SYN,ACK to send again, if
    /// there is one; or R2 is over and it is to be removed.
    public Verdict onDeadline(long nowNanos) {
        reply = null;
        boolean waits = isDeferred();
        long limit = waits ? Long.MAX_VALUE : acceptedAt + config.synGiveUpNanos();
        if (nowNanos >= limit) {
            return Verdict.REMOVE;
        }
        boolean silent = waits && timeouts < deferredTimeouts - 1;
        timeouts++;
        deadline = Math.min(nowNanos + interval(timeouts), limit);
        if (!silent) {
            retransmissions++;
            lost |= !acknowledged;
            reply = synAck(nowNanos);
        }
        return Verdict.KEEP;
    }

    private long interval(int times) {
        return RttEstimator.backedOff(config.initialRtoNanos(), times, config.maximumRtoNanos());
    }

    /// What a segment for this record means (RFC 9293, 3.10.7.4, as far as SYN-RECEIVED goes).
    /// Releases nothing.
    public Verdict onSegment(TcpSegment segment, long nowNanos) {
        reply = null;
        if (isRepeatedSyn(segment)) {
            if (segment.hasTimestamps()) {
                tsRecent = segment.tsVal();
            }
            if (ecn != null && !ecn.onRepeatedSyn(segment)) {
                reply = reject();
                return Verdict.REMOVE;
            }
            reply = isPending() ? null : synAck(nowNanos);
            return Verdict.KEEP;
        }
        if (isPending()) {
            return segment.has(TcpFlags.RST) && isNext(segment) ? Verdict.REMOVE : Verdict.KEEP;
        }
        if (!isAcceptable(segment)) {
            return segment.has(TcpFlags.RST) ? Verdict.KEEP : challenge(nowNanos);
        }
        if (segment.has(TcpFlags.RST)) {
            return isNext(segment) ? Verdict.REMOVE : challenge(nowNanos);
        }
        if (segment.has(TcpFlags.SYN)) {
            return Verdict.REMOVE;
        }
        boolean untimed = usesTimestamps() && !segment.hasTimestamps();
        if (!segment.has(TcpFlags.ACK) || untimed) {
            // RFC 7323, 3.2: a segment without the agreed timestamps is dropped silently.
            return Verdict.KEEP;
        }
        if (segment.ack() != iss + 1) {
            reply = Listen.resetFor(segment);
            return Verdict.KEEP;
        }
        if (timeouts < deferredTimeouts && segment.end() == peer.irs() + 1) {
            acknowledged = true;
            return Verdict.KEEP;
        }
        return Verdict.ESTABLISH;
    }

    /// What an ICMP error about our SYN,ACK means for the record: it is gone, as for an RST, or it stays.
    public Verdict onIcmpError(IcmpError error) {
        reply = null;
        boolean ours = !isPending() && error.seq() == iss;
        return ours && error.isHard() ? Verdict.REMOVE : Verdict.KEEP;
    }

    /// The answer to the last [#onSegment] or [#onDeadline], or `null`.
    public @Nullable TcpSegment reply() {
        return reply;
    }

    /// Whether the SYN,ACK left more than once.
    public boolean isRepeated() {
        return repeated;
    }

    /// The connection that this record becomes: in SYN-RECEIVED, about to get the segment that
    /// completes the handshake.
    ///
    /// @param allocator makes the buffers that gather small writes
    /// @param output receives segments and events
    /// @param budget how much all connections that share it may hold
    public TcpConnection promote(
            ByteBufAllocator allocator, TcpOutput output, MemoryBudget budget) {
        Tcb tcb = new Tcb(config, allocator, output, iss, timestampOffset, budget);
        tcb.synReceived(peer, acceptedAt);
        tcb.useEcn(ecn == null ? null : ecn.promote(tcb));
        tcb.synLost = lost;
        tcb.counters.totalRetrans = retransmissions;
        tcb.snd.advance(iss + 1);
        if (!repeated && !acknowledged) {
            // Karn: else nobody knows which of them is being answered (RFC 6298, 3). And data that
            // an ACK came before tell how long the peer's user took.
            tcb.rtt.segmentSent(iss + 1, acceptedAt);
        }
        tcb.enter(TcpState.SYN_RECEIVED);
        return new TcpConnection(tcb);
    }

    /// Deviation: RFC 9293 (3.10.7.4, first) answers the peer's repeated SYN, which lies before the window,
    /// by a bare ACK. Our SYN,ACK may be what was lost, so it goes again, as in Linux.
    private boolean isRepeatedSyn(TcpSegment segment) {
        int control = TcpFlags.SYN | TcpFlags.ACK | TcpFlags.RST;
        return (segment.flags() & control) == TcpFlags.SYN && segment.seq() == peer.irs();
    }

    /// Within the window of our SYN,ACK, and not older than the SYN (PAWS, which RFC 7323, 5.2
    /// forbids for an RST).
    private boolean isAcceptable(TcpSegment segment) {
        int window = PeerOptions.synWindow(config.receiveBuffer());
        boolean old =
                usesTimestamps()
                        && !segment.has(TcpFlags.RST)
                        && segment.hasTimestamps()
                        && SeqNum.lt(segment.tsVal(), tsRecent);
        return SeqNum.inWindow(segment.seq(), peer.irs() + 1, window) && !old;
    }

    private boolean isNext(TcpSegment segment) {
        return segment.seq() == peer.irs() + 1;
    }

    private Verdict challenge(long nowNanos) {
        int buffer = config.receiveBuffer();
        boolean scaled = config.windowScaling() && peer.windowScale() >= 0;
        int shift = scaled ? PeerOptions.shiftFor(buffer) : 0;
        // The edge that the SYN,ACK told: there it was not scaled, here it is (RFC 7323, 2.2).
        int window = PeerOptions.synWindow(buffer) + (1 << shift) - 1 >> shift;
        TcpSegment ack = new TcpSegment().seq(iss + 1).ack(peer.irs() + 1).window(window);
        if (ecn != null) {
            ecn.stampAck(ack);
        }
        reply = stamp(ack, nowNanos);
        return Verdict.KEEP;
    }

    private TcpSegment stamp(TcpSegment segment, long nowNanos) {
        if (usesTimestamps()) {
            segment.timestamps(Timestamps.value(timestampOffset, nowNanos), tsRecent);
        }
        return segment;
    }

    private boolean usesTimestamps() {
        return peer.hasTimestamps() && config.timestamps();
    }
}
