package toytcp.testkit;

import io.netty.buffer.UnpooledByteBufAllocator;

import toytcp.stack.tcp.TcpConfig;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Two TCP connections and a bad line between them, in one thread and in virtual time.
///
/// ```java
/// try (var network = new CoreNetwork(7)) {
///     CoreHost client = network.host("client", TcpConfig.DEFAULT);
///     CoreHost server = network.host("server", TcpConfig.DEFAULT);
///     network.connect(client, server, LinkFaults.NONE.delay(Duration.ofMillis(10)).drop(0.05));
///     client.application(BulkTransfer.of(1_000_000));
///     server.application(BulkTransfer.of(0));
///     server.listen();
///     client.open();
///     network.run();
/// }
/// ```
///
/// Segments cross the line as whole IP packets that the codec wrote and reads, so a damaged packet
/// meets the checksums. The same seed and program give the same run, to the nanosecond. At each step
/// the network checks what must always hold: something is left that will wake a connection that
/// waits, and no segment breaks a promise (no gap, nothing beyond the peer's window, no
/// acknowledgement that goes back, no window that shrinks). A failure is an [AssertionError] with the
/// seed and the last part of the exchange.
public final class CoreNetwork implements AutoCloseable {
    private static final int LOG_LINES = 300;
    private static final int MAX_EVENTS = 5_000_000;

    private final VirtualClock clock = new VirtualClock();
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final List<CoreHost> hosts = new ArrayList<>();
    private final NetworkLog log;
    private final SplittableRandom random;
    private final long seed;

    /// @param seed decides everything that is random: faults, initial sequence numbers
    public CoreNetwork(long seed) {
        this(seed, LOG_LINES);
    }

    /// @param seed decides everything that is random
    /// @param logLines how many lines of the exchange are kept
    public CoreNetwork(long seed, int logLines) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        log = new NetworkLog(logLines);
    }

    /// The clock of this network.
    public VirtualClock clock() {
        return clock;
    }

    /// A new host with an address of its own and one connection.
    ///
    /// @param name for the log
    /// @param config the settings of the connection
    public CoreHost host(String name, TcpConfig config) {
        CoreHost host = new CoreHost(this, name, hosts.size() + 1, config);
        hosts.add(host);
        return host;
    }

    /// Puts a line between two hosts, with the same faults in both directions.
    public void connect(CoreHost a, CoreHost b, LinkFaults faults) {
        connect(a, b, faults, faults);
    }

    /// Puts a line between two hosts.
    ///
    /// @param there the faults from `a` to `b`
    /// @param back the faults from `b` to `a`
    /// @return the direction from `a` to `b`
    public FaultLink connect(CoreHost a, CoreHost b, LinkFaults there, LinkFaults back) {
        FaultLink line = new FaultLink(clock, there, random.nextLong(), b::receive, a::receive);
        a.link(b, line);
        b.link(a, new FaultLink(clock, back, random.nextLong(), a::receive, b::receive));
        return line;
    }

    /// Runs until nothing is due any more.
    public void run() {
        try {
            int events = 0;
            while (clock.runNext()) {
                if (++events > MAX_EVENTS) {
                    throw failure("the exchange does not end");
                }
            }
        } catch (RuntimeException e) {
            AssertionError error = failure(e.toString());
            error.initCause(e);
            throw error;
        }
    }

    /// Ends the network: aborts what is still open, and checks that all buffers were released.
    @Override
    public void close() {
        hosts.forEach(CoreHost::finish);
        while (clock.runNext()) {
            // Packets under way are released where they arrive.
        }
        long held = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
        if (held != 0) {
            throw failure("buffers of " + held + " octets were never released");
        }
    }

    /// An error with the seed and the last part of the exchange, for the checks of a test.
    public AssertionError failure(String wrong) {
        return new AssertionError(
                "seed %d: %s%n%s".formatted(seed, wrong, log.toString().stripTrailing()));
    }

    /// The exchange, or the last part of it if it is long.
    @Override
    public String toString() {
        return log.toString();
    }

    UnpooledByteBufAllocator allocator() {
        return allocator;
    }

    SplittableRandom random() {
        return random;
    }

    void log(String text) {
        log.add(clock.nanoTime(), text);
    }
}
