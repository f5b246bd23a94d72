package toytcp.testkit.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The file of one algorithm, `docs/golden/<algorithm>.csv`: a line for each cell of the grid.
final class GoldenTable {
    /// The algorithms that have a table.
    static final List<String> ALGORITHMS = List.of("cubic", "newreno", "bbr", "dctcp");

    private static final Path FOLDER = Path.of("..", "docs", "golden");

    private GoldenTable() {}

    /// Reads the file.
    ///
    /// @return the lines by their cell's key; empty if there is no file
    static Map<String, String> read(String algorithm) {
        Map<String, String> lines = new LinkedHashMap<>();
        Path file = file(algorithm);
        if (!Files.exists(file)) {
            return lines;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                lines.put(key(line), line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lines.remove(key(GoldenRun.HEADER));
        return lines;
    }

    /// Runs the whole grid, on all processors, and writes the file.
    static void make(String algorithm) {
        List<String> lines = new ArrayList<>();
        lines.add(GoldenRun.HEADER);
        lines.addAll(run(algorithm, Cell.grid()));
        try {
            Files.createDirectories(FOLDER);
            Files.write(file(algorithm), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs some cells, on all processors.
    ///
    /// @return their lines, in their order
    static List<String> run(String algorithm, List<Cell> cells) {
        return cells.parallelStream().map(cell -> GoldenRun.line(algorithm, cell)).toList();
    }

    /// The columns of a line that name its cell.
    static String key(String line) {
        int end = -1;
        for (int i = 0; i < 5; i++) {
            end = line.indexOf(',', end + 1);
        }
        return line.substring(0, end);
    }

    /// The goodput in percent that a line tells.
    static double goodput(String line) {
        String rest = line.substring(key(line).length() + 1);
        return Double.parseDouble(rest.substring(0, rest.indexOf(',')));
    }

    private static Path file(String algorithm) {
        return FOLDER.resolve(algorithm + ".csv");
    }
}
