package toytcp.link;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import toytcp.link.PortReservations.Reservation;
import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// The ports that stacks serve on one raw socket, and all that follows from a claim: the packet
/// filter, the guard against the kernel's RSTs, and reservations: of a single port that port, of more
/// what keeps the blocks of other stacks apart from them.
final class PortClaims {
    private static final Logger logger = LoggerFactory.getLogger(PortClaims.class);

    private final int fd;
    private final int errorsFd;
    private final int boundAddress;
    private final KernelResetGuard guard = new KernelResetGuard();
    private final OwnedTable intercepts = new OwnedTable(new InterceptRules());
    private final List<Entry> entries = new ArrayList<>();
    private final PortReservations reservations = new PortReservations();
    private final PortBlocks blocks;

    /// @param fd the raw socket
    /// @param errorsFd the one for ICMP errors
    /// @param boundAddress the address they are bound to; 0 for all
    PortClaims(int fd, int errorsFd, int boundAddress) {
        this.fd = fd;
        this.errorsFd = errorsFd;
        this.boundAddress = boundAddress;
        blocks = new PortBlocks(reservations, boundAddress);
    }

    /// Ports that belong to this link alone until they are given back.
    ///
    /// @param wanted how many
    /// @throws BindException if there are no more
    PortRange take(int wanted) throws IOException {
        return blocks.take(KernelPorts.unused(), wanted);
    }

    /// Takes back what [#take] gave.
    void giveBack(PortRange ports) {
        blocks.giveBack(ports);
    }

    void claim(InetAddress address, PortRange ports) throws IOException {
        PortClaim claim = new PortClaim(servedAddress(address), ports);
        add(new Entry(claim, reserve(claim)));
    }

    private List<Reservation> reserve(PortClaim claim) throws IOException {
        PortRange ports = claim.ports();
        return ports.size() == 1
                ? List.of(reservations.reserve(claim.address(), ports.first()))
                : blocks.mark(claim.address(), ports, KernelPorts.unused());
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
        add(new Entry(claim, List.of()));
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
            reservations.release(entry.reservations);
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
                    reservations.release(removed.reservations);
                }
                return;
            }
        }
    }

    /// Takes back everything except the filter, which goes with the socket.
    void close() {
        guard.close();
        intercepts.close();
        reservations.close();
        entries.clear();
    }

    private void apply() throws IOException {
        List<PortClaim> owned = merged(false);
        List<PortClaim> shared = merged(true);
        List<PortClaim> all = new ArrayList<>(owned);
        all.addAll(shared);
        long[] program = PacketFilter.program(all);
        long[] errors = PacketFilter.errors(all);
        // The guard first: a packet that the kernel answers before we see it is a lost connection.
        guard.protect(owned);
        setIntercepts(shared);
        RawSocket.attachFilter(fd, program);
        RawSocket.attachFilter(errorsFd, errors);
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

    private record Entry(PortClaim claim, List<Reservation> reservations) {}
}
