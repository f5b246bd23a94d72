package toytcp.bench;

import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The program of `bench/jmh.sh`: JMH with its own options, then a table of NewReno beside all of loss recovery.
public final class Jmh {
    private static final int INPUTS = 50_000;

    private Jmh() {}

    /// Any options of JMH.
    public static void main(String[] args) throws CommandLineOptionException, RunnerException {
        Map<String, double[]> table = new TreeMap<>();
        for (RunResult result : new Runner(new CommandLineOptions(args)).run()) {
            BenchmarkParams parameters = result.getParams();
            String path = parameters.getParam("path");
            String row =
                    "%-6s %6s"
                            .formatted(path == null ? "ack" : path, parameters.getParam("window"));
            boolean full = parameters.getParam("sender").equals("full");
            table.computeIfAbsent(row, _ -> new double[2])[full ? 1 : 0] =
                    result.getPrimaryResult().getStatistics().getPercentile(50);
        }
        System.out.println("\npath   window  newreno     full   ratio   (median ns for each ACK)");
        table.forEach(
                (row, ns) ->
                        System.out.printf(
                                Locale.ROOT,
                                "%s %8.1f %8.1f %7.2f%n",
                                row,
                                ns[0],
                                ns[1],
                                ns[1] / ns[0]));
        allocation();
    }

    private static void allocation() {
        System.out.println("\nsender  path    octets for a pure ACK   for a segment sent");
        for (String sender : new String[] {"newreno", "full"}) {
            for (String path : new String[] {"bulk", "bursts", "loss"}) {
                Allocation made =
                        Allocation.of(Recorder.record(Scenario.of(sender, 1000, path), INPUTS));
                System.out.printf(
                        Locale.ROOT,
                        "%-7s %-7s %21.2f %20.2f%n",
                        sender,
                        path,
                        made.perAck(),
                        made.perSegment());
            }
        }
    }
}
