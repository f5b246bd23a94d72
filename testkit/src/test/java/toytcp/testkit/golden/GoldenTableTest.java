package toytcp.testkit.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Holds the sender against the tables in `docs/golden`; the README there says what they tell.
class GoldenTableTest {
    private static final String COMMAND = "testkit/golden.sh";
    private static final String MAKE = "toytcp.golden";

    /// What a sender reaches at least, in percent, on each path without loss and reordering whose queue holds
    /// a bandwidth-delay product; the README says why the others miss what CUBIC reaches.
    private static final Map<String, Double> LEAST =
            Map.of("cubic", 95.0, "newreno", 90.0, "bbr", 94.5, "dctcp", 95.0);

    /// DCTCP leaves slow start at the first mark: where round trips are long it still grows when the run ends.
    private static final int LONGEST_RTT_OF_DCTCP = 10;

    static List<String> algorithms() {
        return GoldenTable.ALGORITHMS;
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    @DisabledIfSystemProperty(named = MAKE, matches = ".+")
    void theCellsThatAreRunInTheBuildAreAsInTheTable(String algorithm) {
        Map<String, String> table = GoldenTable.read(algorithm);
        List<Cell> cells = Cell.grid().stream().filter(GoldenTableTest::isRunInBuild).toList();
        List<String> lines = GoldenTable.run(algorithm, cells);
        StringBuilder differences = new StringBuilder();
        int count = 0;
        for (String line : lines) {
            String old = table.get(GoldenTable.key(line));
            if (!line.equals(old)) {
                count++;
                differences.append("- %s%n+ %s%n".formatted(old, line));
            }
        }
        if (count > 0) {
            fail(
                    "%s: %d of %d cells are not as in docs/golden/%s.csv%n  %s%n%s%s"
                            .formatted(
                                    algorithm,
                                    count,
                                    lines.size(),
                                    algorithm,
                                    GoldenRun.HEADER,
                                    differences,
                                    "If the change is meant, make the table anew by: "
                                            + COMMAND
                                            + " "
                                            + algorithm));
        }
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void theTableHasEveryCellOnce(String algorithm) {
        List<String> keys = new ArrayList<>();
        Cell.grid().forEach(cell -> keys.add(cell.key()));
        assertEquals(keys, new ArrayList<>(GoldenTable.read(algorithm).keySet()));
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void withoutLossTheLineIsFull(String algorithm) {
        Map<String, String> table = GoldenTable.read(algorithm);
        double least = LEAST.get(algorithm);
        List<String> slow = new ArrayList<>();
        for (Cell cell : Cell.grid()) {
            String line = table.get(cell.key());
            if (algorithm.equals("dctcp") && cell.rttMillis() > LONGEST_RTT_OF_DCTCP) {
                continue;
            }
            if (cell.isClean() && cell.queueShare() >= 1 && GoldenTable.goodput(line) < least) {
                slow.add(line);
            }
        }
        assertEquals(List.of(), slow);
    }

    /// A window that swings between a share of the path and all of it leaves the line idle for a while. NewReno
    /// needs longer than a run to fill a large path once.
    @ParameterizedTest
    @CsvSource({"cubic, 0.7, 1000000", "newreno, 0.5, 10000"})
    void aShortQueueCostsWhatTheAlgorithmsWindowCosts(
            String algorithm, double decrease, int largest) {
        Map<String, String> table = GoldenTable.read(algorithm);
        List<String> slow = new ArrayList<>();
        for (Cell cell : Cell.grid()) {
            String line = table.get(cell.key());
            double most = 100 * shareOfLine(decrease, cell.queueShare());
            if (cell.isClean()
                    && cell.queueShare() < 1
                    && cell.megabits() * cell.rttMillis() <= largest
                    && GoldenTable.goodput(line) < 0.95 * most) {
                slow.add(line);
            }
        }
        assertEquals(List.of(), slow);
    }

    /// How much of a line a window uses that grows by the same in each round trip until the queue is full.
    ///
    /// @param decrease the multiplicative decrease factor
    /// @param queue in bandwidth-delay products
    private static double shareOfLine(double decrease, double queue) {
        double lowest = decrease * (1 + queue);
        double missing = Math.max(0, 1 - lowest);
        return 1 - missing * missing / (2 * (1 + queue - lowest));
    }

    @Test
    @EnabledIfSystemProperty(named = MAKE, matches = ".+")
    void makeTheTables() {
        String wanted = System.getProperty(MAKE);
        for (String algorithm : wanted.equals("all") ? algorithms() : List.of(wanted.split(" "))) {
            GoldenTable.make(algorithm);
        }
    }

    /// Middling paths with everything that can befall them, and short or fast ones without: about a
    /// minute's worth.
    private static boolean isRunInBuild(Cell cell) {
        int product = cell.megabits() * cell.rttMillis();
        boolean all = product == 500 || product == 200;
        boolean clean = product <= 10_000 && cell.isClean();
        boolean fast = product == 50_000 && cell.isClean() && cell.queueShare() == 1;
        return all || clean || fast;
    }
}
