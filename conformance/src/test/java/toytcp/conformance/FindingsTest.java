package toytcp.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What fails the build, and what the tables look like.
class FindingsTest {
    private static final String LIST =
            """
            RFC 1: An Example
            > An introduction.
            MUST-1 | MUST   | 2.1 | met      | It does this
            MAY-1  | MAY    | 2.2 | n/a      | It may do that | it does not
            * EVENT | 3 | an event | LISTEN SYN-SENT SYN-RECEIVED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT: why not
            """;

    private static final String OPEN = "1\t3\tEVENT\tevents\tpassed\t\"ESTABLISHED\": \"S 0:0\"";
    private static final String CLOSED = "1\t3\tEVENT\tevents\tpassed\tCLOSED";
    private static final String PASSED = "1\t2.1\tMUST-1\tdoesThis\tpassed\tdoesThis()";

    @TempDir Path root;

    @BeforeEach
    void writeASource() throws IOException {
        Path folder = Files.createDirectories(root.resolve("stack/src/test/java/a"));
        Files.writeString(
                folder.resolve("SomeTest.java"),
                """
                class SomeTest {
                    @Test
                    void doesThis() {}

                    @Test
                    void events() {}
                }
                """);
        for (String module : List.of("codec", "stack", "testkit")) {
            Files.createDirectories(root.resolve(module).resolve("target/rfc"));
        }
    }

    private Results results(String... lines) throws IOException {
        Files.write(root.resolve("stack/target/rfc/a.SomeTest.tsv"), List.of(lines));
        return Results.read(root);
    }

    private List<String> problems(String... lines) throws IOException {
        return new Findings(RequirementList.parse(1, LIST), results(lines)).problems();
    }

    private void assertProblem(String expected, String... lines) throws IOException {
        List<String> problems = problems(lines);
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.getFirst().contains(expected), problems::toString);
    }

    @Test
    void allIsWellIfEverythingThatIsClaimedHasATestThatPassed() throws IOException {
        assertEquals(List.of(), problems(PASSED, OPEN, CLOSED));
    }

    @Test
    void whatIsClaimedAndHasNoTestIsAProblem() throws IOException {
        assertProblem("MUST-1 (RFC 1, 2.1) is 'met', and no test", OPEN, CLOSED);
    }

    @Test
    void aTestThatFailedProvesNothingThoughSomeOfItsRowsPassed() throws IOException {
        String failed = PASSED.replace("passed", "failed");
        assertProblem("MUST-1 (RFC 1, 2.1) is 'met', and no test", PASSED, failed, OPEN, CLOSED);
    }

    @Test
    void aTestThatWasSkippedIsAProblemEvenIfThereAreOthers() throws IOException {
        String skipped = "1\t2.1\tMUST-1\tevents\tskipped\tevents()";
        assertProblem(
                "SomeTest.events did not run",
                PASSED,
                skipped,
                OPEN.replace("events", "doesThis"),
                CLOSED.replace("events", "doesThis"));
    }

    @Test
    void aCellWithoutATestIsAProblem() throws IOException {
        assertProblem("no test of EVENT (an event) in ESTABLISHED", PASSED, CLOSED);
    }

    @Test
    void anIdThatTheListDoesNotHaveIsAProblem() throws IOException {
        String unknown = PASSED.replace("MUST-1", "MUST-2");
        assertProblem("names MUST-2, which RFC 1 has not", PASSED, unknown, OPEN, CLOSED);
    }

    @Test
    void anotherSectionThanThatOfTheListIsAProblem() throws IOException {
        String elsewhere = PASSED.replace("2.1", "2.3");
        assertProblem("MUST-1 stands in section 2.3; it is 2.1", elsewhere, OPEN, CLOSED);
    }

    @Test
    void whatIsLeftOfATestThatIsNoMoreDoesNotCount() throws IOException {
        String renamed = PASSED.replace("doesThis", "didThis");
        assertProblem("MUST-1", renamed, OPEN, CLOSED);
        Files.write(root.resolve("stack/target/rfc/a.GoneTest.tsv"), List.of(PASSED));
        assertProblem("MUST-1", OPEN, CLOSED);
    }

    @Test
    void withoutAnyResultsThereIsARemedy() throws IOException {
        Files.delete(root.resolve("codec/target/rfc"));
        String message = assertThrows(IOException.class, () -> Results.read(root)).getMessage();
        assertTrue(message.endsWith("run: mvn -pl conformance -am verify"), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MUST-1 | MUST | 2.1 | met",
                "MUST-1 | WOULD | 2.1 | met | It does this",
                "MUST-1 | MUST | 2.1 | unmet | It does this",
                "MUST-1 | MUST | 2.1 | met | ",
                "MUST-1 | MUST | 2.1 | deviates | It does this",
                "MUST-1 | MUST | 2.1 | n/a | It does this |",
                "MUST-1 | MUST | 2.1 | met, option | It does this |",
                "MUST-2 | MUST | 2.1 | met | Once\\nMUST-2 | MUST | 2.1 | met | Twice"
            })
    void aListWithMistakesIsRefused(String line) {
        String text = "A title\n" + line.replace("\\n", "\n");
        assertThrows(IllegalArgumentException.class, () -> RequirementList.parse(1, text));
    }

    @Test
    void theTableSaysItAll() throws IOException {
        String table = table("", PASSED, OPEN, OPEN, CLOSED);
        assertTrue(table.startsWith("# RFC 1: An Example\n"), table);
        assertLine(table, "An introduction.");
        assertLine(table, "| MUST | 1 | 1 | 0 | 0 | 0 | 0 |");
        assertLine(table, "| MAY | 1 | 0 | 0 | 0 | 1 | 1 |");
        assertLine(
                table,
                "| MUST-1 | 2.1 | It does this | met | "
                        + "[SomeTest.doesThis](../stack/src/test/java/a/SomeTest.java#L3) |");
        assertLine(table, "| MAY-1 | 2.2 | It may do that | n/a: it does not |  |");
        assertLine(
                table,
                "| an event | 3 | 1 | (1) | (1) | (1) | 2 | (1) | (1) | (1) | (1) | (1) | (1) | "
                        + "[SomeTest.events](../stack/src/test/java/a/SomeTest.java#L6) |");
        assertLine(table, "1. why not");
    }

    @Test
    void anAnchorStaysAsLongAsItShowsTheMethod() throws IOException {
        String present = "[SomeTest.doesThis](../stack/src/test/java/a/SomeTest.java#L%d)";
        assertTrue(table(present.formatted(18), PASSED).contains("SomeTest.java#L18)"));
        assertTrue(table(present.formatted(19), PASSED).contains("SomeTest.java#L3)"));
    }

    private String table(String present, String... lines) throws IOException {
        RequirementList list = RequirementList.parse(1, LIST);
        Results results = results(lines);
        return new Table(list, results, new Findings(list, results), present).render();
    }

    private static void assertLine(String table, String line) {
        assertTrue(table.lines().anyMatch(line::equals), () -> line + "\nis not in\n" + table);
    }
}
