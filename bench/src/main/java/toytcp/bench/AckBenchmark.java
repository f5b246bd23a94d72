package toytcp.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// What an ACK costs the sender, with all of loss recovery and with NewReno alone. An operation is one ACK, and what
/// leaves because of it.
public class AckBenchmark extends ReplayBenchmark {
    static final int INPUTS = 5_000;

    /// `bulk`: each ACK is for two segments and lets two out. `loss`: 1 % of the segments is lost, so recovery hardly
    /// ever ends; the congestion window is fixed, or little would be in flight.
    @Param({"bulk", "loss"})
    public String path;

    /// For JMH.
    public AckBenchmark() {}

    /// Runs the transfer once, in virtual time.
    @Setup(Level.Trial)
    public void record() {
        trace = Recorder.record(Scenario.of(sender, window, path), INPUTS);
    }

    /// A connection whose window is open.
    @Setup(Level.Invocation)
    public void open() {
        replay = new Replay(trace).warmUp();
    }

    /// Nothing stays behind.
    @TearDown(Level.Invocation)
    public void close() {
        replay.end();
    }

    /// All ACKs of the trace.
    @Benchmark
    @OperationsPerInvocation(INPUTS)
    public void ack() {
        replay.run(INPUTS);
    }
}
