package toytcp.bench.path;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// One direction of a long wire: takes packets from one interface, loses some, and sends the rest out of another
/// after a while, in order. A thread of its own runs it.
final class DelayLine implements Runnable, AutoCloseable {
    private static final int SLOT = 2048;

    /// More than a gigabit per second puts into 20 ms.
    private static final int SLOTS = 1 << 13;

    private static final int BATCH = 64;
    private static final long LOOK_UP_NANOS = 20_000_000L;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment ring = arena.allocate((long) SLOTS * SLOT, SLOT);
    private final long[] dueAt = new long[SLOTS];
    private final int[] lengths = new int[SLOTS];
    private final PacketSocket from;
    private final PacketSocket to;
    private final long delayNanos;
    private int head;
    private int count;

    private volatile double loss;
    private volatile SplittableRandom random;
    private volatile boolean stopped;
    private volatile IOException failure;
    private volatile long carried;
    private volatile long lost;
    private volatile long overflown;

    /// @param from owned by the line
    /// @param to owned by somebody else
    DelayLine(PacketSocket from, PacketSocket to, long delayNanos) {
        this.from = from;
        this.to = to;
        this.delayNanos = delayNanos;
    }

    /// Loses this share of the packets from now on; the same seed loses the same ones.
    ///
    /// @param share 0 to 1
    void lose(double share, long seed) {
        random = new SplittableRandom(seed);
        loss = share;
    }

    /// Packets that came out at the other end.
    long carried() {
        return carried;
    }

    /// Packets that were lost on purpose.
    long lost() {
        return lost;
    }

    /// Packets that were lost because this machine was too slow: with any of them a run says nothing.
    long overflown() {
        return overflown;
    }

    /// Fails if the line does not work any more.
    void check() throws IOException {
        if (failure != null) {
            throw new IOException("the wire broke: " + failure.getMessage(), failure);
        }
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                long wait = deliver();
                from.await(wait);
                take();
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    /// Ends [#run] soon.
    void stop() {
        stopped = true;
    }

    /// To be called when [#run] has ended.
    @Override
    public void close() {
        from.close();
        arena.close();
    }

    /// @return how long to wait for the next packet that is due
    private long deliver() throws IOException {
        long now = System.nanoTime();
        while (count > 0 && dueAt[head] - now <= 0) {
            if (to.send(slot(head), lengths[head])) {
                carried++;
            } else {
                overflown++;
            }
            head = head + 1 & SLOTS - 1;
            count--;
        }
        return count == 0 ? LOOK_UP_NANOS : Math.min(LOOK_UP_NANOS, dueAt[head] - now);
    }

    private void take() throws IOException {
        long due = System.nanoTime() + delayNanos;
        for (int i = 0; i < BATCH && count < SLOTS; i++) {
            int tail = head + count & SLOTS - 1;
            int length = from.receive(slot(tail));
            if (length == 0) {
                break;
            }
            if (loss > 0 && random.nextDouble() < loss) {
                lost++;
                continue;
            }
            dueAt[tail] = due;
            lengths[tail] = length;
            count++;
        }
        overflown += from.overflown();
    }

    private MemorySegment slot(int index) {
        return ring.asSlice((long) index * SLOT, SLOT);
    }
}
