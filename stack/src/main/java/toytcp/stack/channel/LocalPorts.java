package toytcp.stack.channel;

import io.netty.channel.EventLoop;
import io.netty.util.collection.IntObjectHashMap;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IpAddresses;
import toytcp.stack.ip.PacketLink.PortRange;
import toytcp.stack.tcp.EntropySource;
import toytcp.stack.tcp.EphemeralPorts;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.util.BitSet;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/// Which local ports are in use by listeners and bound sockets, and which the link was asked for.
final class LocalPorts {
    private final LocalNetwork network;
    private final EntropySource entropy;

    /// The ports of active opens, asked for at the first one: who only listens takes none.
    private @Nullable PortRange range;

    private @Nullable EphemeralPorts ephemeral;

    /// The ephemeral ports that were handed out: where the kernel shares the address, a program of its
    /// may have taken another port of the range since.
    private final BitSet used = new BitSet();

    /// The bindings of each port; those that share a port, with different addresses or one after the
    /// other, form a list.
    private final IntObjectHashMap<Binding> bindings = new IntObjectHashMap<>();

    LocalPorts(LocalNetwork network, EntropySource entropy) {
        this.network = network;
        this.entropy = entropy;
    }

    /// Binds `port`, or an ephemeral one for 0.
    ///
    /// @throws BindException if the port is in use, or the address not ours
    /// @throws IOException if the link cannot serve the port
    Binding bind(InetAddress address, int port, boolean reuse, boolean listen) throws IOException {
        if (!address.isAnyLocalAddress() && !network.isLocal(address)) {
            throw new BindException(
                    "Cannot assign requested address: %s is not an address of this stack, which has %s"
                            .formatted(address.getHostAddress(), network));
        }
        int chosen = port == 0 ? freePort(address) : port;
        for (Binding other = bindings.get(chosen); other != null; other = other.next) {
            if (other.conflictsWith(address, reuse, listen)) {
                throw new BindException(
                        "Address already in use: %s: close what is bound there%s"
                                .formatted(
                                        Endpoints.end(address, chosen),
                                        other.open ? "" : ", or set SO_REUSEADDR"));
            }
        }
        Binding binding = new Binding(address, chosen, reuse, listen);
        if (!isClaimed(address, chosen)) {
            network.claim(address, PortRange.of(chosen));
        }
        binding.next = bindings.put(chosen, binding);
        return binding;
    }

    /// The listener for segments to this address and port; one on the address itself comes before
    /// one on the wildcard.
    @Nullable Listener listener(long high, long low, int port) {
        Listener wildcard = null;
        for (Binding binding = bindings.get(port); binding != null; binding = binding.next) {
            if (binding.listener == null) {
                continue;
            }
            if (binding.wildcard) {
                wildcard = binding.listener;
            } else if (binding.isOn(high, low)) {
                return binding.listener;
            }
        }
        return wildcard;
    }

    /// Whether segments to this port are meant for us, so that we may refuse them.
    boolean isOurs(int port) {
        return network.ownsAllPorts() || used.get(port) || bindings.containsKey(port);
    }

    /// A port for a connection from `source` to the remote end, or an exception that tells what to do.
    ///
    /// If none is free, that of a TIME-WAIT is reused whose successor the peer can tell apart.
    int ephemeralPort(FlowTable flows, LocalNetwork.Path path, long nowNanos) throws IOException {
        openRange();
        int port = ephemeralPort(path, candidate -> find(flows, path, candidate) != null);
        if (port < 0) {
            port =
                    ephemeralPort(
                            path,
                            candidate ->
                                    !(find(flows, path, candidate) instanceof FlowDriver flow
                                            && flow.giveWay(nowNanos)));
        }
        if (port < 0) {
            throw exhausted("%s -> %s".formatted(path.source().getHostAddress(), path.remote()));
        }
        used.set(port);
        return port;
    }

    private int ephemeralPort(LocalNetwork.Path path, IntPredicate inUse) {
        return ephemeral.next(
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

    private void openRange() throws IOException {
        if (range != null) {
            return;
        }
        PortRange opened = network.ephemeralPorts();
        network.claimAll(opened);
        ephemeral = new EphemeralPorts(entropy, opened.first(), opened.last());
        range = opened;
    }

    /// Shows every listener that is open.
    void forEachListener(Consumer<Listener> visitor) {
        for (Binding head : bindings.values().toArray(new Binding[0])) {
            for (Binding binding = head; binding != null; binding = binding.next) {
                if (binding.listener != null) {
                    visitor.accept(binding.listener);
                }
            }
        }
    }

    /// Takes back the claim on the ephemeral ports; for the end of the stack.
    void close() {
        if (range != null) {
            network.releaseAll(range);
        }
    }

    private int freePort(InetAddress address) throws IOException {
        openRange();
        long high = IpAddresses.high(address);
        long low = IpAddresses.low(address);
        int port = ephemeral.next(high, low, 0, 0, 0, bindings::containsKey);
        if (port < 0) {
            throw exhausted(address.getHostAddress());
        }
        return port;
    }

    private BindException exhausted(String whose) {
        return new BindException(
                "No free port: all %d ports from %d to %d are in use for %s; close connections, or widen the range by TcpStack.builder().ephemeralPorts(first, last)"
                        .formatted(range.size(), range.first(), range.last(), whose));
    }

    private boolean isClaimed(InetAddress address, int port) {
        if (range != null && range.contains(port)) {
            return true;
        }
        for (Binding other = bindings.get(port); other != null; other = other.next) {
            if (other.address.equals(address)) {
                return true;
            }
        }
        return false;
    }

    /// One bound address and port. It stays known after its owner closed it while connections that
    /// came from it live, because the link must go on delivering their segments.
    final class Binding {
        private final InetAddress address;
        private final boolean wildcard;
        private final long high;
        private final long low;
        private final int port;
        private final boolean reuse;
        private final boolean listen;
        private boolean open = true;
        private int flows;
        private @Nullable Listener listener;
        private @Nullable Binding next;

        private Binding(InetAddress address, int port, boolean reuse, boolean listen) {
            this.address = address;
            this.port = port;
            this.reuse = reuse;
            this.listen = listen;
            wildcard = address.isAnyLocalAddress();
            high = IpAddresses.high(address);
            low = IpAddresses.low(address);
        }

        EventLoop eventLoop() {
            return network.eventLoop();
        }

        InetAddress address() {
            return address;
        }

        int port() {
            return port;
        }

        boolean isWildcard() {
            return wildcard;
        }

        void listener(Listener listener) {
            this.listener = listener;
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
            if (open) {
                open = false;
                listener = null;
                removeIfUnused();
            }
        }

        @Override
        public String toString() {
            return Endpoints.end(address, port);
        }

        private boolean isOn(long high, long low) {
            return this.low == low && this.high == high;
        }

        private boolean conflictsWith(InetAddress wanted, boolean wantsReuse, boolean wantsListen) {
            boolean overlaps = wildcard || wanted.isAnyLocalAddress() || address.equals(wanted);
            if (!overlaps) {
                return false;
            }
            if (open && (listen || wantsListen)) {
                return true;
            }
            return !(reuse && wantsReuse);
        }

        private void removeIfUnused() {
            if (open || flows > 0) {
                return;
            }
            unlink();
            if (!isClaimed(address, port)) {
                network.release(address, PortRange.of(port));
            }
        }

        private void unlink() {
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
