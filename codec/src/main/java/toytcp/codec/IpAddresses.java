package toytcp.codec;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// IP addresses as two `long`s, the form in which packets and flow tables carry them.
///
/// An IPv4 address `a.b.c.d` is held as the IPv4-mapped IPv6 address `::ffff:a.b.c.d`
/// (RFC 4291, 2.5.5.2), so nothing above the codec depends on the size of an address.
public final class IpAddresses {
    private static final long V4_MAPPED = 0xffff_0000_0000L;

    private IpAddresses() {}

    /// The upper half of every IPv4-mapped address.
    public static final long V4_HIGH = 0;

    /// The lower half for an IPv4 address given as it stands in the header, in network order.
    public static long v4Low(int address) {
        return V4_MAPPED | Integer.toUnsignedLong(address);
    }

    /// Whether the address is an IPv4-mapped one.
    public static boolean isV4(long high, long low) {
        return high == V4_HIGH && low >>> 32 == 0xffff;
    }

    /// The IPv4 address in network order; meaningful only if [#isV4].
    public static int toV4(long low) {
        return (int) low;
    }

    /// The upper half of `address`.
    public static long high(InetAddress address) {
        byte[] octets = address.getAddress();
        return octets.length == 4 ? V4_HIGH : toLong(octets, 0);
    }

    /// The lower half of `address`.
    public static long low(InetAddress address) {
        byte[] octets = address.getAddress();
        return octets.length == 4 ? v4Low((int) toLong(octets, 0)) : toLong(octets, 8);
    }

    /// The address as the JDK's type; an IPv4-mapped one becomes an `Inet4Address`.
    public static InetAddress toInetAddress(long high, long low) {
        byte[] octets;
        if (isV4(high, low)) {
            octets = toOctets(new byte[4], 0, low << 32);
        } else {
            octets = toOctets(toOctets(new byte[16], 0, high), 8, low);
        }
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 octets is always valid", e);
        }
    }

    private static long toLong(byte[] octets, int from) {
        long value = 0;
        for (int i = from; i < Math.min(from + 8, octets.length); i++) {
            value = value << 8 | octets[i] & 0xff;
        }
        return value;
    }

    private static byte[] toOctets(byte[] octets, int from, long value) {
        for (int i = from; i < Math.min(from + 8, octets.length); i++) {
            octets[i] = (byte) (value >>> 56 - 8 * (i - from));
        }
        return octets;
    }
}
