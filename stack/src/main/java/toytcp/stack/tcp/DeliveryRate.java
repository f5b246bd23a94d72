package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.CongestionController;

import java.util.Arrays;

/// How fast the path delivers: the delivery rate samples of draft-ietf-ccwg-bbr, 4.1.
///
/// Each segment remembers how much had been delivered when it was sent. When it is delivered itself, the
/// difference is what the path delivered meanwhile; the time that took is the longer one of the time
/// between the acknowledgements and the time between the transmissions, since ACKs may arrive in a bunch,
/// but nothing is delivered faster than it is sent.
///
/// The state of segments is parallel arrays beside those of [SentSegments], with the same slots: 28
/// octets for each, and only for an algorithm that wants it. C.* and P.* are the draft's names.
final class DeliveryRate {
    /// P.delivered_time of a segment that was sent before anybody counted.
    private static final long UNKNOWN = Long.MIN_VALUE;

    /// P.delivered_time of a segment that was delivered.
    private static final long DELIVERED = UNKNOWN + 1;

    private CongestionController congestion;

    /// P.delivered_time, P.first_send_time.
    private long[] deliveredAt;

    private long[] firstSentAt;

    /// P.delivered and P.lost, modulo 2^32: differences of less than 2 GB are all that is needed.
    private int[] delivered;

    private int[] lost;

    /// P.tx_in_flight; its complement if P.is_app_limited.
    private int[] inFlight;

    private int octetsBefore;

    /// C.delivered, C.lost.
    private long totalDelivered;

    private long totalLost;

    /// C.delivered_time, C.first_send_time.
    private long latestDelivery;

    private long firstSend;

    /// C.app_limited: what must have been delivered for the gap to be out of the network; 0 for none.
    private long appLimitedUntil;

    /// RS.has_data, and what RS says of its newest segment.
    private boolean hasData;

    private long priorDelivered = AckSample.NO_PRIOR;
    private int priorLost;
    private int txInFlight;
    private boolean appLimited;
    private long interval;

    /// How long ago the newest segment was sent, if it was sent twice; else [Long#MAX_VALUE].
    private long sinceRepeated;

    private final AckSample loss = new AckSample();

    private DeliveryRate(CongestionController congestion, int capacity) {
        this.congestion = congestion;
        deliveredAt = new long[capacity];
        firstSentAt = new long[capacity];
        delivered = new int[capacity];
        lost = new int[capacity];
        inFlight = new int[capacity];
        Arrays.fill(deliveredAt, UNKNOWN);
    }

    /// What an algorithm needs that goes on from here.
    ///
    /// @param capacity how many slots there are
    /// @param present what there was for the one before, or `null`
    /// @return `null` if the algorithm does not want to know
    static @Nullable DeliveryRate of(
            CongestionController congestion, int capacity, @Nullable DeliveryRate present) {
        if (!congestion.usesDeliveryRate()) {
            return null;
        }
        if (present == null) {
            return new DeliveryRate(congestion, capacity);
        }
        present.congestion = congestion;
        return present;
    }

    /// The ring of segments grew: slot `head + i & oldCapacity - 1` becomes slot `i`.
    void resize(int oldCapacity, int head, int newCapacity) {
        deliveredAt = unrolled(deliveredAt, oldCapacity, head, newCapacity);
        firstSentAt = unrolled(firstSentAt, oldCapacity, head, newCapacity);
        delivered = unrolled(delivered, oldCapacity, head, newCapacity);
        lost = unrolled(lost, oldCapacity, head, newCapacity);
        inFlight = unrolled(inFlight, oldCapacity, head, newCapacity);
    }

    /// The segments are others now: nothing is known of those that are out.
    void forgetSegments() {
        Arrays.fill(deliveredAt, UNKNOWN);
    }

    /// Segments are about to be sent.
    ///
    /// @param octetsInFlight what is in the network before
    void beginSending(int octetsInFlight) {
        octetsBefore = octetsInFlight;
    }

    /// OnPacketSent (): a segment was sent, for the first time or again.
    void onSent(int slot, int octets, long nowNanos) {
        if (octetsBefore == 0) {
            firstSend = nowNanos;
            latestDelivery = nowNanos;
        }
        octetsBefore += octets;
        deliveredAt[slot] = latestDelivery;
        firstSentAt[slot] = firstSend;
        delivered[slot] = (int) totalDelivered;
        lost[slot] = (int) totalLost;
        inFlight[slot] = appLimitedUntil > 0 ? ~octetsBefore : octetsBefore;
    }

