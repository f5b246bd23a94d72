package toytcp.stack.tcp.congestion;

/// What BBR believes of the path: the greatest bandwidth it delivered, and the bounds that losses set to
/// bandwidth and flight (draft-ietf-ccwg-bbr, 2.9 and 5.5). The long-term bound comes from probing for
/// more, the short-term ones from losses at other times; they last until the next probe.
///
/// Bandwidths are octets a second; the names of the draft are in the comments.
final class BbrModel {
    /// BBR.Beta.
    static final double BETA = 0.7;

    /// BBR.LossThresh.
    static final double LOSS_THRESHOLD = 0.02;

    /// BBR.Headroom.
    static final double HEADROOM = 0.15;

    /// No bound on octets in flight.
    static final int UNBOUNDED = Integer.MAX_VALUE;

    /// BBR.max_bw_filter: the greatest rate of this probing cycle, and of the one before.
    private double cycleMaximum;

    private double lastCycleMaximum;

    /// BBR.bw.
    private double bandwidth;

    /// BBR.bw_latest and BBR.inflight_latest.
    private double latestBandwidth;

    private int latestInFlight;

    private long lossRoundDelivered;
    private boolean lossRoundStarts;
    private boolean lossInRound;

    private double shortTermBandwidth = Double.POSITIVE_INFINITY;
    private int shortTermInFlight = UNBOUNDED;
    private int longTermInFlight = UNBOUNDED;

    private double undoShortTermBandwidth;
    private int undoShortTermInFlight;
    private int undoLongTermInFlight;

    /// UpdateLatestDeliverySignals () and UpdateCongestionSignals ().
    ///
    /// @param appLimited whether the rate may be less than that of the path
    /// @param accelerating see [BbrPhase#isAccelerating]
    /// @param window C.cwnd
    void onAck(AckSample sample, boolean appLimited, boolean accelerating, int window) {
        latestBandwidth = Math.max(latestBandwidth, sample.deliveryRate());
        latestInFlight = Math.max(latestInFlight, sample.rateDelivered());
        lossRoundStarts = sample.priorDelivered() >= lossRoundDelivered;
        if (lossRoundStarts) {
            lossRoundDelivered = sample.totalDelivered();
        }
        if (!appLimited || sample.deliveryRate() >= maximum()) {
            cycleMaximum = Math.max(cycleMaximum, sample.deliveryRate());
        }
        if (lossRoundStarts) {
            if (lossInRound && !accelerating) {
                lowerBounds(window);
            }
            lossInRound = false;
        }
    }

    /// AdvanceLatestDeliverySignals () and BoundBWForModel (): the end of an ACK.
    void onAckDone(AckSample sample) {
        if (lossRoundStarts) {
            latestBandwidth = sample.deliveryRate();
            latestInFlight = sample.rateDelivered();
        }
        bandwidth = Math.min(maximum(), shortTermBandwidth);
    }

    /// NoteLoss ().
    void noteLoss(long totalDelivered) {
        if (!lossInRound) {
            lossRoundDelivered = totalDelivered;
        }
        lossInRound = true;
    }

    /// SaveStateUponLoss ().
    void save() {
        undoShortTermBandwidth = shortTermBandwidth;
        undoShortTermInFlight = shortTermInFlight;
        undoLongTermInFlight = longTermInFlight;
    }

    /// The model's part of HandleSpuriousLossDetection ().
    void undo() {
        lossInRound = false;
        shortTermBandwidth = Math.max(shortTermBandwidth, undoShortTermBandwidth);
        shortTermInFlight = Math.max(shortTermInFlight, undoShortTermInFlight);
        longTermInFlight = Math.max(longTermInFlight, undoLongTermInFlight);
    }

    /// ResetCongestionSignals ().
    void resetSignals() {
        lossInRound = false;
        latestBandwidth = 0;
        latestInFlight = 0;
    }

    /// ResetShortTermModel ().
    void forgetShortTerm() {
        shortTermBandwidth = Double.POSITIVE_INFINITY;
        shortTermInFlight = UNBOUNDED;
    }

    /// AdvanceMaxBwFilter (). A cycle without any rate is no reason to forget the one before it.
    void endCycle() {
        if (cycleMaximum > 0) {
            lastCycleMaximum = cycleMaximum;
            cycleMaximum = 0;
        }
    }

    /// BBR.max_bw.
    double maximum() {
        return Math.max(cycleMaximum, lastCycleMaximum);
    }

    /// BBR.bw: what the path delivers, by all that is known.
    double bandwidth() {
        return bandwidth;
    }

    /// BBR.inflight_latest.
    int latestInFlight() {
        return latestInFlight;
    }

    /// Whether this ACK ends a round in which losses are counted.
    boolean lossRoundStarts() {
        return lossRoundStarts;
    }

    /// BBR.bw_shortterm, infinite if there is none.
    double shortTermBandwidth() {
        return shortTermBandwidth;
    }

    /// BBR.inflight_shortterm, or [#UNBOUNDED].
    int shortTermInFlight() {
        return shortTermInFlight;
    }

    /// BBR.inflight_longterm, or [#UNBOUNDED].
    int longTermInFlight() {
        return longTermInFlight;
    }

    void longTermInFlight(int octets) {
        longTermInFlight = octets;
    }

    /// InflightWithHeadroom ().
    ///
    /// @param segment C.SMSS
    int withHeadroom(int segment, int least) {
        if (longTermInFlight == UNBOUNDED) {
            return UNBOUNDED;
        }
        int headroom = Math.max(segment, (int) (HEADROOM * longTermInFlight));
        return Math.max(longTermInFlight - headroom, least);
    }

    /// IsInflightTooHigh (): so much of what was sent in the last round trip is lost.
    ///
    /// Deviation: more than a segment must be lost, always. In a flight of less than 50 segments a single one
    /// is more than 2 %, so each random loss would end a probe there, and nail the bound to the present
    /// flight.
    ///
    /// @param segment C.SMSS
    static boolean isTooHigh(AckSample sample, int segment) {
        double most = Math.max(segment, sample.txInFlight() * LOSS_THRESHOLD);
        return sample.lostSinceSent() > most;
    }

    /// InflightAtLoss (): "At what prefix of "packet" P did losses exceed BBR.LossThresh?"
    static int inFlightAtLoss(AckSample loss) {
        int before = loss.txInFlight() - loss.lost();
        int lostBefore = loss.lostSinceSent() - loss.lost();
        double prefix = (LOSS_THRESHOLD * before - lostBefore) / (1 - LOSS_THRESHOLD);
        return before + (int) Math.max(0, prefix);
    }

    /// InitLowerBounds () and LossLowerBounds ().
    private void lowerBounds(int window) {
        boolean first = shortTermBandwidth == Double.POSITIVE_INFINITY;
        double bound = first ? maximum() : shortTermBandwidth;
        shortTermBandwidth = Math.max(latestBandwidth, BETA * bound);
        int inFlight = shortTermInFlight == UNBOUNDED ? window : shortTermInFlight;
        shortTermInFlight = Math.max(latestInFlight, (int) (BETA * inFlight));
    }
}
