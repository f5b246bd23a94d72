package toytcp.stack.tcp.congestion;

/// What the tests of CUBIC share: a path with a clock. Segments of 1000 octets, so that numbers in the RFC's
/// unit can be read off.
abstract class CubicTests {
    static final int MSS = 1000;
    static final long MS = 1_000_000;
    static final long SECOND = 1000 * MS;

    final Cubic cubic = new Cubic(MSS);
    long nowNanos = 5 * SECOND;
    long smoothedRtt = 100 * MS;

    final void lossAt(int octets) {
        cubic.takeOver(octets, octets);
        cubic.onLoss(octets, nowNanos);
    }

    /// Octets of an application at its own rate, in one round trip that is measured.
    final void useOnly(int octets) {
        nowNanos += smoothedRtt;
        for (int i = 0; i < 10; i++) {
            cubic.onAck(sample(octets / 10, false));
            nowNanos += smoothedRtt / 10;
        }
        cubic.onAck(sample(1, false));
    }

    /// A whole window is acknowledged, segment by segment, within a smoothed round-trip time.
    final void roundTrip() {
        int segments = cubic.window() / MSS;
        for (int i = 0; i < segments; i++) {
            nowNanos += smoothedRtt / segments;
            cubic.onAck(sample(MSS, true));
        }
        nowNanos += smoothedRtt % segments;
    }

    /// A window is acknowledged within a few milliseconds, or so much of it until HyStart++ ends.
    final void slowStartRound(long rttNanos) {
        int window = cubic.window();
        for (int i = 0; i < window / MSS && !firstSlowStartIsOver(); i++) {
            nowNanos += rttNanos / 100;
            cubic.onAck(sample(MSS, true).flightSize(cubic.window()).rttNanos(rttNanos));
        }
    }

    final boolean firstSlowStartIsOver() {
        return cubic.slowStartPhase() == HyStart.Phase.DONE;
    }

    final void ack(int octets) {
        cubic.onAck(sample(octets, true));
    }

    final AckSample sample(int octets, boolean limited) {
        return new AckSample()
                .acked(octets)
                .flightSize(Math.max(octets, cubic.window()))
                .windowLimited(limited)
                .smoothedRttNanos(smoothedRtt)
                .nowNanos(nowNanos);
    }
}
