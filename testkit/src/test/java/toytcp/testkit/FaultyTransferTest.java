package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.TcpConfig;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// Two connections over bad lines: whatever the lines do, every octet arrives once and in order, and
/// both sides end. Each seed is a scenario of its own.
class FaultyTransferTest {
    private static final int SEEDS = 1000;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long[] GRANULARITIES = {1, 1_000, 1_000_000, 15_000_000};

    @Test
    void everyOctetArrivesOnceAndInOrderWhateverTheLinesDo() {
        Long only = Long.getLong("toytcp.seed");
        if (only != null) {
            run(only);
            return;
        }
        for (long seed = 0; seed < SEEDS; seed++) {
            run(seed);
        }
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        assertEquals(run(11), run(11));
    }

    private static String run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (CoreNetwork network = new CoreNetwork(seed, 1000)) {
            run(network, random);
            return network.toString();
        }
    }

    private static void run(CoreNetwork network, SplittableRandom random) {
        CoreHost client = host(network, "client", random);
        CoreHost server = host(network, "server", random);
        network.connect(client, server, faults(random), faults(random));
        int up = size(random);
        int down = size(random);
        BulkTransfer upload = transfer(up, random);
        BulkTransfer download = transfer(down, random);
        if (random.nextInt(4) == 0) {
            // Never both: then nobody would begin to end.
            (random.nextBoolean() ? upload : download).waitsForPeer();
        }
        client.application(upload);
        server.application(download);
        if (random.nextInt(8) == 0) {
            server.open();
        } else {
            server.listen();
        }
        client.open();
        if (random.nextBoolean()) {
            upload.start(client);
        }
        network.run();
        HostileLink.check(network, client, upload, down);
        HostileLink.check(network, server, download, up);
    }

    private static CoreHost host(CoreNetwork network, String name, SplittableRandom random) {
        TcpConfig config =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.maximumSegmentSize = 64 + random.nextInt(1400);
                            draft.sendBuffer = 1 << 10 + random.nextInt(9);
                            draft.receiveBuffer = 1 << 10 + random.nextInt(9);
                            draft.windowScaling = random.nextBoolean();
                            draft.timestamps = random.nextBoolean();
                            draft.sack = random.nextBoolean();
                            draft.noDelay = random.nextBoolean();
                            draft.cork = random.nextInt(4) == 0;
                            draft.quickAck = random.nextInt(4) == 0;
                            draft.notSentLowWater = lowWater(random);
                            draft.delayedAckNanos = random.nextInt(3) * 40_000_000L;
                            // The line is never dead for ever here, so nobody may give up.
                            draft.giveUpNanos = 1_000_000 * SECOND;
                            draft.synGiveUpNanos = 1_000_000 * SECOND;
                            draft.maximumRtoNanos = 60 * SECOND;
                            // Longer than any chain of lost FINs: TIME-WAIT must not end too early.
                            draft.timeWaitNanos = 10_000 * SECOND;
                        });
        return network.host(name, config).granularity(GRANULARITIES[random.nextInt(4)]);
    }

    /// Half of the time none, else small ones as often as large ones.
    private static long lowWater(SplittableRandom random) {
        return random.nextBoolean() ? 0 : random.nextLong(1L << random.nextInt(20));
    }

    private static LinkFaults faults(SplittableRandom random) {
        LinkFaults faults =
                LinkFaults.NONE
                        .delay(Duration.ofNanos(random.nextLong(50_000_000)))
                        .drop(rate(random))
                        .duplicate(rate(random))
                        .corrupt(rate(random))
                        .reorder(rate(random), Duration.ofNanos(random.nextLong(200_000_000)));
        return random.nextBoolean()
                ? faults
                : faults.rate(1_000_000 + random.nextLong(100_000_000), 20_000);
    }

    /// Half of the time none, else up to 20 percent.
    private static double rate(SplittableRandom random) {
        return random.nextBoolean() ? 0 : random.nextDouble(0.2);
    }

    /// From nothing to 256 KB, small sizes as often as large ones.
    private static int size(SplittableRandom random) {
        return random.nextInt(1 << random.nextInt(19));
    }

    private static BulkTransfer transfer(int octets, SplittableRandom random) {
        BulkTransfer transfer = BulkTransfer.of(octets);
        if (random.nextBoolean()) {
            transfer.chunk(1 + random.nextInt(5000));
        }
        if (random.nextInt(3) == 0) {
            transfer.reading(1 + random.nextInt(20000), 1 + random.nextLong(SECOND));
        }
        return random.nextBoolean() ? transfer.closes() : transfer;
    }
}
