package toytcp.docs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What docs/testkit.md shows is what the build runs.
class TestkitDocTest {
    private static final Path SOURCE = Path.of("src/test/java/toytcp/docs/QuickstartTest.java");
    private static final Path DOC = Path.of("../docs/testkit.md");

    @Test
    void itsQuickstartIsATestOfTheBuild() throws IOException {
        String source = Files.readString(SOURCE);
        String shown = source.substring(source.indexOf("import ")).replace("\r", "");
        String block = "```java\n" + shown + "```\n";
        assertTrue(Files.readString(DOC).replace("\r", "").contains(block), block);
    }
}
