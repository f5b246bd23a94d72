package toytcp.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A process in a namespace, with its talk read line by line. Closing it ends it for sure.
public final class Child implements AutoCloseable {
    /// Generous, because builds run on small machines; nothing waits this long when all is well.
    public static final int PATIENCE_SECONDS = 90;

    private static final String END = "(end of the talk)";

    private final String name;
    private final Process process;
    private final Path output;
    private final BlockingQueue<String> news = new LinkedBlockingQueue<>();
    private final List<String> talk = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Void> reader;

    private Child(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
        reader = CompletableFuture.runAsync(this::readTalk, Thread::startVirtualThread);
    }

    /// Starts a process; its standard output goes to a file.
    ///
    /// @param input the standard input, or null for none
    public static Child start(List<String> command, Path input, Path output) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .redirectInput(input == null ? new File("/dev/null") : input.toFile())
                        .redirectOutput(output.toFile())
                        .start();
        return new Child(String.join(" ", command), process, output);
    }

    /// Waits for a line on standard error output that contains `part`.
    public String line(String part) throws InterruptedException {
        while (true) {
            String line = news.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null || line == END) {
                return fail("'" + part + "' was never said by: " + this);
            }
            if (line.contains(part)) {
                return line;
            }
        }
    }

    /// Waits for its end.
    public int exitCode() throws InterruptedException {
        return exitCode(PATIENCE_SECONDS);
    }

    public int exitCode(int seconds) throws InterruptedException {
        assertTrue(process.waitFor(seconds, TimeUnit.SECONDS), () -> "no end in time: " + this);
        reader.join();
        return process.exitValue();
    }

    /// Waits for its end, which must be a good one.
    public Child succeeds() throws InterruptedException {
        assertEquals(0, exitCode(), this::toString);
        return this;
    }

    /// What it wrote to standard output, complete once it has ended.
    public byte[] output() throws IOException {
        return Files.readAllBytes(output);
    }

    /// The file that its standard output goes to.
    public Path outputFile() {
        return output;
    }

    /// What it said so far.
    public List<String> talk() {
        return List.copyOf(talk);
    }

    /// SIGKILL.
    public void kill() {
        process.destroyForcibly();
    }

    /// A signal as from `kill`.
    public void signal(String signal) throws IOException, InterruptedException {
        String pid = Long.toString(process.pid());
        assertEquals(0, new ProcessBuilder("kill", "-" + signal, pid).start().waitFor());
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        reader.join();
        assertTrue(talk.stream().noneMatch(line -> line.contains("LEAK:")), this::toString);
    }

    @Override
    public String toString() {
        String code = process.isAlive() ? "alive" : "exit code " + process.exitValue();
        return name + " (" + code + ")\n" + String.join("\n", talk());
    }

    private void readTalk() {
        try (BufferedReader lines = process.errorReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                talk.add(line);
                news.add(line);
            }
        } catch (IOException e) {
            talk.add(e.toString());
        }
        news.add(END);
    }
}
