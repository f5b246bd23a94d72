package toytcp.link;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A [LinkHolder] in a namespace.
final class LinkProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    /// @param namespace where it runs
    /// @param wrapper a command before `java`, such as one that takes capabilities away
    /// @param options of `java`
    /// @param log where its standard error goes
    LinkProcess(
            String namespace,
            List<String> wrapper,
            List<String> options,
            Path log,
            String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        command.addAll(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(LinkHolder.class.getName());
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        output = process.inputReader(StandardCharsets.UTF_8);
    }

    /// The first line it prints: `ready`, or what went wrong.
    String state() throws IOException {
        return output.readLine();
    }

    /// SIGKILL: it has no chance to tidy up.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(TestLink.SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the process survives SIGKILL");
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
