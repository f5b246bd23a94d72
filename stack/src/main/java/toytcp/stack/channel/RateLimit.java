package toytcp.stack.channel;

import toytcp.stack.tcp.EntropySource;

import java.util.concurrent.TimeUnit;

/// How many answers of one kind a whole stack gives in a second to segments that anybody can send.
///
/// The limit is drawn anew for each second, from half of the nominal one to one and a half of it, as
/// Linux does: if it were fixed, whoever counts how many answers are left for himself would learn what
/// others got, and so guess connections that he cannot see (CVE-2016-5696).
final class RateLimit {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int perSecond;
    private final EntropySource entropy;
    private long windowEnd = Long.MIN_VALUE;
    private int left;

    /// @param perSecond on average, at least 2
    RateLimit(int perSecond, EntropySource entropy) {
        this.perSecond = perSecond;
        this.entropy = entropy;
    }

    /// Whether one more is allowed now.
    boolean take(long nowNanos) {
        if (nowNanos >= windowEnd) {
            windowEnd = nowNanos + WINDOW_NANOS;
            left = perSecond / 2 + (int) Math.floorMod(entropy.nextLong(), (long) perSecond + 1);
        }
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}
