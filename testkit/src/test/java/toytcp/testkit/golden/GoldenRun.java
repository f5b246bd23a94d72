package toytcp.testkit.golden;

import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpInfo;
import toytcp.stack.tcp.congestion.CongestionControllers;
import toytcp.testkit.Bottleneck;
import toytcp.testkit.BottleneckFlow;
import toytcp.testkit.BottleneckNetwork;
import toytcp.testkit.LinkFaults;

import java.time.Duration;
import java.util.Locale;

/// One run: an algorithm on the path of a cell.
final class GoldenRun {
    static final String HEADER =
            "rate_mbit,rtt_ms,loss_pct,queue_bdp,reorder,goodput_pct,start_pct,resent_pct,"
                    + "recoveries,timeouts,recovery_rtt,queue_mean_pct,queue_max_pct";

    /// The part of the run that counts as its beginning.
    private static final int BEGINNING = 4;

    private GoldenRun() {}

    /// Runs a cell.
    ///
    /// @return its line of the table
    static String line(String algorithm, Cell cell) {
        TcpConfig config = config(algorithm, cell);
        long bits = cell.bitsPerSecond();
        try (var network = new BottleneckNetwork(cell.seed(), bits, cell.queueOctets())) {
            LinkFaults back = LinkFaults.NONE.delay(Duration.ofNanos(cell.rttNanos() / 2));
            LinkFaults there =
                    back.drop(cell.lossPercent() / 100)
                            .reorder(
                                    cell.reordering().probability,
                                    Duration.ofNanos(
                                            (long)
                                                    (cell.rttNanos()
                                                            * cell.reordering().roundTrips)));
            BottleneckFlow flow = network.flow(config, config, there, back);
            flow.start(Long.MAX_VALUE);
            long end = cell.durationNanos();
            network.runUntil(end / BEGINNING);
            long first = flow.received();
            network.runUntil(end);
            double full = flow.capacity() * end / 1e9;
            double start = first / full * BEGINNING;
            double goodput = (flow.received() - first) / full * BEGINNING / (BEGINNING - 1);
            TcpInfo info = flow.info();
            return cell.key() + measured(flow, info, network, start, goodput);
        }
    }

    private static String measured(
            BottleneckFlow flow,
            TcpInfo info,
            BottleneckNetwork network,
            double start,
            double goodput) {
        Bottleneck queue = network.bottleneck();
        double meanQueue = queue.queueIntegral() / (network.nowNanos() / 1e9);
        var recoveries = flow.recoveries();
        return String.format(
                Locale.ROOT,
                ",%.2f,%.2f,%.2f,%d,%d,%.2f,%.1f,%.1f",
                100 * goodput,
                100 * start,
                100.0 * info.bytesRetrans() / Math.max(1, info.bytesSent()),
                recoveries.count(),
                recoveries.timeouts(),
                recoveries.meanNanos() / (double) flow.roundTripNanos(),
                100 * meanQueue / queue.queueOctets(),
                100.0 * queue.largestQueue() / queue.queueOctets());
    }

    private static TcpConfig config(String algorithm, Cell cell) {
        long wanted = 2 * (cell.product() + cell.queueOctets()) + (4 << 20);
        int buffer = (int) Math.min(wanted, 1 << 30);
        return TcpConfig.DEFAULT.with(
                draft -> {
                    draft.sendBuffer = buffer;
                    draft.receiveBuffer = buffer;
                    draft.congestion = CongestionControllers.of(algorithm);
                });
    }
}
