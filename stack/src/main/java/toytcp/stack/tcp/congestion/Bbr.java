package toytcp.stack.tcp.congestion;

/// BBR, version 3, by draft-ietf-ccwg-bbr. **Experimental**, as the draft is: its behaviour may change with
/// the next draft, and what it does to other traffic is a matter of research. It wants a peer with SACK, and
/// is better with timestamps.
///
/// Other algorithms fill the queue until something is lost. This one measures how fast the path delivers
/// and how long it takes without a queue, and sends at that rate, with about as much in flight as the product
/// of the two. Now and then it sends faster, to see whether there is more, or nearly nothing, to see
/// the round-trip time. Random loss below 2 % hardly matters to it.
///
/// This class is the state machine (5.3); the control parameters are [BbrControl], the estimates [BbrModel],
/// [BbrMinRtt], [BbrFullPipe], [BbrAggregation] and [BbrRounds], the schedule of probes is [BbrProbe].
public final class Bbr implements CongestionController {
    /// BBRStartupFullLossCnt.
    private static final int STARTUP_LOSSES = 6;

    private static final int DRAIN_ROUNDS = 3;

    /// BBR.ProbeRTTDuration.
    private static final long PROBE_RTT_DURATION = 200_000_000L;

    private static final long NEVER = -1;

    private final BbrModel model = new BbrModel();
    private final BbrRounds rounds = new BbrRounds();
    private final BbrMinRtt minRtt = new BbrMinRtt();
    private final BbrFullPipe fullPipe = new BbrFullPipe();
    private final BbrAggregation aggregation = new BbrAggregation();
    private final BbrProbe probe = new BbrProbe();
    private final BbrControl control;

    /// Of an algorithm before, for one that comes after.
    private int slowStartThreshold = Integer.MAX_VALUE;

    private BbrPhase phase = BbrPhase.STARTUP;

    /// BBR.full_bw_reached.
    private boolean filled;

    private boolean idleRestart;
    private int drainStartRound;

    /// ACKs of this round that told of losses.
    private int lossEvents;

    /// BBR.probe_rtt_done_stamp, valid if [#probeRttEnds].
    private long probeRttDone;

    private boolean probeRttEnds;
    private boolean probeRttRoundDone;

    /// MarkConnectionAppLimited () in ProbeRTT: what was sent before so much was delivered tells nothing of
    /// the bandwidth.
    private long ignoredUntil = NEVER;

    private boolean recovering;

    /// Whether the state before the present recovery is saved.
    private boolean saved;

    /// C.delivered at which everything has arrived that was out when the timer expired.
    private long timeoutRecovered = NEVER;

    /// BBR.undo_state: where a loss has made it leave, or null.
    private BbrPhase undoPhase;

    /// C.delivered.
    private long totalDelivered;

    /// The state of a new connection.
    public Bbr(int maximumSegmentSize) {
        control = new BbrControl(model, minRtt, maximumSegmentSize);
    }

    @Override
    public int window() {
        return control.window();
    }

    @Override
    public int slowStartThreshold() {
        return slowStartThreshold;
    }

    @Override
    public long pacingRate() {
        return Math.max(1, (long) control.pacingRate());
    }

    @Override
    public boolean governsRecovery() {
        return true;
    }

    @Override
    public boolean usesDeliveryRate() {
        return true;
    }

    /// UpdateOnACK ().
    @Override
    public void onAck(AckSample sample) {
        totalDelivered = sample.totalDelivered();
        boolean limited = sample.isAppLimited() || sample.priorDelivered() <= ignoredUntil;
        rounds.onAck(sample);
        model.onAck(sample, limited, phase.isAccelerating(), control.window());
        aggregation.onAck(sample, model.bandwidth(), control.window(), rounds.count());
        // UP looks for a full pipe too, but only the first one is remembered.
        filled |= fullPipe.onAck(sample, rounds.starts(), limited);
        checkStartup(sample);
        checkDrain(sample);
        updateProbe(sample, limited);
        minRtt.onAck(sample);
        checkProbeRtt(sample);
        model.onAckDone(sample);
        control.onRtt(sample.smoothedRttNanos());
        control.setPacingRate(phase.pacingGain, filled);
        endTimeoutRecovery();
        control.setWindow(sample, phase, filled, aggregation.extra(!filled));
    }

    /// HandleLostPacket ().
    @Override
    public void onSegmentLost(AckSample sample) {
        totalDelivered = sample.totalDelivered();
        saveOnLoss();
        model.noteLoss(totalDelivered);
        if (probe.isSample() && isTooHigh(sample)) {
            int octets = BbrModel.inFlightAtLoss(sample);
            tooHigh(octets, sample.isAppLimited(), sample.nowNanos());
        }
    }

    @Override
    public void onTransmitStart(long nowNanos) {
        idleRestart = true;
        aggregation.restart(nowNanos);
        if (phase.isProbeBw()) {
            control.setPacingRate(1, filled);
        } else if (phase == BbrPhase.PROBE_RTT) {
            endProbeRttIfDone(nowNanos);
        }
    }

