package toytcp.stack.ip;

import toytcp.codec.IpAddresses;

import java.net.InetAddress;

/// An address with the length of its network's prefix: `10.0.0.1/24`.
///
/// @param address the whole address, host bits included
/// @param length the bits that name the network: 0 to 32 for IPv4, 0 to 128 for IPv6
public record IpPrefix(InetAddress address, int length) {
    /// @throws IllegalArgumentException if the length does not fit the address
    public IpPrefix {
        int bits = address.getAddress().length * Byte.SIZE;
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException(
                    "the prefix length of %s lies within 0 to %d, got %d"
                            .formatted(address.getHostAddress(), bits, length));
        }
    }

    /// Reads `10.0.0.1/24`, or `10.0.0.1` alone for a prefix of full length. Names are refused: they
    /// would have to be looked up, which blocks.
    ///
    /// @throws IllegalArgumentException if the text is not an address with an optional length
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = parseAddress(text, slash < 0 ? text : text.substring(0, slash));
        if (slash < 0) {
            return new IpPrefix(address, address.getAddress().length * Byte.SIZE);
        }
        try {
            return new IpPrefix(address, Integer.parseInt(text.substring(slash + 1)));
        } catch (NumberFormatException e) {
            throw notAPrefix(text, e);
        }
    }

    /// Whether `other` is in the same network.
    public boolean contains(InetAddress other) {
        if (other.getAddress().length != address.getAddress().length) {
            return false;
        }
        // An IPv4 address fills the lower 32 of the 128 bits.
        int bits = length + 128 - address.getAddress().length * Byte.SIZE;
        long high = IpAddresses.high(address) ^ IpAddresses.high(other);
        long low = IpAddresses.low(address) ^ IpAddresses.low(other);
        return (high & mask(bits)) == 0 && (low & mask(bits - Long.SIZE)) == 0;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + length;
    }

    private static InetAddress parseAddress(String text, String address) {
        try {
            return InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw notAPrefix(text, e);
        }
    }

    private static IllegalArgumentException notAPrefix(String text, Exception cause) {
        return new IllegalArgumentException(
                "an address looks like 10.0.0.1 or 10.0.0.1/24, got '" + text + "'", cause);
    }

    private static long mask(int bits) {
        return bits <= 0 ? 0 : bits >= Long.SIZE ? -1L : -1L << Long.SIZE - bits;
    }
}
