package toytcp.bench.path;

import java.util.Arrays;
import java.util.Locale;

/// The program of `bench/compare-loss.sh`.
public final class CompareLoss {
    private static final long MILLIS = 1_000_000L;

    private final String prefix;
    private final double[] losses;
    private final int rounds;
    private final double seconds;
    private final String algorithm;

    private CompareLoss(
            String prefix, double[] losses, int rounds, double seconds, String algorithm) {
        this.prefix = prefix;
        this.losses = losses;
        this.rounds = rounds;
        this.seconds = seconds;
        this.algorithm = algorithm;
    }

    /// PREFIX DELAY-MILLIS,... LOSS-PERCENT,... FLOWS ROUNDS SECONDS ALGORITHM
    public static void main(String[] args) throws Exception {
        double[] losses =
                Arrays.stream(args[2].split(",")).mapToDouble(Double::parseDouble).toArray();
        CompareLoss compare =
                new CompareLoss(
                        args[0],
                        losses,
                        Integer.parseInt(args[4]),
                        Double.parseDouble(args[5]),
                        args[6]);
        for (String delay : args[1].split(",")) {
            compare.over(Double.parseDouble(delay), Integer.parseInt(args[3]));
        }
    }

    private void over(double delayMillis, int flows) throws Exception {
        String link = delayMillis == 0 ? "raw" : "raw+%sms".formatted(number(2 * delayMillis));
        try (Comparison comparison =
                new Comparison(prefix, (long) (delayMillis * MILLIS), algorithm)) {
            // The compiler and the caches of the kernel warm up.
            comparison.run(true, 0.01, flows, 3, 1);
            comparison.run(false, 0.01, flows, 1, 1);
            for (double percent : losses) {
                report(link, percent, measure(comparison, percent, flows));
            }
        }
    }

    /// @return rounds of ours and of the kernel's
    private Run[][] measure(Comparison comparison, double percent, int flows) throws Exception {
        Run[][] runs = new Run[2][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < 2; turn++) {
                // Who goes first changes.
                int who = (round + turn) % 2;
                long seed = round * 1000L + Math.round(percent * 10);
                runs[who][round] = comparison.run(who == 0, percent / 100, flows, seconds, seed);
                System.err.printf(
                        Locale.ROOT,
                        "%s %s%%: %s%n",
                        who == 0 ? "ours  " : "kernel",
                        number(percent),
                        runs[who][round]);
            }
        }
        return runs;
    }

    private void report(String link, double percent, Run[][] runs) {
        double[] goodput = new double[2];
        double[] twice = new double[2];
        for (int who = 0; who < 2; who++) {
            goodput[who] = median(Arrays.stream(runs[who]).mapToDouble(Run::megabits));
            twice[who] =
                    median(
                            Arrays.stream(runs[who])
                                    .mapToDouble(run -> 1e6 * run.arrivedTwice() / run.segments()));
        }
        String loss = "loss-" + number(percent) + "%-";
        line(loss + "goodput", link, goodput, "Mbit/s");
        line(loss + "arrived-twice", link, twice, "segments per million");
    }

    private static void line(String name, String link, double[] values, String unit) {
        System.out.printf(
                Locale.ROOT,
                "{\"name\":\"%s\",\"link\":\"%s\",\"offload\":false,\"ours\":%.2f,\"kernel\":%.2f,"
                        + "\"ratio\":%s,\"unit\":\"%s\"}%n",
                name,
                link,
                values[0],
                values[1],
                ratio(values[0], values[1]),
                unit);
    }

    /// None if only ours is there.
    private static String ratio(double ours, double kernel) {
        if (kernel == 0) {
            return ours == 0 ? "1.000" : "null";
        }
        return String.format(Locale.ROOT, "%.3f", ours / kernel);
    }

    private static double median(java.util.stream.DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
