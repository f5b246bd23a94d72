package toytcp.link;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Keeps the kernel from answering the segments of claimed ports.
///
/// The kernel sees every packet that we see, knows nothing of our connections, and answers with an
/// RST. The guard is an nf_tables table that drops these RSTs, see [ResetRules]. The table belongs
/// to the netlink socket it was made on (`flags owner`, Linux 5.12), so it goes with the process,
/// however that dies; from then on the kernel's RST tells the peers at once, as it should.
final class KernelResetGuard {
    private static final Logger logger = LoggerFactory.getLogger(KernelResetGuard.class);
    private static final AtomicInteger tables = new AtomicInteger();

    private static final int NO_SOCKET = -1;

    /// A rule takes some 600 octets, and a batch must be sent at once.
    private static final int SEND_BUFFER = 1 << 20;

    private static final int ERROR_MESSAGE = 2;
    private static final int REPLY = 16384;

    /// Another process can have taken the name only if it has our process id, in another PID
    /// namespace.
    private static final int NAMES_TO_TRY = 3;

    private int socket = NO_SOCKET;
    private String table = "";
    private boolean warned;

    /// From now on guards exactly these ports. If that is not possible it says so in the log, once
    /// in full, with the commands that do it by hand: the link works without, up to the first
    /// segment that the kernel answers.
    void protect(List<PortClaim> claims) {
        if (claims.isEmpty()) {
            close();
            return;
        }
        try {
            if (socket == NO_SOCKET) {
                create(claims);
            } else {
                check(request(ResetRules.replace(table, claims)));
            }
        } catch (IOException e) {
            warn(claims, e);
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
                result = request(ResetRules.create(table, claims));
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
        if (result < 0) {
            throw new IOException("nf_tables refused it: " + Errno.name(-result));
        }
    }

    private void warn(List<PortClaim> claims, IOException cause) {
        if (warned) {
            logger.warn("the kernel must not answer these ports either:\n{}", commands(claims));
            return;
        }
        warned = true;
        logger.warn(
                "The kernel cannot be kept from answering the packets for this stack: {}. It knows"
                    + " nothing of the stack's connections and will end each with an RST. Give the"
                    + " program CAP_NET_ADMIN, or drop these RSTs by hand, in this network"
                    + " namespace (remove the rules with: nft delete table ip toytcp):\n"
                    + "nft 'add table ip toytcp'\n"
                    + "nft 'add chain ip toytcp output { type filter hook output priority 0; }'\n"
                    + "{}",
                cause.getMessage(),
                commands(claims));
    }

    /// One command a claim.
    static String commands(List<PortClaim> claims) {
        StringBuilder text = new StringBuilder();
        for (PortClaim claim : claims) {
            PortRange ports = claim.ports();
            text.append(text.isEmpty() ? "" : "\n").append("nft 'add rule ip toytcp output ");
            if (!claim.isWildcard()) {
                text.append("ip saddr ").append(Ipv4.text(claim.address())).append(' ');
            }
            text.append("tcp sport ").append(ports.first());
            if (ports.size() > 1) {
                text.append('-').append(ports.last());
            }
            text.append(" tcp flags & rst != 0 meta mark != ")
                    .append(SendErrors.markText())
                    .append(" drop'");
        }
        return text.toString();
    }
}
