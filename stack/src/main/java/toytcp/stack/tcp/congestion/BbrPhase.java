package toytcp.stack.tcp.congestion;

/// The states of BBR, with what each does to the estimates (draft-ietf-ccwg-bbr, 5.6.1).
enum BbrPhase {
    /// Doubles the rate each round trip until the path is full.
    STARTUP(2.77, 2),
    /// Lets the queue of the start run dry.
    DRAIN(0.5, 2),
    /// ProbeBW_DOWN: leaves room after a probe.
    DOWN(0.9, 2),
    /// ProbeBW_CRUISE: sends at the rate of the path.
    CRUISE(1, 2),
    /// ProbeBW_REFILL: fills the pipe for a round trip before a probe.
    REFILL(1, 2),
    /// ProbeBW_UP: sends faster, to see whether there is more.
    UP(1.25, 2.25),
    /// Nearly stops, to see the round-trip time without a queue.
    PROBE_RTT(1, 0.5);

    /// BBR.pacing_gain: the pacing rate, in estimated bandwidths.
    final double pacingGain;

    /// BBR.cwnd_gain: the window, in estimated bandwidth-delay products.
    final double cwndGain;

    BbrPhase(double pacingGain, double cwndGain) {
        this.pacingGain = pacingGain;
        this.cwndGain = cwndGain;
    }

    /// IsInAProbeBWState ().
    boolean isProbeBw() {
        return this == DOWN || this == CRUISE || this == REFILL || this == UP;
    }

    /// IsProbingBW (): loss is expected, and no reason to slow down at once.
    boolean isAccelerating() {
        return this == STARTUP || this == REFILL || this == UP;
    }
}
