package toytcp.stack.tcp.congestion;

/// Slow start, congestion avoidance and the window's part of fast recovery, by RFC 5681 and RFC 6582.
///
/// Which octets are sent again, and the temporary inflation of the window by duplicate ACKs, is
/// not here: see the loss recovery of the connection.
public final class NewReno implements CongestionController {
    private static final int MAX_WINDOW = 1 << 30;

    private int maximumSegmentSize;
    private int cwnd;
    private int ssthresh = Integer.MAX_VALUE;
    private int ackedInAvoidance;
    private boolean recovering;

    /// Whether this slow start follows a retransmission timeout.
    private boolean restarted;

    /// The threshold to go back to if the last loss was none: pipe_prev (RFC 4015, 3, step 0).
    private int pipePrev;

    /// The window before the last loss.
    private int cwndBefore;

    /// The state of a new connection.
    public NewReno(int maximumSegmentSize) {
        this.maximumSegmentSize = maximumSegmentSize;
        cwnd = InitialWindow.of(maximumSegmentSize);
    }

    @Override
    public int window() {
        return cwnd;
    }

    @Override
    public int slowStartThreshold() {
        return ssthresh;
    }

    @Override
    public void onAck(AckSample sample) {
        if (!sample.isWindowLimited() || recovering) {
            return;
        }
        if (cwnd < ssthresh) {
            // RFC 5681, 3.1 (2): at most SMSS an ACK; stretch ACKs count twice, but not after a
            // timeout, when an ACK may cover what left the network long ago (RFC 3465, 2.3).
            grow(Math.min(sample.acked(), restarted ? maximumSegmentSize : 2 * maximumSegmentSize));
            return;
        }
        // RFC 5681, 3.1: one segment for each window of acknowledged octets.
        ackedInAvoidance += sample.acked();
        if (ackedInAvoidance >= cwnd) {
            ackedInAvoidance -= cwnd;
            grow(maximumSegmentSize);
        }
    }

    @Override
    public void onLoss(int flightSize, long nowNanos) {
        remember(flightSize);
        recovering = true;
        restarted = false;
        reduce(flightSize);
        cwnd = ssthresh;
    }

    @Override
    public void onRecovered(int most, long nowNanos) {
        recovering = false;
        cwnd = Math.min(cwnd, Math.min(ssthresh, most));
    }

    /// RFC 4015, 3, step 9. The window is what is in flight and a burst of IW at most; how much the ACK
    /// acknowledged, the other bound of the burst, is left to the window before the loss.
    @Override
    public void onSpuriousLoss(int flightSize, long nowNanos) {
        recovering = false;
        restarted = false;
        int most = flightSize + InitialWindow.of(maximumSegmentSize);
        cwnd = Math.max(cwnd, Math.min(cwndBefore, most));
        ssthresh = Math.max(ssthresh, pipePrev);
    }

    @Override
    public void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos) {
        if (first) {
            remember(flightSize);
            // RFC 5681, 3.1: "no more than"; a recovery's flight has what duplicate ACKs let out.
            int most = recovering ? ssthresh : Integer.MAX_VALUE;
            reduce(flightSize);
            ssthresh = Math.min(ssthresh, most);
        }
        recovering = false;
        // RFC 5681, 3.1: the loss window is one segment, whatever the initial window was.
        cwnd = maximumSegmentSize;
        ackedInAvoidance = 0;
        // Not after a lost SYN: nothing else was out.
        restarted = flightSize > 0;
    }

    @Override
    public void onRestartAfterIdle(long idleNanos, long nowNanos) {
        restarted = false;
        ackedInAvoidance = 0;
        cwnd = Math.min(cwnd, InitialWindow.of(maximumSegmentSize));
    }

    @Override
    public void onMaximumSegmentSize(int maximumSegmentSize) {
        boolean untouched = cwnd == InitialWindow.of(this.maximumSegmentSize);
        this.maximumSegmentSize = maximumSegmentSize;
        cwnd =
                untouched
                        ? InitialWindow.of(maximumSegmentSize)
                        : Math.max(cwnd, maximumSegmentSize);
    }

    @Override
    public void takeOver(int window, int slowStartThreshold) {
        cwnd = window;
        ssthresh = slowStartThreshold;
    }

    @Override
    public String name() {
        return "newreno";
    }

    private void remember(int flightSize) {
        pipePrev = Math.max(flightSize, ssthresh);
        cwndBefore = cwnd;
    }

    private void reduce(int flightSize) {
        // RFC 5681, 3.1, equation (4).
        ssthresh = Math.max(flightSize / 2, 2 * maximumSegmentSize);
        ackedInAvoidance = 0;
    }

    private void grow(int octets) {
        cwnd = Math.min(cwnd + octets, MAX_WINDOW);
    }
}
