package toytcp.link;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import toytcp.stack.ip.IpPrefix;
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
    private static final Logger logger = LoggerFactory.getLogger(PortClaims.class);
    private static final int NO_RESERVATION = -1;

    /// How many stacks with active opens one address can have.
    private static final int BLOCKS = 8;

    private final int fd;
    private final int boundAddress;
    private final KernelResetGuard guard = new KernelResetGuard();
    private final OwnedTable intercepts = new OwnedTable(new InterceptRules());
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
        add(new Entry(claim, ports.size() == 1 ? reserve(claim) : NO_RESERVATION));
    }

    void release(InetAddress address, PortRange ports) throws IOException {
        try {
            remove(new PortClaim(servedAddress(address), ports));
        } catch (BindException e) {
            // could not be claimed either
        }
    }

    /// Takes what the kernel has no socket for.
    ///
    /// @throws BindException if a program of the kernel listens on the only port
    void intercept(IpPrefix destinations, PortRange ports) throws IOException {
        PortClaim claim = servedNetwork(destinations, ports);
        if (InterceptRules.isLoopback(claim)) {
            throw new BindException(
                    "127.0.0.0/8 is the kernel's, so nothing can listen on "
                            + destinations
                            + " as a network; bind to a single address and port there");
        }
        List<String> listeners = KernelListeners.within(claim);
        if (ports.size() == 1 && !listeners.isEmpty()) {
            throw taken(listeners.getFirst(), ports.first());
        }
        add(new Entry(claim, NO_RESERVATION));
        if (!listeners.isEmpty()) {
            logger.info("listeners of the kernel go first on {}: {}", destinations, listeners);
        }
    }

    void release(IpPrefix destinations, PortRange ports) throws IOException {
        try {
            remove(servedNetwork(destinations, ports));
        } catch (BindException e) {
            // could not be claimed either
        }
    }

    private static BindException taken(String listener, int port) {
        boolean perhapsNot = listener.startsWith(KernelListeners.DUAL);
        return new BindException(
                "Address already in use: a program of the kernel listens on "
                        + listener
                        + ", and would get the connections; see which with: ss -tlnp 'sport = :"
                        + port
                        + (perhapsNot
                                ? "'; if it serves IPv6 alone, listen on a range of ports"
                                : "'"));
    }

    private void setIntercepts(List<PortClaim> shared) throws IOException {
        try {
            intercepts.set(shared);
        } catch (IOException e) {
            BindException refused =
                    new BindException(
                            "this link cannot listen on networks: the kernel has sockets of its own"
                                    + " there, and what is for them could not be told apart: "
                                    + e.getMessage()
                                    + "; or bind to single addresses and ports, which works"
                                    + " without");
            refused.initCause(e);
            throw refused;
        }
    }

    private void add(Entry entry) throws IOException {
        entries.add(entry);
        try {
            apply();
        } catch (IOException | RuntimeException e) {
            entries.removeLast();
            restore(e);
            cancel(entry.reservation);
            throw e;
        }
    }

    /// Brings the rules back to the entries after a failure.
    private void restore(Exception failure) {
        guard.protect(merged(false));
        try {
            intercepts.set(merged(true));
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private void remove(PortClaim claim) throws IOException {
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
        intercepts.close();
        cancel(blockReservation);
        for (Entry entry : entries) {
            cancel(entry.reservation);
        }
        entries.clear();
    }

    private void apply() throws IOException {
        List<PortClaim> owned = merged(false);
        List<PortClaim> shared = merged(true);
        List<PortClaim> all = new ArrayList<>(owned);
        all.addAll(shared);
        long[] program = PacketFilter.program(all);
        // The guard first: a packet that the kernel answers before we see it is a lost connection.
        guard.protect(owned);
        setIntercepts(shared);
        RawSocket.attachFilter(fd, program);
    }

    private List<PortClaim> merged(boolean shared) {
        List<PortClaim> claims = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            if (entry.claim.shared() == shared) {
                claims.add(entry.claim);
            }
        }
        return PortClaim.merged(claims);
    }

    /// On a link that is bound to one address, all addresses are that one.
    private PortClaim servedNetwork(IpPrefix destinations, PortRange ports) throws BindException {
        int address = servedAddress(destinations.address());
        int length = destinations.length();
        if (boundAddress != 0 && length == 0) {
            length = Integer.SIZE;
        }
        if (boundAddress != 0 && length < Integer.SIZE) {
            throw notServed(destinations.toString());
        }
        return PortClaim.shared(address, length, ports.first(), ports.last());
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
            throw notServed(Ipv4.text(value));
        }
        return value;
    }

    private BindException notServed(String destination) {
        return new BindException(
                "this link is bound to "
                        + Ipv4.text(boundAddress)
                        + ", so packets for "
                        + destination
                        + " do not come here; bind a link to that address, or one to 0.0.0.0");
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
