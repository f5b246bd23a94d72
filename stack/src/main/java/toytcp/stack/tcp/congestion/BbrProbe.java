package toytcp.stack.tcp.congestion;

/// When BBR probes for more bandwidth, how fast the long-term bound rises meanwhile, and what the probe
/// before tells it (draft-ietf-ccwg-bbr, 5.3.3).
final class BbrProbe {
    /// 5.3.3.8.2: T_reno_bound.
    private static final int MOST_ROUNDS = 63;

    private static final long LEAST_WAIT = 2_000_000_000L;
    private static final double RANDOM_WAIT = 1e9;
    private static final int MOST_DOUBLINGS = 30;
    private static final double TWO_TO_53 = 1L << 53;

    /// BBR.ack_phase is ACKS_PROBE_STOPPING: the probe is over, its last round trip is not. Nothing follows from
    /// the other phases.
    private boolean stopping;

    /// BBR.is_bw_probe_sample: what is lost now was sent in a probe, and may set the bound.
    private boolean sample;

    /// BBR.prev_probe_too_high and BBR.prev_probe_precautionary.
    private boolean lastTooHigh;

    private boolean lastPrecautionary;

    /// BBR.cycle_stamp, BBR.bw_probe_wait, BBR.rounds_since_probe_up.
    private long cycleSince;

    private long wait;
    private int rounds;

    /// BBR.bw_probe_up_rounds, BBR.bw_probe_up_acked, BBR.probe_up_acked_per_inc.
    private int upRounds;

    private int upAcked;
    private int ackedPerSegment = Integer.MAX_VALUE;

    /// Once an ACK: counts rounds, and follows the feedback of a probe.
    ///
    /// @return whether the feedback of a probe ends with this ACK
    boolean onAck(boolean roundStarts) {
        if (!roundStarts) {
            return false;
        }
        rounds++;
        if (!stopping) {
            return false;
        }
        stopping = false;
        sample = false;
        return true;
    }

    /// ProbeBW_DOWN begins, and with it the wait for the next probe: PickProbeWait ().
    ///
    /// "We randomize both the T_bbr and T_reno parameters, for better mixing and fairness convergence."
    /// The connection has no dice here; the nanosecond in which an ACK arrives and the octets until then are
    /// another number for each flow, and the same one in each run.
    void startDown(long totalDelivered, long nowNanos) {
        ackedPerSegment = Integer.MAX_VALUE;
        long random = mix(nowNanos ^ mix(totalDelivered));
        rounds = (int) (random & 1);
        wait = LEAST_WAIT + (long) ((random >>> 11) / TWO_TO_53 * RANDOM_WAIT);
        cycleSince = nowNanos;
        stopping = true;
    }

    void startRefill() {
        upRounds = 0;
        upAcked = 0;
        lastPrecautionary = false;
        stopping = false;
    }

    void startUp(int window, int segment) {
        sample = true;
        stopping = false;
        raiseSlope(window, segment);
    }

    /// A ProbeRTT begins: what was probed before, if anything, is over.
    void stop() {
        stopping = true;
    }

    /// IsTimeToProbeBW (), as to the time: after 2 to 3 seconds, or as many rounds as Reno needs to win back
    /// its window.
    ///
    /// @param targetSegments TargetInflight () in segments
    boolean isTime(int targetSegments, long nowNanos) {
        return nowNanos - cycleSince > wait || rounds >= Math.min(targetSegments, MOST_ROUNDS);
    }

    /// ProbeInflightLongtermUpward (), if the window is used up to the bound.
    ///
    /// @return by how many segments the bound rises
    int rise(int newlyAcked, boolean roundStarts, int window, int segment) {
        int delta = 0;
        upAcked += newlyAcked;
        if (upAcked >= ackedPerSegment) {
            delta = upAcked / ackedPerSegment;
            upAcked -= delta * ackedPerSegment;
        }
        if (roundStarts) {
            raiseSlope(window, segment);
        }
        return delta;
    }

    /// Whether what is lost now was sent in a probe that has had no answer yet.
    boolean isSample() {
        return sample;
    }

    /// HandleInflightTooHigh (): "only react once per bw probe".
    void tooHigh() {
        lastTooHigh = true;
        sample = false;
    }

    /// The probe ends, without a loss as yet.
    ///
    /// @param precautionary whether because of what the one before met (5.3.3.6)
    void end(boolean precautionary) {
        lastPrecautionary |= precautionary;
        lastTooHigh = false;
    }

    /// BBR.prev_probe_too_high.
    boolean wasTooHigh() {
        return lastTooHigh;
    }

    /// Precautionary Bandwidth Probing: Acceleration (5.3.3.6): the careful probe met no loss.
    boolean mayGoOn() {
        return lastPrecautionary && !lastTooHigh;
    }

    /// BBR.bw_probe_wait in nanoseconds.
    long waitNanos() {
        return wait;
    }

    /// RaiseInflightLongtermSlope (): the bound grows by 1, 2, 4, 8... segments a round trip.
    private void raiseSlope(int window, int segment) {
        int growth = 1 << upRounds;
        upRounds = Math.min(upRounds + 1, MOST_DOUBLINGS);
        ackedPerSegment = Math.max(window / growth, segment);
    }

    /// The finalizer of SplitMix64.
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
