package toytcp.stack.tcp.congestion;

import java.util.Arrays;

/// How many octets ACKs bring in a bunch beyond what the bandwidth lets expect (draft-ietf-ccwg-bbr, 5.5.9):
/// that much must be in flight in addition, or the sender falls silent between two bunches.
final class BbrAggregation {
    /// BBR.ExtraAckedFilterLen, in rounds.
    private static final int FILTER = 10;

    private static final double NANOS_A_SECOND = 1e9;

    /// The most of each of the last rounds.
    private final int[] most = new int[FILTER];

    private int round;
    private long since;
    private double delivered;
    private boolean begun;

    /// The connection was silent: a new interval begins.
    void restart(long nowNanos) {
        since = nowNanos;
        begun = true;
    }

    /// UpdateACKAggregation ().
    ///
    /// @param bandwidth BBR.bw in octets a second
    /// @param window C.cwnd
    /// @param roundCount BBR.round_count
    void onAck(AckSample sample, double bandwidth, int window, int roundCount) {
        long now = sample.nowNanos();
        if (!begun) {
            restart(now);
        }
        double expected = bandwidth * (now - since) / NANOS_A_SECOND;
        if (delivered <= expected) {
            delivered = 0;
            since = now;
            expected = 0;
        }
        delivered += sample.delivered();
        if (roundCount - round >= FILTER) {
            Arrays.fill(most, 0);
            round = roundCount;
        }
        while (round != roundCount) {
            most[++round % FILTER] = 0;
        }
        int extra = (int) Math.min(delivered - expected, window);
        most[round % FILTER] = Math.max(most[round % FILTER], extra);
    }

    /// BBR.extra_acked.
    ///
    /// @param startup whether only the present round counts
    int extra(boolean startup) {
        int extra = most[round % FILTER];
        for (int i = 0; i < FILTER && !startup; i++) {
            extra = Math.max(extra, most[i]);
        }
        return extra;
    }
}
