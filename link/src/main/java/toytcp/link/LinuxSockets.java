package toytcp.link;

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
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The socket calls of Linux, by the foreign function interface: the only class with native code.
///
/// Every method returns what the C function returns, or `-errno` where that returns -1. Constants
/// and layouts are those of 64-bit Linux with `asm-generic` headers: x86_64 and aarch64.
///
/// No call is linked as `critical`: that saves 1 ns of some 300, and would hold up the garbage
/// collector for as long as a system call runs.
final class LinuxSockets {
    static final int AF_INET = 2;
    static final int AF_NETLINK = 16;
    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int IPPROTO_ICMP = 1;
    static final int IPPROTO_TCP = 6;
    static final int NETLINK_NETFILTER = 12;

    static final int SOL_IP = 0;
    static final int IP_HDRINCL = 3;
    static final int IP_MTU_DISCOVER = 10;
    static final int IP_MTU = 14;

    /// Of [#IP_MTU_DISCOVER]: the MTU is that of the interface, whatever ICMP says.
    static final int IP_PMTUDISC_INTERFACE = 4;

    static final int SOL_SOCKET = 1;
    static final int SO_ERROR = 4;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_ATTACH_FILTER = 26;
    static final int SO_SNDBUFFORCE = 32;
    static final int SO_RCVBUFFORCE = 33;
    static final int SO_MARK = 36;

    /// In the flags of a received message: it was longer than the buffer.
    static final int MSG_TRUNC = 0x20;

    /// `struct iovec`.
    static final StructLayout IOVEC =
            MemoryLayout.structLayout(JAVA_LONG.withName("base"), JAVA_LONG.withName("length"));

    static final long IOVEC_BASE = offset(IOVEC, "base");
    static final long IOVEC_LENGTH = offset(IOVEC, "length");

    /// `struct mmsghdr`, its `struct msghdr` laid out flat.
    static final StructLayout MMSGHDR =
            MemoryLayout.structLayout(
                    JAVA_LONG.withName("name"),
                    JAVA_INT.withName("nameLength"),
                    MemoryLayout.paddingLayout(4),
                    JAVA_LONG.withName("iovecs"),
                    JAVA_LONG.withName("iovecCount"),
                    JAVA_LONG.withName("control"),
                    JAVA_LONG.withName("controlLength"),
                    JAVA_INT.withName("flags"),
                    MemoryLayout.paddingLayout(4),
                    JAVA_INT.withName("length"),
                    MemoryLayout.paddingLayout(4));

    static final long MMSGHDR_NAME = offset(MMSGHDR, "name");
    static final long MMSGHDR_NAME_LENGTH = offset(MMSGHDR, "nameLength");
    static final long MMSGHDR_IOVECS = offset(MMSGHDR, "iovecs");
    static final long MMSGHDR_IOVEC_COUNT = offset(MMSGHDR, "iovecCount");
    static final long MMSGHDR_FLAGS = offset(MMSGHDR, "flags");
    static final long MMSGHDR_LENGTH = offset(MMSGHDR, "length");

