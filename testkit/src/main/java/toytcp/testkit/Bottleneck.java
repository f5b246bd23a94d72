package toytcp.testkit;

import toytcp.codec.TcpSegment;

/// A queue in front of a line of a fixed rate, which all flows of a [BottleneckNetwork] go through.
///
/// The queue is drop-tail: a packet that does not fit is dropped. It may mark packets, too: one that
/// meets more than a threshold in the queue leaves as "congestion experienced", if its sender
/// declared itself ECN-capable (RFC 3168, 5; the step marking of RFC 8257, 3.1). What the line is just
/// sending counts as queued.
public final class Bottleneck {
    /// The threshold of a queue that does not mark.
    public static final long NO_MARKING = Long.MAX_VALUE;

    static final long DROPPED = -1;

    private static final long NANOS_A_SECOND = 1_000_000_000;
    private static final int ECN_FIELD = 3;

    private final long bitsPerSecond;
    private final long queueOctets;
    private final long markOctets;

    /// What is queued, as a ring: when each packet is gone, and how long it is.
    private long[] goneAt = new long[64];

    private int[] lengths = new int[64];
    private int head;
    private int count;

    private long freeAtNanos;
    private long queued;
    private long largestQueue;
    private double octetNanos;
    private long carriedOctets;
    private long carriedPackets;
    private long droppedPackets;
    private long markedPackets;

    Bottleneck(long bitsPerSecond, long queueOctets, long markOctets) {
        if (bitsPerSecond < 1 || queueOctets < 1 || markOctets < 0) {
            throw new IllegalArgumentException(
                    "a bottleneck has a rate of at least 1 bit/s, a queue of at least 1 octet and"
                            + " no negative threshold, got "
                            + (bitsPerSecond + ", " + queueOctets + ", " + markOctets));
        }
        this.bitsPerSecond = bitsPerSecond;
        this.queueOctets = queueOctets;
        this.markOctets = markOctets;
    }

    /// The rate, headers included.
    public long bitsPerSecond() {
        return bitsPerSecond;
    }

    /// How many octets the queue holds.
    public long queueOctets() {
        return queueOctets;
    }

    /// The largest number of octets that was ever queued.
    public long largestQueue() {
        return largestQueue;
    }

    /// The integral of the queue over time, in octets times seconds: divided by the time passed it is
    /// the mean queue. What is queued counts until it will be gone.
    public double queueIntegral() {
        return octetNanos / NANOS_A_SECOND;
    }

    /// Octets that the line took, headers included.
    public long carriedOctets() {
        return carriedOctets;
    }

    /// Packets that the line took.
    public long carriedPackets() {
        return carriedPackets;
    }

    /// Packets that the queue had no room for.
    public long droppedPackets() {
        return droppedPackets;
    }

    /// Packets that the queue marked.
    public long markedPackets() {
        return markedPackets;
    }

    /// Takes a packet.
    ///
    /// @return when it has left, or [#DROPPED]
    long enqueue(TcpSegment segment, int octets, long nowNanos) {
        while (count > 0 && goneAt[head] <= nowNanos) {
            queued -= lengths[head];
            head = head + 1 & goneAt.length - 1;
            count--;
        }
        if (queued + octets > queueOctets) {
            droppedPackets++;
            return DROPPED;
        }
        mark(segment);
        long begins = Math.max(freeAtNanos, nowNanos);
        freeAtNanos = begins + octets * 8L * NANOS_A_SECOND / bitsPerSecond;
        add(octets);
        queued += octets;
        largestQueue = Math.max(largestQueue, queued);
        octetNanos += (double) octets * (freeAtNanos - nowNanos);
        carriedOctets += octets;
        carriedPackets++;
        return freeAtNanos;
    }

    private void mark(TcpSegment segment) {
        if (queued > markOctets && (segment.trafficClass() & ECN_FIELD) != 0) {
            segment.trafficClass(segment.trafficClass() | ECN_FIELD);
            markedPackets++;
        }
    }

    private void add(int octets) {
        int length = goneAt.length;
        if (count == length) {
            long[] moreTimes = new long[2 * length];
            int[] moreLengths = new int[2 * length];
            for (int i = 0; i < count; i++) {
                moreTimes[i] = goneAt[head + i & length - 1];
                moreLengths[i] = lengths[head + i & length - 1];
            }
            goneAt = moreTimes;
            lengths = moreLengths;
            head = 0;
        }
        int tail = head + count++ & goneAt.length - 1;
        goneAt[tail] = freeAtNanos;
        lengths[tail] = octets;
    }
}
