package toytcp.stack.channel;

import toytcp.codec.DropReason;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.EntropySource;
import toytcp.stack.tcp.Listen;

/// The answers of a stack to segments that belong to no connection, which anybody can send: so many of
/// each kind in a second, and no more.
final class Answers {
    /// Enough for a port scan to run at full speed; FreeBSD allows 200, Linux as many as are asked for.
    private static final int RESETS_PER_SECOND = 1000;

    /// RFC 5961, 7, wants a limit, 10 in 5 seconds for example; for all half-open connections together
    /// that is too few, and 1000 a second is what Linux had.
    private static final int CHALLENGES_PER_SECOND = 1000;

    private final TcpStackHandler stack;
    private final RateLimit resets;
    private final RateLimit challenges;

    Answers(TcpStackHandler stack, EntropySource entropy) {
        this.stack = stack;
        resets = new RateLimit(RESETS_PER_SECOND, entropy);
        challenges = new RateLimit(CHALLENGES_PER_SECOND, entropy);
    }

    /// Answers a segment without a flow as CLOSED does (RFC 9293, 3.10.7.1).
    void reset(TcpSegment segment, long nowNanos) {
        TcpSegment reset = Listen.resetFor(segment);
        if (reset == null) {
            return;
        }
        if (!resets.take(nowNanos)) {
            stack.drops().count(DropReason.RESET_RATE_LIMITED);
            return;
        }
        reset.from(segment.dstHigh(), segment.dstLow(), segment.dstPort())
                .to(segment.srcHigh(), segment.srcLow(), segment.srcPort());
        stack.send(reset);
    }

    /// Whether a half-open connection may send a challenge ACK. Connections limit their own, each for
    /// itself.
    boolean mayChallenge(long nowNanos) {
        if (challenges.take(nowNanos)) {
            return true;
        }
        stack.drops().count(DropReason.CHALLENGE_RATE_LIMITED);
        return false;
    }
}
