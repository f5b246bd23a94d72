package toytcp.stack.tcp.congestion;

import java.util.ArrayDeque;

/// A path for an algorithm alone: a bottleneck of a rate with a queue before it, a delay behind it, and an
/// ACK for each segment. The sender paces and keeps to the window; the samples are those of
/// draft-ietf-ccwg-bbr, 4.1.
final class BbrPath {
    private static final double NANOS_A_SECOND = 1e9;

    /// What a segment remembers of its transmission.
    private record Sent(
            long at,
            long arrives,
            long delivered,
            long deliveredAt,
            int inFlight,
            int lostBefore) {}

    final CongestionController controller;
    final AckSample sample = new AckSample();

    private final int segment;
    private final long roundTrip;
    private final ArrayDeque<Sent> network = new ArrayDeque<>();

    /// Octets a second of the bottleneck.
    double rate;

    /// Octets that the queue holds.
    int queue = Integer.MAX_VALUE;

    /// One segment in so many is lost; 0 for none.
    int lossEvery;

    /// Whether the application has nothing to send beyond this many octets in flight.
    int application = Integer.MAX_VALUE;

    long now = 1_000_000_000L;
    private long nextSend;
    private double bottleneckFree;
    private long delivered;
    private long deliveredAt;
    private int lost;
    private int inFlight;
    private long appLimitedUntil;
    private long sentCount;
    private long maximumQueue;

    BbrPath(CongestionController controller, int segment, double rate, long roundTripNanos) {
        this.controller = controller;
        this.segment = segment;
        this.rate = rate;
        roundTrip = roundTripNanos;
        deliveredAt = now;
    }

    /// Lets time pass: every ACK that arrives until then, every segment that may leave.
    void run(long nanos) {
        long end = now + nanos;
        while (now < end) {
            long ack = network.isEmpty() ? Long.MAX_VALUE : network.peek().arrives();
            long send = maySend() ? Math.max(now, nextSend) : Long.MAX_VALUE;
            long next = Math.min(end, Math.min(ack, send));
            now = next;
            if (next == ack) {
                acknowledge(network.poll());
            } else if (next == send) {
                send();
            }
        }
    }

    /// Octets delivered since the beginning.
    long delivered() {
        return delivered;
    }

    int inFlight() {
        return inFlight;
    }

    /// The longest queue since this was asked last, in octets.
    long takeMaximumQueue() {
        long most = maximumQueue;
        maximumQueue = 0;
        return most;
    }

    private boolean maySend() {
        boolean allowed = inFlight + segment <= controller.window();
        if (allowed && inFlight + segment > application) {
            appLimitedUntil = Math.max(1, delivered + inFlight);
            return false;
        }
        return allowed;
    }

    private void send() {
        if (inFlight == 0) {
            deliveredAt = now;
        }
        inFlight += segment;
        nextSend = now + (long) (segment * NANOS_A_SECOND / controller.pacingRate());
        double waiting = Math.max(0, bottleneckFree - now) * rate / NANOS_A_SECOND;
        maximumQueue = Math.max(maximumQueue, (long) waiting);
        boolean random = lossEvery > 0 && ++sentCount % lossEvery == 0;
        int limited = appLimitedUntil > 0 ? -inFlight : inFlight;
        if (random || waiting + segment > queue) {
            // Found out as late as an ACK would have come.
            long late = now + roundTrip + (long) (waiting * NANOS_A_SECOND / rate);
            network.add(new Sent(-now, late, delivered, deliveredAt, limited, lost));
            return;
        }
        bottleneckFree = Math.max(bottleneckFree, now) + segment * NANOS_A_SECOND / rate;
        long arrives = (long) bottleneckFree + roundTrip;
        network.add(new Sent(now, arrives, delivered, deliveredAt, limited, lost));
    }

    private void acknowledge(Sent sent) {
        inFlight -= segment;
        sample.nowNanos(now).totalDelivered(delivered).appLimited(sent.inFlight() < 0);
        sample.txInFlight(Math.abs(sent.inFlight()));
        if (sent.at() < 0) {
            lost += segment;
            sample.lost(segment).totalLost(lost).lostSinceSent(lost - sent.lostBefore());
            controller.onSegmentLost(sample);
            return;
        }
        delivered += segment;
        deliveredAt = now;
        long interval = now - sent.deliveredAt();
        sample.acked(segment).delivered(segment).lost(0).flightSize(inFlight + segment);
        sample.inFlight(inFlight).windowLimited(inFlight + 2 * segment > controller.window());
        sample.rttNanos(now - sent.at()).smoothedRttNanos(now - sent.at());
        sample.totalDelivered(delivered).totalLost(lost).lostSinceSent(lost - sent.lostBefore());
        sample.priorDelivered(sent.delivered()).rateDelivered((int) (delivered - sent.delivered()));
        sample.rateIntervalNanos(interval);
        sample.deliveryRate((long) (sample.rateDelivered() * NANOS_A_SECOND / interval));
        if (delivered > appLimitedUntil) {
            appLimitedUntil = 0;
        }
        controller.onAck(sample);
    }
}