    /// OnEnterFastRecovery (): the model has heard of the losses already.
    @Override
    public void onLoss(int flightSize, long nowNanos) {
        saveOnLoss();
        recovering = true;
    }

    @Override
    public void onRecovered(int most, long nowNanos) {
        recovering = false;
        saved = false;
        control.restore();
    }

    /// HandleSpuriousLossDetection ().
    @Override
    public void onSpuriousLoss(int flightSize, long nowNanos) {
        recovering = false;
        saved = false;
        timeoutRecovered = NEVER;
        control.restore();
        model.undo();
        fullPipe.reset(0);
        if (undoPhase == BbrPhase.STARTUP && phase != BbrPhase.STARTUP) {
            filled = false;
            if (phase != BbrPhase.PROBE_RTT) {
                phase = BbrPhase.STARTUP;
            }
        } else if (undoPhase == BbrPhase.UP
                && phase != BbrPhase.UP
                && phase != BbrPhase.PROBE_RTT) {
            startRefill();
        }
        undoPhase = null;
    }

    /// The draft leaves the answer to marks open, but: "the congestion controller response MUST treat any CE
    /// marks as congestion" (3.7). Here a mark counts as a round with a loss, and ends a probe.
    @Override
    public void onCongestionMark(int flightSize, long nowNanos) {
        model.noteLoss(totalDelivered);
        if (probe.isSample()) {
            tooHigh(flightSize, false, nowNanos);
        } else if (phase == BbrPhase.STARTUP) {
            leaveStartup();
        }
    }

