package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.congestion.AckSample;
import toytcp.stack.tcp.congestion.Bbr;
import toytcp.stack.tcp.congestion.FixedWindow;
import toytcp.stack.tcp.congestion.NewReno;

/// Rate samples by draft-ietf-ccwg-bbr, 4.1. Segments of 1000 octets in slots of a ring; times are
/// milliseconds.
class DeliveryRateTest {
    private static final int MSS = 1000;
    private static final long MS = 1_000_000;
    private static final int SLOTS = 64;

    private final long[] sentAt = new long[SLOTS];
    private final boolean[] sent = new boolean[SLOTS];
    private final boolean[] repeated = new boolean[SLOTS];
    private final AckSample sample = new AckSample();
    private final Losses losses = new Losses();
    private final DeliveryRate rate = DeliveryRate.of(losses, SLOTS, null);
    private int inFlight;
    private long minRtt;

    /// Remembers what the last lost segment told.
    private static final class Losses extends FixedWindow {
        private int lost;
        private int txInFlight;
        private int lostSince;
        private boolean limited;

        private Losses() {
            super(1 << 20);
        }

        @Override
        public boolean usesDeliveryRate() {
            return true;
        }

        @Override
        public void onSegmentLost(AckSample loss) {
            lost = loss.lost();
            txInFlight = loss.txInFlight();
            lostSince = loss.lostSinceSent();
            limited = loss.isAppLimited();
        }
    }

    @Test
    void algorithmsThatDoNotAskPayNothing() {
        assertNull(DeliveryRate.of(new NewReno(MSS), SLOTS, null));
        assertNull(DeliveryRate.of(new NewReno(MSS), SLOTS, rate));
        assertSame(rate, DeliveryRate.of(new Bbr(MSS), SLOTS, rate));
        assertNotSame(rate, DeliveryRate.of(new Bbr(MSS), SLOTS, null));
    }

    /// Ten segments, one a millisecond, over a path of 50 ms that has room for two a millisecond: the rate
    /// at which they were sent counts.
    @Test
    void theRateIsThatOfSendingIfThePathIsFaster() {
        for (int i = 0; i < 10; i++) {
            send(i, i);
        }
        // The ACKs are bunched: all at once.
        for (int i = 0; i < 10; i++) {
            deliver(i, 59);
        }
        done();
        // The last segment's: 10 segments, sent in 9 ms, acknowledged 59 ms after the first left.
        assertEquals(10_000, sample.rateDelivered());
        assertEquals(59 * MS, sample.rateIntervalNanos());
        assertEquals(10_000 * 1000L / 59, sample.deliveryRate());
        assertEquals(0, sample.priorDelivered());
        assertEquals(10_000, sample.totalDelivered());
        assertEquals(10_000, sample.txInFlight());
        assertFalse(sample.isAppLimited());
    }

    /// ack_rate = (C.delivered - P.delivered) / (C.delivered_time - P.delivered_time)
    @Test
    void inASteadyFlowEachSampleSpansARoundTrip() {
        steady(100);
        // One segment of 1000 octets a millisecond.
        assertEquals(1_000_000, sample.deliveryRate());
        assertEquals(10_000, sample.rateDelivered());
        assertEquals(10 * MS, sample.rateIntervalNanos());
        assertEquals(90_000, sample.priorDelivered());
        assertEquals(100_000, sample.totalDelivered());
    }

    /// send_rate = data_acked / send_elapsed, if ACKs come faster than segments were sent.
    @Test
    void acknowledgementsInABunchDoNotMakeThePathFaster() {
        steady(100);
        // The ACKs of the ten that are out come all at the time of the last.
        for (int i = 100; i < 110; i++) {
            deliver(i % SLOTS, 119);
        }
        done();
        // Since the last segment was sent, at 109, ten were delivered; sending them took 10 ms too.
        assertEquals(10_000, sample.rateDelivered());
        assertEquals(1_000_000, sample.deliveryRate());
    }

    @Test
    void afterSilenceTheIntervalBeginsWithTheFirstSegment() {
        send(0, 0);
        deliver(0, 50);
        done();
        send(1, 5000);
        deliver(1, 5050);
        done();
        assertEquals(50 * MS, sample.rateIntervalNanos());
        assertEquals(20_000, sample.deliveryRate());
    }

    /// IsNewestPacket (P)
    @Test
    void ofSeveralSegmentsTheOneSentLastCounts() {
        steady(20);
        long before = sample.totalDelivered();
        deliver(25, 36);
        deliver(21, 36);
        deliver(23, 36);
        done();
        // Segment 25 was sent at 25, when the first 16 had been delivered.
        assertEquals(16_000, sample.priorDelivered());
        assertEquals(before + 3000 - 16_000, sample.rateDelivered());
    }

    @Test
    void anAckThatDeliversNothingHasNoRate() {
        steady(20);
        done();
        assertEquals(0, sample.deliveryRate());
        assertEquals(AckSample.NO_PRIOR, sample.priorDelivered());
        assertEquals(0, sample.rateDelivered());
        assertEquals(20_000, sample.totalDelivered());
    }

    /// MarkConnectionAppLimited (): "it marks all bandwidth samples for the next round trip as
    /// application-limited".
    @Test
    void aGapMarksTheSamplesUntilItIsOutOfTheNetwork() {
        send(0, 0);
        send(1, 0);
        rate.appLimited(inFlight);
        assertTrue(rate.isAppLimited());
        send(2, 10);
        deliver(0, 50);
        done();
        assertFalse(sample.isAppLimited());
        deliver(1, 50);
        done();
        // Exactly what was out when the gap began has arrived: the gap itself has not.
        assertTrue(rate.isAppLimited());
        deliver(2, 60);
        done();
        assertTrue(sample.isAppLimited());
        assertFalse(rate.isAppLimited());
        send(3, 60);
        deliver(3, 110);
        done();
        assertFalse(sample.isAppLimited());
    }

