package toytcp.suite;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// Counts what came of the suite's tests, class by class; says it on the standard output and writes it
/// as a table to `target/netty-suite-SETUP.md`. Found by the service loader.
public final class SuiteTally implements TestExecutionListener {
    private final Map<String, Tally> classes = new TreeMap<>();
    private TestPlan plan;

    private static final class Tally {
        int passed;
        int failed;
        final Map<String, Integer> skipped = new TreeMap<>();

        void skip(int tests, String reason) {
            // JUnit says "public void METHOD is @Disabled" where the suite gives no reason.
            String why =
                    reason.endsWith("is @Disabled")
                            ? "disabled in the suite"
                            : reason.lines().findFirst().orElse("no reason given");
            skipped.merge(why, tests, Integer::sum);
        }

        int skippedCount() {
            return skipped.values().stream().mapToInt(Integer::intValue).sum();
        }

        int total() {
            return passed + failed + skippedCount();
        }
    }

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        this.plan = plan;
    }

    // Tests may run side by side.
    @Override
    public synchronized void executionSkipped(TestIdentifier test, String reason) {
        int tests = (int) plan.getDescendants(test).stream().filter(TestIdentifier::isTest).count();
        of(test).skip(Math.max(1, tests), reason);
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (!test.isTest() || test.getUniqueId().contains(SuiteCoverageTest.class.getName())) {
            return;
        }
        Tally tally = of(test);
        switch (result.getStatus()) {
            case SUCCESSFUL -> tally.passed++;
            case FAILED -> tally.failed++;
            case ABORTED ->
                    tally.skip(
                            1,
                            result.getThrowable()
                                    .map(Throwable::getMessage)
                                    .orElse("no reason given"));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (classes.isEmpty()) {
            return;
        }
        String setup = System.getProperty("toytcp.suite.setup");
        String table = table();
        System.out.printf("netty-testsuite, set-up '%s':%n%s", setup, table);
        try {
            Files.writeString(Path.of("target", "netty-suite-" + setup + ".md"), table);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Tally of(TestIdentifier test) {
        String id = test.getUniqueId();
        String name =
                test.getSource()
                        .filter(MethodSource.class::isInstance)
                        .map(source -> ((MethodSource) source).getClassName())
                        .orElseGet(() -> id.replaceAll(".*\\[class:([^]]*)].*", "$1"));
        return classes.computeIfAbsent(name.substring(name.lastIndexOf('.') + 1), _ -> new Tally());
    }

    private String table() {
        StringBuilder text = new StringBuilder();
        text.append("| class | tests | passed | failed | skipped, why |\n");
        text.append("|---|---|---|---|---|\n");
        Tally sum = new Tally();
        classes.forEach(
                (name, tally) -> {
                    row(text, name, tally);
                    sum.passed += tally.passed;
                    sum.failed += tally.failed;
                    tally.skipped.forEach((why, n) -> sum.skipped.merge(why, n, Integer::sum));
                });
        row(text, "all " + classes.size() + " classes", sum);
        return text.toString();
    }

    private static void row(StringBuilder text, String name, Tally tally) {
        text.append(
                "| %s | %d | %d | %d | "
                        .formatted(name, tally.total(), tally.passed, tally.failed));
        tally.skipped.forEach((why, n) -> text.append("%d: %s. ".formatted(n, why)));
        text.append("|\n");
    }
}
