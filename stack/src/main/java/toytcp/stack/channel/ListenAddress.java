package toytcp.stack.channel;

import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink.PortRange;

import java.io.Serial;
import java.net.InetAddress;
import java.net.SocketAddress;

/// Where a server channel listens if not on one address and port: a network of destination addresses,
/// and one port, several, or all of them. For proxies, VPNs and gateways.
///
/// ```java
/// bootstrap.bind(ListenAddress.any());                      // every TCP connection that comes
/// bootstrap.bind(ListenAddress.of("10.5.0.0/16", 443));
/// bootstrap.bind(ListenAddress.of("10.5.0.7", 8000, 8999));
/// ```
///
/// The addresses need not be the stack's: while such a listener is open they count as local. The
/// `localAddress()` of an accepted channel is the destination that its peer connected to, and what the
/// channel sends comes from there. Multicast addresses, broadcasts and 0.0.0.0 are never listened on.
///
/// If several listeners fit, the longest prefix wins, a single address being the longest; among
/// those of one prefix the smallest port range. A listener bound to the wildcard address, `bind(80)`,
/// serves the stack's own addresses only; it counts as a prefix of length 0, and goes before
/// `0.0.0.0/0`. Beware: a stack that was built without addresses takes them from its link, and then every
/// destination counts as its own, so that `bind(80)` goes before [#any] for each of them; say
/// `TcpStack.Builder.address` to keep them apart. Two listeners on one prefix whose ranges overlap without one lying within the other,
/// or are equal, exclude each other: the second gets a `BindException`.
///
/// On a raw socket, which shares its host with the kernel, the kernel's own listeners and connections
/// go before these: see `RawSocketChannel`.
///
/// This is a socket address of its own rather than options (IP_FREEBIND, IP_TRANSPARENT with a
/// packet filter's redirect, as on Linux): one value says what is listened on, nothing has to be set up
/// beside it, and no other transport mistakes it for one address.
public final class ListenAddress extends SocketAddress {
    @Serial private static final long serialVersionUID = 1;

    private static final int LAST_PORT = 65535;

    // Not as records, which would have to be serializable, as socket addresses are.
    private final InetAddress network;
    private final int length;
    private final int firstPort;
    private final int lastPort;

    private ListenAddress(IpPrefix prefix, int firstPort, int lastPort) {
        IpPrefix bare = prefix.network();
        if (bare.address().isMulticastAddress()) {
            throw new IllegalArgumentException(
                    "TCP has no multicast, so nothing can listen on " + prefix);
        }
        if (bare.length() > 0 && bare.address().isAnyLocalAddress()) {
            throw new IllegalArgumentException(
                    "nobody connects to " + prefix + "; every address is \"0.0.0.0/0\"");
        }
        PortRange ports = new PortRange(firstPort, lastPort);
        network = bare.address();
        length = bare.length();
        this.firstPort = ports.first();
        this.lastPort = ports.last();
    }

    /// Every IPv4 address and every port.
    public static ListenAddress any() {
        return of("0.0.0.0/0");
    }

    /// Every port of a network.
    ///
    /// @param prefix `10.5.0.0/16`, or a single address; host bits are ignored
    /// @throws IllegalArgumentException if it is neither, or a multicast network, or `0.0.0.0` alone
    public static ListenAddress of(String prefix) {
        return of(prefix, 1, LAST_PORT);
    }

    /// One port of a network.
    ///
    /// @param prefix `10.5.0.0/16`, or a single address; host bits are ignored
    /// @param port 1 to 65535
    /// @throws IllegalArgumentException if an argument is out of range
    public static ListenAddress of(String prefix, int port) {
        return of(prefix, port, port);
    }

    /// A range of ports of a network.
    ///
    /// @param prefix `10.5.0.0/16`, or a single address; host bits are ignored
    /// @param firstPort 1 to 65535
    /// @param lastPort `firstPort` to 65535; included
    /// @throws IllegalArgumentException if an argument is out of range
    public static ListenAddress of(String prefix, int firstPort, int lastPort) {
        return new ListenAddress(IpPrefix.parse(prefix), firstPort, lastPort);
    }

    /// The destination addresses, without host bits.
    public IpPrefix prefix() {
        return new IpPrefix(network, length);
    }

    /// The destination ports.
    public PortRange ports() {
        return new PortRange(firstPort, lastPort);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ListenAddress that
                && network.equals(that.network)
                && length == that.length
                && firstPort == that.firstPort
                && lastPort == that.lastPort;
    }

    @Override
    public int hashCode() {
        return ((network.hashCode() * 31 + length) * 31 + firstPort) * 31 + lastPort;
    }

    /// `10.5.0.0/16:8000-8999`; an asterisk stands for all ports.
    @Override
    public String toString() {
        return Endpoints.range(prefix(), ports());
    }
}
