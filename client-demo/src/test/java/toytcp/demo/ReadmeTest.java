package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the README shows is what there is.
class ReadmeTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void itsProgramIsTheOneThatTheBuildRuns() throws IOException {
        String program = Files.readString(ROOT.resolve("docs/Echo.java"));
        String main = program.substring(program.indexOf("void main"), program.indexOf("\n}\n") + 3);
        String block = "```java\n" + main + "```\n";
        assertTrue(Files.readString(ROOT.resolve("README.md")).contains(block), block);
    }
}
