package toytcp.testkit.net;

import java.time.Duration;

/// A moment of virtual time in which something is to happen; made by [Network#at].
///
/// ```java
/// net.at(ofSeconds(5)).down(wan).at(ofSeconds(9)).up(wan);
/// ```
public final class Moment {
    private final Network network;
    private final long atNanos;

    Moment(Network network, long atNanos) {
        this.network = network;
        this.atNanos = atNanos;
    }

    /// Cuts a link then: see [Link#down].
    public Moment down(Link link) {
        return run(link::down);
    }

    /// Mends a link then.
    public Moment up(Link link) {
        return run(link::up);
    }

    /// Does anything else then, on the thread that runs the network. What it throws ends the run.
    public Moment run(Runnable action) {
        network.timeline().plan(atNanos, action);
        return this;
    }

    /// Another moment, counted from the beginning of the network as well.
    public Moment at(Duration time) {
        return network.at(time);
    }
}
