package toytcp.codec;

import java.net.InetAddress;

/// What a router or a host says of a TCP segment that it could not pass on: an ICMP error message (RFC
/// 792), read by [IcmpCodec].
///
/// Anybody can send one. What it says is true only if the quoted segment was really sent (RFC 5927, 4).
///
/// Addresses are two `long`s each, see [IpAddresses]. Source and destination are those of the quoted
/// segment, so the source is ours.
///
/// @param type [#UNREACHABLE], [#TIME_EXCEEDED] or [#PARAMETER_PROBLEM]
/// @param code what it is in particular, 0 to 255
/// @param mtu with [#isTooBig()] the largest packet that the next hop takes, in octets; 0 if it is not
///     said (RFC 1191, 4)
/// @param reporterHigh upper half of the address of who says so
/// @param reporterLow lower half of it
/// @param srcHigh upper half of the source address
/// @param srcLow lower half of the source address
/// @param srcPort the source port, 1 to 65535
/// @param dstHigh upper half of the destination address
/// @param dstLow lower half of the destination address
/// @param dstPort the destination port, 1 to 65535
/// @param seq the sequence number of the segment
/// @param length the octets of the quoted packet, headers included: 28 to 65535
/// @param headerLength the octets of its IP header: 20 to 60
public record IcmpError(
        int type,
        int code,
        int mtu,
        long reporterHigh,
        long reporterLow,
        long srcHigh,
        long srcLow,
        int srcPort,
        long dstHigh,
        long dstLow,
        int dstPort,
        int seq,
        int length,
        int headerLength) {
    /// Destination Unreachable.
    public static final int UNREACHABLE = 3;

    /// Time Exceeded.
    public static final int TIME_EXCEEDED = 11;

    /// Parameter Problem.
    public static final int PARAMETER_PROBLEM = 12;

    /// Code of [#UNREACHABLE]: the host does not know TCP.
    public static final int PROTOCOL = 2;

    /// Code of [#UNREACHABLE]: nobody has that port; or a packet filter says so.
    public static final int PORT = 3;

    /// Code of [#UNREACHABLE]: "fragmentation needed and DF set".
    public static final int FRAGMENTATION_NEEDED = 4;

    private static final int NETWORK_PROHIBITED = 9;
    private static final int HOST_PROHIBITED = 10;

    /// RFC 1812, 5.2.7.1.
    private static final int FILTERED = 13;

    private static final String[] UNREACHABLE_NAMES = {
        "network unreachable",
        "host unreachable",
        "protocol unreachable",
        "port unreachable",
        "fragmentation needed",
        "source route failed",
        "network unknown",
        "host unknown",
        "source host isolated",
        "network prohibited",
        "host prohibited",
        "network unreachable for this type of service",
        "host unreachable for this type of service",
        "prohibited by a filter",
        "host precedence violation",
        "precedence cut off"
    };

    /// Whether the packet was too large for a hop: what Path MTU Discovery lives on (RFC 1191).
    public boolean isTooBig() {
        return type == UNREACHABLE && code == FRAGMENTATION_NEEDED;
    }

    /// Whether it will not be better in the next moment: a "hard error" of RFC 9293, 3.9.2.2, which
    /// are protocol and port unreachable; what is too big is none where the path MTU is discovered.
    /// Also what a filter prohibits (codes 9, 10 and 13), of which the RFC says nothing, as in Linux.
    public boolean isHard() {
        return type == UNREACHABLE
                && (code == PROTOCOL
                        || code == PORT
                        || code == NETWORK_PROHIBITED
                        || code == HOST_PROHIBITED
                        || code == FILTERED);
    }

    /// Who says so.
    public InetAddress reporter() {
        return IpAddresses.toInetAddress(reporterHigh, reporterLow);
    }

    /// What is wrong, in words: `host unreachable`.
    public String text() {
        return switch (type) {
            case UNREACHABLE ->
                    code < UNREACHABLE_NAMES.length
                            ? UNREACHABLE_NAMES[code]
                            : "destination unreachable, code " + code;
            case TIME_EXCEEDED -> "time to live exceeded";
            case PARAMETER_PROBLEM -> "parameter problem";
            default -> "ICMP type " + type + " code " + code;
        };
    }

    /// `10.0.0.254 says: host unreachable`.
    @Override
    public String toString() {
        String size = isTooBig() ? ", mtu " + mtu : "";
        return reporter().getHostAddress() + " says: " + text() + size;
    }
}
