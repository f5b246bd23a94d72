package toytcp.link;

import toytcp.stack.ip.PacketLink.PortRange;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Ports of one local IPv4 address, or of all of them.
///
/// @param address in network order; 0 is the wildcard
record PortClaim(int address, PortRange ports) {
    boolean isWildcard() {
        return address == 0;
    }

    /// The same ports in as few claims as possible, in a fixed order: claims of one address that
    /// overlap or touch become one.
    static List<PortClaim> merged(List<PortClaim> claims) {
        List<PortClaim> sorted = new ArrayList<>(claims);
        sorted.sort(
                Comparator.comparingInt(PortClaim::address)
                        .thenComparingInt(claim -> claim.ports().first()));
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
        return address == later.address && later.ports.first() <= ports.last() + 1;
    }

    private PortClaim with(PortRange other) {
        return new PortClaim(
                address, new PortRange(ports.first(), Math.max(ports.last(), other.last())));
    }
}
