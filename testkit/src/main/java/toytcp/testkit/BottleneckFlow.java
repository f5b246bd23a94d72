package toytcp.testkit;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpInfo;

/// One connection of a [BottleneckNetwork], which makes it: a sender that writes as much as it is
/// told to, through the bottleneck, to a receiver that reads everything at once.
public final class BottleneckFlow {
    private final BottleneckNetwork network;
    private final FlowLine there;
    private final FlowHost sender;
    private final FlowHost receiver;
    private final long roundTripNanos;

    BottleneckFlow(
            BottleneckNetwork network,
            TcpConfig sending,
            TcpConfig receiving,
            LinkFaults thereFaults,
            LinkFaults backFaults) {
        this.network = network;
        there = new FlowLine(network, thereFaults, network.bottleneck());
        FlowLine back = new FlowLine(network, backFaults, null);
        sender = new FlowHost(network, sending, there);
        receiver = new FlowHost(network, receiving, back);
        there.leadsTo(receiver);
        back.leadsTo(sender);
        roundTripNanos = thereFaults.delayNanos() + backFaults.delayNanos();
        receiver.listen();
    }

    /// How coarse the clocks of both ends are: each sees the time rounded down to a multiple of `nanos`
    /// and wakes up only then. 1 without this call.
    public BottleneckFlow granularity(long nanos) {
        sender.granularity(nanos);
        receiver.granularity(nanos);
        return this;
    }

    /// Opens the connection and writes `octets`, or without end for `Long.MAX_VALUE`.
    public BottleneckFlow start(long octets) {
        sender.open(network.nowNanos());
        return write(octets);
    }

    /// Writes `octets` more.
    public BottleneckFlow write(long octets) {
        sender.write(octets, network.nowNanos());
        return this;
    }

    /// Octets that the receiver has read.
    public long received() {
        return receiver.received();
    }

    /// The sending connection: to look at, not to use.
    public TcpConnection connection() {
        return sender.connection();
    }

    /// What the sender knows.
    public TcpInfo info() {
        return sender.connection().info(network.nowNanos());
    }

    /// What the receiver knows.
    public TcpInfo receiverInfo() {
        return receiver.connection().info(network.nowNanos());
    }

    /// Why the sending connection ended; `null` if it has not.
    public @Nullable CloseReason closeReason() {
        return sender.closeReason();
    }

    /// Packets of the sender that random loss took; those that the queue dropped are not counted here.
    public long lostPackets() {
        return there.lost();
    }

    /// How the sender repaired what was lost.
    public RecoveryWatch recoveries() {
        return sender.recoveries();
    }

    /// The round-trip time without any queue.
    public long roundTripNanos() {
        return roundTripNanos;
    }

    /// How many octets a second of user data the bottleneck can carry if this flow has it for itself and
    /// all segments are full; known once the connection is established.
    public double capacity() {
        int segment = sender.connection().maximumSegmentSize();
        boolean timestamps = (info().options() & TcpInfo.OPTION_TIMESTAMPS) != 0;
        double share = (double) segment / (segment + PacketSize.overhead(timestamps));
        return network.bottleneck().bitsPerSecond() / 8.0 * share;
    }
}