    private static final ValueLayout.OfShort NETWORK_SHORT =
            JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt NETWORK_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);

    /// `struct sockaddr_in`.
    static final StructLayout SOCKADDR_IN =
            MemoryLayout.structLayout(
                    JAVA_SHORT.withName("family"),
                    NETWORK_SHORT.withName("port"),
                    NETWORK_INT.withName("address"),
                    MemoryLayout.sequenceLayout(8, JAVA_BYTE).withName("zero"));

    static final long SOCKADDR_IN_FAMILY = offset(SOCKADDR_IN, "family");
    static final long SOCKADDR_IN_PORT = offset(SOCKADDR_IN, "port");
    static final long SOCKADDR_IN_ADDRESS = offset(SOCKADDR_IN, "address");

    /// `struct sock_fprog`.
    private static final StructLayout SOCK_FPROG =
            MemoryLayout.structLayout(
                    JAVA_SHORT.withName("length"),
                    MemoryLayout.paddingLayout(6),
                    ADDRESS.withName("filter"));

    /// Where a call leaves `errno`.
    static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();

    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(PathElement.groupElement("errno")).withInvokeExactBehavior();

    private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = call("bind", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT = call("connect", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = call("getsockname", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SETSOCKOPT =
            call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKOPT =
            call("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle CLOSE = call("close", JAVA_INT);
    private static final MethodHandle RECVMMSG =
            call("recvmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle SENDMMSG =
            call("sendmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle SEND =
            callForLong("send", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECV =
            callForLong("recv", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

    private LinuxSockets() {}

    static int socket(int domain, int type, int protocol) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            return result((int) SOCKET.invokeExact(state, domain, type, protocol), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// @param address an IPv4 address in network order
    static int bind(int fd, int address, int port) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment name = socketAddress(arena, address, port);
            return result((int) BIND.invokeExact(state, fd, name, (int) name.byteSize()), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// @param address an IPv4 address in network order
    static int connect(int fd, int address, int port) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment name = socketAddress(arena, address, port);
            return result((int) CONNECT.invokeExact(state, fd, name, (int) name.byteSize()), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The local IPv4 address of the socket in network order, in the lower 32 bits; or `-errno`.
    static long localAddress(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment name = arena.allocate(SOCKADDR_IN);
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) name.byteSize());
            int result = result((int) GETSOCKNAME.invokeExact(state, fd, name, length), state);
            return result < 0
                    ? result
                    : Integer.toUnsignedLong(name.get(NETWORK_INT, SOCKADDR_IN_ADDRESS));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int setOption(int fd, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            return setOption(fd, level, option, arena.allocateFrom(JAVA_INT, value));
        }
    }

    /// The value of an `int` option, or `-errno`; not for options that can be negative.
    static int option(int fd, int level, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment value = arena.allocate(JAVA_INT);
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) JAVA_INT.byteSize());
            int result = (int) GETSOCKOPT.invokeExact(state, fd, level, option, value, length);
            return result < 0 ? result(result, state) : value.get(JAVA_INT, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Replaces the socket's packet filter.
    ///
    /// @param program instructions as [PacketFilter] packs them
    static int attachFilter(int fd, long[] program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocateFrom(JAVA_LONG, program);
            MemorySegment filter = arena.allocate(SOCK_FPROG);
            filter.set(JAVA_SHORT, offset(SOCK_FPROG, "length"), (short) program.length);
            filter.set(ADDRESS, offset(SOCK_FPROG, "filter"), code);
            return setOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter);
        }
    }

    static int close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            return result((int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// @param state memory for [#CALL_STATE], kept by the caller: this is called for each batch
    static int receiveMessages(MemorySegment state, int fd, MemorySegment headers, int count) {
        try {
            MemorySegment noTimeout = MemorySegment.NULL;
            return result(
                    (int) RECVMMSG.invokeExact(state, fd, headers, count, 0, noTimeout), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// @param state memory for [#CALL_STATE], kept by the caller: this is called for each batch
    static int sendMessages(MemorySegment state, int fd, MemorySegment headers, int count) {
        try {
            return result((int) SENDMMSG.invokeExact(state, fd, headers, count, 0), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int send(int fd, MemorySegment data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long sent = (long) SEND.invokeExact(state, fd, data, data.byteSize(), 0);
            return result((int) sent, state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int receive(int fd, MemorySegment data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long received = (long) RECV.invokeExact(state, fd, data, data.byteSize(), 0);
            return result((int) received, state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static int setOption(int fd, int level, int option, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            int size = (int) value.byteSize();
            return result(
                    (int) SETSOCKOPT.invokeExact(state, fd, level, option, value, size), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static MemorySegment socketAddress(Arena arena, int address, int port) {
        MemorySegment name = arena.allocate(SOCKADDR_IN);
        name.set(JAVA_SHORT, SOCKADDR_IN_FAMILY, (short) AF_INET);
        name.set(NETWORK_SHORT, SOCKADDR_IN_PORT, (short) port);
        name.set(NETWORK_INT, SOCKADDR_IN_ADDRESS, address);
        return name;
    }

    private static int result(int result, MemorySegment state) {
        return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
    }

    private static long offset(StructLayout layout, String field) {
        return layout.byteOffset(PathElement.groupElement(field));
    }

    private static MethodHandle call(String name, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static MethodHandle callForLong(String name, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(JAVA_LONG, arguments));
    }

    // Restricted, as a wrong descriptor could crash the JVM; they are all above.
    @SuppressWarnings("restricted")
    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                descriptor,
                Linker.Option.captureCallState("errno"));
    }

    /// A handle throws only if it is called with wrong types or with memory already freed.
    private static IllegalStateException unexpected(Throwable cause) {
        return new IllegalStateException("a native call could not be made", cause);
    }
}
