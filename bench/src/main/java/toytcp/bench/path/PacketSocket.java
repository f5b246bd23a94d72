package toytcp.bench.path;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// A packet socket of Linux on one interface: IPv4 packets without their Ethernet header.
///
/// The interface is looked up, and the socket lives, in the network namespace of the thread that opens it.
final class PacketSocket implements AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int SOCK_DGRAM = 2;
    private static final int ETH_P_IP = 0x0800;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int POLLIN = 1;
    private static final int EAGAIN = 11;
    private static final int ENOBUFS = 105;
    private static final int BUFFER = 64 << 20;

    /// `struct sockaddr_ll`: family, protocol, interface, hardware type, packet type, address.
    private static final int ADDRESS_SIZE = 20;

    private static final int MAC_SIZE = 6;

    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle NAME = call("if_nametoindex", ADDRESS);
    private static final MethodHandle BIND = call("bind", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SET =
            call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GET =
            call("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle RECEIVE =
            call("recv", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SEND =
            call("sendto", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle POLL = call("ppoll", ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private static final MethodHandle CLOSE = call("close", JAVA_INT);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());

    /// Sending has its own, because another thread does it than the one that receives.
    private final MemorySegment sendState = arena.allocate(Linker.Option.captureStateLayout());

    private final MemorySegment destination = arena.allocate(ADDRESS_SIZE, 8);
    private final MemorySegment polled = arena.allocate(8, 8);
    private final MemorySegment timeout = arena.allocate(16, 8);
    private final int fd;

    private PacketSocket(int fd) {
        this.fd = fd;
    }

    /// Opens a socket.
    ///
    /// @param device the name of the interface
    /// @param neighbour the hardware address that everything is sent to: 6 octets
    /// @throws IOException if that is not allowed, or there is no such interface
    static PacketSocket open(String device, byte[] neighbour) throws IOException {
        int fd;
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment state = scratch.allocate(Linker.Option.captureStateLayout());
            fd = check("socket", (int) SOCKET.invokeExact(state, AF_PACKET, SOCK_DGRAM, 0), state);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(e);
        }
        PacketSocket socket = new PacketSocket(fd);
        try {
            socket.bind(device, neighbour);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        } catch (Throwable e) {
            socket.close();
            throw unexpected(e);
        }
    }

    /// Takes a packet that waits.
    ///
    /// @return its length; 0 if there is none
    int receive(MemorySegment buffer) throws IOException {
        try {
            int count =
                    (int) RECEIVE.invokeExact(state, fd, buffer, buffer.byteSize(), MSG_DONTWAIT);
            return count < 0 && errno(state) == EAGAIN ? 0 : check("recv", count, state);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Sends a packet.
    ///
    /// @return whether the interface took it
    boolean send(MemorySegment buffer, int length) throws IOException {
        try {
            int sent =
                    (int)
                            SEND.invokeExact(
                                    sendState,
                                    fd,
                                    buffer,
                                    (long) length,
                                    0,
                                    destination,
                                    ADDRESS_SIZE);
            if (sent < 0 && errno(sendState) == ENOBUFS) {
                return false;
            }
            check("sendto", sent, sendState);
            return true;
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Waits until a packet can be received, for `nanos` at most.
    void await(long nanos) throws IOException {
        polled.set(JAVA_INT, 0, fd);
        polled.set(JAVA_SHORT, 4, (short) POLLIN);
        timeout.set(JAVA_LONG, 0, nanos / 1_000_000_000L);
        timeout.set(JAVA_LONG, 8, nanos % 1_000_000_000L);
        try {
            int ready = (int) POLL.invokeExact(state, polled, 1L, timeout, MemorySegment.NULL);
            check("ppoll", ready, state);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Packets that the kernel threw away since the last call, because nobody took them in time.
    int overflown() throws IOException {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment statistics = scratch.allocate(8, 8);
            MemorySegment size = scratch.allocateFrom(JAVA_INT, 8);
            int result =
                    (int)
                            GET.invokeExact(
                                    state, fd, SOL_PACKET, PACKET_STATISTICS, statistics, size);
            check("getsockopt", result, state);
            return statistics.get(JAVA_INT, 4);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public void close() {
        try {
            int ignored = (int) CLOSE.invokeExact(state, fd);
        } catch (Throwable e) {
            throw unexpected(e);
        }
        arena.close();
    }

    private void bind(String device, byte[] neighbour) throws Throwable {
        int index = (int) NAME.invokeExact(state, arena.allocateFrom(device));
        if (index == 0) {
            throw new IOException("no interface " + device + " in this namespace; try: ip link");
        }
        set(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
        set(SOL_SOCKET, SO_RCVBUFFORCE, BUFFER);
        set(SOL_SOCKET, SO_SNDBUFFORCE, BUFFER);
        destination.set(JAVA_SHORT, 0, (short) AF_PACKET);
        destination.set(JAVA_SHORT, 2, Short.reverseBytes((short) ETH_P_IP));
        destination.set(JAVA_INT, 4, index);
        check("bind", (int) BIND.invokeExact(state, fd, destination, ADDRESS_SIZE), state);
        destination.set(JAVA_BYTE, 11, (byte) MAC_SIZE);
        MemorySegment.copy(neighbour, 0, destination, JAVA_BYTE, 12, MAC_SIZE);
    }

    private void set(int level, int option, int value) throws Throwable {
        MemorySegment address = arena.allocateFrom(JAVA_INT, value);
        check("setsockopt", (int) SET.invokeExact(state, fd, level, option, address, 4), state);
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    private static int check(String call, int result, MemorySegment state) throws IOException {
        if (result < 0) {
            throw new IOException(
                    call + " failed with errno " + errno(state) + "; packet sockets need root");
        }
        return result;
    }

    // Restricted, as a wrong descriptor could crash the JVM; all of them are above.
    @SuppressWarnings("restricted")
    private static MethodHandle call(String name, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, arguments),
                Linker.Option.captureCallState("errno"));
    }

    private static IllegalStateException unexpected(Throwable cause) {
        return new IllegalStateException("a native call could not be made", cause);
    }
}
