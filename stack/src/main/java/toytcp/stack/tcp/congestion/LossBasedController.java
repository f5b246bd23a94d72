package toytcp.stack.tcp.congestion;

/// What NewReno and CUBIC have in common (RFC 5681): the two variables, the window after a timeout, the
/// bound of slow start, and how another size of the segments or another algorithm's window is taken.
abstract sealed class LossBasedController implements CongestionController permits Cubic, NewReno {
    private static final int MAX_WINDOW = 1 << 30;

    /// SMSS.
    int maximumSegmentSize;

    /// The window in octets; only CUBIC has fractions of one.
    double cwnd;

    int ssthresh = Integer.MAX_VALUE;
    boolean recovering;

    /// Whether this slow start follows a retransmission timeout.
    boolean restarted;

    LossBasedController(int maximumSegmentSize) {
        this.maximumSegmentSize = maximumSegmentSize;
        cwnd = initialWindow();
    }

    @Override
    public final int window() {
        return (int) cwnd;
    }

    @Override
    public final int slowStartThreshold() {
        return ssthresh;
    }

    @Override
    public void onRecovered(int most, long nowNanos) {
        recovering = false;
        cwnd = Math.min(cwnd, Math.min(ssthresh, most));
    }

    @Override
    public void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos) {
        if (first) {
            remember(true, flightSize);
            // RFC 5681, 3.1: "no more than"; a recovery's flight has what duplicate ACKs let out.
            int most = recovering ? ssthresh : Integer.MAX_VALUE;
            reduce(flightSize);
            ssthresh = Math.min(ssthresh, most);
        }
        recovering = false;
        // RFC 5681, 3.1: the loss window is one segment, whatever the initial window was.
        cwnd = maximumSegmentSize;
        // Not after a lost SYN: nothing else was out.
        restarted = flightSize > 0;
    }

    @Override
    public final void onMaximumSegmentSize(int maximumSegmentSize) {
        boolean untouched = cwnd == initialWindow();
        this.maximumSegmentSize = maximumSegmentSize;
        cwnd = untouched ? initialWindow() : Math.max(cwnd, maximumSegmentSize);
    }

    @Override
    public final void takeOver(int window, int slowStartThreshold) {
        cwnd = window;
        ssthresh = slowStartThreshold;
    }

    /// Keeps what a spurious loss brings back; called before the loss changes anything.
    abstract void remember(boolean timeout, int flightSize);

    /// Sets `ssthresh` to what is left after a loss.
    abstract void reduce(int flightSize);

    final int initialWindow() {
        return InitialWindow.of(maximumSegmentSize);
    }

    /// Slow start at one ACK. RFC 5681, 3.1 (2): at most SMSS an ACK; stretch ACKs count twice, but not
    /// after a timeout, when an ACK may cover what left the network long ago (RFC 3465, 2.3).
    final void growInSlowStart(int acked) {
        grow(cwnd + Math.min(acked, restarted ? maximumSegmentSize : 2 * maximumSegmentSize));
    }

    final void grow(double octets) {
        cwnd = Math.min(octets, MAX_WINDOW);
    }
}
