package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs do not depend on what differs from JVM to JVM: identity hashes, the salt of `Set.of`, the collector.
class OtherJvmTest {
    @Test
    void theLogIsTheSameInEachJvm() throws Exception {
        String usual = exchange("-XX:+UseParallelGC");
        assertEquals(usual, exchange("-XX:hashCode=3", "-XX:+UseSerialGC", "-Xshare:off"));
    }

    private static String exchange(String... options) throws IOException, InterruptedException {
        Process java = start(List.of(options), Exchange.class.getSimpleName(), "6");
        String output = new String(java.getInputStream().readAllBytes());
        assertEquals(0, java.waitFor(), output);
        // Warnings of the JVM may come first.
        return output.lines().toList().getLast();
    }

    /// For testkit/network.sh: the program of another class, without the build's search for leaks.
    @Test
    @EnabledIfSystemProperty(named = "toytcp.figures", matches = ".+")
    void figures() throws Exception {
        String[] command = System.getProperty("toytcp.figures").split(" ");
        Process java = start(List.of("-Xmx4g", "-XX:TieredStopAtLevel=4"), command);
        java.getInputStream().transferTo(System.out);
        assertEquals(0, java.waitFor());
    }

    private static Process start(List<String> options, String... program) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UnlockExperimentalVMOptions", "-XX:TieredStopAtLevel=1"));
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        List<String> words = new ArrayList<>(List.of(program));
        words.set(0, OtherJvmTest.class.getPackageName() + "." + words.getFirst());
        command.addAll(words);
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
