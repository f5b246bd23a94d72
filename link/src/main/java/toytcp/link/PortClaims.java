package toytcp.link;

import org.jspecify.annotations.Nullable;

import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// The ports that stacks serve on one raw socket, and all that follows from a claim: the packet
/// filter, the guard against the kernel's RSTs, and for a single port a reservation.
///
/// A reservation is a kernel socket that is bound to the port but does not listen: the kernel and
/// other programs then cannot take the port, and it answers nothing by itself.
final class PortClaims {
    private static final int NO_RESERVATION = -1;

    /// How many stacks with active opens one address can have.
    private static final int BLOCKS = 8;

    private final int fd;
    private final int boundAddress;
    private final KernelResetGuard guard = new KernelResetGuard();
    private final List<Entry> entries = new ArrayList<>();
    private @Nullable PortRange block;
    private int blockReservation = NO_RESERVATION;

    /// @param fd the raw socket
    /// @param boundAddress the address it is bound to; 0 for all
    PortClaims(int fd, int boundAddress) {
        this.fd = fd;
        this.boundAddress = boundAddress;
    }

    /// A block of `unused` that belongs to this link alone as long as it is open; always the same one.
    ///
    /// Stacks in several processes share an address with each other, too. The first port of a block,
    /// reserved like that of a listener, tells the others that the block is taken.
    ///
    /// @throws BindException if other stacks have all blocks
    PortRange ownBlock(PortRange unused) throws IOException {
        int size = Math.max(1, unused.size() / BLOCKS);
        for (int i = 0; block == null && i < BLOCKS; i++) {
            int first = unused.first() + i * size;
            PortRange candidate = new PortRange(first, Math.min(first + size - 1, unused.last()));
            try {
                int reservation = reserve(new PortClaim(boundAddress, candidate));
                if (isFree(candidate)) {
                    blockReservation = reservation;
                    block = candidate;
                } else {
                    cancel(reservation);
                    throw new BindException("a program of the kernel has a port of this block");
                }
            } catch (BindException e) {
                if (i == BLOCKS - 1 || candidate.last() == unused.last()) {
                    throw new BindException(
                            "other stacks or programs on "
                                    + Ipv4.text(boundAddress)
                                    + " have ports in every block from "
                                    + unused.first()
                                    + " to "
                                    + unused.last()
                                    + "; end one of them, or choose ports by"
                                    + " TcpStack.builder().ephemeralPorts(first, last)");
                }
            }
        }
        return block;
    }

    /// Whether no program uses any port of the block but the first, which is ours already.
    private boolean isFree(PortRange candidate) throws IOException {
        for (int port = candidate.first() + 1; port <= candidate.last(); port++) {
            try {
                cancel(reserve(new PortClaim(boundAddress, PortRange.of(port))));
            } catch (BindException e) {
                return false;
            }
        }
        return true;
    }

    void claim(InetAddress address, PortRange ports) throws IOException {
        PortClaim claim = new PortClaim(servedAddress(address), ports);
        int reservation = ports.size() == 1 ? reserve(claim) : NO_RESERVATION;
        entries.add(new Entry(claim, reservation));
        try {
            apply();
        } catch (IOException | RuntimeException e) {
            entries.removeLast();
            guard.protect(merged());
            cancel(reservation);
            throw e;
        }
    }

    void release(InetAddress address, PortRange ports) throws IOException {
        PortClaim claim;
        try {
            claim = new PortClaim(servedAddress(address), ports);
        } catch (BindException e) {
            return; // could not be claimed either
        }
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).claim.equals(claim)) {
                Entry removed = entries.remove(i);
                try {
                    apply();
                } finally {
                    cancel(removed.reservation);
                }
                return;
            }
        }
    }

    /// Takes back everything except the filter, which goes with the socket.
    void close() {
        guard.close();
        cancel(blockReservation);
        for (Entry entry : entries) {
            cancel(entry.reservation);
        }
        entries.clear();
    }

    private void apply() throws IOException {
        List<PortClaim> claims = merged();
        long[] program = PacketFilter.program(claims);
        // The guard first: a packet that the kernel answers before we see it is a lost connection.
        guard.protect(claims);
        RawSocket.attachFilter(fd, program);
    }

    private List<PortClaim> merged() {
        List<PortClaim> claims = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            claims.add(entry.claim);
        }
        return PortClaim.merged(claims);
    }

    private int servedAddress(InetAddress address) throws BindException {
        if (address.isAnyLocalAddress()) {
            return boundAddress;
        }
        if (!(address instanceof Inet4Address v4)) {
            throw new BindException(
                    address.getHostAddress()
                            + " is no IPv4 address, and this link carries IPv4 only");
        }
        int value = Ipv4.toInt(v4);
        if (boundAddress != 0 && boundAddress != value) {
            throw new BindException(
                    "this link is bound to "
                            + Ipv4.text(boundAddress)
                            + ", so packets for "
                            + Ipv4.text(value)
                            + " do not come here; bind a link to that address, or one to 0.0.0.0");
        }
        return value;
    }

    private static int reserve(PortClaim claim) throws IOException {
        int type = LinuxSockets.SOCK_STREAM | LinuxSockets.SOCK_CLOEXEC;
        int socket = LinuxSockets.socket(LinuxSockets.AF_INET, type, 0);
        if (socket < 0) {
            throw new IOException("cannot reserve a port: " + Errno.name(-socket));
        }
        // Without SO_REUSEADDR: with it, another program could take the port from a socket that
        // does not listen.
        int result = LinuxSockets.bind(socket, claim.address(), claim.ports().first());
        if (result < 0) {
            LinuxSockets.close(socket);
            throw refused(claim, -result);
        }
        return socket;
    }

    private static BindException refused(PortClaim claim, int errno) {
        int port = claim.ports().first();
        String endpoint = Ipv4.text(claim.address()) + ":" + port;
        return new BindException(
                switch (errno) {
                    case Errno.EADDRINUSE ->
                            "Address already in use: "
                                    + endpoint
                                    + " belongs to another socket; see which with: ss -tanp"
                                    + " 'sport = :"
                                    + port
                                    + "' (the stack of another process is not shown there)";
                    case Errno.EADDRNOTAVAIL ->
                            "Cannot assign requested address: "
                                    + endpoint
                                    + " is not on this machine or network namespace; see: ip addr";
                    case Errno.EACCES ->
                            "Permission denied: port "
                                    + port
                                    + " takes CAP_NET_BIND_SERVICE; choose a port from 1024 on, or"
                                    + " run as root, or allow it to all with: sysctl -w"
                                    + " net.ipv4.ip_unprivileged_port_start="
                                    + port;
                    default -> "cannot reserve " + endpoint + ": " + Errno.name(errno);
                });
    }

    private static void cancel(int reservation) {
        if (reservation != NO_RESERVATION) {
            LinuxSockets.close(reservation);
        }
    }

    private record Entry(PortClaim claim, int reservation) {}
}
