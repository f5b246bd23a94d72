package toytcp.testkit;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The system calls that scripts need of Linux, with the numbers of x86_64 and aarch64: a namespace, a TUN
/// device, sockets. Java's own sockets lack half of TCP's options.
///
/// Every method returns what the C function returns, or `-errno`. For one thread.
final class KernelCalls implements AutoCloseable {
    static final int CLONE_NEWNET = 0x40000000;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    static final int POLLIN = 1;
    static final int AF_INET = 2;
    static final int SOCK_STREAM = 1;
    static final int SHUT_RD = 0;
    static final int SHUT_WR = 1;
    static final int EAGAIN = 11;

    static final long TUNSETIFF = 0x400454ca;
    static final long SIOCSIFFLAGS = 0x8914;
    static final long SIOCSIFADDR = 0x8916;
    static final long SIOCSIFNETMASK = 0x891c;
    static final long FIONREAD = 0x541b;
    static final long SIOCOUTQ = 0x5411;

    static final int MSG_OOB = 1;

    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SCRATCH = 1 << 17;
    private static final ValueLayout.OfShort NETWORK_SHORT =
            JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NETWORK_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);

    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle UNSHARE = call("unshare", JAVA_INT);
    private static final MethodHandle OPEN = variadic("open", ADDRESS, JAVA_INT);
    private static final MethodHandle IOCTL = variadic("ioctl", JAVA_INT, JAVA_LONG, ADDRESS);
    private static final MethodHandle CLOSE = call("close", JAVA_INT);
    private static final MethodHandle POLL = call("poll", ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = call("bind", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT = call("connect", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle LISTEN = call("listen", JAVA_INT, JAVA_INT);
    private static final MethodHandle ACCEPT =
            call("accept4", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle SHUTDOWN = call("shutdown", JAVA_INT, JAVA_INT);
    private static final MethodHandle SETSOCKOPT =
            call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            call("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle READ = callForLong("read", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITE = callForLong("write", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle SEND =
            callForLong("send", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
    private final MemorySegment scratch = arena.allocate(SCRATCH, Long.BYTES);
    private final MemorySegment small = arena.allocate(64, Long.BYTES);

    /// Moves this thread into a new network namespace of its own, which ends with the thread and with
    /// what it has opened.
    int unshare() {
        return run(() -> (int) UNSHARE.invokeExact(state, CLONE_NEWNET));
    }

    int open(String path, int flags) {
        try (Arena once = Arena.ofConfined()) {
            MemorySegment name = once.allocateFrom(path);
            return run(() -> (int) OPEN.invokeExact(state, name, flags));
        }
    }

    int close(int fd) {
        return run(() -> (int) CLOSE.invokeExact(state, fd));
    }

    /// An `ioctl` on a `struct ifreq` with these octets behind the name.
    int interfaceControl(int fd, long request, String name, byte... value) {
        small.fill((byte) 0).setString(0, name);
        MemorySegment.copy(value, 0, small, JAVA_BYTE, 16, value.length);
        return run(() -> (int) IOCTL.invokeExact(state, fd, request, small));
    }

    /// An `ioctl` that tells a number.
    int number(int fd, long request) {
        int result = run(() -> (int) IOCTL.invokeExact(state, fd, request, small));
        return result < 0 ? result : small.get(JAVA_INT, 0);
    }

    /// Waits until there is something to read, at most so many milliseconds.
    int poll(int fd, int millis) {
        small.set(JAVA_INT, 0, fd);
        small.set(JAVA_INT, 4, POLLIN);
        return run(() -> (int) POLL.invokeExact(state, small, 1L, millis));
    }

    int socket(int type) {
        return run(() -> (int) SOCKET.invokeExact(state, AF_INET, type, 0));
    }

    int bind(int fd, int address, int port) {
        MemorySegment name = socketAddress(address, port);
        return run(() -> (int) BIND.invokeExact(state, fd, name, 16));
    }

    int connect(int fd, int address, int port) {
        MemorySegment name = socketAddress(address, port);
        return run(() -> (int) CONNECT.invokeExact(state, fd, name, 16));
    }

    int listen(int fd) {
        return run(() -> (int) LISTEN.invokeExact(state, fd, 16));
    }

    int accept(int fd) {
        MemorySegment none = MemorySegment.NULL;
        return run(() -> (int) ACCEPT.invokeExact(state, fd, none, none, O_NONBLOCK | O_CLOEXEC));
    }

    int shutdown(int fd, int how) {
        return run(() -> (int) SHUTDOWN.invokeExact(state, fd, how));
    }

    int option(int fd, int level, int option, int... values) {
        MemorySegment.copy(values, 0, small, JAVA_INT, 0, values.length);
        int size = values.length * Integer.BYTES;
        return run(() -> (int) SETSOCKOPT.invokeExact(state, fd, level, option, small, size));
    }

    int option(int fd, int level, int option, String value) {
        small.setString(0, value);
        int size = value.length();
        return run(() -> (int) SETSOCKOPT.invokeExact(state, fd, level, option, small, size));
    }

    int intOption(int fd, int level, int option) {
        small.set(JAVA_INT, 0, 0);
        small.set(JAVA_INT, 8, Integer.BYTES);
        MemorySegment length = small.asSlice(8);
        int result =
                run(() -> (int) GETSOCKOPT.invokeExact(state, fd, level, option, small, length));
        return result < 0 ? result : small.get(JAVA_INT, 0);
    }

    /// Reads at most `limit` octets into a new array; null if there are none, or nothing can be read.
    byte[] read(int fd, int limit) {
        long most = Math.min(limit, SCRATCH);
        int length = run(() -> (int) (long) READ.invokeExact(state, fd, scratch, most));
        return length <= 0 ? null : scratch.asSlice(0, length).toArray(JAVA_BYTE);
    }

    int write(int fd, byte[] octets) {
        MemorySegment.copy(octets, 0, scratch, JAVA_BYTE, 0, octets.length);
        long size = octets.length;
        return run(() -> (int) (long) WRITE.invokeExact(state, fd, scratch, size));
    }

    /// Sends `octets`, as many of them as possible.
    ///
    /// @param flags 0 or [#MSG_OOB]
    int send(int fd, byte[] octets, int flags) {
        int size = Math.min(octets.length, SCRATCH);
        MemorySegment.copy(octets, 0, scratch, JAVA_BYTE, 0, size);
        int all = MSG_NOSIGNAL | flags;
        return run(() -> (int) (long) SEND.invokeExact(state, fd, scratch, (long) size, all));
    }

    @Override
    public void close() {
        arena.close();
    }

    private MemorySegment socketAddress(int address, int port) {
        small.fill((byte) 0).set(JAVA_SHORT, 0, (short) AF_INET);
        small.set(NETWORK_SHORT, 2, (short) port);
        small.set(NETWORK_INT, 4, address);
        return small;
    }

    private interface Call {
        int run() throws Throwable;
    }

    private int run(Call call) {
        try {
            int result = call.run();
            return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("a native call could not be made", e);
        }
    }

    private static MethodHandle call(String name, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static MethodHandle callForLong(String name, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(JAVA_LONG, arguments));
    }

    /// A function whose arguments are variable from the third one on.
    private static MethodHandle variadic(String name, MemoryLayout... arguments) {
        return link(
                name,
                FunctionDescriptor.of(JAVA_INT, arguments),
                Linker.Option.firstVariadicArg(2));
    }

    // Restricted, as a wrong descriptor could crash the JVM; they are all above.
    @SuppressWarnings("restricted")
    private static MethodHandle link(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = Linker.Option.captureCallState("errno");
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, all);
    }
}
