package toytcp.stack.tcp.congestion;

/// CUBIC (RFC 9438), with HyStart++ in its first slow start (RFC 9406) and congestion window validation
/// (RFC 7661).
///
/// The window is a cubic function of the time since the last loss: it rises quickly, stays flat around
/// the window at which the loss happened, and then rises ever faster. So it needs seconds and not
/// minutes to fill a long fast path, and does not depend on the round-trip time. Where NewReno would
/// be faster it grows like NewReno.
///
/// The RFC's equations are kept in `double`, in seconds and in octets: where the RFC counts in
/// segments, the size of a segment is a factor. Windows grow by fractions of an octet there, K is a cube
/// root, and a `long` would need a scale for each of them. All that happens on an ACK is a dozen
/// multiplications and two divisions; the cube root is taken once a loss, by `StrictMath`, so that
/// every machine sees the same run.
public final class Cubic extends LossBasedController {
    /// β_cubic (RFC 9438, 4.6).
    static final double BETA = 0.7;

    /// C, segments a second³ (RFC 9438, 5).
    static final double C = 0.4;

    /// α_cubic (RFC 9438, 4.3).
    static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);

    /// What is left of a window that was not validated (RFC 7661, 4.4.1).
    private static final double NON_VALIDATED_BETA = 0.5;

    private static final double NANOS_A_SECOND = 1e9;

    /// The window when `ssthresh` was set last.
    private double cwndPrior;

    /// The window at which the last loss happened; 0 if the next stage of congestion avoidance begins
    /// without one.
    private double wMax;

    /// The window that NewReno would have.
    private double wEst;

    /// Seconds from the beginning of the stage until the window is `wMax` again.
    private double k;

    /// Whether a stage of congestion avoidance has begun, and the fields below are valid.
    private boolean inEpoch;

    private long epochNanos;

    /// When the last ACK of this stage arrived.
    private long lastAckNanos;

    /// Whether the window held the sender back at the last ACK of this stage.
    private boolean wasLimited;

    /// SRTT at the last ACK, in nanoseconds; not above 0 if there is none.
    private long smoothedRtt;

    /// Whether an idle time left a window that must not leave at once.
    private boolean paced;

    /// What a spurious loss brings back; made at the first loss.
    private Undo undo;

    private HyStart hyStart = new HyStart();
    private final WindowValidation validation = new WindowValidation();

    /// The variables of RFC 9438, 4.9.2, as they were before the last loss.
    private static final class Undo {
        private double cwnd;
        private double cwndPrior;
        private int ssthresh;
        private double wMax;
        private double k;
        private boolean inEpoch;
        private long epochNanos;
        private double wEst;

        /// Whether it was the timer that told of the loss.
        private boolean timeout;
    }

    /// The state of a new connection.
    ///
    /// @param maximumSegmentSize data octets of a full-sized segment
    public Cubic(int maximumSegmentSize) {
        super(maximumSegmentSize);
    }

    /// Only after an idle time: "a sender paces out the cwnd over its estimate of the RTT" (RFC 7661, 4.4.2).
    @Override
    public long pacingRate() {
        return paced ? (long) (cwnd * NANOS_A_SECOND / smoothedRtt) : NO_PACING;
    }

    @Override
    public void onAck(AckSample sample) {
        if (recovering) {
            return;
        }
        validation.onAck(sample, window());
        giveUpUnused(sample.nowNanos());
        smoothedRtt = sample.smoothedRttNanos();
        paced &= !validation.isValidated();
        // Deviation: RFC 9438, 4.10, has slow start at "no more than ssthresh"; but after a loss
        // both are equal, and congestion avoidance must begin (4.6). RFC 5681, 3.1, leaves it open.
        if (cwnd < ssthresh) {
            slowStart(sample);
        } else {
            avoidCongestion(sample);
        }
    }

    @Override
    public void onLoss(int flightSize, long nowNanos) {
        remember(false, flightSize);
        recovering = true;
        paced = false;
        restarted = false;
        if (validation.isValidated()) {
            // RFC 9438, 4.7: a window that did not come back to what it was leaves room to others.
            wMax = cwnd < wMax ? cwnd * (1 + BETA) / 2 : cwnd;
            // 4.6: of cwnd, which does not grow unused (RFC 7661). The flight is less by what this
            // ACK, and others in the same batch, acknowledged before anything could follow.
            reduce(Math.max(flightSize, window()));
        } else {
            // RFC 7661, 4.4.1: "cwnd = (Max(pipeACK,LossFlightSize))/2". Deviation: what was
            // retransmitted is not subtracted after the recovery, since nobody tells.
            int used = Math.max(validation.pipeAck(), flightSize);
            wMax = Math.min(cwnd, used);
            reduce(used, NON_VALIDATED_BETA);
        }
        cwnd = ssthresh;
    }

    @Override
    public void onRecovered(int most, long nowNanos) {
        validation.reset();
        super.onRecovered(most, nowNanos);
    }

    /// RFC 9438, 4.9: everything is as it was. After a timeout the window is only what is in flight and a
    /// burst of IW (RFC 4015, 3, step 9).
    @Override
    public void onSpuriousLoss(int flightSize, long nowNanos) {
        recovering = false;
        restarted = false;
        validation.reset();
        // 4.9.2: "In rare cases, when the detection happens long after".
        if (undo == null || cwnd >= cwndPrior) {
            return;
        }
        double burst = flightSize + initialWindow();
        cwnd = undo.timeout ? Math.max(cwnd, Math.min(undo.cwnd, burst)) : undo.cwnd;
        cwndPrior = undo.cwndPrior;
        ssthresh = undo.ssthresh;
        wMax = undo.wMax;
        k = undo.k;
        inEpoch = undo.inEpoch;
        epochNanos = undo.epochNanos;
        wEst = undo.wEst;
    }

    @Override
    public void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos) {
        validation.reset();
        paced = false;
        super.onRetransmissionTimeout(flightSize, first, nowNanos);
        // RFC 9438, 4.8: the next stage begins with K = 0 at the window that it has then.
        wMax = 0;
        inEpoch = false;
    }

    @Override
    public void onRestartAfterIdle(long idleNanos, long nowNanos) {
        restarted = false;
        inEpoch = false;
        if (smoothedRtt > 0) {
            // RFC 7661, 4.3: the window is kept, and paced as long as it is not validated (4.4.2).
            validation.idle(nowNanos - idleNanos);
            giveUpUnused(nowNanos);
            paced = true;
        } else {
            // RFC 5681, 4.1.
            cwnd = Math.min(cwnd, initialWindow());
        }
        if (ssthresh == Integer.MAX_VALUE) {
            // RFC 9406, 4.3: it may be used for the restart window, and the rounds begin anew.
            hyStart = new HyStart();
        }
    }

    @Override
    public String name() {
        return "cubic";
    }

    /// K in seconds, for tests.
    double k() {
        return k;
    }

    /// W_max in octets, for tests.
    double wMax() {
        return wMax;
    }

    /// W_est in octets, for tests.
    double wEst() {
        return wEst;
    }

    /// Where HyStart++ stands, for tests.
    HyStart.Phase slowStartPhase() {
        return hyStart.phase();
    }

    /// RFC 7661, 4.4.3: the window was not used for five minutes, or several times that.
    /// `ssthresh = max(ssthresh, 3*cwnd/4)`, so that slow start soon brings back what the path is known to
    /// take.
    private void giveUpUnused(long nowNanos) {
        for (int i = validation.takeExpired(nowNanos); i > 0; i--) {
            ssthresh = Math.max(ssthresh, (int) (cwnd * 3 / 4));
            inEpoch = false;
            cwnd = Math.max(cwnd / 2, Math.min(cwnd, initialWindow()));
        }
    }

    private void slowStart(AckSample sample) {
        if (ssthresh != Integer.MAX_VALUE || restarted) {
            // RFC 9406, 4.3: HyStart++ only for the first slow start.
            if (sample.isWindowLimited()) {
                growInSlowStart(sample.acked());
            }
            return;
        }
        grow(cwnd + hyStart.onAck(sample, maximumSegmentSize));
        if (hyStart.phase() == HyStart.Phase.DONE) {
            ssthresh = window();
            cwnd = ssthresh;
            // RFC 9438, 4.10: no loss yet, so W_max is not known.
            cwndPrior = cwnd;
            wMax = 0;
        }
    }

    private void avoidCongestion(AckSample sample) {
        if (!inEpoch) {
            beginEpoch(sample.nowNanos());
        } else if (!sample.isWindowLimited() || !wasLimited) {
            // RFC 9438, 4.2: t is not to include "periods during which cwnd has not been updated".
            epochNanos += sample.nowNanos() - lastAckNanos;
        }
        lastAckNanos = sample.nowNanos();
        wasLimited = sample.isWindowLimited();
        if (!wasLimited) {
            return;
        }
        double share = Math.min(1, sample.acked() / cwnd);
        // RFC 9438, Figure 4; alpha is 1 once NewReno would be back where it was.
        wEst += (wEst >= cwndPrior ? 1 : ALPHA) * maximumSegmentSize * share;
        double t = (sample.nowNanos() - epochNanos) / NANOS_A_SECOND;
        if (wCubic(t) < wEst) {
            // 4.3: "cwnd SHOULD be set to W_est", but the larger one counts (4.2): never back.
            grow(Math.max(cwnd, wEst));
            return;
        }
        double rtt = Math.max(0, sample.smoothedRttNanos()) / NANOS_A_SECOND;
        double target = Math.clamp(wCubic(t + rtt), cwnd, 1.5 * cwnd);
        // Deviation: RFC 9438, 4.4 and 4.5, add (target - cwnd) / cwnd segments for each ACK; here
        // for each segment acknowledged, as in Linux: the target is that of the next round trip,
        // and a peer that delays its ACKs would halve the growth.
        grow(cwnd + (target - cwnd) * share);
    }

    /// A stage of congestion avoidance begins (RFC 9438, 4.2).
    private void beginEpoch(long nowNanos) {
        inEpoch = true;
        epochNanos = nowNanos;
        wasLimited = true;
        wEst = cwnd;
        if (wMax <= cwnd) {
            wMax = cwnd;
            k = 0;
        } else {
            k = StrictMath.cbrt((wMax - cwnd) / (C * maximumSegmentSize));
        }
    }

    /// RFC 9438, Figure 1, in octets.
    private double wCubic(double seconds) {
        double beyond = seconds - k;
        return C * maximumSegmentSize * beyond * beyond * beyond + wMax;
    }

    @Override
    void remember(boolean timeout, int flightSize) {
        if (undo == null) {
            undo = new Undo();
        }
        undo.timeout = timeout;
        undo.cwnd = cwnd;
        undo.cwndPrior = cwndPrior;
        // pipe_prev (RFC 4015, 3, step 0).
        undo.ssthresh = timeout ? Math.max(flightSize, ssthresh) : ssthresh;
        undo.wMax = wMax;
        undo.k = k;
        undo.inEpoch = inEpoch;
        undo.epochNanos = epochNanos;
        undo.wEst = wEst;
    }

    @Override
    void reduce(int flightSize) {
        reduce(flightSize, BETA);
    }

    /// RFC 9438, Figure 5.
    private void reduce(int size, double beta) {
        cwndPrior = cwnd;
        ssthresh = Math.max((int) Math.round(size * beta), 2 * maximumSegmentSize);
        inEpoch = false;
    }
}
