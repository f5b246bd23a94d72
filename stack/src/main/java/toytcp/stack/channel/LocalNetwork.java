package toytcp.stack.channel;

import io.netty.channel.EventLoop;
import io.netty.util.collection.LongObjectHashMap;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IpAddresses;
import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink;
import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Our addresses and the ways out: what the link says if it is a [PacketLink], what the stack's
/// builder says otherwise.
final class LocalNetwork {
    /// The largest packet while nothing else is known: Ethernet's (RFC 894).
    static final int DEFAULT_MTU = 1500;

    /// RFC 6335, 6: the dynamic ports.
    static final PortRange DEFAULT_PORTS = new PortRange(49152, 65535);

    /// An IPv4 and a TCP header without options (RFC 9293, 3.7.1).
    private static final int HEADERS = 40;

    /// A power of two.
    private static final int REMEMBERED_PEERS = 1024;

    private static final InetAddress ANY = InetAddress.ofLiteral("0.0.0.0");

    private final EventLoop loop;
    private final @Nullable PacketLink link;
    private final StackSettings settings;
    private final List<IpPrefix> prefixes;

    /// Our addresses by their lower half; the upper one is the same for all of IPv4.
    private final LongObjectHashMap<IpPrefix> own = new LongObjectHashMap<>();

    /// The broadcast addresses of our networks (RFC 1122, 3.2.1.3 (e)), likewise.
    private final LongObjectHashMap<IpPrefix> broadcasts = new LongObjectHashMap<>();

    /// The maximum segment sizes of the routes to peers that connect: asking a link may cost it several
    /// system calls, and clients come back. Nothing tells of a change of the routes, so an entry ends after
    /// a few seconds, and all of them end when the link could not send a packet. A size that is too old does
    /// what one does that changes during a connection.
    private final AddressTable segmentSizes = new AddressTable(REMEMBERED_PEERS);

    LocalNetwork(EventLoop loop, @Nullable PacketLink link, StackSettings settings) {
        this.loop = loop;
        this.link = link;
        this.settings = settings;
        prefixes = settings.addresses();
        for (IpPrefix prefix : prefixes) {
            long low = IpAddresses.low(prefix.address());
            own.put(low, prefix);
            // A network of two addresses has none (RFC 3021, 2.1), nor has one of one.
            if (prefix.length() <= 30) {
                broadcasts.put(low | hostBits(prefix), prefix);
            }
        }
    }

    private static long hostBits(IpPrefix prefix) {
        return ~IpPrefix.lowMask(prefix.mappedLength()) & 0xffff_ffffL;
    }

    /// The event loop of the link, where all of this lives.
    EventLoop eventLoop() {
        return loop;
    }

    /// Where a connection goes: both addresses, and the largest data of its segments.
    ///
    /// @param source the local address
    /// @param remote the other end, for messages
    /// @param maximumSegmentSize octets of data
    record Path(
            InetAddress source,
            String remote,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            int maximumSegmentSize) {}

    /// The way to `remote`, from `local` if it is not null and not the wildcard.
    ///
    /// @throws IOException if there is none; the message says why
    Path path(@Nullable InetAddress local, InetSocketAddress remote) throws IOException {
        InetAddress destination = remote.getAddress();
        checkDestination(destination);
        InetAddress source = local;
        int mtu = DEFAULT_MTU;
        if (link != null) {
            PacketLink.Route route = link.route(destination);
            mtu = route.mtu();
            if (isUnspecified(source) && isOwn(route.source())) {
                source = route.source();
            }
        }
        if (isUnspecified(source)) {
            source = nearest(destination);
        }
        return new Path(
                source,
                Endpoints.end(remote),
                IpAddresses.high(source),
                IpAddresses.low(source),
                IpAddresses.high(destination),
                IpAddresses.low(destination),
                remote.getPort(),
                maximumSegmentSize(mtu));
    }

    /// The largest data of a segment to where a SYN came from.
    int maximumSegmentSize(long remoteHigh, long remoteLow, long nowNanos) {
        if (link == null) {
            return maximumSegmentSize(DEFAULT_MTU);
        }
        int known = segmentSizes.get(remoteHigh, remoteLow, nowNanos);
        if (known != 0) {
            return known;
        }
        int mtu = DEFAULT_MTU;
        try {
            mtu = link.route(IpAddresses.toInetAddress(remoteHigh, remoteLow)).mtu();
        } catch (IOException _) {
            // The peer reached us without our knowing a way back: the usual size is a fair
            // guess.
        }
        int size = maximumSegmentSize(mtu);
        segmentSizes.put(remoteHigh, remoteLow, size, nowNanos + TimeUnit.SECONDS.toNanos(5));
        return size;
    }

    /// A packet could not be sent: what is remembered of the routes may be wrong.
    void routesMayHaveChanged() {
        segmentSizes.forget();
    }

