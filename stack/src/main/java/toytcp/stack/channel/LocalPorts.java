package toytcp.stack.channel;

import io.netty.channel.EventLoop;
import io.netty.util.collection.IntObjectHashMap;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IpAddresses;
import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink.PortRange;
import toytcp.stack.tcp.EntropySource;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/// Which local ports are in use by listeners and bound sockets, and which the link was asked for.
final class LocalPorts {
    private final LocalNetwork network;
    private final ActivePorts active;

    /// The bindings of each port; those that share a port, with different addresses or one after the
    /// other, form a list.
    private final IntObjectHashMap<Binding> bindings = new IntObjectHashMap<>();

    /// The listeners of all bindings, for segments.
    private final ListenerTable listeners = new ListenerTable();

    private @Nullable FlowDriver replaced;

    private final Set<Listener> open = new LinkedHashSet<>();

    /// Bindings to a [ListenAddress] whose listener is closed while connections that came from it
    /// live.
    private final List<Binding> held = new ArrayList<>();

    LocalPorts(LocalNetwork network, EntropySource entropy) {
        this.network = network;
        active = new ActivePorts(network, entropy);
    }

    /// Binds `port`, or an ephemeral one for 0.
    ///
    /// @throws BindException if the port is in use, or the address not ours
    /// @throws IOException if the link cannot serve the port
    Binding bind(InetAddress address, int port, boolean reuse, boolean listen) throws IOException {
        if (!address.isAnyLocalAddress() && !isLocal(address)) {
            throw new BindException(
                    "Cannot assign requested address: %s is not an address of this stack, which has %s"
                            .formatted(address.getHostAddress(), network));
        }
        int chosen = port == 0 ? freePort(address) : port;
        PortRange ports = PortRange.of(chosen);
        for (Binding other = bindings.get(chosen); other != null; other = other.next) {
            if (other.conflictsWith(address, reuse)) {
                throw new BindException(
                        "Address already in use: %s: close what is bound there%s"
                                .formatted(
                                        Endpoints.end(address, chosen),
                                        other.isListening() ? "" : ", or set SO_REUSEADDR"));
            }
        }
        if (listen && !address.isAnyLocalAddress()) {
            checkConflict(single(address), ports);
        }
        Binding binding = new Binding(single(address), ports, false, reuse, listen);
        if (!isClaimed(address, chosen)) {
            network.claim(address, ports);
        }
        binding.next = bindings.put(chosen, binding);
        return binding;
    }

    /// Binds a listener to a whole range of destinations.
    ///
    /// @throws BindException if another listener excludes it, or it is not IPv4
    /// @throws IOException if the link cannot serve it
    Binding intercept(ListenAddress address) throws IOException {
        IpPrefix prefix = address.prefix();
        if (!(prefix.address() instanceof Inet4Address)) {
            throw new BindException(
                    "Cannot assign requested address: "
                            + address
                            + " is not IPv4, and this stack knows IPv4 only");
        }
        checkConflict(prefix, address.ports());
        network.intercept(prefix, address.ports());
        return new Binding(prefix, address.ports(), true, true, true);
    }

    private void checkConflict(IpPrefix prefix, PortRange ports) throws BindException {
        Listener other = listeners.conflict(prefix, ports);
        if (other != null) {
            throw new BindException(
                    "Address already in use: %s: a listener on %s excludes it; close that, or choose ports that lie within its ports, around them, or beside them"
                            .formatted(Endpoints.range(prefix, ports), other.binding()));
        }
    }

    private static IpPrefix single(InetAddress address) {
        return new IpPrefix(address, address.getAddress().length * Byte.SIZE);
    }

    /// The listener for segments to this address and port, as [ListenAddress] says which; the address is
    /// that of one host.
    @Nullable Listener listener(long high, long low, int port) {
        return listeners.find(high, low, port, network.isOwn(high, low));
    }

    /// Whether packets to this address are for this stack: it has it, or a listener serves it.
    boolean isLocal(long high, long low) {
        if (network.isOwn(high, low)) {
            return true;
        }
        if (!network.isUnicast(high, low)) {
            return false;
        }
        if (listeners.covers(high, low)) {
            return true;
        }
        for (Binding binding : held) {
            if (binding.prefix.contains(high, low)) {
                return true;
            }
        }
        return false;
    }

    private boolean isLocal(InetAddress address) {
        return isLocal(IpAddresses.high(address), IpAddresses.low(address));
    }

    /// Whether segments to this port are meant for us, so that we may refuse them.
    boolean isOurs(long high, long low, int port) {
        if (network.ownsAllPorts() || active.wasUsed(port) || bindings.containsKey(port)) {
            return true;
        }
        for (Binding binding : held) {
            if (binding.ports.contains(port) && binding.prefix.contains(high, low)) {
                return true;
            }
        }
        return false;
    }

    /// A port for a connection from `source` to the remote end, or an exception that tells what to do.
    ///
    /// If none is free, that of a TIME-WAIT is reused whose successor the peer can tell apart; if there
    /// is none of these either, the link is asked for more ports.
    int ephemeralPort(FlowTable flows, LocalNetwork.Path path, long nowNanos) throws IOException {
        int port;
        do {
            port = ephemeralPort(path, candidate -> find(flows, path, candidate) != null);
            if (port < 0) {
                port =
                        ephemeralPort(
                                path,
                                candidate -> !givesWay(find(flows, path, candidate), nowNanos));
            }
        } while (port < 0 && active.grow());
        if (port < 0) {
            throw active.exhausted(
                    "%s -> %s".formatted(path.source().getHostAddress(), path.remote()));
        }
        active.use(port);
        return port;
    }

