package toytcp.stack.tcp.congestion;

import java.util.Objects;

/// Passes everything on to another algorithm.
///
/// For an algorithm that is another one but for an event or two, as [Dctcp] is NewReno but for marks,
/// and for looking at what an algorithm is told: override those events, and pass them on by `super` where
/// the other one is to have them too.
public abstract class DelegatingController implements CongestionController {
    private final CongestionController inner;

    /// @param inner what all is passed on to
    protected DelegatingController(CongestionController inner) {
        this.inner = Objects.requireNonNull(inner, "inner");
    }

    @Override
    public int window() {
        return inner.window();
    }

    @Override
    public int slowStartThreshold() {
        return inner.slowStartThreshold();
    }

    @Override
    public long pacingRate() {
        return inner.pacingRate();
    }

    @Override
    public boolean governsRecovery() {
        return inner.governsRecovery();
    }

    @Override
    public boolean usesDeliveryRate() {
        return inner.usesDeliveryRate();
    }

    @Override
    public void onAck(AckSample sample) {
        inner.onAck(sample);
    }

    @Override
    public void onSegmentLost(AckSample sample) {
        inner.onSegmentLost(sample);
    }

    @Override
    public void onTransmitStart(long nowNanos) {
        inner.onTransmitStart(nowNanos);
    }

    @Override
    public void onLoss(int flightSize, long nowNanos) {
        inner.onLoss(flightSize, nowNanos);
    }

    @Override
    public void onRecovered(int most, long nowNanos) {
        inner.onRecovered(most, nowNanos);
    }

    @Override
    public void onSpuriousLoss(int flightSize, long nowNanos) {
        inner.onSpuriousLoss(flightSize, nowNanos);
    }

    @Override
    public void onCongestionMark(int flightSize, long nowNanos) {
        inner.onCongestionMark(flightSize, nowNanos);
    }

    @Override
    public void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos) {
        inner.onRetransmissionTimeout(flightSize, first, nowNanos);
    }

    @Override
    public void onRestartAfterIdle(long idleNanos, long nowNanos) {
        inner.onRestartAfterIdle(idleNanos, nowNanos);
    }

    @Override
    public void onMaximumSegmentSize(int maximumSegmentSize) {
        inner.onMaximumSegmentSize(maximumSegmentSize);
    }

    @Override
    public void takeOver(int window, int slowStartThreshold) {
        inner.takeOver(window, slowStartThreshold);
    }

    @Override
    public String name() {
        return inner.name();
    }
}
