package toytcp.demo;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A run of the command line inside this JVM, over the kernel's TCP on loopback.
final class Program {
    private static final int PATIENCE_SECONDS = 30;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final BlockingQueue<String> talk = new LinkedBlockingQueue<>();
    private final List<String> said = new ArrayList<>();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private final Interrupts interrupts = new Interrupts();

    private Program() {}

    /// Starts it without any input.
    static Program start(String... arguments) {
        return start(InputStream.nullInputStream(), arguments);
    }

    static Program start(byte[] input, String... arguments) {
        return start(new ByteArrayInputStream(input), arguments);
    }

    static Program start(InputStream input, String... arguments) {
        Program program = new Program();
        PrintStream err = new PrintStream(new Lines(program.talk), true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(input, program.output, err, false);
        Main main = new Main(_ -> new KernelNetwork(), terminal, program.interrupts);
        Thread.ofPlatform()
                .daemon()
                .name(arguments.length == 0 ? "no verb" : arguments[0])
                .start(() -> program.exitCode.complete(main.execute(arguments)));
        return program;
    }

    /// One Ctrl-C.
    void interrupt() {
        interrupts.arrived();
    }

    /// Waits for a line of talk that contains `part`.
    String line(String part) throws InterruptedException {
        for (String line = next(); line != null; line = next()) {
            if (line.contains(part)) {
                return line;
            }
        }
        return fail("nobody said '" + part + "', only: " + said);
    }

    /// Waits until it listens, and says on which port.
    String port() throws InterruptedException {
        return line("listening on ").replaceAll(".*:", "");
    }

    /// Waits for its end.
    int exitCode() throws Exception {
        return exitCode.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /// What went to standard output, complete once the exit code is there.
    byte[] output() {
        return output.toByteArray();
    }

    /// The lines on standard error output that were not waited for, complete at the end.
    List<String> remainingTalk() {
        List<String> lines = new ArrayList<>();
        talk.drainTo(lines);
        return lines;
    }

    private String next() throws InterruptedException {
        String line = talk.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        said.add(line);
        return line;
    }

    /// Cuts a stream into lines.
    private static final class Lines extends OutputStream {
        private final BlockingQueue<String> lines;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Lines(BlockingQueue<String> lines) {
            this.lines = lines;
        }

        @Override
        public void write(int octet) {
            if (octet == '\n') {
                lines.add(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else {
                line.write(octet);
            }
        }
    }
}
