package toytcp.link;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// An nf_tables table with rules for claims, that belongs to the netlink socket it was made on (`flags
/// owner`, Linux 5.12): it goes with the process, however that dies.
final class OwnedTable {
    /// What stands in the table.
    interface Rules {
        /// The batch that makes the table, owned by the socket that this is sent on, with the rules for
        /// these claims.
        byte[] create(String table, List<PortClaim> claims);

        /// The batch that puts the rules for these claims in the place of those that are there.
        byte[] replace(String table, List<PortClaim> claims);
    }

    private static final AtomicInteger tables = new AtomicInteger();

    private static final int NO_SOCKET = -1;

    /// A rule takes some 600 octets, and a batch must be sent at once.
    private static final int SEND_BUFFER = 1 << 20;

    private static final int ERROR_MESSAGE = 2;
    private static final int REPLY = 16384;

    /// Another process can have taken the name only if it has our process id, in another PID
    /// namespace.
    private static final int NAMES_TO_TRY = 3;

    private final Rules rules;
    private int socket = NO_SOCKET;
    private String table = "";

    OwnedTable(Rules rules) {
        this.rules = rules;
    }

    /// From now on holds the rules for exactly these claims.
    ///
    /// @throws IOException if that is not possible; the rules are those before
    void set(List<PortClaim> claims) throws IOException {
        if (claims.isEmpty()) {
            close();
        } else if (socket == NO_SOCKET) {
            create(claims);
        } else {
            check(request(rules.replace(table, claims)));
        }
    }

    /// Removes the table.
    void close() {
        if (socket != NO_SOCKET) {
            LinuxSockets.close(socket);
            socket = NO_SOCKET;
        }
    }

    private void create(List<PortClaim> claims) throws IOException {
        int type = LinuxSockets.SOCK_RAW | LinuxSockets.SOCK_NONBLOCK | LinuxSockets.SOCK_CLOEXEC;
        int opened =
                LinuxSockets.socket(LinuxSockets.AF_NETLINK, type, LinuxSockets.NETLINK_NETFILTER);
        check(Math.min(opened, 0));
        socket = opened;
        try {
            LinuxSockets.setOption(
                    socket, LinuxSockets.SOL_SOCKET, LinuxSockets.SO_SNDBUFFORCE, SEND_BUFFER);
            int result = -Errno.EEXIST;
            for (int i = 0; i < NAMES_TO_TRY && result < 0; i++) {
                table = "toytcp_" + ProcessHandle.current().pid() + "_" + tables.getAndIncrement();
                result = request(rules.create(table, claims));
            }
            check(result);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Sends a batch and returns 0, or the `-errno` of its first error.
    private int request(byte[] batch) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, batch);
            int sent = LinuxSockets.send(socket, data);
            if (sent < 0) {
                return sent;
            }
            MemorySegment reply = arena.allocate(REPLY);
            // The kernel works on a batch within send(): all answers are there when it returns.
            int result = -Errno.EAGAIN;
            int received = LinuxSockets.receive(socket, reply);
            while (received > 0) {
                int answer = firstError(reply.asSlice(0, received));
                result = result == -Errno.EAGAIN || result == 0 ? answer : result;
                received = LinuxSockets.receive(socket, reply);
            }
            return result;
        }
    }

    /// The first error among the messages of a reply; 0 if all are acknowledgements.
    private static int firstError(MemorySegment reply) throws IOException {
        long offset = 0;
        while (offset + NetlinkMessage.HEADER + Integer.BYTES <= reply.byteSize()) {
            int length = reply.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
            int type = reply.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 4);
            int error = reply.get(ValueLayout.JAVA_INT_UNALIGNED, offset + NetlinkMessage.HEADER);
            if (type == ERROR_MESSAGE && error != 0) {
                return error;
            }
            if (length < NetlinkMessage.HEADER) {
                throw new IOException("the kernel's answer over netlink makes no sense");
            }
            offset += (length + 3) & ~3;
        }
        return 0;
    }

    private static void check(int result) throws IOException {
        if (result == -Errno.EPERM) {
            throw new IOException("CAP_NET_ADMIN is missing (EPERM)");
        }
        if (result == -Errno.EPROTONOSUPPORT || result == -Errno.EOPNOTSUPP) {
            throw new IOException(
                    "this kernel has no nf_tables, or one older than Linux 5.12 ("
                            + Errno.name(-result)
                            + ")");
        }
        if (result == -Errno.ENOENT) {
            throw new IOException(
                    "this kernel's nf_tables lacks an expression (ENOENT); it needs nft_socket and"
                            + " nft_fib");
        }
        if (result < 0) {
            throw new IOException("nf_tables refused it: " + Errno.name(-result));
        }
    }
}
