package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/// A network of whole stacks in one thread and in virtual time: ordinary Netty applications, with
/// bad lines between them.
///
/// ```java
/// try (var network = new VirtualNetwork(7)) {
///     VirtualHost client = network.host("10.0.0.1");
///     VirtualHost server = network.host("10.0.1.1");
///     network.connect(client, server, LinkFaults.NONE.delay(Duration.ofMillis(20)).drop(0.02));
///     network.await(server.serverBootstrap().childHandler(echo).bind(server.at(7)));
///     Channel channel = network.await(client.bootstrap().handler(..).connect(server.at(7)));
///     channel.writeAndFlush(..);
///     network.run(Duration.ofSeconds(10));
/// }
/// ```
///
/// The channels are those of `TcpStack`, on the event loop of an `EmbeddedChannel`: handlers run on
/// the test's own thread, within [#run] and [#await], and calls on channels between them are safe.
/// The same seed and program give the same run, to the nanosecond, as long as the program takes time
/// from its event loop and chance from nowhere else.
public final class VirtualNetwork implements AutoCloseable {
    private static final int LOG_LINES = 300;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration FAREWELL = Duration.ofMinutes(2);

    private final VirtualClock clock = new VirtualClock();
    private final List<VirtualHost> hosts = new ArrayList<>();
    private final Map<VirtualHost, Map<Integer, FaultLink>> links = new HashMap<>();
    private final PacketText text = new PacketText();
    private final NetworkLog log;
    private final SplittableRandom random;
    private final long seed;
    private long packets;

    /// @param seed decides everything that is random: faults, initial sequence numbers, ports
    public VirtualNetwork(long seed) {
        this(seed, LOG_LINES);
    }

    /// @param seed decides everything that is random
    /// @param logLines how many packets are kept for the log
    public VirtualNetwork(long seed, int logLines) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        log = new NetworkLog(logLines);
    }

    /// The clock of this network.
    public VirtualClock clock() {
        return clock;
    }

    /// A new host with default settings.
    ///
    /// @param address its IPv4 address: `10.0.0.1`
    public VirtualHost host(String address) {
        return host(address, _ -> {});
    }

    /// A new host.
    ///
    /// @param address its IPv4 address: `10.0.0.1`
    /// @param settings changes what the stack is built with; address and entropy are set already
    public VirtualHost host(String address, VirtualHost.Settings settings) {
        VirtualHost host = new VirtualHost(this, address, settings, random.nextLong());
        hosts.add(host);
        links.put(host, new HashMap<>());
        return host;
    }

    /// Puts a line between two hosts, with the same faults in both directions; in place of the line
    /// that is there, if any. Packets to hosts without a line are lost.
    public void connect(VirtualHost a, VirtualHost b, LinkFaults faults) {
        connect(a, b, faults, faults);
    }

    /// Puts a line between two hosts.
    ///
    /// @param there the faults from `a` to `b`
    /// @param back the faults from `b` to `a`
    public void connect(VirtualHost a, VirtualHost b, LinkFaults there, LinkFaults back) {
        links.get(a)
                .put(
                        b.ipv4(),
                        new FaultLink(clock, there, random.nextLong(), b::receive, a::receive));
        links.get(b)
                .put(
                        a.ipv4(),
                        new FaultLink(clock, back, random.nextLong(), a::receive, b::receive));
    }

    /// Lets `time` pass, with everything that happens in it.
    public void run(Duration time) {
        long end = clock.nanoTime() + time.toNanos();
        hosts.forEach(VirtualHost::pump);
        clock.runUntil(end);
    }

    /// Lets time pass until `condition` is true.
    ///
    /// @throws AssertionError if it is not after 10 minutes of virtual time, or if nothing is left
    ///     that could make it true
    public void runUntil(BooleanSupplier condition) {
        long end = clock.nanoTime() + PATIENCE.toNanos();
        hosts.forEach(VirtualHost::pump);
        while (!condition.getAsBoolean()) {
            if (clock.nanoTime() > end || !clock.runNext()) {
                throw failure("what was waited for did not happen");
            }
        }
    }

    /// Lets time pass until the future is done, and returns its channel.
    ///
    /// @throws AssertionError if it fails, or is not done after 10 minutes of virtual time
    public Channel await(ChannelFuture future) {
        await((Future<?>) future);
        return future.channel();
    }

    /// Lets time pass until the future is done, and returns its result.
    ///
    /// @throws AssertionError if it fails, or is not done after 10 minutes of virtual time
    public <V> V await(Future<V> future) {
        runUntil(future::isDone);
        if (!future.isSuccess()) {
            AssertionError error = failure("the future failed: " + future.cause());
            error.initCause(future.cause());
            throw error;
        }
        return future.getNow();
    }

    /// Closes the channels that the bootstraps of the hosts made, lets two minutes pass so that they
    /// end in order, then closes the stacks with whatever connections are left.
    @Override
    public void close() {
        try {
            hosts.forEach(VirtualHost::closeChannels);
            run(FAREWELL);
        } finally {
            release();
        }
    }

    /// How many packets the hosts have sent so far.
    public long packets() {
        return packets;
    }

    /// An error with the seed and the last packets, for the checks of a test.
    public AssertionError failure(String wrong) {
        return new AssertionError(
                "seed %d: %s%n%s".formatted(seed, wrong, log.toString().stripTrailing()));
    }

    /// The packets that were sent, or the last part of them if there were many: one line each, with
    /// virtual time and what the line did to it.
    @Override
    public String toString() {
        return log.toString();
    }

    void send(VirtualHost from, ByteBuf packet) {
        packets++;
        String line = text.of(packet);
        FaultLink link = links.get(from).get(packet.getInt(packet.readerIndex() + 16));
        String fate = "lost: no line to there";
        if (link == null) {
            packet.release();
        } else {
            link.send(packet);
            fate = link.lastFate();
        }
        log.add(clock.nanoTime(), fate.isEmpty() ? line : line + " (" + fate + ")");
    }

    private void release() {
        hosts.forEach(VirtualHost::close);
        while (clock.runNext()) {
            // Packets under way are released where they arrive.
        }
        hosts.forEach(VirtualHost::release);
        text.close();
    }
}
