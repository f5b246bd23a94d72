package toytcp.link;

import toytcp.stack.ip.PacketLink.PortRange;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Ports of one local IPv4 address, of a network, or of all addresses.
///
/// @param address in network order, without host bits; 0 for all
/// @param length of the network's prefix: 32 for one address, 0 for all
/// @param shared whether the kernel's own sockets on these ports go on, and go first
record PortClaim(int address, int length, PortRange ports, boolean shared) {
    private static final Comparator<PortClaim> ORDER =
            Comparator.comparingInt(PortClaim::address)
                    .thenComparingInt(PortClaim::length)
                    .thenComparing(claim -> claim.shared)
                    .thenComparingInt(claim -> claim.ports().first());

    /// Ports that nobody else may have.
    ///
    /// @param address in network order; 0 is the wildcard
    PortClaim(int address, PortRange ports) {
        this(address, address == 0 ? 0 : Integer.SIZE, ports, false);
    }

    /// Ports of which the stack has what the kernel has no socket for.
    static PortClaim shared(int address, int length, int first, int last) {
        return new PortClaim(address, length, new PortRange(first, last), true);
    }

    boolean isWildcard() {
        return length == 0;
    }

    /// The bits of an address that name the network.
    int mask() {
        return length == 0 ? 0 : -1 << Integer.SIZE - length;
    }

    /// Whether the other claim is for the same packets but for their ports.
    boolean hasSameAddresses(PortClaim other) {
        return address == other.address && length == other.length && shared == other.shared;
    }

    /// The same ports in as few claims as possible, in a fixed order: claims of the same addresses that
    /// overlap or touch become one.
    static List<PortClaim> merged(List<PortClaim> claims) {
        List<PortClaim> sorted = new ArrayList<>(claims);
        sorted.sort(ORDER);
        List<PortClaim> merged = new ArrayList<>();
        for (PortClaim claim : sorted) {
            PortClaim last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && last.touches(claim)) {
                merged.set(merged.size() - 1, last.with(claim.ports));
            } else {
                merged.add(claim);
            }
        }
        return merged;
    }

    private boolean touches(PortClaim later) {
        return hasSameAddresses(later) && later.ports.first() <= ports.last() + 1;
    }

    private PortClaim with(PortRange other) {
        int last = Math.max(ports.last(), other.last());
        return new PortClaim(address, length, new PortRange(ports.first(), last), shared);
    }
}
