package toytcp.stack.tcp.congestion;

/// What BBR lets out: the pacing rate, the window and the send quantum that follow from its estimates
/// (draft-ietf-ccwg-bbr, 5.6).
final class BbrControl {
    /// BBR.PacingMarginPercent.
    private static final double MARGIN = 0.99;

    /// Octets; also of the long-term bound.
    static final int MAX_WINDOW = 1 << 30;

    /// BBR.MinPipeCwnd, in segments.
    private static final int LEAST_SEGMENTS = 4;

    /// 5.5.8.1: BBR.offload_budget, in send quanta.
    private static final int OFFLOAD_QUANTA = 3;

    private static final int MOST_QUANTUM = 1 << 16;
    private static final double QUANTA_A_SECOND = 1000;
    private static final double NANOS_A_SECOND = 1e9;

    private final BbrModel model;
    private final BbrMinRtt minRtt;

    private int maximumSegmentSize;
    private int initialWindow;
    private int cwnd;

    /// BBR.prior_cwnd.
    private int priorWindow;

    /// C.pacing_rate in octets a second.
    private double pacingRate;

    /// Whether a round-trip time has made the first pacing rate a sensible one.
    private boolean rttSeen;

    BbrControl(BbrModel model, BbrMinRtt minRtt, int maximumSegmentSize) {
        this.model = model;
        this.minRtt = minRtt;
        this.maximumSegmentSize = maximumSegmentSize;
        start(InitialWindow.of(maximumSegmentSize));
    }

    /// A connection begins, or another algorithm's window is taken over. InitPacingRate (): as long as no
    /// round-trip time is known, let it be a millisecond.
    void start(int window) {
        initialWindow = window;
        cwnd = window;
        pacingRate = BbrPhase.STARTUP.pacingGain * window * QUANTA_A_SECOND;
    }

    void maximumSegmentSize(int octets) {
        boolean untouched = cwnd == initialWindow && !rttSeen;
        maximumSegmentSize = octets;
        if (untouched) {
            start(InitialWindow.of(octets));
        } else {
            cwnd = Math.max(cwnd, octets);
        }
    }

    /// C.SMSS.
    int maximumSegmentSize() {
        return maximumSegmentSize;
    }

    /// C.cwnd.
    int window() {
        return cwnd;
    }

    double pacingRate() {
        return pacingRate;
    }

    /// SaveCwnd ().
    ///
    /// @param good whether neither a recovery nor ProbeRTT has cut the window
    void save(boolean good) {
        priorWindow = good ? cwnd : Math.max(priorWindow, cwnd);
    }

    /// RestoreCwnd ().
    void restore() {
        cwnd = Math.max(cwnd, priorWindow);
    }

    /// "a value that will allow 1 C.SMSS to be transmitted" (5.6.4.4), when nothing is in flight any more.
    void allowOneSegment() {
        cwnd = maximumSegmentSize;
    }

    /// SetPacingRateWithGain ().
    ///
    /// @param filled BBR.full_bw_reached
    void setPacingRate(double gain, boolean filled) {
        double rate = gain * model.bandwidth() * MARGIN;
        // A connection that changed to this algorithm may have no sample yet.
        if (rate > 0 && filled || rate > pacingRate) {
            pacingRate = rate;
        }
    }

    /// InitPacingRate () once a round-trip time is there.
    void onRtt(long smoothedRttNanos) {
        if (!rttSeen && smoothedRttNanos > 0) {
            rttSeen = true;
            double rate = cwnd * NANOS_A_SECOND / smoothedRttNanos;
            pacingRate = BbrPhase.STARTUP.pacingGain * rate;
        }
    }

    /// SetCwnd ().
    ///
    /// @param extra BBR.extra_acked
    void setWindow(AckSample sample, BbrPhase phase, boolean filled, int extra) {
        int most = quantized(product(phase.cwndGain) + extra, phase);
        long grown = (long) cwnd + sample.delivered();
        if (filled) {
            grown = Math.min(grown, most);
        } else if (cwnd >= most && sample.totalDelivered() >= initialWindow) {
            grown = cwnd;
        }
        cwnd = Math.clamp(grown, minimalWindow(), MAX_WINDOW);
        if (phase == BbrPhase.PROBE_RTT) {
            cwnd = Math.min(cwnd, probeRttWindow());
        }
        cwnd = Math.min(cwnd, Math.max(volumeCap(phase), minimalWindow()));
    }

    /// Inflight (1.0): the flight at which there is no queue.
    int withoutQueue(BbrPhase phase) {
        return quantized(product(1), phase);
    }

    /// Whether ProbeBW_DOWN has left enough room: IsTimeToCruise ().
    boolean isTimeToCruise(int inFlight) {
        int most = quantized(product(model.maximum(), 1), BbrPhase.DOWN);
        int bound = model.withHeadroom(maximumSegmentSize, minimalWindow());
        return inFlight <= Math.min(most, bound);
    }

    /// ProbeRTTCwnd ().
    int probeRttWindow() {
        return Math.max(product(BbrPhase.PROBE_RTT.cwndGain), minimalWindow());
    }

    /// TargetInflight ().
    int targetInFlight() {
        return Math.min(product(1), cwnd);
    }

    /// BDPMultiple (gain).
    int product(double gain) {
        return product(model.bandwidth(), gain);
    }

    private int product(double bandwidth, double gain) {
        if (!minRtt.isKnown()) {
            return initialWindow;
        }
        return (int) Math.min(gain * bandwidth * minRtt.nanos() / NANOS_A_SECOND, MAX_WINDOW);
    }

    private int minimalWindow() {
        return LEAST_SEGMENTS * maximumSegmentSize;
    }

    /// BoundCwndForModel (): the "Volume Cap" of 5.6.1.
    private int volumeCap(BbrPhase phase) {
        int cap = BbrModel.UNBOUNDED;
        if (phase == BbrPhase.PROBE_RTT || phase == BbrPhase.CRUISE) {
            cap = model.withHeadroom(maximumSegmentSize, minimalWindow());
        } else if (phase.isProbeBw()) {
            cap = model.longTermInFlight();
        }
        return Math.min(cap, model.shortTermInFlight());
    }

    /// QuantizationBudget (): enough for batches and for a peer that delays its ACKs.
    private int quantized(int octets, BbrPhase phase) {
        int cap = Math.max(octets, Math.max(OFFLOAD_QUANTA * quantum(), minimalWindow()));
        return phase == BbrPhase.UP ? cap + 2 * maximumSegmentSize : cap;
    }

    /// SetSendQuantum (): a millisecond's worth.
    private int quantum() {
        int millisecond = (int) Math.min(pacingRate / QUANTA_A_SECOND, MOST_QUANTUM);
        return Math.max(millisecond, 2 * maximumSegmentSize);
    }
}
