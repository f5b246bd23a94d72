package toytcp.testkit;

import org.jspecify.annotations.Nullable;

import toytcp.codec.TcpSegment;

import java.util.Arrays;
import java.util.SplittableRandom;

/// One direction of a [BottleneckFlow]: what befalls its packets, and those that are under way.
///
/// Nearly all packets arrive in the order in which they left, so they wait in a ring; the few that
/// are late wait beside it.
final class FlowLine implements BottleneckNetwork.Source {
    private final BottleneckNetwork network;
    private final int index;
    private final LinkFaults faults;
    private final @Nullable Bottleneck bottleneck;

    // One generator for each fault: more of one leaves the others as they were.
    private final SplittableRandom loss;
    private final SplittableRandom lateness;
    private final SplittableRandom doubling;

    private FlowHost receiver;
    private long[] times = new long[64];
    private TcpSegment[] segments = new TcpSegment[64];
    private int head;
    private int count;

    /// In the order of arrival, the next one last.
    private long[] lateTimes = new long[8];

    private TcpSegment[] lateSegments = new TcpSegment[8];
    private int lateCount;

    private long lost;

    FlowLine(BottleneckNetwork network, LinkFaults faults, @Nullable Bottleneck bottleneck) {
        if (faults.bitsPerSecond() != 0 || faults.corrupt() != 0) {
            throw new IllegalArgumentException(
                    "the bottleneck has the rate, and segments that no codec wrote cannot be"
                            + " damaged: leave rate and corrupt at 0");
        }
        this.network = network;
        this.faults = faults;
        this.bottleneck = bottleneck;
        loss = network.random().split();
        lateness = network.random().split();
        doubling = network.random().split();
        index = network.add(this);
    }

    void leadsTo(FlowHost host) {
        receiver = host;
    }

    /// Packets that random loss took; those that the queue dropped are not counted here.
    long lost() {
        return lost;
    }

    /// Owns the segment.
    void send(TcpSegment segment, long nowNanos) {
        if (faults.drop() > 0 && loss.nextDouble() < faults.drop()) {
            lost++;
            segment.release();
            return;
        }
        long leaves = nowNanos;
        if (bottleneck != null) {
            leaves = bottleneck.enqueue(segment, PacketSize.of(segment), nowNanos);
            if (leaves == Bottleneck.DROPPED) {
                segment.release();
                return;
            }
        }
        long arrives = leaves + faults.delayNanos();
        if (faults.duplicate() > 0 && doubling.nextDouble() < faults.duplicate()) {
            add(segment.retain(), arrives);
        }
        if (faults.reorder() > 0 && lateness.nextDouble() < faults.reorder()) {
            addLate(segment, arrives + (long) (lateness.nextDouble() * faults.reorderNanos()));
        } else {
            add(segment, arrives);
        }
        schedule();
    }

    @Override
    public void run(long nowNanos) {
        TcpSegment segment;
        if (isLateNext()) {
            segment = lateSegments[--lateCount];
            lateSegments[lateCount] = null;
        } else {
            segment = segments[head];
            segments[head] = null;
            head = head + 1 & segments.length - 1;
            count--;
        }
        schedule();
        receiver.receive(segment, nowNanos);
    }

    /// Releases what is under way.
    @Override
    public void close() {
        for (int i = 0; i < count; i++) {
            segments[head + i & segments.length - 1].release();
        }
        for (int i = 0; i < lateCount; i++) {
            lateSegments[i].release();
        }
        count = 0;
        lateCount = 0;
    }

    private boolean isLateNext() {
        return lateCount > 0 && (count == 0 || lateTimes[lateCount - 1] < times[head]);
    }

    private void schedule() {
        if (count + lateCount == 0) {
            network.due(index, Long.MAX_VALUE);
        } else {
            network.due(index, isLateNext() ? lateTimes[lateCount - 1] : times[head]);
        }
    }

    private void add(TcpSegment segment, long arrives) {
        int length = times.length;
        if (count == length) {
            long[] moreTimes = new long[2 * length];
            TcpSegment[] moreSegments = new TcpSegment[2 * length];
            for (int i = 0; i < count; i++) {
                moreTimes[i] = times[head + i & length - 1];
                moreSegments[i] = segments[head + i & length - 1];
            }
            times = moreTimes;
            segments = moreSegments;
            head = 0;
        }
        int tail = head + count++ & times.length - 1;
        times[tail] = arrives;
        segments[tail] = segment;
    }

    private void addLate(TcpSegment segment, long arrives) {
        if (lateCount == lateTimes.length) {
            lateTimes = Arrays.copyOf(lateTimes, 2 * lateCount);
            lateSegments = Arrays.copyOf(lateSegments, 2 * lateCount);
        }
        int at = lateCount++;
        while (at > 0 && lateTimes[at - 1] <= arrives) {
            lateTimes[at] = lateTimes[at - 1];
            lateSegments[at] = lateSegments[at - 1];
            at--;
        }
        lateTimes[at] = arrives;
        lateSegments[at] = segment;
    }
}
