package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;

import toytcp.stack.tcp.TcpConfig;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Connections that share a bottleneck, in one thread and in virtual time: for seeing what congestion
/// control does.
///
/// ```java
/// try (var network = new BottleneckNetwork(7, 100_000_000, 500_000)) {
///     LinkFaults path = LinkFaults.NONE.delay(Duration.ofMillis(20));
///     BottleneckFlow flow = network.flow(TcpConfig.DEFAULT, TcpConfig.DEFAULT, path, path);
///     flow.start(Long.MAX_VALUE);
///     network.runUntil(10_000_000_000L);
///     double share = flow.received() / 10.0 / flow.capacity();
/// }
/// ```
///
/// It is made for length: segments are handed over as they are, without any codec, log or content,
/// so a virtual second at 1 Gbit/s takes a tenth of a real one. Where octets matter, damage or a
/// record of the exchange, take a [CoreNetwork].
///
/// The same seed and program give the same run, to the nanosecond. A connection that waits while
/// nothing will wake it ends the run by an [AssertionError] that tells the seed.
public final class BottleneckNetwork implements AutoCloseable {
    /// Something that is due at a time that it tells by [#due].
    interface Source {
        void run(long nowNanos);

        void close();
    }

    private final long seed;
    private final SplittableRandom random;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final Bottleneck bottleneck;
    private final List<Source> sources = new ArrayList<>();

    /// When each source is due. There are four a flow, so looking at all of them is quicker than any
    /// queue for the few flows of a test.
    private long[] due = new long[8];

    private ByteBuf content;
    private long nowNanos;
    private long events;

    /// A bottleneck that drops and does not mark.
    ///
    /// @param seed decides everything that is random
    /// @param bitsPerSecond its rate
    /// @param queueOctets how much fits into its queue, what it is just sending included
    public BottleneckNetwork(long seed, long bitsPerSecond, long queueOctets) {
        this(seed, bitsPerSecond, queueOctets, Bottleneck.NO_MARKING);
    }

    /// A bottleneck that marks, see [Bottleneck].
    ///
    /// @param seed decides everything that is random
    /// @param bitsPerSecond its rate
    /// @param queueOctets how much fits into its queue, what it is just sending included
    /// @param markOctets a packet that finds more than this in the queue is marked
    public BottleneckNetwork(long seed, long bitsPerSecond, long queueOctets, long markOctets) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        bottleneck = new Bottleneck(bitsPerSecond, queueOctets, markOctets);
        content = allocator.heapBuffer(0);
        Arrays.fill(due, Long.MAX_VALUE);
    }

    /// A new connection, not yet begun. The faults tell of delay, loss before the queue, and what comes
    /// late or twice behind it; the way back has no bottleneck.
    ///
    /// @param sending the settings of the sender
    /// @param receiving those of the receiver
    /// @param there what befalls packets of the sender
    /// @param back what befalls packets of the receiver
    /// @throws IllegalArgumentException if the faults have a rate of their own or damage packets
    public BottleneckFlow flow(
            TcpConfig sending, TcpConfig receiving, LinkFaults there, LinkFaults back) {
        return new BottleneckFlow(this, sending, receiving, there, back);
    }

    /// The queue that all flows share.
    public Bottleneck bottleneck() {
        return bottleneck;
    }

    /// Virtual time; begins with 0.
    public long nowNanos() {
        return nowNanos;
    }

    /// How many times something arrived or was due so far.
    public long events() {
        return events;
    }

    /// Runs everything that is due up to `endNanos`, and moves there.
    public void runUntil(long endNanos) {
        while (true) {
            int next = next();
            if (due[next] > endNanos) {
                nowNanos = Math.max(nowNanos, endNanos);
                return;
            }
            nowNanos = Math.max(nowNanos, due[next]);
            events++;
            sources.get(next).run(nowNanos);
        }
    }

    /// Ends all connections, and checks that all buffers were released.
    @Override
    public void close() {
        sources.forEach(Source::close);
        content.release();
        long held = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
        if (held != 0) {
            throw failure("buffers of " + held + " octets were never released");
        }
    }

    /// An error with seed and time, for the checks of a test.
    public AssertionError failure(String wrong) {
        return new AssertionError(
                "seed %d, at %s s: %s".formatted(seed, Exchange.seconds(nowNanos), wrong));
    }

    /// @return the index for [#due]
    int add(Source source) {
        int index = sources.size();
        sources.add(source);
        if (index == due.length) {
            due = Arrays.copyOf(due, 2 * index);
        }
        Arrays.fill(due, index, due.length, Long.MAX_VALUE);
        return index;
    }

    /// Says when a source is due; `Long.MAX_VALUE` for never.
    void due(int index, long atNanos) {
        due[index] = atNanos;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    SplittableRandom random() {
        return random;
    }

    /// At least `octets` octets, of which everybody may retain slices.
    ByteBuf content(int octets) {
        if (content.readableBytes() < octets) {
            content.release();
            content = allocator.heapBuffer(octets, octets);
            content.writeZero(octets);
        }
        return content;
    }

    private int next() {
        int next = 0;
        for (int i = 1; i < sources.size(); i++) {
            if (due[i] < due[next]) {
                next = i;
            }
        }
        return next;
    }
}
