package toytcp.testkit;

import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpState;
import toytcp.stack.tcp.congestion.CongestionControllers;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// A transfer over a line that turns hostile again and again and then heals. Each seed is a scenario of
/// its own: settings, sizes, and some phases of loss, bursts, outages, reordering, doubled and late
/// packets, in one direction or in both.
///
/// What must hold: at each step there is progress or a live timer (the network sees to that); once
/// the line has healed, what waits goes on within one RTO; every octet arrives once and in order;
/// both sides end; nothing leaks.
final class HostileLink {
    /// The algorithms that are drawn from; the order decides what a seed means.
    private static final String[] ALGORITHMS = {"cubic", "newreno", "bbr", "dctcp"};

    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long[] GRANULARITIES = {1, 1_000, MILLISECOND, 15 * MILLISECOND};
    private static final int MAX_PHASES = 6;
    private static final int QUEUE = 30_000;
    private static final long LARGEST_PACKET = 1600;

    /// How long TCP_CORK may hold octets back.
    private static final long CORK_NANOS = 200 * MILLISECOND;

    private final SplittableRandom random;
    private final CoreNetwork network;
    private final long delayNanos;
    private final long bitsPerSecond;
    private final long granularityNanos;
    private final CoreHost client;
    private final CoreHost server;
    private int waiting;

    private HostileLink(CoreNetwork network, SplittableRandom random) {
        this.network = network;
        this.random = random;
        delayNanos = random.nextLong(100 * MILLISECOND);
        bitsPerSecond = 200_000L << random.nextInt(6);
        granularityNanos = GRANULARITIES[random.nextInt(GRANULARITIES.length)];
        client = network.host("client", config()).granularity(granularityNanos);
        server = network.host("server", config()).granularity(granularityNanos);
    }

    /// Runs one scenario.
    ///
    /// @return how many of the two sides had to go on when the line healed
    /// @throws AssertionError if something is wrong; it has the seed and the last part of the exchange
    static int run(long seed) {
        try (CoreNetwork network = new CoreNetwork(seed, 200)) {
            HostileLink scenario = new HostileLink(network, new SplittableRandom(seed));
            scenario.run();
            return scenario.waiting;
        }
    }

    private void run() {
        int up = size();
        int down = random.nextInt(3) == 0 ? size() : 0;
        BulkTransfer upload = transfer(up);
        BulkTransfer download = transfer(down);
        long heals = scheduleWeather();
        client.application(upload);
        server.application(download);
        server.listen();
        client.open();
        network.clock().at(heals, this::heal);
        network.run();
        check(network, client, upload, down);
        check(network, server, download, up);
    }

    /// @return when it is over
    private long scheduleWeather() {
        long at = 0;
        connect(calm(), calm());
        for (int i = 1 + random.nextInt(MAX_PHASES); i > 0; i--) {
            at += random.nextLong(SECOND / 2);
            LinkFaults one = weather();
            LinkFaults other = random.nextBoolean() ? weather() : calm();
            boolean acksToo = random.nextInt(3) > 0;
            at(at, acksToo ? one : other, acksToo ? other : one);
            at += length();
            if (random.nextBoolean()) {
                at(at, calm(), calm());
            }
        }
        return at;
    }

    /// Short bursts as often as outages of seconds.
    private long length() {
        return random.nextLong(10 * MILLISECOND << random.nextInt(10));
    }

    private LinkFaults weather() {
        LinkFaults calm = calm();
        return switch (random.nextInt(6)) {
            case 0 -> calm.drop(1);
            case 1 -> calm.drop(0.5 + random.nextDouble(0.5));
            case 2 -> calm.drop(random.nextDouble(0.2));
            case 3 -> calm.reorder(random.nextDouble(), late());
            case 4 -> calm.duplicate(random.nextDouble()).reorder(random.nextDouble(0.5), late());
            default ->
                    calm.drop(random.nextDouble(0.1))
                            .duplicate(random.nextDouble(0.1))
                            .corrupt(random.nextDouble(0.1))
                            .reorder(random.nextDouble(0.1), late());
        };
    }

    private Duration late() {
        return Duration.ofNanos(random.nextLong(MILLISECOND << random.nextInt(10)));
    }

    private LinkFaults calm() {
        return LinkFaults.NONE.delay(Duration.ofNanos(delayNanos)).rate(bitsPerSecond, QUEUE);
    }

    /// Without a queue, but not quicker than before: what comes back sooner than ever is not believed.
    private LinkFaults healed() {
        return LinkFaults.NONE.delay(Duration.ofNanos(healedDelayNanos()));
    }

