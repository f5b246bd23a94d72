package toytcp.bench;

import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/// A benchmark that replays ACKs to a sender, as they were recorded in virtual time.
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
public abstract class ReplayBenchmark {
    /// `full`: SACK, RACK, timestamps, CUBIC. `newreno`: none of these.
    @Param({"newreno", "full"})
    public String sender;

    /// Segments in flight.
    @Param({"1000", "10000"})
    public int window;

    Trace trace;
    Replay replay;

    /// For JMH.
    ReplayBenchmark() {}
}
