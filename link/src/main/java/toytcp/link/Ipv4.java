package toytcp.link;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// IPv4 addresses as the `int`s that socket calls take.
final class Ipv4 {
    private Ipv4() {}

    /// The address in network order.
    static int toInt(Inet4Address address) {
        byte[] octets = address.getAddress();
        return octets[0] << 24
                | (octets[1] & 0xff) << 16
                | (octets[2] & 0xff) << 8
                | octets[3] & 0xff;
    }

    static InetAddress toAddress(int address) {
        byte[] octets = {
            (byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address
        };
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four octets are always an address", e);
        }
    }

    /// `10.0.0.1`.
    static String text(int address) {
        return (address >>> 24)
                + "."
                + (address >>> 16 & 0xff)
                + "."
                + (address >>> 8 & 0xff)
                + "."
                + (address & 0xff);
    }
}
