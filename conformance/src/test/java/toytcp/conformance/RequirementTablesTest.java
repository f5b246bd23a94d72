package toytcp.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The tables of requirements: everything that is called met has a test that passed in this build, and the
/// files in `docs` say so. `-Dtables=write` writes them anew.
class RequirementTablesTest {
    private static final Path ROOT = Path.of(System.getProperty("toytcp.root", ".."));
    private static final List<Integer> RFCS = List.of(9293, 7323, 5961, 6298, 2018);

    private static Results results;

    static Stream<Integer> rfcs() {
        return RFCS.stream();
    }

    @BeforeAll
    static void readTheResults() throws IOException {
        results = Results.read(ROOT);
    }

    @ParameterizedTest(name = "RFC {0}")
    @MethodSource("rfcs")
    void whatIsCalledMetIsProved(int rfc) throws IOException {
        Findings findings = new Findings(RequirementList.load(rfc), results);
        assertTrue(
                findings.problems().isEmpty(),
                () -> String.join("\n", findings.problems()) + "\n" + Results.remedy());
    }

    @ParameterizedTest(name = "RFC {0}")
    @MethodSource("rfcs")
    void theTableIsUpToDate(int rfc) throws IOException {
        Path file = ROOT.resolve("docs/rfc" + rfc + ".md");
        String present = Files.exists(file) ? Files.readString(file) : "";
        RequirementList list = RequirementList.load(rfc);
        String table = new Table(list, results, new Findings(list, results), present).render();
        if (System.getProperty("tables", "check").equals("write")) {
            Files.writeString(file, table);
        } else {
            assertEquals(
                    "",
                    difference(present, table),
                    file + " is out of date: mvn -pl conformance -am verify -Dtables=write");
        }
    }

    /// The first line that differs; empty if none does.
    private static String difference(String present, String table) {
        List<String> old = present.lines().toList();
        List<String> anew = table.lines().toList();
        for (int i = 0; i < Math.max(old.size(), anew.size()); i++) {
            String was = i < old.size() ? old.get(i) : "nothing";
            String is = i < anew.size() ? anew.get(i) : "nothing";
            if (!was.equals(is)) {
                return "line %d is\n%s\nand should be\n%s".formatted(i + 1, was, is);
            }
        }
        return "";
    }

    @Test
    void everyIdIsOfAnRfcThatHasATable() {
        for (int rfc : results.rfcs()) {
            assertTrue(
                    RFCS.contains(rfc),
                    "a test names a requirement of RFC " + rfc + ", of which there is no list");
        }
    }

    /// 69 MUST, 31 SHLD, 18 MAY and one REC in its Appendix B, and ten sentences without a label.
    @Test
    void noneOfTheRequirementsOfRfc9293IsForgotten() throws IOException {
        List<String> ids = RequirementList.load(9293).all().stream().map(Requirement::id).toList();
        Stream<String> wanted =
                Stream.of(
                                labels("MUST", 69),
                                labels("SHLD", 31),
                                labels("MAY", 18),
                                labels("REC", 1),
                                labels("U", 10))
                        .flatMap(stream -> stream);
        assertEquals(wanted.sorted().toList(), ids.stream().sorted().toList());
    }

    private static Stream<String> labels(String kind, int count) {
        return Stream.iterate(1, i -> i + 1).limit(count).map(i -> kind + "-" + i);
    }
}
