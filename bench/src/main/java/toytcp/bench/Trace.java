package toytcp.bench;

import toytcp.codec.TcpSegment;

import java.util.ArrayList;
import java.util.List;

/// What happened to one sender: each segment that arrived and each deadline, with its time. The same inputs give the
/// same outputs, so a sender that gets them again does again what it did, and nothing else costs time.
///
/// @param scenario where the inputs come from
/// @param segments what arrived, without payload, so that it can arrive any number of times; null for a
///     deadline
/// @param times when, in nanoseconds
/// @param warmUp how many inputs come before those that are measured
record Trace(Scenario scenario, TcpSegment[] segments, long[] times, int warmUp) {
    static final int SEQUENCE = 1_000_000;

    /// How many inputs are to be measured.
    int measured() {
        return segments.length - warmUp;
    }

    /// Collects one.
    static final class Builder {
        private final Scenario scenario;
        private final List<TcpSegment> segments = new ArrayList<>();
        private final List<Long> times = new ArrayList<>();

        Builder(Scenario scenario) {
            this.scenario = scenario;
        }

        void add(TcpSegment segment, long nowNanos) {
            segments.add(segment);
            times.add(nowNanos);
        }

        int size() {
            return segments.size();
        }

        Trace build(int warmUp) {
            return new Trace(
                    scenario,
                    segments.toArray(TcpSegment[]::new),
                    times.stream().mapToLong(Long::longValue).toArray(),
                    warmUp);
        }
    }
}
