package toytcp.link;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.util.List;

/// Keeps the kernel from answering the segments of claimed ports.
///
/// The kernel sees every packet that we see, knows nothing of our connections, and answers with an
/// RST. The guard is an nf_tables table that drops these RSTs, see [ResetRules]. It goes with the
/// process; from then on the kernel's RST tells the peers at once, as it should.
final class KernelResetGuard {
    private static final Logger logger = LoggerFactory.getLogger(KernelResetGuard.class);

    private final OwnedTable table = new OwnedTable(new ResetRules());
    private boolean warned;

    /// From now on guards exactly these ports. If that is not possible it says so in the log, once
    /// in full, with the commands that do it by hand: the link works without, up to the first
    /// segment that the kernel answers.
    void protect(List<PortClaim> claims) {
        try {
            table.set(claims);
        } catch (IOException e) {
            warn(claims, e);
        }
    }

    /// Removes the table.
    void close() {
        table.close();
    }

    private void warn(List<PortClaim> claims, IOException cause) {
        if (warned) {
            logger.warn("the kernel must not answer these ports either:\n{}", commands(claims));
            return;
        }
        warned = true;
        logger.warn(
                "The kernel cannot be kept from answering the packets for this stack: {}. It knows"
                    + " nothing of the stack's connections and will end each with an RST. Give the"
                    + " program CAP_NET_ADMIN, or drop these RSTs by hand, in this network"
                    + " namespace (remove the rules with: nft delete table ip toytcp):\n"
                    + "nft 'add table ip toytcp'\n"
                    + "nft 'add chain ip toytcp output { type filter hook output priority 0; }'\n"
                    + "{}",
                cause.getMessage(),
                commands(claims));
    }

    /// One command a claim.
    static String commands(List<PortClaim> claims) {
        StringBuilder text = new StringBuilder();
        for (PortClaim claim : claims) {
            PortRange ports = claim.ports();
            text.append(text.isEmpty() ? "" : "\n").append("nft 'add rule ip toytcp output ");
            if (!claim.isWildcard()) {
                text.append("ip saddr ").append(Ipv4.text(claim.address())).append(' ');
            }
            text.append("tcp sport ").append(ports.first());
            if (ports.size() > 1) {
                text.append('-').append(ports.last());
            }
            text.append(" tcp flags & rst != 0 meta mark != ")
                    .append(SendErrors.markText())
                    .append(" drop'");
        }
        return text.toString();
    }
}
