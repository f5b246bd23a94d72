package toytcp.link;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netty.bootstrap.Bootstrap;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Two network namespaces of our own, joined by a cable: `A` (10.77.0.1) and `B` (10.77.0.2).
///
/// A thread can enter a namespace, and what it opens then belongs there: one JVM tests both ends.
final class Namespaces implements AutoCloseable {
    static final String A_ADDRESS = "10.77.0.1";
    static final String B_ADDRESS = "10.77.0.2";

    private static final int CLONE_NEWNET = 0x40000000;
    private static final long COMMAND_SECONDS = 20;
    private static final AtomicInteger counter = new AtomicInteger();
    private static final MethodHandle OPEN =
            handle("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SETNS =
            handle("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

    final String a;
    final String b;

    private Namespaces(String prefix) {
        a = prefix + "a";
        b = prefix + "b";
    }

    private static void skip(String why) {
        if (Boolean.getBoolean("toytcp.require.namespaces")) {
            throw new AssertionError("the tests in namespaces are required, but " + why);
        }
        Assumptions.abort("skipped: " + why);
    }

    /// Skips the test, visibly, if namespaces cannot be made here; or fails it if
    /// `-Dtoytcp.require.namespaces=true`.
    static Namespaces create() {
        for (String tool : List.of("ip", "tc", "nft", "nc", "setpriv", "sysctl")) {
            if (!isInstalled(tool)) {
                skip("the command " + tool + " is missing");
            }
        }
        String prefix = "toylink" + ProcessHandle.current().pid() + "n" + counter.getAndIncrement();
        Namespaces pair = new Namespaces(prefix);
        try {
            pair.command("ip", "netns", "add", pair.a);
        } catch (IOException e) {
            skip("needs root, to make namespaces: " + e.getMessage());
        }
        try {
            pair.command("ip", "netns", "add", pair.b);
            pair.in(pair.a, "ip link add eth0 type veth peer name eth0 netns " + pair.b);
            pair.in(pair.a, "ip addr add " + A_ADDRESS + "/24 dev eth0");
            pair.in(pair.b, "ip addr add " + B_ADDRESS + "/24 dev eth0");
            for (String name : List.of(pair.a, pair.b)) {
                pair.in(name, "ip link set lo up");
                pair.in(name, "ip link set eth0 up");
            }
            return pair;
        } catch (IOException e) {
            pair.close();
            throw new UncheckedIOException(e);
        }
    }

    /// A link on A's address.
    TestLink linkA() throws Exception {
        return linkA(new Bootstrap());
    }

    TestLink linkA(Bootstrap bootstrap) throws Exception {
        return new TestLink(threads(a), A_ADDRESS, bootstrap);
    }

    /// A link on B's address.
    TestLink linkB() throws Exception {
        return new TestLink(threads(b), B_ADDRESS);
    }

    /// Runs a command, with its words separated by spaces, in a namespace; returns what it prints.
    String in(String name, String command) throws IOException {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", name));
        words.addAll(List.of(command.split(" ")));
        return command(words.toArray(String[]::new));
    }

    /// Runs `task` on a thread inside a namespace.
    <T> T call(String name, Callable<T> task) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread =
                threads(name)
                        .newThread(
                                () -> {
                                    try {
                                        result.complete(task.call());
                                    } catch (Throwable e) {
                                        result.completeExceptionally(e);
                                    }
                                });
        thread.start();
        try {
            return result.get(COMMAND_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /// Threads that live in a namespace.
    ThreadFactory threads(String name) {
        return task ->
                new Thread(
                        () -> {
                            enter(name);
                            task.run();
                        },
                        name);
    }

    @Override
    public void close() {
        for (String name : List.of(a, b)) {
            try {
                command("ip", "netns", "del", name);
            } catch (IOException e) {
                System.err.println("namespace " + name + " was not removed: " + e.getMessage());
            }
        }
    }

    private static boolean isInstalled(String tool) {
        for (String directory : List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin")) {
            if (Files.isExecutable(Path.of(directory, tool))) {
                return true;
            }
        }
        return false;
    }

    private static void enter(String name) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) OPEN.invokeExact(arena.allocateFrom("/run/netns/" + name), 0);
            if (fd < 0 || (int) SETNS.invokeExact(fd, CLONE_NEWNET) != 0) {
                throw new IllegalStateException("cannot enter the namespace " + name);
            }
            LinuxSockets.close(fd);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private String command(String... words) throws IOException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", words) + " does not end");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", words) + ": " + output.strip());
        }
        return output;
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
}
