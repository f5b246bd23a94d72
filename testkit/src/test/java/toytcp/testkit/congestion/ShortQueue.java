package toytcp.testkit.congestion;

import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.CongestionController;
import toytcp.stack.tcp.congestion.CongestionControllerFactory;

/// An algorithm of somebody else, by the public interface alone: the window grows or shrinks with
/// the queue that the round-trip time shows, and a few segments are always left in it.
public final class ShortQueue implements CongestionController {
    private static final int LEAST_QUEUED = 4;
    private static final int MOST_QUEUED = 8;

    private int segment;
    private int window;
    private long shortest = Long.MAX_VALUE;
    private int untilNextRound;

    private ShortQueue(int maximumSegmentSize) {
        segment = maximumSegmentSize;
        window = 10 * maximumSegmentSize;
    }

    /// The service, see `META-INF/services`.
    public static final class Factory implements CongestionControllerFactory {
        @Override
        public CongestionController create(int maximumSegmentSize) {
            return new ShortQueue(maximumSegmentSize);
        }
    }

    @Override
    public int window() {
        return window;
    }

    @Override
    public int slowStartThreshold() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void onAck(AckSample sample) {
        untilNextRound -= sample.acked();
        if (sample.rttNanos() == AckSample.NO_RTT || untilNextRound > 0) {
            return;
        }
        // A whole window that was sent from here on tells what this change did.
        untilNextRound = sample.flightSize() + window;
        long rtt = Math.max(1, sample.rttNanos());
        shortest = Math.min(shortest, rtt);
        long queued = window - (long) ((double) window * shortest / rtt);
        if (queued < LEAST_QUEUED * segment && sample.isWindowLimited()) {
            window += Math.max(segment, window / 4);
        } else if (queued > MOST_QUEUED * segment) {
            window = Math.max(2 * segment, window - (int) queued + LEAST_QUEUED * segment);
        }
    }

    @Override
    public void onLoss(int flightSize, long nowNanos) {
        window = Math.max(2 * segment, window / 2);
    }

    @Override
    public void onRecovered(int most, long nowNanos) {}

    @Override
    public void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos) {
        window = segment;
    }

    @Override
    public void onRestartAfterIdle(long idleNanos, long nowNanos) {}

    @Override
    public void onMaximumSegmentSize(int maximumSegmentSize) {
        segment = maximumSegmentSize;
        window = Math.max(window, segment);
    }

    @Override
    public void takeOver(int window, int slowStartThreshold) {
        this.window = window;
    }

    @Override
    public String name() {
        return "shortqueue";
    }
}
