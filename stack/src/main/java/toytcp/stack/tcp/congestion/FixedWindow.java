package toytcp.stack.tcp.congestion;

/// A window that no event moves: no congestion control at all.
///
/// For tests, and for measurements on a line of one's own. On a shared network it does harm, so it
/// cannot be chosen by name: give [#of] to the settings of a stack or a test. A test that looks at one event
/// extends it.
public class FixedWindow implements CongestionController {
    private final int window;

    /// @param window how much may be in flight, in octets from 1
    protected FixedWindow(int window) {
        this.window = window;
    }

    /// Makes controllers with this window.
    ///
    /// @param octets how much may be in flight; a window of less than a segment becomes one segment
    /// @throws IllegalArgumentException if `octets` is less than 1
    public static CongestionControllerFactory of(int octets) {
        if (octets < 1) {
            throw new IllegalArgumentException("a window has at least 1 octet, got " + octets);
        }
        return maximumSegmentSize -> new FixedWindow(Math.max(octets, maximumSegmentSize));
    }

    @Override
    public int window() {
        return window;
    }

    @Override
    public int slowStartThreshold() {
        return window;
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
        return "fixed";
    }
}
