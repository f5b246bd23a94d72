package toytcp.link;

import toytcp.stack.ip.PacketLink.Route;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NoRouteToHostException;

/// Asks the kernel for the way to a destination, by connecting a UDP socket, which sends nothing.
///
/// Nothing is remembered: addresses and routes change while a link is open.
final class RouteLookup {
    /// Connecting needs a port, and the way does not depend on it: this is the discard service.
    private static final int ANY_PORT = 9;

    private static final int SMALLEST_MTU = 68;
    private static final int LARGEST_PACKET = 65535;

    private RouteLookup() {}

    /// @param source the address that packets must carry, or 0 if the kernel shall choose
    static Route find(int source, InetAddress destination) throws IOException {
        if (!(destination instanceof Inet4Address v4)) {
            throw new NoRouteToHostException(
                    destination.getHostAddress()
                            + " is no IPv4 address, and this link carries IPv4 only");
        }
        int type = LinuxSockets.SOCK_DGRAM | LinuxSockets.SOCK_CLOEXEC;
        int fd = LinuxSockets.socket(LinuxSockets.AF_INET, type, 0);
        if (fd < 0) {
            throw new IOException("cannot look up a route: " + Errno.name(-fd));
        }
        try {
            return find(fd, source, Ipv4.toInt(v4));
        } finally {
            LinuxSockets.close(fd);
        }
    }

    private static Route find(int fd, int source, int destination) throws IOException {
        // Routing rules may look at the mark, so the question carries it as the packets will. It
        // may be refused, but then it was refused to the link's own socket too.
        LinuxSockets.setOption(fd, LinuxSockets.SOL_SOCKET, LinuxSockets.SO_MARK, RawSocket.MARK);
        if (source != 0) {
            check(LinuxSockets.bind(fd, source, 0), source, destination);
        }
        check(LinuxSockets.connect(fd, destination, ANY_PORT), source, destination);
        long address = LinuxSockets.localAddress(fd);
        check((int) Math.min(address, 0), source, destination);
        int mtu = LinuxSockets.option(fd, LinuxSockets.SOL_IP, LinuxSockets.IP_MTU);
        check(mtu, source, destination);
        // The loopback device has 65536, one more than an IPv4 packet can have.
        return new Route(
                Ipv4.toAddress((int) address), Math.clamp(mtu, SMALLEST_MTU, LARGEST_PACKET));
    }

    private static void check(int result, int source, int destination) throws IOException {
        if (result >= 0) {
            return;
        }
        String to = Ipv4.text(destination);
        String from = source == 0 ? "" : " from " + Ipv4.text(source);
        if (-result == Errno.EADDRNOTAVAIL) {
            throw new NoRouteToHostException(
                    Ipv4.text(source)
                            + " is no longer an address of this machine, so nothing can be sent"
                            + " from it to "
                            + to
                            + " (see: ip addr)");
        }
        if (-result == Errno.EACCES) {
            // RFC 9293, 3.9.1.1, MUST-46: an open to a broadcast address is an error.
            throw new NoRouteToHostException(
                    to
                            + " is a broadcast address, or its route is a prohibition; see: ip"
                            + " route get "
                            + to
                            + "; a connection needs the address of one host");
        }
        throw new NoRouteToHostException(
                "no route to "
                        + to
                        + from
                        + " ("
                        + Errno.name(-result)
                        + "); see: ip route get "
                        + to
                        + from
                        + "; add one with: ip route add "
                        + to
                        + "/32 via GATEWAY");
    }
}
