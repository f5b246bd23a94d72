package toytcp.bench;

import toytcp.codec.TcpSegment;

/// A sender that gets a [Trace].
final class Replay extends BulkSender {
    private final Trace trace;
    private int next;
    private long sent;

    Replay(Trace trace) {
        super(trace.scenario());
        this.trace = trace;
    }

    /// Gets the inputs that come before those that are measured.
    Replay warmUp() {
        run(trace.warmUp());
        return this;
    }

    /// Gets the next inputs.
    void run(int inputs) {
        for (int i = 0; i < inputs; i++) {
            step();
        }
    }

    /// Gets the next input.
    void step() {
        take(trace.segments()[next], trace.times()[next]);
        next++;
    }

    /// How many inputs are left.
    int left() {
        return trace.segments().length - next;
    }

    /// Segments that left so far.
    long sent() {
        return sent;
    }

    @Override
    public void segment(TcpSegment segment) {
        sent++;
        segment.release();
    }
}
