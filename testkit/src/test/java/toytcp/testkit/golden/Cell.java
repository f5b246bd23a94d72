package toytcp.testkit.golden;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// One path of the golden table.
///
/// @param megabits the rate of the bottleneck in Mbit/s
/// @param rttMillis the round-trip time without any queue
/// @param lossPercent the probability that a packet of the sender is lost, in percent
/// @param queueShare the queue, in bandwidth-delay products
/// @param reordering how many packets come late
record Cell(
        int megabits, int rttMillis, double lossPercent, double queueShare, Reordering reordering) {
    private static final int[] MEGABITS = {1, 10, 100, 1000};
    private static final int[] RTTS = {1, 10, 50, 200};
    private static final double[] LOSSES = {0, 0.01, 0.1, 1, 3};
    private static final double[] QUEUES = {0.1, 1, 4};

    private static final int PACKET = 1500;

    /// What the queue holds at least.
    private static final int LEAST_PACKETS = 4;

    private static final double LEAST_SECONDS = 10;
    private static final int LEAST_ROUNDS = 300;
    private static final int LEAST_SENT = 5000;

    /// How many packets come late, and how late.
    enum Reordering {
        /// None.
        NONE(0, 0),
        /// One in a thousand, by up to a quarter of the round-trip time.
        MILD(0.001, 0.25),
        /// One in a hundred, by up to the round-trip time.
        HEAVY(0.01, 1);

        final double probability;
        final double roundTrips;

        Reordering(double probability, double roundTrips) {
            this.probability = probability;
            this.roundTrips = roundTrips;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The whole grid, in the order of the table.
    static List<Cell> grid() {
        List<Cell> cells = new ArrayList<>();
        for (int megabits : MEGABITS) {
            for (int rtt : RTTS) {
                for (double loss : LOSSES) {
                    for (double queue : QUEUES) {
                        for (Reordering reordering : Reordering.values()) {
                            cells.add(new Cell(megabits, rtt, loss, queue, reordering));
                        }
                    }
                }
            }
        }
        return cells;
    }

    long bitsPerSecond() {
        return megabits * 1_000_000L;
    }

    long rttNanos() {
        return rttMillis * 1_000_000L;
    }

    /// The bandwidth-delay product in octets.
    long product() {
        return megabits * 125L * rttMillis;
    }

    long queueOctets() {
        return Math.max(LEAST_PACKETS * PACKET, Math.round(product() * queueShare));
    }

    /// How long the run lasts: many round trips and many packets, and at 1 Gbit/s and 200 ms longer
    /// than CUBIC takes to come back to where it was.
    long durationNanos() {
        double packets = LEAST_SENT * PACKET * 8.0 / bitsPerSecond();
        double rounds = LEAST_ROUNDS * rttMillis / 1000.0;
        return (long) (Math.max(packets, LEAST_SECONDS + rounds) * 1e9);
    }

    /// One seed a cell, whatever the grid around it.
    long seed() {
        long hash = megabits;
        hash = hash * 1_000_003 + rttMillis;
        hash = hash * 1_000_003 + Math.round(lossPercent * 1000);
        hash = hash * 1_000_003 + Math.round(queueShare * 1000);
        return hash * 1_000_003 + reordering.ordinal();
    }

    /// Whether only the algorithm stands between a sender and the rate of the line.
    boolean isClean() {
        return lossPercent == 0 && reordering == Reordering.NONE;
    }

    /// The first columns of its line.
    String key() {
        return "%d,%d,%s,%s,%s"
                .formatted(megabits, rttMillis, plain(lossPercent), plain(queueShare), reordering);
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
