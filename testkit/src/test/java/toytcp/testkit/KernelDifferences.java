package toytcp.testkit;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What is known to be different, and why: `kernel-differences.txt`, which is written by hand but for what
/// the kernel does in each script.
final class KernelDifferences {
    /// Of a difference that nobody has explained yet.
    static final String UNEXPLAINED = "?";

    /// Of what Linux does in some runs only.
    private static final String EITHER = "either";

    private static final Path FILE =
            Path.of("src", "test", "resources", "toytcp", "testkit", "kernel-differences.txt");

    private final Map<String, Reason> reasons = new LinkedHashMap<>();
    private final Map<String, Difference> differences = new TreeMap<>();
    private final List<String> head = new ArrayList<>();

    /// Why a kernel does something else than scripts want.
    ///
    /// @param name by which differences refer to it
    /// @param title in a line
    /// @param source the sections that say who is right
    /// @param text the reason
    record Reason(String name, String title, String source, String text) {}

    /// One script in which it does.
    ///
    /// @param script its name
    /// @param detail what is wanted, and what comes
    /// @param reason the name of a [Reason], or [#UNEXPLAINED]
    record Difference(String script, String detail, String reason) {
        /// Whether it shows in some runs only, so that it stays whatever one run says.
        boolean isOfClocks() {
            return reason.equals(EITHER) || detail.contains(" / later: ");
        }
    }

    private KernelDifferences() {}

    /// Reads the file.
    ///
    /// @throws IllegalStateException if a line has another form
    static KernelDifferences read() throws IOException {
        KernelDifferences all = new KernelDifferences();
        for (String line : Files.readAllLines(FILE)) {
            String[] parts = line.split(" \\| ");
            if (line.startsWith("reason | ") && parts.length == 5) {
                all.reasons.put(parts[1], new Reason(parts[1], parts[2], parts[3], parts[4]));
                all.head.add(line);
            } else if (line.startsWith("#") || line.isEmpty()) {
                all.head.add(line);
            } else if (parts.length == 3) {
                all.differences.put(parts[0], new Difference(parts[0], parts[1], parts[2]));
            } else {
                throw new IllegalStateException(FILE + " has a line of no known form: " + line);
            }
        }
        while (!all.head.isEmpty() && all.head.getLast().isEmpty()) {
            all.head.removeLast();
        }
        return all;
    }

    /// Writes the file anew, with what is different now; what is new to it has no reason yet.
    void write(List<KernelOutcome> outcomes) throws IOException {
        List<String> lines = new ArrayList<>(head);
        lines.add("");
        Map<String, Difference> now = new TreeMap<>();
        for (KernelOutcome outcome : outcomes) {
            Difference known = differences.get(outcome.script());
            boolean stays = known != null && known.isOfClocks();
            if (stays || outcome.verdict() == KernelOutcome.Verdict.DIFFERS) {
                String reason = known == null ? UNEXPLAINED : known.reason;
                String detail = stays ? known.detail : outcome.detail();
                var difference = new Difference(outcome.script(), detail, reason);
                now.put(outcome.script(), difference);
                lines.add("%s | %s | %s".formatted(outcome.script(), detail, reason));
            }
        }
        differences.clear();
        differences.putAll(now);
        Files.write(FILE, lines);
    }

    /// Whether an outcome is what is known of its script.
    boolean expects(KernelOutcome outcome) {
        Difference known = differences.get(outcome.script());
        boolean differs = outcome.verdict() == KernelOutcome.Verdict.DIFFERS;
        return known == null ? !differs : differs && known.detail.equals(outcome.detail());
    }

    /// Whether an outcome is the same as the script, or that of a script of which a difference is known.
    boolean allows(KernelOutcome outcome) {
        return outcome.isSame() || differences.containsKey(outcome.script());
    }

    /// The reasons in the order of the file.
    List<Reason> reasons() {
        return List.copyOf(reasons.values());
    }

    /// The scripts that differ for this reason.
    List<Difference> of(Reason reason) {
        return differences.values().stream()
                .filter(difference -> difference.reason.equals(reason.name))
                .toList();
    }

    /// A difference without a reason that the file explains; null if all have one.
    @Nullable Difference unexplained() {
        return differences.values().stream()
                .filter(difference -> !reasons.containsKey(difference.reason))
                .findFirst()
                .orElse(null);
    }
}
