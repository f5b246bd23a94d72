package toytcp.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// What an ACK for two segments costs if it lets nothing out: the application has written no more than a window.
public class PureAckBenchmark extends ReplayBenchmark {
    /// Nearly all ACKs of the smaller window: long enough for the clock.
    static final int ACKS = 490;

    private static final int WINDOWS = 40;

    /// For JMH.
    public PureAckBenchmark() {}

    /// Runs the transfer once, in virtual time.
    @Setup(Level.Trial)
    public void record() {
        trace = Recorder.record(Scenario.of(sender, window, "bursts"), WINDOWS * window / 2);
        replay = new Replay(trace).warmUp();
    }

    /// Goes on until a window has left.
    @Setup(Level.Invocation)
    public void fill() {
        if (replay.left() < window) {
            replay.end();
            replay = new Replay(trace).warmUp();
        }
        long sent = replay.sent();
        while (replay.sent() < sent + window) {
            replay.step();
        }
    }

    /// Nothing stays behind.
    @TearDown(Level.Trial)
    public void close() {
        replay.end();
    }

    /// A part of the ACKs for it.
    @Benchmark
    @OperationsPerInvocation(ACKS)
    public void ack() {
        replay.run(ACKS);
    }
}
