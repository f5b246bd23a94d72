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
        return other.getAddress().length == address.getAddress().length
                && contains(IpAddresses.high(other), IpAddresses.low(other));
    }

    /// Whether an address, as in [IpAddresses], is in the same network.
    public boolean contains(long otherHigh, long otherLow) {
        int bits = mappedLength();
        long high = IpAddresses.high(address) ^ otherHigh;
        long low = IpAddresses.low(address) ^ otherLow;
        return (high & highMask(bits)) == 0 && (low & lowMask(bits)) == 0;
    }

    /// The same network with no host bits set: `10.0.0.0/24` for `10.0.0.1/24`.
    public IpPrefix network() {
        int bits = mappedLength();
        long high = IpAddresses.high(address) & highMask(bits);
        long low = IpAddresses.low(address) & lowMask(bits);
        return new IpPrefix(IpAddresses.toInetAddress(high, low), length);
    }

    /// The length among the 128 bits of [IpAddresses], of which an IPv4 address fills the lower 32.
    public int mappedLength() {
        return length + 128 - address.getAddress().length * Byte.SIZE;
    }

    /// The mask of the upper half of an address for a [#mappedLength].
    public static long highMask(int mappedLength) {
        return mask(mappedLength);
    }

    /// The mask of the lower half of an address for a [#mappedLength].
    public static long lowMask(int mappedLength) {
        return mask(mappedLength - Long.SIZE);
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
