package toytcp.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/// `docs/kernel.md`, made of outcomes and of the reasons for differences.
final class KernelTable {
    private static final Path FILE = Path.of("..", "docs", "kernel.md");
    private static final String SOURCES = "../testkit/src/test/java/toytcp/stack/tcp/";

    private static final String HEAD =
            """
            # The same scripts against Linux

            Made by `testkit/kernel.sh`, and held against the kernel by `KernelScriptsNamespaceTest`: do not edit. The reasons
            are in `kernel-differences.txt` beside that test. Kernel: Linux %s.

            The protocol scripts of this stack (`testkit/src/test/java/toytcp/stack/tcp`) are played to a socket of the
            kernel as well, unchanged: the tests are the same Java methods. The kernel sits in a network namespace whose
            only line is a TUN device, the script is at the other end of it, and time is real. So each line below says
            whether a script tests TCP or only our taste.

            A few differences are a matter of the kernel's clock, and show in one run and not in the next; the build fails only at
            one that is not listed here.

            ## What is compared

            Compared are the segments that are sent, their order, flags, sequence and acknowledgement numbers, urgent
            pointers, ECN bits and options with SACK edges and echoed timestamps; silence; states (`/proc/net/tcp`), what
            can be read, what is unacknowledged, the octets themselves, and the error at the end.

            Not compared is what is not TCP's meaning: initial sequence numbers (the script counts from them), the values
            of our own timestamps, the size of a window (but whether it is 0), a PSH too many, the order of options, IP
            identification; and what only the core of this stack tells: its events, drop counters and timers. Times may be
            late by a sixth and some ticks of the kernel's clock. A script that asks for more than that, or for more than
            %s s of patience, is played up to there.

            The settings of a script become socket options and sysctls. Linux acknowledges at once or later as it thinks
            best, so a script that wants one or the other may find it in three ways: by itself, with TCP_QUICKACK of 0, or
            over a route with the metric `quickack`. Off are what would come between (sysctls): `tcp_invalid_ratelimit`,
            `tcp_comp_sack_nr`, `tcp_autocorking`, `tcp_syn_linear_timeouts`, `tcp_syncookies`, and the memory of earlier
            connections. `UserCallsTableTest` is left out: it asks for the error messages of our calls.

            """;

    private final List<KernelOutcome> outcomes;
    private final KernelDifferences differences;

    KernelTable(List<KernelOutcome> outcomes, KernelDifferences differences) {
        this.outcomes = outcomes;
        this.differences = differences;
    }

    /// The file as it is.
    static String read() throws IOException {
        return Files.exists(FILE) ? Files.readString(FILE) : "";
    }

    /// Writes the file.
    static void write(String text) throws IOException {
        Files.writeString(FILE, text);
    }

    /// The file as it should be.
    ///
    /// @param kernel the version of the kernel
    /// @param patienceSeconds how long a script may take
    String text(String kernel, long patienceSeconds) {
        StringBuilder text = new StringBuilder(HEAD.formatted(kernel, patienceSeconds));
        counts(text);
        differences(text);
        same(text);
        notPlayed(text);
        return text.toString();
    }

    private void counts(StringBuilder text) {
        Map<String, EnumMap<KernelOutcome.Verdict, Integer>> counts = new TreeMap<>();
        EnumMap<KernelOutcome.Verdict, Integer> sum = new EnumMap<>(KernelOutcome.Verdict.class);
        for (KernelOutcome outcome : outcomes) {
            counts.computeIfAbsent(outcome.area(), _ -> new EnumMap<>(KernelOutcome.Verdict.class))
                    .merge(outcome.verdict(), 1, Integer::sum);
            sum.merge(outcome.verdict(), 1, Integer::sum);
        }
        text.append("## Outcome\n\n");
        text.append("Rows of a table count as scripts of their own.\n\n");
        text.append(
                "| scripts | the same | the same as far as it goes | different | not played |\n");
        text.append("|---|---|---|---|---|\n");
        counts.forEach((area, row) -> counts(text, link(area), row));
        counts(text, "**all**", sum);
        text.append('\n');
    }

    private static void counts(
            StringBuilder text, String name, Map<KernelOutcome.Verdict, Integer> row) {
        text.append("| ").append(name).append(" |");
        for (KernelOutcome.Verdict verdict : KernelOutcome.Verdict.values()) {
            text.append(' ').append(row.getOrDefault(verdict, 0)).append(" |");
        }
        text.append('\n');
    }

    private void differences(StringBuilder text) {
        text.append("## Differences\n");
        for (KernelDifferences.Reason reason : differences.reasons()) {
            List<KernelDifferences.Difference> scripts = differences.of(reason);
            if (!scripts.isEmpty()) {
                text.append("\n### ").append(reason.title()).append("\n\n");
                text.append(reason.text()).append(' ');
                text.append('(').append(reason.source()).append(")\n\n");
                text.append("| script | it wants | Linux |\n|---|---|---|\n");
                for (KernelDifferences.Difference difference : scripts) {
                    String[] pair = difference.detail().split(" / ", 2);
                    text.append("| ").append(cell(difference.script()));
                    text.append(" | ").append(code(pair[0]));
                    text.append(" | ").append(pair.length > 1 ? code(pair[1]) : "");
                    text.append(" |\n");
                }
            }
        }
        text.append('\n');
    }

    private void same(StringBuilder text) {
        text.append("## Scripts that find no difference\n\n");
        text.append("Those in italics were played up to something that Linux does not have.\n\n");
        Map<String, StringJoiner> areas = new TreeMap<>();
        for (KernelOutcome outcome : outcomes) {
            String name = outcome.script().substring(outcome.area().length() + 1);
            boolean same = outcome.verdict() == KernelOutcome.Verdict.SAME;
            if (same || outcome.verdict() == KernelOutcome.Verdict.SAME_SO_FAR) {
                String mark = same ? "" : "*";
                areas.computeIfAbsent(outcome.area(), _ -> new StringJoiner("; "))
                        .add(mark + cell(name) + mark);
            }
        }
        areas.forEach(
                (area, names) ->
                        text.append("- ")
                                .append(link(area))
                                .append(": ")
                                .append(names)
                                .append('\n'));
        text.append('\n');
    }

    private void notPlayed(StringBuilder text) {
        text.append("## Why scripts were not played to their end\n\n");
        text.append("| the script | at once | after some lines |\n|---|---|---|\n");
        Map<String, int[]> reasons = new TreeMap<>();
        for (KernelOutcome outcome : outcomes) {
            boolean late = outcome.verdict() == KernelOutcome.Verdict.SAME_SO_FAR;
            if (late || outcome.verdict() == KernelOutcome.Verdict.NOT_PLAYED) {
                String why = outcome.detail().replaceFirst("waits [0-9.]+ s", "waits longer");
                reasons.computeIfAbsent(why, _ -> new int[2])[late ? 1 : 0]++;
            }
        }
        reasons.forEach(
                (why, count) ->
                        text.append("| %s | %d | %d |%n".formatted(why, count[0], count[1])));
    }

    private static String link(String area) {
        return "[%s](%s%s.java)".formatted(area, SOURCES, area);
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\"", "").replace("<", "\\<");
    }

    private static String code(String text) {
        return text.equals("nothing") ? text : "`" + text.replace("|", "\\|") + "`";
    }

    /// Whether the script of an outcome is in a table, unless it was not played at all.
    static boolean tells(String table, KernelOutcome outcome) {
        String name = outcome.script().substring(outcome.area().length() + 1);
        return outcome.verdict() == KernelOutcome.Verdict.NOT_PLAYED || table.contains(cell(name));
    }
}
