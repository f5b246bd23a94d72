package toytcp.stack.tcp;

import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.CongestionController;

/// Does nothing, so that a test can override what it looks at.
class StillController implements CongestionController {
    @Override
    public int window() {
        return 1 << 20;
    }

    @Override
    public int slowStartThreshold() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void onAck(AckSample sample) {}

    @Override
    public void onLoss(int flightSize, long nowNanos) {}

    @Override
    public void onRecovered(int most, long nowNanos) {}

    @Override
    public void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos) {}

    @Override
    public void onRestartAfterIdle(long idleNanos, long nowNanos) {}

    @Override
    public void onMaximumSegmentSize(int maximumSegmentSize) {}

    @Override
    public void takeOver(int window, int slowStartThreshold) {}

    @Override
    public String name() {
        return "still";
    }
}
