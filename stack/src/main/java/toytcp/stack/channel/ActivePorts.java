package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

import toytcp.stack.ip.PacketLink.PortRange;
import toytcp.stack.tcp.EntropySource;
import toytcp.stack.tcp.EphemeralPorts;

import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;

/// The ports of active opens, and of binds that leave the choice to us. None is asked for before the
/// first of these, as who only listens needs none; more are asked for whenever they do not suffice,
/// and kept until the stack closes.
final class ActivePorts {
    /// So many that links are seldom asked, and so few that other stacks beside us find some.
    private static final int LEAST = 512;

    /// The event loop waits while the link looks for ports that nobody has: on a raw socket some 10
    /// microseconds for each, when the machine is busy.
    private static final int MOST = 2048;

    /// A link that had no more must look at all ports again to find that some have come free: not for
    /// each of the opens that fail meanwhile.
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LocalNetwork network;
    private final EphemeralPorts order;

    /// What was claimed of the link, in these pieces.
    private final List<PortRange> ranges = new ArrayList<>();

    private final BitSet owned = new BitSet();

    /// Those that were handed out: where the kernel shares the address, a program of its may have
    /// taken another one since.
    private final BitSet used = new BitSet();

    private @Nullable BindException refusal;
    private long refusedNanos;

    ActivePorts(LocalNetwork network, EntropySource entropy) {
        this.network = network;
        order = new EphemeralPorts(entropy);
    }

    /// A port for a connection, or -1 if those that we have are all in use, so that we must [#grow].
    ///
    /// @param inUse whether a port cannot be taken for this very connection
    int next(
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            IntPredicate inUse) {
        return order.next(localHigh, localLow, remoteHigh, remoteLow, remotePort, inUse);
    }

    /// Asks for more ports.
    ///
    /// @return whether there were any
    /// @throws IOException if the link cannot serve them, or never gave any; the message says why
    boolean grow() throws IOException {
        long now = network.eventLoop().ticker().nanoTime();
        if (refusal != null && now - refusedNanos < PAUSE_NANOS) {
            return false;
        }
        PortRange more;
        try {
            more = network.ephemeralPorts(Math.clamp(order.count(), LEAST, MOST));
        } catch (BindException e) {
            if (ranges.isEmpty()) {
                throw e;
            }
            refusal = e;
            refusedNanos = now;
            return false;
        }
        int known = owned.nextSetBit(more.first());
        if (known >= 0 && known <= more.last()) {
            return false;
        }
        try {
            network.claimAll(more);
        } catch (IOException | RuntimeException e) {
            network.giveBack(more);
            throw e;
        }
        order.add(more.first(), more.last());
        owned.set(more.first(), more.last() + 1);
        ranges.add(more);
        refusal = null;
        return true;
    }

    /// A connection has this port.
    void use(int port) {
        used.set(port);
    }

    /// Whether a connection has or had this port.
    boolean wasUsed(int port) {
        return used.get(port);
    }

    /// Whether the link serves this port to us.
    boolean contains(int port) {
        return owned.get(port);
    }

    /// Why there is no port for `whose`, and what to do.
    BindException exhausted(String whose) {
        StringBuilder all = new StringBuilder();
        int first = owned.nextSetBit(0);
        while (first >= 0) {
            int end = owned.nextClearBit(first);
            all.append(all.isEmpty() ? "from " : " and from ")
                    .append(first)
                    .append(" to ")
                    .append(end - 1);
            first = owned.nextSetBit(end);
        }
        BindException exhausted =
                new BindException(
                        "No free port: all %d ports %s are in use for %s; close connections, or widen the range by TcpStack.builder().ephemeralPorts(first, last)%s"
                                .formatted(
                                        owned.cardinality(),
                                        all,
                                        whose,
                                        refusal == null
                                                ? ""
                                                : "; there are no more because "
                                                        + refusal.getMessage()));
        if (refusal != null) {
            exhausted.initCause(refusal);
        }
        return exhausted;
    }

    /// Gives all of them back; for the end of the stack.
    void close() {
        for (PortRange range : ranges) {
            network.releaseAll(range);
            network.giveBack(range);
        }
    }
}
