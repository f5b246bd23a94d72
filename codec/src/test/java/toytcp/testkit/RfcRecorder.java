package toytcp.testkit;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Writes down what came of the tests that have an [Rfc] with an id: a file for each class in `target/rfc`.
/// Found by the service loader.
///
/// A line is `RFC section id method outcome name`, separated by tabs, and there is one for each row of a
/// parameterized test. The outcome is `passed`, `failed` or `skipped`. A class that runs again
/// replaces its file, so a build of a few tests does not forget the others.
public final class RfcRecorder implements TestExecutionListener {
    private final Path folder;
    private final Map<String, Set<String>> linesByClass = new TreeMap<>();

    /// Records into `target/rfc` of the module.
    public RfcRecorder() {
        this(Path.of("target", "rfc"));
    }

    RfcRecorder(Path folder) {
        this.folder = folder;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        record(test, "skipped");
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        switch (result.getStatus()) {
            case FAILED -> record(test, "failed");
            case ABORTED -> record(test, "skipped");
            case SUCCESSFUL -> {
                // A container that is well says nothing of what is in it.
                if (test.isTest()) {
                    record(test, "passed");
                }
            }
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        try {
            for (Map.Entry<String, Set<String>> entry : linesByClass.entrySet()) {
                Files.createDirectories(folder);
                Files.write(folder.resolve(entry.getKey() + ".tsv"), entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        linesByClass.clear();
    }

    private void record(TestIdentifier test, String outcome) {
        MethodSource source =
                test.getSource()
                        .filter(MethodSource.class::isInstance)
                        .map(MethodSource.class::cast)
                        .orElse(null);
        if (source == null) {
            return;
        }
        for (Rfc rfc : annotations(source.getJavaMethod())) {
            if (!rfc.id().isEmpty()) {
                String line =
                        String.join(
                                "\t",
                                String.valueOf(rfc.number()),
                                rfc.section(),
                                rfc.id(),
                                source.getMethodName(),
                                outcome,
                                test.getDisplayName().replaceAll("\\s+", " "));
                linesByClass
                        .computeIfAbsent(source.getClassName(), _ -> new LinkedHashSet<>())
                        .add(line);
            }
        }
    }

    private static List<Rfc> annotations(Method method) {
        List<Rfc> all = new ArrayList<>(List.of(method.getAnnotationsByType(Rfc.class)));
        all.addAll(List.of(method.getDeclaringClass().getAnnotationsByType(Rfc.class)));
        return all;
    }
}