    private boolean givesWay(@Nullable FlowEntry entry, long nowNanos) {
        if (entry instanceof FlowDriver flow && flow.giveWay(nowNanos)) {
            replaced = flow;
            return true;
        }
        return false;
    }

    /// The connection in TIME-WAIT that the last [#ephemeralPort] ended, or null; once.
    @Nullable FlowDriver takeReplaced() {
        FlowDriver taken = replaced;
        replaced = null;
        return taken;
    }

    private int ephemeralPort(LocalNetwork.Path path, IntPredicate inUse) {
        return active.next(
                path.localHigh(),
                path.localLow(),
                path.remoteHigh(),
                path.remoteLow(),
                path.remotePort(),
                port -> bindings.containsKey(port) || inUse.test(port));
    }

    private static @Nullable FlowEntry find(FlowTable flows, LocalNetwork.Path path, int port) {
        return flows.find(
                path.localHigh(),
                path.localLow(),
                port,
                path.remoteHigh(),
                path.remoteLow(),
                path.remotePort());
    }

    /// Every listener that is open.
    List<Listener> listeners() {
        return List.copyOf(open);
    }

    /// Gives the ephemeral ports back; for the end of the stack.
    void close() {
        active.close();
    }

    private int freePort(InetAddress address) throws IOException {
        long high = IpAddresses.high(address);
        long low = IpAddresses.low(address);
        int port;
        do {
            port = active.next(high, low, 0, 0, 0, bindings::containsKey);
        } while (port < 0 && active.grow());
        if (port < 0) {
            throw active.exhausted(address.getHostAddress());
        }
        return port;
    }

    private boolean isClaimed(InetAddress address, int port) {
        boolean own = address.isAnyLocalAddress() || network.isOwn(address);
        if (own && active.contains(port)) {
            return true;
        }
        for (Binding other = bindings.get(port); other != null; other = other.next) {
            if (other.address().equals(address)) {
                return true;
            }
        }
        return false;
    }

    /// One bound address and port, or the range of a [ListenAddress]. It stays known after its owner closed it while connections that
    /// came from it live, because the link must go on delivering their segments.
    final class Binding {
        private final IpPrefix prefix;
        private final PortRange ports;
        private final boolean intercepts;
        private final boolean wildcard;
        private final boolean reuse;
        private final boolean listen;
        private boolean open = true;
        private int flows;
        private @Nullable Listener listener;
        private @Nullable Binding next;

        private Binding(
                IpPrefix prefix,
                PortRange ports,
                boolean intercepts,
                boolean reuse,
                boolean listen) {
            this.prefix = prefix;
            this.ports = ports;
            this.intercepts = intercepts;
            this.reuse = reuse;
            this.listen = listen;
            wildcard = !intercepts && prefix.address().isAnyLocalAddress();
        }

        EventLoop eventLoop() {
            return network.eventLoop();
        }

        /// The address; of a [ListenAddress] that of its network.
        InetAddress address() {
            return prefix.address();
        }

        /// The port; 0 if there are several.
        int port() {
            return ports.size() == 1 ? ports.first() : 0;
        }

        /// Where it listens if not on one address and port; else null.
        @Nullable ListenAddress listenAddress() {
            return intercepts
                    ? ListenAddress.of(prefix.toString(), ports.first(), ports.last())
                    : null;
        }

        /// Gives the listener what arrives from now on.
        void listener(Listener listener) {
            this.listener = listener;
            LocalPorts.this.open.add(listener);
            if (wildcard) {
                listeners.addWildcard(port(), listener);
            } else {
                listeners.add(prefix, ports, listener);
            }
        }

        /// One more connection uses the port.
        void retain() {
            flows++;
        }

        /// A connection that used the port is gone.
        void release() {
            flows--;
            removeIfUnused();
        }

        /// The owner needs the port no longer.
        void close() {
            if (!open) {
                return;
            }
            open = false;
            if (listener != null) {
                LocalPorts.this.open.remove(listener);
                if (wildcard) {
                    listeners.removeWildcard(port(), listener);
                } else {
                    listeners.remove(prefix, ports, listener);
                }
                listener = null;
            }
            if (intercepts && flows > 0) {
                held.add(this);
            }
            removeIfUnused();
        }

        @Override
        public String toString() {
            return intercepts ? Endpoints.range(prefix, ports) : Endpoints.end(address(), port());
        }

        private boolean isListening() {
            return open && listen;
        }

        private boolean conflictsWith(InetAddress wanted, boolean wantsReuse) {
            boolean overlaps = wildcard || wanted.isAnyLocalAddress() || address().equals(wanted);
            if (!overlaps) {
                return false;
            }
            // A connection is told apart from what a listener gets, so only listeners exclude
            // others whatever
            // they want (RFC 9293, 3.9.1.1, MUST-42).
            return isListening() || !(reuse && wantsReuse);
        }

        private void removeIfUnused() {
            if (open || flows > 0) {
                return;
            }
            if (intercepts) {
                held.remove(this);
                network.release(prefix, ports);
                return;
            }
            unlink();
            if (!isClaimed(address(), port())) {
                network.release(address(), ports);
            }
        }

        private void unlink() {
            int port = port();
            Binding head = bindings.get(port);
            if (head == this) {
                if (next == null) {
                    bindings.remove(port);
                } else {
                    bindings.put(port, next);
                }
                return;
            }
            while (head != null && head.next != this) {
                head = head.next;
            }
            if (head != null) {
                head.next = next;
            }
        }
    }
}