    private long healedDelayNanos() {
        return delayNanos + LARGEST_PACKET * 8 * SECOND / bitsPerSecond;
    }

    private void at(long atNanos, LinkFaults there, LinkFaults back) {
        network.clock().at(atNanos, () -> connect(there, back));
    }

    private void connect(LinkFaults there, LinkFaults back) {
        network.connect(client, server, there, back);
    }

    private void heal() {
        connect(healed(), healed());
        expectProgress(client, server);
        expectProgress(server, client);
    }

    /// What waits is acknowledged, at least in part, one RTO later and the two round trips that it takes if
    /// a tail loss probe has to find out first (RFC 8985, 7); the RTO is the one in force, backed off as
    /// it is. Who waits for a slow reader may go on waiting.
    private void expectProgress(CoreHost host, CoreHost peer) {
        if (!host.isWaiting() || peer.connection().unconsumedBytes() > 0) {
            return;
        }
        waiting++;
        TcpConnection connection = host.connection();
        TcpState state = host.state();
        long now = host.nowNanos();
        long rto = connection.info(now).rto() * 1000;
        long acked = connection.info(now).bytesAcked();
        long timer = host.nextDeadlineNanos() - now;
        long held = connection.config().cork() ? CORK_NANOS : 0;
        long answer = 4 * healedDelayNanos() + peer.connection().config().delayedAckNanos();
        // RFC 8985, 7.3: a loss probe that is due re-arms the timer even if none may be sent.
        boolean probes = connection.timers(now).contains("loss_probe");
        long wait = probes ? timer + rto : Math.max(rto, timer);
        long limit = wait + held + answer + 4 * granularityNanos;
        network.clock()
                .after(
                        limit,
                        () -> {
                            long ackedNow = host.connection().info(host.nowNanos()).bytesAcked();
                            if (ackedNow == acked && host.state() == state) {
                                throw host.failure(
                                        "no progress in %d ms after the line healed, RTO %d ms"
                                                .formatted(limit / MILLISECOND, rto / MILLISECOND));
                            }
                        });
    }

    /// The transfer has arrived and ended well, and nothing is left to do.
    static void check(CoreNetwork network, CoreHost host, BulkTransfer transfer, int expected) {
        boolean right =
                transfer.isDone()
                        && transfer.received() == expected
                        && host.closeReason() == CloseReason.NORMAL
                        && host.nextDeadlineNanos() == Long.MAX_VALUE;
        if (!right) {
            throw network.failure(
                    "%s: received %d of %d, done %s, end %s, deadline %d"
                            .formatted(
                                    host,
                                    transfer.received(),
                                    expected,
                                    transfer.isDone(),
                                    host.closeReason(),
                                    host.nextDeadlineNanos()));
        }
    }

    private TcpConfig config() {
        return TcpConfig.DEFAULT.with(
                draft -> {
                    draft.maximumSegmentSize = 200 + random.nextInt(1261);
                    draft.sendBuffer = 1 << 12 + random.nextInt(8);
                    draft.receiveBuffer = 1 << 12 + random.nextInt(8);
                    draft.windowScaling = random.nextInt(4) > 0;
                    draft.timestamps = random.nextBoolean();
                    draft.sack = random.nextInt(4) > 0;
                    draft.noDelay = random.nextBoolean();
                    draft.cork = random.nextInt(8) == 0;
                    draft.quickAck = random.nextInt(4) == 0;
                    draft.delayedAckNanos = random.nextInt(3) * 40 * MILLISECOND;
                    draft.congestion =
                            CongestionControllers.of(ALGORITHMS[random.nextInt(ALGORITHMS.length)]);
                    // The line always comes back, so nobody may give up.
                    draft.giveUpNanos = 1_000_000 * SECOND;
                    draft.synGiveUpNanos = 1_000_000 * SECOND;
                    // Longer than any chain of lost FINs.
                    draft.timeWaitNanos = 10_000 * SECOND;
                });
    }

    /// What the line carries in up to four seconds.
    private int size() {
        return (int) (bitsPerSecond / 8 * random.nextDouble(4));
    }

    private BulkTransfer transfer(int octets) {
        BulkTransfer transfer = BulkTransfer.of(octets);
        if (random.nextInt(4) == 0) {
            transfer.chunk(1 + random.nextInt(5000));
        }
        if (random.nextInt(4) == 0) {
            transfer.reading(1000 + random.nextInt(50_000), 1 + random.nextLong(SECOND / 4));
        }
        return random.nextBoolean() ? transfer.closes() : transfer;
    }
}
