package toytcp.lab;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/// A named network namespace that threads of this JVM can live in.
///
/// The kernel keeps the namespace for each thread: what a thread opens (sockets, raw or not, netlink,
/// files of `/proc/sys/net`) belongs to the namespace that it is in at that moment, and stays there.
/// So one JVM has both ends of a connection, our stack on an event loop in one namespace and the
/// kernel's sockets, or another stack, on threads in another.
public final class NetworkNamespace {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int O_CLOEXEC = 0x80000;

    private static final MethodHandle OPEN =
            handle(
                    "open",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                    // int open(const char *, int, ...)
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle SETNS =
            handle("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOSE =
            handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));

    private final String name;
    private final String path;

    /// @param name as in `ip netns`
    public NetworkNamespace(String name) {
        this(name, "/run/netns/" + name);
    }

    private NetworkNamespace(String name, String path) {
        this.name = name;
        this.path = path;
    }

    /// The one that the JVM was started in: that of its first thread, which runs no Java.
    public static NetworkNamespace ofThisProcess() {
        return new NetworkNamespace("of this process", "/proc/self/ns/net");
    }

    /// Moves the current thread, a platform thread, into the namespace, until it enters another.
    ///
    /// @throws IllegalStateException if there is no such namespace, or no right to enter it
    public void enter() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread has no namespace of its own");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment file = arena.allocateFrom(path);
            int fd = (int) OPEN.invokeExact(state, file, O_CLOEXEC);
            check(fd, state);
            int entered = (int) SETNS.invokeExact(state, fd, CLONE_NEWNET);
            int errno = errno(state);
            check((int) CLOSE.invokeExact(state, fd), state);
            if (entered < 0) {
                throw refused(errno);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native call could not be made", e);
        }
    }

    /// Daemon threads that begin inside the namespace, as for an event loop group.
    ///
    /// @throws IllegalStateException as [#enter] does: here, and not on a thread that nobody asks
    public ThreadFactory threads() {
        check();
        AtomicInteger count = new AtomicInteger();
        return task ->
                Thread.ofPlatform()
                        .daemon()
                        .name(name + "-" + count.incrementAndGet())
                        .unstarted(
                                () -> {
                                    enter();
                                    task.run();
                                });
    }

    /// Runs `task` on a thread inside the namespace and waits for what it returns.
    ///
    /// @throws Exception what the task throws
    public <T> T call(Callable<T> task) throws Exception {
        FutureTask<T> result =
                new FutureTask<>(
                        () -> {
                            enter();
                            return task.call();
                        });
        Thread.ofPlatform().daemon().name(name + "-call").start(result);
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private void check() {
        try {
            call(() -> null);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void check(int result, MemorySegment state) {
        if (result < 0) {
            throw refused(errno(state));
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    private IllegalStateException refused(int errno) {
        return new IllegalStateException(
                "cannot enter the network namespace "
                        + name
                        + " (errno "
                        + errno
                        + "); it takes root, and `ip netns` must list it");
    }

    // Restricted, as a wrong descriptor could crash the JVM; all three are above.
    @SuppressWarnings("restricted")
    private static MethodHandle handle(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = Linker.Option.captureCallState("errno");
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, all);
    }
}
