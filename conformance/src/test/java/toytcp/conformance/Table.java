package toytcp.conformance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A file `docs/rfcNNNN.md`: the requirements, what became of them, and links to the tests that prove it.
final class Table {
    /// What a click shows of a source file: an anchor that is off by less still points at the method.
    private static final int SCREEN = 15;

    private static final Pattern LINK = Pattern.compile("\\[([^\\]]+)\\]\\([^)#]*#L(\\d+)\\)");

    private final RequirementList list;
    private final Results results;
    private final Findings findings;

    /// The lines that the links of the present table point to, by test.
    private final Map<String, Integer> anchors = new HashMap<>();

    private final StringBuilder text = new StringBuilder();

    /// @param present the table as it is; its anchors are kept where they still show the method, so that
    ///     not every change of a test is one of the table
    Table(RequirementList list, Results results, Findings findings, String present) {
        this.list = list;
        this.results = results;
        this.findings = findings;
        Matcher matcher = LINK.matcher(present);
        while (matcher.find()) {
            anchors.putIfAbsent(matcher.group(1), Integer.valueOf(matcher.group(2)));
        }
    }

    String render() throws IOException {
        text.append("# ").append(list.title()).append("\n\n");
        text.append(
                """
                Made from the tests that passed: `mvn -pl conformance -am verify -Dtables=write` writes it anew, and a build
                fails if it is out of date, or if something is called met and no test proves it. The words and the
                states are those of `conformance/src/test/resources/rfc%d.txt`.
                """
                        .formatted(list.rfc()));
        list.introduction().forEach(line -> text.append('\n').append(line).append('\n'));
        summary();
        text.append("\n## Requirements\n\n");
        text.append("| | section | what it asks for | status | tests |\n|---|---|---|---|---|\n");
        for (Requirement one : list.all()) {
            requirement(one);
        }
        if (!list.cells().isEmpty()) {
            cells();
        }
        return text.toString();
    }

    private void summary() {
        text.append("\n| | all ");
        for (Requirement.Status status : Requirement.Status.values()) {
            text.append("| ").append(status).append(' ');
        }
        text.append("| without a test |\n|---|---|---|---|---|---|---|\n");
        for (Requirement.Level level : Requirement.Level.values()) {
            List<Requirement> these =
                    list.all().stream().filter(one -> one.level() == level).toList();
            if (these.isEmpty()) {
                continue;
            }
            Map<Requirement.Status, Integer> counts = new EnumMap<>(Requirement.Status.class);
            these.forEach(one -> counts.merge(one.status(), 1, Integer::sum));
            text.append("| ").append(level).append(" | ").append(these.size()).append(" |");
            for (Requirement.Status status : Requirement.Status.values()) {
                text.append(' ').append(counts.getOrDefault(status, 0)).append(" |");
            }
            long bare = these.stream().filter(one -> findings.proofs(one.id()).isEmpty()).count();
            text.append(' ').append(bare).append(" |\n");
        }
    }

    private void requirement(Requirement one) throws IOException {
        text.append("| ").append(one.id()).append(" | ").append(one.section());
        text.append(" | ").append(one.words()).append(" | ").append(one.status());
        if (!one.note().isEmpty()) {
            text.append(": ").append(one.note());
        }
        text.append(" | ").append(links(one.id())).append(" |\n");
    }

    private void cells() throws IOException {
        text.append(
                """

                ## States and events (3.10)

                How many exchanges prove what happens when an event meets a state.

                """);
        text.append("| event | section | ").append(String.join(" | ", CellRow.STATES));
        text.append(" | tests |\n|---|---|").append("---|".repeat(CellRow.STATES.size() + 1));
        text.append('\n');
        List<String> notes = new ArrayList<>();
        for (CellRow row : list.cells()) {
            text.append("| ").append(row.words()).append(" | ").append(row.section()).append(" |");
            for (String state : CellRow.STATES) {
                String reason = row.absent().get(state);
                if (reason == null) {
                    text.append(' ').append(findings.count(row, state)).append(" |");
                } else {
                    if (!notes.contains(reason)) {
                        notes.add(reason);
                    }
                    text.append(" (").append(notes.indexOf(reason) + 1).append(") |");
                }
            }
            text.append(' ').append(links(row.id())).append(" |\n");
        }
        text.append('\n');
        for (int i = 0; i < notes.size(); i++) {
            text.append(i + 1).append(". ").append(notes.get(i)).append('\n');
        }
    }

    private String links(String id) throws IOException {
        List<String> links = new ArrayList<>();
        for (Result test : findings.proofs(id)) {
            int line = results.line(test);
            Integer anchor = anchors.get(test.test());
            if (anchor != null && Math.abs(anchor - line) <= SCREEN) {
                line = anchor;
            }
            links.add("[%s](../%s#L%d)".formatted(test.test(), results.path(test), line));
        }
        return String.join("<br>", links);
    }
}