    /// OnEnterRTO ().
    @Override
    public void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos) {
        if (flightSize > 0) {
            saveOnLoss();
            timeoutRecovered = totalDelivered + flightSize;
        }
        recovering = flightSize > 0;
        // Deviation: 5.6.4.4 allows one segment beyond what is in flight; here one in all, as the
        // connection sends what was lost first, whatever the window is.
        control.allowOneSegment();
    }

    /// 5.4.2: "BBR restarts by pacing at BBR.bw" instead of a smaller window, see [#onTransmitStart].
    @Override
    public void onRestartAfterIdle(long idleNanos, long nowNanos) {}

    @Override
    public void onMaximumSegmentSize(int maximumSegmentSize) {
        control.maximumSegmentSize(maximumSegmentSize);
    }

    @Override
    public void takeOver(int window, int slowStartThreshold) {
        control.start(window);
        this.slowStartThreshold = slowStartThreshold;
    }

    @Override
    public String name() {
        return "bbr";
    }

    /// For tests.
    BbrPhase phase() {
        return phase;
    }

    /// For tests.
    BbrModel model() {
        return model;
    }

    /// For tests.
    BbrMinRtt minRtt() {
        return minRtt;
    }

    /// For tests: BBR.round_count.
    int roundCount() {
        return rounds.count();
    }

    /// CheckStartupDone (), with CheckStartupHighLoss ().
    ///
    /// Deviation: 5.3.1.3 counts "discontiguous sequence ranges lost"; here it is ACKs that tell of losses,
    /// as in Linux, since an algorithm hears nothing of sequence numbers.
    private void checkStartup(AckSample sample) {
        if (phase != BbrPhase.STARTUP) {
            return;
        }
        lossEvents += sample.lost() > 0 ? 1 : 0;
        boolean lossy = lossEvents >= STARTUP_LOSSES && isTooHigh(sample);
        if (model.lossRoundStarts() && recovering && lossy && !filled) {
            leaveStartup();
        }
        if (model.lossRoundStarts()) {
            lossEvents = 0;
        }
        if (filled) {
            phase = BbrPhase.DRAIN;
            drainStartRound = rounds.count();
        }
    }

    private void leaveStartup() {
        undoPhase = BbrPhase.STARTUP;
        filled = true;
        model.longTermInFlight(Math.max(control.product(1), model.latestInFlight()));
    }

    private void checkDrain(AckSample sample) {
        boolean drained =
                sample.inFlight() <= control.withoutQueue(phase)
                        || rounds.count() > drainStartRound + DRAIN_ROUNDS;
        if (phase == BbrPhase.DRAIN && drained) {
            startDown(sample.nowNanos());
        }
    }

    /// UpdateProbeBWCyclePhase ().
    private void updateProbe(AckSample sample, boolean limited) {
        boolean feedbackEnds = probe.onAck(rounds.starts());
        if (!filled || adaptLongTermModel(sample, feedbackEnds, limited)) {
            return;
        }
        switch (phase) {
            case DOWN, CRUISE -> {
                int target = control.targetInFlight() / control.maximumSegmentSize();
                if (probe.isTime(target, sample.nowNanos())) {
                    startRefill();
                } else if (phase == BbrPhase.DOWN && control.isTimeToCruise(sample.inFlight())) {
                    phase = BbrPhase.CRUISE;
                }
            }
            case REFILL -> {
                if (rounds.starts()) {
                    probe.startUp(control.window(), control.maximumSegmentSize());
                    rounds.start();
                    fullPipe.reset(sample.deliveryRate());
                    phase = BbrPhase.UP;
                }
            }
            case UP -> {
                if (isTimeToGoDown(sample)) {
                    startDown(sample.nowNanos());
                }
            }
            case STARTUP, DRAIN, PROBE_RTT -> {}
        }
    }

    /// AdaptLongTermModel ().
    ///
    /// @param feedbackEnds whether this ACK is the first after the last round trip of a probe
    /// @return whether it decided what comes next
    private boolean adaptLongTermModel(AckSample sample, boolean feedbackEnds, boolean limited) {
        if (feedbackEnds && phase.isProbeBw()) {
            if (!limited) {
                model.endCycle();
            }
            if (probe.mayGoOn()) {
                startRefill();
                return true;
            }
        }
        int bound = model.longTermInFlight();
        if (isTooHigh(sample) || bound == BbrModel.UNBOUNDED) {
            return false;
        }
        bound = Math.max(bound, sample.txInFlight());
        if (phase == BbrPhase.UP && rounds.isLimited() && control.window() >= bound) {
            int segment = control.maximumSegmentSize();
            int window = control.window();
            int rise = probe.rise(sample.delivered(), rounds.starts(), window, segment);
            bound = (int) Math.min(bound + (long) rise * segment, BbrControl.MAX_WINDOW);
        }
        model.longTermInFlight(bound);
        return false;
    }

    private boolean isTimeToGoDown(AckSample sample) {
        int bound = model.longTermInFlight();
        if (probe.wasTooHigh() && sample.inFlight() >= bound) {
            probe.end(true);
            return true;
        }
        if (rounds.isLimited() && control.window() >= bound) {
            // The bound hides what the path has.
            fullPipe.reset(sample.deliveryRate());
        } else if (fullPipe.isFull()) {
            probe.end(false);
            return true;
        }
        return false;
    }

    private boolean isTooHigh(AckSample sample) {
        return BbrModel.isTooHigh(sample, control.maximumSegmentSize());
    }

    /// HandleInflightTooHigh ().
    private void tooHigh(int octetsInFlight, boolean limited, long nowNanos) {
        probe.tooHigh();
        if (!limited) {
            int least = (int) (control.targetInFlight() * BbrModel.BETA);
            model.longTermInFlight(Math.max(octetsInFlight, least));
        }
        if (phase == BbrPhase.UP) {
            undoPhase = BbrPhase.UP;
            startDown(nowNanos);
        }
    }

    /// StartProbeBW_DOWN ().
    private void startDown(long nowNanos) {
        model.resetSignals();
        probe.startDown(totalDelivered, nowNanos);
        rounds.start();
        phase = BbrPhase.DOWN;
    }

    /// StartProbeBW_REFILL ().
    private void startRefill() {
        model.forgetShortTerm();
        probe.startRefill();
        rounds.start();
        phase = BbrPhase.REFILL;
    }

    private void checkProbeRtt(AckSample sample) {
        if (phase != BbrPhase.PROBE_RTT && minRtt.isExpired() && !idleRestart) {
            phase = BbrPhase.PROBE_RTT;
            saveWindow();
            probeRttEnds = false;
            probe.stop();
            rounds.start();
        }
        if (phase == BbrPhase.PROBE_RTT) {
            probeRtt(sample);
        }
        idleRestart = false;
    }

    /// HandleProbeRTT ().
    private void probeRtt(AckSample sample) {
        ignoredUntil = totalDelivered + sample.inFlight();
        if (!probeRttEnds && sample.inFlight() <= control.probeRttWindow()) {
            probeRttEnds = true;
            probeRttDone = sample.nowNanos() + PROBE_RTT_DURATION;
            probeRttRoundDone = false;
            rounds.start();
        } else if (probeRttEnds) {
            probeRttRoundDone |= rounds.starts();
            if (probeRttRoundDone) {
                endProbeRttIfDone(sample.nowNanos());
            }
        }
    }

    /// CheckProbeRTTDone () and ExitProbeRTT ().
    private void endProbeRttIfDone(long nowNanos) {
        if (!probeRttEnds || nowNanos - probeRttDone <= 0) {
            return;
        }
        minRtt.schedule(nowNanos);
        control.restore();
        model.forgetShortTerm();
        if (filled) {
            startDown(nowNanos);
            phase = BbrPhase.CRUISE;
        } else {
            phase = BbrPhase.STARTUP;
        }
    }

    /// SaveStateUponLoss () and SaveCwnd (). Deviation: the draft does it at the first loss of each round
    /// too; in the second round of a recovery that would save what the first one had already cut.
    private void saveOnLoss() {
        if (saved) {
            return;
        }
        saved = true;
        saveWindow();
        undoPhase = null;
        model.save();
    }

    private void saveWindow() {
        control.save(!recovering && phase != BbrPhase.PROBE_RTT);
    }

    private void endTimeoutRecovery() {
        if (timeoutRecovered != NEVER && totalDelivered >= timeoutRecovered) {
            timeoutRecovered = NEVER;
            recovering = false;
            saved = false;
            control.restore();
        }
    }
}