    /// UpdateRateSample (P): a segment is newly acknowledged or held.
    ///
    /// @param octets its size
    /// @param retransmitted whether it was sent more than once, so that nobody knows which time it is
    ///     that arrived
    /// @param sentAtNanos when it was sent last
    void onDelivered(int slot, int octets, boolean retransmitted, long sentAtNanos, long nowNanos) {
        long before = deliveredAt[slot];
        if (before == DELIVERED) {
            return;
        }
        deliveredAt[slot] = DELIVERED;
        totalDelivered += octets;
        latestDelivery = nowNanos;
        if (before == UNKNOWN || hasData && sentAtNanos < firstSend) {
            return;
        }
        hasData = true;
        priorDelivered = totalDelivered - ((int) totalDelivered - delivered[slot]);
        priorLost = lost[slot];
        appLimited = inFlight[slot] < 0;
        txInFlight = appLimited ? ~inFlight[slot] : inFlight[slot];
        interval = Math.max(sentAtNanos - firstSentAt[slot], nowNanos - before);
        sinceRepeated = retransmitted ? nowNanos - sentAtNanos : Long.MAX_VALUE;
        firstSend = sentAtNanos;
    }

    /// A part of a segment was acknowledged; of the rest [#onDelivered] tells later.
    void onPartDelivered(int octets) {
        totalDelivered += octets;
    }

    /// A segment was taken for lost.
    void onLost(int slot, int octets, long nowNanos) {
        totalLost += octets;
        boolean known = deliveredAt[slot] > DELIVERED;
        boolean limited = known && inFlight[slot] < 0;
        int then = limited ? ~inFlight[slot] : inFlight[slot];
        loss.lost(octets).appLimited(limited).txInFlight(known ? then : 0);
        loss.lostSinceSent(known ? (int) totalLost - lost[slot] : 0);
        loss.totalDelivered(totalDelivered).totalLost(totalLost).nowNanos(nowNanos);
        congestion.onSegmentLost(loss);
    }

    /// GenerateRateSample (): fills in the rate sample of an ACK of which everything was told.
    ///
    /// @param minRttNanos the least round-trip time of the last minutes; 0 if there was none
    void onAckDone(AckSample sample, long minRttNanos) {
        if (appLimitedUntil > 0 && totalDelivered > appLimitedUntil) {
            appLimitedUntil = 0;
        }
        sample.totalDelivered(totalDelivered).totalLost(totalLost);
        int since = hasData ? (int) (totalDelivered - priorDelivered) : 0;
        sample.priorDelivered(hasData ? priorDelivered : AckSample.NO_PRIOR).rateDelivered(since);
        sample.rateIntervalNanos(hasData ? interval : 0).txInFlight(hasData ? txInFlight : 0);
        sample.lostSinceSent(hasData ? (int) totalLost - priorLost : 0);
        sample.appLimited(hasData ? appLimited : appLimitedUntil > 0);
        // 4.1.2.3: "Normally we expect interval >= MinRTT." What arrived sooner than that after it
        // was sent again is the transmission before, whose state is gone.
        boolean reliable =
                hasData && interval > 0 && Math.min(interval, sinceRepeated) >= minRttNanos;
        sample.deliveryRate(reliable ? (long) (since * 1e9 / interval) : 0);
        hasData = false;
    }

    /// MarkConnectionAppLimited (): there was nothing left to send, and the window would allow more.
    void appLimited(int octetsInFlight) {
        appLimitedUntil = Math.max(1, totalDelivered + octetsInFlight);
    }

    /// Whether the application lately had too little to send.
    boolean isAppLimited() {
        return appLimitedUntil > 0;
    }

    private static long[] unrolled(long[] ring, int length, int head, int newCapacity) {
        long[] more = new long[newCapacity];
        System.arraycopy(ring, head, more, 0, length - head);
        System.arraycopy(ring, 0, more, length - head, head);
        return more;
    }

    private static int[] unrolled(int[] ring, int length, int head, int newCapacity) {
        int[] more = new int[newCapacity];
        System.arraycopy(ring, head, more, 0, length - head);
        System.arraycopy(ring, 0, more, length - head, head);
        return more;
    }
}
