package toytcp.stack.tcp.congestion;

/// Slow start, congestion avoidance and the window's part of fast recovery, by RFC 5681 and RFC 6582.
///
/// Which octets are sent again, and the temporary inflation of the window by duplicate ACKs, is
/// not here: see the loss recovery of the connection.
public final class NewReno extends LossBasedController {
    private int ackedInAvoidance;

    /// The threshold to go back to if the last loss was none: pipe_prev (RFC 4015, 3, step 0).
    private int pipePrev;

    /// The window before the last loss.
    private int cwndBefore;

    /// The state of a new connection.
    ///
    /// @param maximumSegmentSize data octets of a full-sized segment
    public NewReno(int maximumSegmentSize) {
        super(maximumSegmentSize);
    }

    @Override
    public void onAck(AckSample sample) {
        if (!sample.isWindowLimited() || recovering) {
            return;
        }
        if (cwnd < ssthresh) {
            growInSlowStart(sample.acked());
            return;
        }
        // RFC 5681, 3.1: one segment for each window of acknowledged octets.
        ackedInAvoidance += sample.acked();
        int window = window();
        if (ackedInAvoidance >= window) {
            ackedInAvoidance -= window;
            grow(cwnd + maximumSegmentSize);
        }
    }

    @Override
    public void onLoss(int flightSize, long nowNanos) {
        remember(false, flightSize);
        recovering = true;
        restarted = false;
        reduce(flightSize);
        cwnd = ssthresh;
    }

    /// RFC 4015, 3, step 9. The window is what is in flight and a burst of IW at most; how much the ACK
    /// acknowledged, the other bound of the burst, is left to the window before the loss.
    @Override
    public void onSpuriousLoss(int flightSize, long nowNanos) {
        recovering = false;
        restarted = false;
        cwnd = Math.max(cwnd, Math.min(cwndBefore, flightSize + initialWindow()));
        ssthresh = Math.max(ssthresh, pipePrev);
    }

    @Override
    public void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos) {
        super.onRetransmissionTimeout(flightSize, first, nowNanos);
        ackedInAvoidance = 0;
    }

    @Override
    public void onRestartAfterIdle(long idleNanos, long nowNanos) {
        restarted = false;
        ackedInAvoidance = 0;
        cwnd = Math.min(cwnd, initialWindow());
    }

    @Override
    public String name() {
        return "newreno";
    }

    @Override
    void remember(boolean timeout, int flightSize) {
        pipePrev = Math.max(flightSize, ssthresh);
        cwndBefore = window();
    }

    /// RFC 5681, 3.1, equation (4).
    @Override
    void reduce(int flightSize) {
        ssthresh = Math.max(flightSize / 2, 2 * maximumSegmentSize);
        ackedInAvoidance = 0;
    }
}
