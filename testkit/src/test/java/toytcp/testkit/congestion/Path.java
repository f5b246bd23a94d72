package toytcp.testkit.congestion;

import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.congestion.CongestionController;
import toytcp.stack.tcp.congestion.CongestionControllerFactory;
import toytcp.testkit.BulkTransfer;
import toytcp.testkit.CoreHost;
import toytcp.testkit.CoreNetwork;
import toytcp.testkit.LinkFaults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// One transfer through a bottleneck, in virtual time, for the tests of congestion control.
///
/// @param bitsPerSecond the rate of the bottleneck
/// @param roundTrip without any queue
/// @param queueShare the queue before the bottleneck, in bandwidth-delay products
/// @param loss probability that a packet of the sender is lost
record Path(long bitsPerSecond, Duration roundTrip, double queueShare, double loss) {
    private static final int BUFFER = 1 << 28;

    /// How a transfer went.
    ///
    /// @param nanos from SYN to the last octet's arrival and the end of both sides
    /// @param goodput of the link's rate, 0 to 1, headers not counted
    /// @param retransmitted segments
    /// @param controllers all that the sender's factory made
    record Outcome(
            long nanos,
            double goodput,
            long retransmitted,
            List<CongestionController> controllers) {}

    /// The bandwidth-delay product in octets.
    int product() {
        return (int) (bitsPerSecond / 8 * roundTrip.toNanos() / 1_000_000_000L);
    }

    /// Sends `octets` octets.
    Outcome send(int octets, CongestionControllerFactory algorithm) {
        return send(octets, algorithm, TcpConfig.DEFAULT.maximumSegmentSize());
    }

    /// Sends `octets` octets in segments of a given size.
    Outcome send(int octets, CongestionControllerFactory algorithm, int segmentSize) {
        var controllers = new ArrayList<CongestionController>();
        TcpConfig base =
                TcpConfig.DEFAULT.with(
                        config -> {
                            config.sendBuffer = BUFFER;
                            config.receiveBuffer = BUFFER;
                            // What limits here is the congestion window.
                            config.tuneSendBuffer = false;
                            config.tuneReceiveBuffer = false;
                            config.maximumSegmentSize = segmentSize;
                            config.timeWaitNanos = 0;
                        });
        TcpConfig sender =
                base.with(
                        config ->
                                config.congestion =
                                        size -> {
                                            controllers.add(algorithm.create(size));
                                            return controllers.getLast();
                                        });
        try (var network = new CoreNetwork(1)) {
            CoreHost client = network.host("client", sender);
            CoreHost server = network.host("server", base);
            LinkFaults line = LinkFaults.NONE.delay(roundTrip.dividedBy(2));
            int queue = Math.max(2 * (segmentSize + 40), (int) (product() * queueShare));
            network.connect(client, server, line.rate(bitsPerSecond, queue).drop(loss), line);
            var arrival = new Arrival(server);
            client.application(BulkTransfer.of(octets));
            server.listen();
            client.open();
            network.run();
            if (arrival.octets() != octets) {
                throw network.failure("arrived: " + arrival.octets());
            }
            double rate = octets * 8.0e9 / arrival.endNanos();
            return new Outcome(
                    arrival.endNanos(),
                    rate / bitsPerSecond,
                    client.connection().info(network.clock().nanoTime()).totalRetrans(),
                    controllers);
        }
    }
}
