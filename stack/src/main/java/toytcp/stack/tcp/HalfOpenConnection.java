package toytcp.stack.tcp;

import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

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
        /// It is gone: back to LISTEN.
        REMOVE,
        /// The handshake is complete: [#promote], and give the segment to the connection.
        ESTABLISH
    }

    private static final int TIMESTAMP_TICK_NANOS = 1_000_000;

    private final PeerOptions peer;
    private final TcpConfig config;
    private final int iss;
    private final int timestampOffset;
    private long acceptedAt = -1;
    private int tsRecent;
    private long deadline = Long.MAX_VALUE;
    private int retransmissions;

    /// Whether the SYN,ACK left more than once, by our timer or because the peer asked.
    private boolean repeated;

    private @Nullable TcpSegment reply;

    HalfOpenConnection(PeerOptions peer, TcpConfig config, int iss, int timestampOffset) {
        this.peer = peer;
        this.config = config;
        this.iss = iss;
        this.timestampOffset = timestampOffset;
        tsRecent = peer.tsVal();
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
        return stamp(syn, nowNanos);
    }

    /// The RST that refuses the SYN, also after [#synAck]. The record is to be forgotten.
    public TcpSegment reject() {
        return new TcpSegment()
                .seq(acceptedAt < 0 ? 0 : iss + 1)
                .flag(TcpFlags.RST)
                .ack(peer.irs() + 1);
    }

    /// When [#onDeadline] is due; `Long.MAX_VALUE` while pending.
    public long nextDeadlineNanos() {
        return deadline;
    }

    /// The SYN,ACK to send again; `null` when R2 is over and the record is to be removed.
    public @Nullable TcpSegment onDeadline(long nowNanos) {
        if (nowNanos - acceptedAt >= config.synGiveUpNanos()) {
            return null;
        }
        retransmissions++;
        long interval =
                RttEstimator.backedOff(
                        config.initialRtoNanos(), retransmissions, config.maximumRtoNanos());
        deadline = Math.min(nowNanos + interval, acceptedAt + config.synGiveUpNanos());
        return synAck(nowNanos);
    }

    /// What a segment for this record means (RFC 9293, 3.10.7.4, as far as SYN-RECEIVED goes).
    /// Releases nothing.
    public Verdict onSegment(TcpSegment segment, long nowNanos) {
        reply = null;
        if (acceptedAt < 0) {
            return segment.has(TcpFlags.RST) && isNext(segment) ? Verdict.REMOVE : Verdict.KEEP;
        }
        if (isRepeatedSyn(segment)) {
            if (segment.hasTimestamps()) {
                tsRecent = segment.tsVal();
            }
            reply = synAck(nowNanos);
            return Verdict.KEEP;
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
            reply = new TcpSegment().seq(segment.ack()).flag(TcpFlags.RST);
            return Verdict.KEEP;
        }
        return Verdict.ESTABLISH;
    }

    /// The answer to the last [#onSegment], or `null`.
    public @Nullable TcpSegment reply() {
        return reply;
    }

    /// Whether the SYN,ACK left more than once.
    public boolean isRepeated() {
        return repeated;
    }

    /// The connection that this record becomes: in SYN-RECEIVED, about to get the segment that
    /// completes the handshake.
    public TcpConnection promote(ByteBufAllocator allocator, TcpOutput output) {
        Tcb tcb = new Tcb(config, allocator, output, iss, timestampOffset);
        tcb.synReceived(peer, acceptedAt);
        tcb.synLost = retransmissions > 0;
        tcb.counters.totalRetrans = retransmissions;
        tcb.snd.advance(iss + 1);
        if (!repeated) {
            // Karn: else nobody knows which of them is being answered (RFC 6298, 3).
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
        reply = stamp(ack, nowNanos);
        return Verdict.KEEP;
    }

    private TcpSegment stamp(TcpSegment segment, long nowNanos) {
        if (usesTimestamps()) {
            int value = (int) (nowNanos / TIMESTAMP_TICK_NANOS) + timestampOffset;
            segment.timestamps(value, tsRecent);
        }
        return segment;
    }

    private boolean usesTimestamps() {
        return peer.hasTimestamps() && config.timestamps();
    }
}