    @Test
    void anIdleConnectionIsAppLimitedFromTheFirstOctet() {
        rate.appLimited(0);
        send(0, 100);
        deliver(0, 150);
        done();
        assertTrue(sample.isAppLimited());
    }

    /// "Normally we expect interval >= MinRTT."
    @Test
    void aSampleShorterThanTheRoundTripIsNoRate() {
        minRtt = 50 * MS;
        send(0, 0);
        deliver(0, 49);
        done();
        assertEquals(0, sample.deliveryRate());
        assertEquals(1000, sample.rateDelivered());
        assertEquals(49 * MS, sample.rateIntervalNanos());
    }

    /// The ACK is for the first transmission, whose state is overwritten.
    @Test
    void anAckThatIsTooEarlyForTheRetransmissionHasNoRate() {
        minRtt = 50 * MS;
        send(0, 0);
        send(1, 0);
        deliver(1, 60);
        done();
        send(0, 100);
        deliver(0, 130);
        done();
        assertEquals(0, sample.deliveryRate());
        assertEquals(2000, sample.totalDelivered());
    }

    @Test
    void aRetransmissionHasARateOfItsOwn() {
        minRtt = 50 * MS;
        send(0, 0);
        send(1, 0);
        deliver(1, 60);
        done();
        inFlight = 0;
        send(0, 100);
        deliver(0, 160);
        done();
        assertEquals(60 * MS, sample.rateIntervalNanos());
        assertEquals(1000 * 1000L / 60, sample.deliveryRate());
    }

    @Test
    void lossesTellWhatWasInFlightAndLostSince() {
        for (int i = 0; i < 10; i++) {
            send(i, 0);
        }
        rate.appLimited(inFlight);
        rate.onLost(3, MSS, 0);
        assertEquals(1000, losses.lost);
        assertEquals(4000, losses.txInFlight);
        assertEquals(1000, losses.lostSince);
        rate.onLost(5, MSS, 0);
        assertEquals(6000, losses.txInFlight);
        assertEquals(2000, losses.lostSince);
        assertFalse(losses.limited);
        send(10, 0);
        rate.onLost(10, MSS, 0);
        assertEquals(1000, losses.lostSince);
        assertTrue(losses.limited);
        deliver(9, 50);
        done();
        assertEquals(3000, sample.lostSinceSent());
        assertEquals(3000, sample.totalLost());
    }

    @Test
    void whatWasSentBeforeAnybodyCountedTellsNothingButItsSize() {
        deliver(7, 10);
        done();
        assertEquals(1000, sample.totalDelivered());
        assertEquals(0, sample.deliveryRate());
        assertEquals(AckSample.NO_PRIOR, sample.priorDelivered());
        rate.onLost(8, MSS, 0);
        assertEquals(0, losses.txInFlight);
        assertEquals(1000, losses.lost);
    }

    @Test
    void whatWasDeliveredIsNotDeliveredAgainUnlessItWasSentAgain() {
        send(0, 0);
        deliver(0, 50);
        done();
        deliver(0, 60);
        done();
        assertEquals(1000, sample.totalDelivered());
        send(0, 70);
        deliver(0, 120);
        done();
        assertEquals(2000, sample.totalDelivered());
    }

    @Test
    void aGrowingRingTakesItsStateAlong() {
        DeliveryRate small = DeliveryRate.of(losses, 4, null);
        int head = 3;
        for (int i = 0; i < 4; i++) {
            small.beginSending(i * MSS);
            small.onSent(head + i & 3, MSS, i * MS);
        }
        small.resize(4, head, 8);
        small.onSent(4, MSS, 4 * MS);
        for (int i = 0; i < 5; i++) {
            small.onDelivered(i, MSS, false, i * MS, (50 + i) * MS);
            small.onAckDone(sample, 0);
            assertEquals((i + 1) * MSS, sample.txInFlight());
            assertEquals((50 + i) * MS, sample.rateIntervalNanos());
        }
    }

    @Test
    void countersGoOnBeyondFourGigabytes() {
        for (int i = 0; i < 5000; i++) {
            rate.beginSending(0);
            rate.onSent(0, 1 << 20, i * 1000 * MS);
            rate.onDelivered(0, 1 << 20, false, i * 1000 * MS, (i * 1000 + 500) * MS);
            rate.onAckDone(sample, 0);
            assertEquals((long) i << 20, sample.priorDelivered());
            assertEquals(2 << 20, sample.deliveryRate());
        }
    }

    private void send(int slot, long at) {
        repeated[slot] = sent[slot];
        sent[slot] = true;
        sentAt[slot] = at * MS;
        rate.beginSending(inFlight);
        rate.onSent(slot, MSS, at * MS);
        inFlight += MSS;
    }

    private void deliver(int slot, long at) {
        rate.onDelivered(slot, MSS, repeated[slot], sentAt[slot], at * MS);
        inFlight -= MSS;
    }

    private void done() {
        rate.onAckDone(sample, minRtt);
    }

    /// A segment a millisecond, and its ACK 10 ms later; `delivered` of them are acknowledged.
    private void steady(int delivered) {
        for (int i = 0; i < delivered + 10; i++) {
            if (i >= 10) {
                deliver((i - 10) % SLOTS, i);
                done();
            }
            send(i % SLOTS, i);
            repeated[i % SLOTS] = false;
            sent[i % SLOTS] = false;
        }
    }
}
