package toytcp.stack.channel;

import toytcp.codec.IpAddresses;
import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink.PortRange;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/// The text forms of ends and flows, for messages and logs.
final class Endpoints {
    private Endpoints() {}

    /// `10.0.0.1:61000 -> 10.0.1.1:40000`.
    static String flow(
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort) {
        return end(localHigh, localLow, localPort)
                + " -> "
                + end(remoteHigh, remoteLow, remotePort);
    }

    /// `10.0.0.1:61000`; an IPv6 address stands in brackets.
    static String end(InetSocketAddress address) {
        return address.isUnresolved()
                ? address.getHostString() + ":" + address.getPort()
                : end(address.getAddress(), address.getPort());
    }

    static String end(InetAddress address, int port) {
        String host = address.getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /// `10.5.0.0/16:80`, `10.5.0.0/16:8000-8999`; an asterisk stands for all ports.
    static String range(IpPrefix prefix, PortRange ports) {
        String text =
                ports.size() == 65535
                        ? "*"
                        : ports.size() == 1
                                ? Integer.toString(ports.first())
                                : ports.first() + "-" + ports.last();
        return prefix + ":" + text;
    }

    static InetSocketAddress socketAddress(long high, long low, int port) {
        return new InetSocketAddress(IpAddresses.toInetAddress(high, low), port);
    }

    private static String end(long high, long low, int port) {
        return end(IpAddresses.toInetAddress(high, low), port);
    }
}
