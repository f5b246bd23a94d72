package toytcp.conformance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Holds the results of the tests against a list of requirements.
final class Findings {
    private final RequirementList list;
    private final Results results;
    private final List<String> problems = new ArrayList<>();

    /// The passed tests by id, each method once.
    private final Map<String, Map<String, Result>> proofs = new HashMap<>();

    /// How many rows passed, by id and state.
    private final Map<String, Map<String, Integer>> cells = new HashMap<>();

    Findings(RequirementList list, Results results) throws IOException {
        this.list = list;
        this.results = results;
        Set<String> failed = new LinkedHashSet<>();
        for (Result result : results.of(list.rfc())) {
            if (check(result) && result.passed()) {
                proofs.computeIfAbsent(result.id(), _ -> new LinkedHashMap<>())
                        .putIfAbsent(result.test(), result);
                cells.computeIfAbsent(result.id(), _ -> new HashMap<>())
                        .merge(String.valueOf(CellRow.stateOf(result.name())), 1, Integer::sum);
            } else if (!result.passed()) {
                failed.add(result.test());
            }
        }
        proofs.values().forEach(tests -> tests.keySet().removeAll(failed));
        checkRequirements();
        checkCells();
    }

    /// What is wrong, in sentences; empty if all is well.
    List<String> problems() {
        return problems;
    }

    /// The tests that passed for a requirement or a row of cells, one for each method.
    List<Result> proofs(String id) {
        return List.copyOf(proofs.getOrDefault(id, Map.of()).values());
    }

    /// How many rows of tests passed for a cell.
    int count(CellRow row, String state) {
        return cells.getOrDefault(row.id(), Map.of()).getOrDefault(state, 0);
    }

    private boolean check(Result result) throws IOException {
        String section = section(result.id());
        String who = results.path(result) + ": @Rfc of " + result.test();
        if (section == null) {
            problems.add(who + " names " + result.id() + ", which RFC " + list.rfc() + " has not");
            return false;
        }
        if (!section.equals(result.section())) {
            problems.add(
                    "%s says that %s stands in section %s; it is %s"
                            .formatted(who, result.id(), result.section(), section));
        }
        if (result.outcome().equals("skipped")) {
            problems.add(
                    who
                            + " did not run: a proof must run everywhere, so take the id from it,"
                            + " or let it run without root");
        }
        return results.line(result) != 0;
    }

    private String section(String id) {
        for (Requirement one : list.all()) {
            if (one.id().equals(id)) {
                return one.section();
            }
        }
        for (CellRow row : list.cells()) {
            if (row.id().equals(id)) {
                return row.section();
            }
        }
        return null;
    }

    private void checkRequirements() {
        for (Requirement one : list.all()) {
            if (one.isClaimed() && proofs(one.id()).isEmpty()) {
                problems.add(
                        "%s (RFC %d, %s) is '%s', and no test with this id passed: %s"
                                .formatted(
                                        one.id(),
                                        list.rfc(),
                                        one.section(),
                                        one.status(),
                                        one.words()));
            }
        }
    }

    private void checkCells() {
        for (CellRow row : list.cells()) {
            for (String state : row.present()) {
                if (count(row, state) == 0) {
                    problems.add(
                            "no test of %s (%s) in %s passed: a row of a test with this id begins"
                                            .formatted(row.id(), row.words(), state)
                                    + " its display name with the state");
                }
            }
        }
    }
}
