package toytcp.stack.tcp.congestion;

import java.util.Arrays;

/// Whether the path has lately carried what the congestion window allows (RFC 7661).
///
/// `pipeACK` is the most that was acknowledged in one round trip of the last seconds. If it is less than
/// half of the window, the application sends at a rate of its own, and the window is a memory: it may
/// be kept for a while, but it is no measure of what the path takes, so a loss is answered by what was
/// really sent, and after five minutes it is halved.
final class WindowValidation {
    /// The non-validated period, NVP (RFC 7661, 5).
    static final long NVP = 300_000_000_000L;

    /// [#pipeAck()] before the first sample.
    static final int UNDEFINED = -1;

    /// RFC 7661, 4.2: the sampling period is max(3*RTT, 1 second).
    private static final long LEAST_SAMPLING = 1_000_000_000L;

    /// RFC 7661, 4.5.1: the measurement periods into which the sampling period is divided.
    private static final int PERIODS = 5;

    private final int[] highest = new int[PERIODS];
    private int current;
    private long periodSince;

    private boolean sampling;
    private long sampleSince;
    private int sampled;

    /// The window at the beginning of the sample. What a round trip acknowledges is what that allowed: in
    /// slow start the window doubles meanwhile, and is no less validated.
    private int sampledWindow;

    private int pipeAck = UNDEFINED;

    private boolean validated = true;
    private long nonValidatedSince;

    /// Octets; [#UNDEFINED] at the start and after a recovery, until a round trip was measured.
    int pipeAck() {
        return pipeAck;
    }

    /// Whether pipeACK is at least half of the window, or undefined (RFC 7661, 4.3).
    boolean isValidated() {
        return validated;
    }

    /// New data was acknowledged outside of recovery.
    ///
    /// @param cwnd the window before this ACK
    void onAck(AckSample sample, int cwnd) {
        long rtt = sample.smoothedRttNanos();
        if (rtt == AckSample.NO_RTT) {
            return;
        }
        long now = sample.nowNanos();
        if (!sampling) {
            sampling = true;
            periodSince = now;
            sampleSince = now;
            sampledWindow = cwnd;
        } else if (now - sampleSince >= rtt) {
            highest[current] = Math.max(highest[current], sampled);
            sampleSince = now;
            sampled = 0;
            forget(now, Math.max(3 * rtt, LEAST_SAMPLING) / PERIODS);
            pipeAck = most();
            judge(now);
            sampledWindow = cwnd;
        }
        sampled += sample.acked();
    }

    /// How often the window must be halved because it was not used for so long (RFC 7661, 4.4.3 and
    /// 4.5.2): once for each NVP that has passed. Each is told once.
    int takeExpired(long nowNanos) {
        if (validated) {
            return 0;
        }
        long passed = (nowNanos - nonValidatedSince) / NVP;
        nonValidatedSince += passed * NVP;
        return (int) passed;
    }

    /// Nothing was sent since `sinceNanos`: the window is not validated from then on.
    void idle(long sinceNanos) {
        if (validated) {
            nonValidatedSince = sinceNanos;
        }
        Arrays.fill(highest, 0);
        sampling = false;
        sampled = 0;
        pipeAck = 0;
        validated = false;
    }

    /// A recovery is over, or the window is a new one: pipeACK is undefined (RFC 7661, 4.4.1).
    void reset() {
        Arrays.fill(highest, 0);
        sampling = false;
        sampled = 0;
        pipeAck = UNDEFINED;
        validated = true;
    }

    private void judge(long now) {
        boolean was = validated;
        validated = pipeAck >= sampledWindow / 2;
        if (was && !validated) {
            nonValidatedSince = now;
        }
    }

    /// Measurement periods that are over make room for the present one.
    private void forget(long now, long period) {
        long over = (now - periodSince) / period;
        periodSince += over * period;
        for (long i = Math.min(over, PERIODS); i > 0; i--) {
            current = (current + 1) % PERIODS;
            highest[current] = 0;
        }
    }

    private int most() {
        int most = 0;
        for (int value : highest) {
            most = Math.max(most, value);
        }
        return most;
    }
}