    /// A connection gets no answer: "negative advice" (RFC 1122, 3.3.1.4; RFC 9293, 3.8.3, MUST-20).
    void negativeAdvice(long remoteHigh, long remoteLow) {
        segmentSizes.forget(remoteHigh, remoteLow);
        if (link != null) {
            link.negativeAdvice(IpAddresses.toInetAddress(remoteHigh, remoteLow));
        }
    }

    /// Whether the address can be that of one host.
    boolean isUnicast(long high, long low) {
        if (isMulticastOrBroadcast(high, low)) {
            return false;
        }
        if (high == 0 && (low == 0 || low == IpAddresses.v4Low(0))) {
            return false;
        }
        return high != IpAddresses.V4_HIGH || !broadcasts.containsKey(low);
    }

    /// Whether this is an address of the stack itself, and not one that only a listener serves.
    boolean isOwn(long high, long low) {
        if (prefixes.isEmpty()) {
            // The link delivers what is for this host; it cannot know of a group or a broadcast.
            return isUnicast(high, low);
        }
        return high == IpAddresses.V4_HIGH && own.containsKey(low);
    }

    boolean isOwn(InetAddress address) {
        return isOwn(IpAddresses.high(address), IpAddresses.low(address));
    }

    /// Whether nobody else answers on our addresses; false where the kernel shares them.
    boolean ownsAllPorts() {
        return link == null || !link.sharesAddresses();
    }

    /// Ports for active opens: others than before, if there are.
    PortRange ephemeralPorts(int wanted) throws IOException {
        PortRange chosen = settings.ephemeralPorts();
        if (chosen != null) {
            return chosen;
        }
        return link == null ? DEFAULT_PORTS : link.ephemeralPorts(wanted);
    }

    /// The ports of [#ephemeralPorts] are needed no longer.
    void giveBack(PortRange ports) {
        if (link != null && settings.ephemeralPorts() == null) {
            link.giveBack(ports);
        }
    }

    /// Asks the link for `ports` of all our addresses.
    void claimAll(PortRange ports) throws IOException {
        claim(ANY, ports);
    }

    void releaseAll(PortRange ports) {
        release(ANY, ports);
    }

    void claim(InetAddress address, PortRange ports) throws IOException {
        if (link == null) {
            return;
        }
        if (!address.isAnyLocalAddress() || prefixes.isEmpty()) {
            link.claim(address, ports);
            return;
        }
        int claimed = 0;
        try {
            for (; claimed < prefixes.size(); claimed++) {
                link.claim(prefixes.get(claimed).address(), ports);
            }
        } catch (IOException e) {
            while (--claimed >= 0) {
                link.release(prefixes.get(claimed).address(), ports);
            }
            throw e;
        }
    }

    void release(InetAddress address, PortRange ports) {
        if (link == null) {
            return;
        }
        if (!address.isAnyLocalAddress() || prefixes.isEmpty()) {
            link.release(address, ports);
            return;
        }
        for (IpPrefix prefix : prefixes) {
            link.release(prefix.address(), ports);
        }
    }

    /// Asks the link for what comes to `ports` of all `destinations`.
    void intercept(IpPrefix destinations, PortRange ports) throws IOException {
        if (link != null) {
            link.intercept(destinations, ports);
        }
    }

    void release(IpPrefix destinations, PortRange ports) {
        if (link != null) {
            link.release(destinations, ports);
        }
    }

    /// The addresses, for messages.
    @Override
    public String toString() {
        return prefixes.isEmpty() ? "those of its link" : prefixes.toString();
    }

    private void checkDestination(InetAddress destination) throws IOException {
        if (!(destination instanceof Inet4Address)) {
            throw new NoRouteToHostException(
                    "No route to host: %s is not an IPv4 address, and this stack knows IPv4 only"
                            .formatted(destination.getHostAddress()));
        }
        // RFC 9293, 3.9.1.1, MUST-46: an open to a broadcast or multicast address is an error.
        if (!isUnicast(IpAddresses.high(destination), IpAddresses.low(destination))) {
            throw new NoRouteToHostException(
                    "No route to host: %s does not name one host, as TCP needs it"
                            .formatted(destination.getHostAddress()));
        }
    }

    private static boolean isMulticastOrBroadcast(long high, long low) {
        if (!IpAddresses.isV4(high, low)) {
            return high >>> 56 == 0xff;
        }
        int address = IpAddresses.toV4(low);
        return address >>> 28 == 0xe || address == -1;
    }

    private static boolean isUnspecified(@Nullable InetAddress address) {
        return address == null || address.isAnyLocalAddress();
    }

    private InetAddress nearest(InetAddress destination) {
        for (IpPrefix prefix : prefixes) {
            if (prefix.contains(destination)) {
                return prefix.address();
            }
        }
        return prefixes.getFirst().address();
    }

    private int maximumSegmentSize(int mtu) {
        int chosen = settings.mtu();
        // What the builder says may be more than the default, but not more than what a link knows.
        int limit = chosen == 0 ? mtu : link == null ? chosen : Math.min(chosen, mtu);
        return Math.clamp(limit - HEADERS, 64, 65495);
    }
}
