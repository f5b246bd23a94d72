package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What is written down of tests that ran.
class RfcRecorderTest {
    @TempDir Path folder;

    /// The build does not find classes within others.
    static class Sample {
        @Test
        @Rfc(number = 9293, section = "3.1", id = "MUST-2")
        @Rfc(number = 9293, section = "3.1", id = "MUST-3")
        void passes() {}

        @Test
        @Rfc(number = 9293, section = "3.2", id = "MUST-64")
        void fails() {
            throw new AssertionError("as it should");
        }

        @Test
        @Rfc(number = 9293, section = "3.4", id = "MUST-66")
        void isAborted() {
            Assumptions.abort("as it should");
        }

        @Test
        @Disabled
        @Rfc(number = 9293, section = "3.5", id = "MUST-10")
        void isSkipped() {}

        @ParameterizedTest(name = "row {0}")
        @ValueSource(ints = {1, 2})
        @Rfc(number = 9293, section = "3.6", id = "MUST-12")
        void oneRowFails(int row) {
            assertEquals(1, row);
        }

        @Test
        @Rfc(number = 9293, section = "3.6")
        void provesNothing() {}
    }

    @Rfc(number = 2018, section = "4", id = "4-1")
    static class SampleOfAClass {
        @Test
        void passes() {}
    }

    @Test
    void everyOutcomeIsWrittenDown() throws IOException {
        execute(Sample.class);
        assertEquals(
                List.of(
                        "9293\t3.1\tMUST-2\tpasses\tpassed\tpasses()",
                        "9293\t3.1\tMUST-3\tpasses\tpassed\tpasses()",
                        "9293\t3.2\tMUST-64\tfails\tfailed\tfails()",
                        "9293\t3.4\tMUST-66\tisAborted\tskipped\tisAborted()",
                        "9293\t3.5\tMUST-10\tisSkipped\tskipped\tisSkipped()",
                        "9293\t3.6\tMUST-12\toneRowFails\tfailed\trow 2",
                        "9293\t3.6\tMUST-12\toneRowFails\tpassed\trow 1"),
                lines(Sample.class).stream().sorted().toList());
    }

    @Test
    void anAnnotationOfAClassCountsForItsTests() throws IOException {
        execute(SampleOfAClass.class);
        assertEquals(
                List.of("2018\t4\t4-1\tpasses\tpassed\tpasses()"), lines(SampleOfAClass.class));
    }

    @Test
    void aClassThatRunsAgainReplacesWhatWasWrittenOfItOnly() throws IOException {
        execute(Sample.class);
        execute(SampleOfAClass.class);
        Files.writeString(folder.resolve(SampleOfAClass.class.getName() + ".tsv"), "old\n");
        execute(SampleOfAClass.class);
        assertEquals(1, lines(SampleOfAClass.class).size());
        assertFalse(lines(SampleOfAClass.class).contains("old"));
        assertEquals(7, lines(Sample.class).size());
    }

    private List<String> lines(Class<?> type) throws IOException {
        return Files.readAllLines(folder.resolve(type.getName() + ".tsv"));
    }

    private void execute(Class<?> type) {
        LauncherConfig config =
                LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .addTestExecutionListeners(new RfcRecorder(folder))
                        .build();
        LauncherFactory.create(config)
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(type))
                                .build());
    }
}
