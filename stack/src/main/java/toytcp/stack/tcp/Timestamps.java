package toytcp.stack.tcp;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpSegment;

/// The timestamps option of one connection: RTTM and PAWS (RFC 7323, sections 3 to 5).
///
/// The clock ticks once a millisecond, the finest that RFC 7323 (5.4) allows, from an offset that
/// differs from peer to peer (7.1).
final class Timestamps {
    /// What the option takes of a segment, with its padding (RFC 7323, appendix A).
    static final int OCTETS = 12;

    private static final long TICK_NANOS = 1_000_000;

    /// RFC 7323, 5.5: TS.Recent is outdated after 24 days of silence.
    private static final long OUTDATED_NANOS = 24L * 24 * 3600 * 1_000_000_000L;

    /// Two minutes: beyond that an echo tells nothing that is worth knowing.
    private static final int LARGEST_RTT_TICKS = 120_000;

    private final int offset;
    private boolean enabled;
    private int recent;
    private long recentAt;

    /// When the tick of the clock began that was asked for last, and its value.
    private long tickNanos;

    private int tick;

    /// Last.ACK.sent.
    int lastAckSent;

    Timestamps(int offset, boolean enabled) {
        this.offset = offset;
        tick = offset;
        this.enabled = enabled;
    }

    /// What a clock with this offset shows.
    static int value(int offset, long nowNanos) {
        return (int) (nowNanos / TICK_NANOS) + offset;
    }

    boolean enabled() {
        return enabled;
    }

    /// What the option takes of each segment: 0 if it is not in use.
    int octets() {
        return enabled ? OCTETS : 0;
    }

    /// Our SYN offered the option, the peer's did not take it.
    void disable() {
        enabled = false;
    }

    /// TS.Recent: what we echo.
    int recent() {
        return recent;
    }

    int value(long nowNanos) {
        if (nowNanos < tickNanos || nowNanos - tickNanos >= TICK_NANOS) {
            // A division costs more than all else that an ACK does with timestamps.
            tickNanos = nowNanos - nowNanos % TICK_NANOS;
            tick = value(offset, nowNanos);
        }
        return tick;
    }

    /// The round-trip time that the echo of `segment` tells, in nanoseconds: at least a tick.
    long rtt(TcpSegment segment, long nowNanos) {
        return Math.max(1, value(nowNanos) - segment.tsEcr()) * TICK_NANOS;
    }

    /// Whether the echo can be an answer to something that we sent: not from the future, and not from
    /// before the largest RTO, as the 0 of a middlebox mostly is.
    boolean isEchoPlausible(TcpSegment segment, long nowNanos) {
        int age = value(nowNanos) - segment.tsEcr();
        return age >= 0 && age <= LARGEST_RTT_TICKS;
    }

    /// PAWS, R1: whether the segment is an old duplicate.
    boolean isTooOld(TcpSegment segment, long nowNanos) {
        return SeqNum.lt(segment.tsVal(), recent) && !isOutdated(nowNanos);
    }

    /// The first TSval, from the peer's SYN.
    void start(int tsVal, long nowNanos) {
        recent = tsVal;
        recentAt = nowNanos;
    }

    /// RFC 7323, 4.3 (2): the segment spans the last ACK that we sent. After a silence that outdated
    /// TS.Recent, the peer's clock may seem to have gone back, and is taken all the same (5.5).
    void update(TcpSegment segment, long nowNanos) {
        boolean current = SeqNum.geq(segment.tsVal(), recent) || isOutdated(nowNanos);
        if (current && SeqNum.leq(segment.seq(), lastAckSent)) {
            start(segment.tsVal(), nowNanos);
        }
    }

    private boolean isOutdated(long nowNanos) {
        return nowNanos - recentAt >= OUTDATED_NANOS;
    }
}
