package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.HalfOpenConnection.Verdict;
import toytcp.testkit.Rfc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// SYN-RECEIVED as a small record (RFC 9293, 3.10.7.4, as far as that state goes).
class HalfOpenConnectionTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1000 * MS;
    private static final int IRS = -1;
    private static final int ISS = Integer.MAX_VALUE;
    private static final long START = 7 * SECOND;

    private final RecordingOutput output = new RecordingOutput();

    @AfterEach
    void release() {
        output.release();
    }

    @Test
    void whatThePeersSynSaidCanBeAskedFor() {
        HalfOpenConnection bare = pending(syn());
        assertEquals(-1, bare.peerMaximumSegmentSize());
        assertEquals(-1, bare.peerWindowScale());
        assertFalse(bare.isPeerSackPermitted());
        assertFalse(bare.peerHasTimestamps());
        TcpSegment syn = syn().mss(1400).windowScale(15).sackPermitted(true).timestamps(500, 0);
        HalfOpenConnection full = pending(syn);
        assertEquals(1400, full.peerMaximumSegmentSize());
        assertEquals(14, full.peerWindowScale());
        assertTrue(full.isPeerSackPermitted());
        assertTrue(full.peerHasTimestamps());
    }

    @Test
    void itIsKnownWhetherTheSynAckWasRepeated() {
        HalfOpenConnection pending = pending(syn());
        pending.synAck(START);
        assertFalse(pending.isRepeated());
        assertEquals(Verdict.KEEP, pending.onSegment(syn(), START + 1));
        assertTrue(pending.isRepeated());
    }

    @Test
    void aPendingSynIsNotAnsweredAndNeverTimesOut() {
        HalfOpenConnection pending = pending(syn());
        assertEquals(Long.MAX_VALUE, pending.nextDeadlineNanos());
        assertEquals(Verdict.KEEP, pending.onSegment(syn(), START));
        assertNull(pending.reply());
        assertEquals(Verdict.KEEP, pending.onSegment(ack(), START));
        assertNull(pending.reply());
    }

    @Test
    void aPendingSynIsWithdrawnByAResetAtTheNextSequenceNumberOnly() {
        HalfOpenConnection pending = pending(syn());
        assertEquals(Verdict.KEEP, pending.onSegment(reset(IRS), START));
        assertEquals(Verdict.KEEP, pending.onSegment(reset(IRS + 2), START));
        assertEquals(Verdict.REMOVE, pending.onSegment(reset(IRS + 1), START));
    }

    @Test
    void rejectingAnswersWithAResetThatAcknowledgesTheSyn() {
        TcpSegment reset = pending(syn()).reject();
        assertEquals(TcpFlags.RST | TcpFlags.ACK, reset.flags());
        assertEquals(0, reset.seq());
        assertEquals(IRS + 1, reset.ack());
    }

    @Test
    void acceptingAnswersWithOurSynAndAllThatBothSidesWant() {
        TcpSegment syn = syn().mss(1400).windowScale(2).sackPermitted(true).timestamps(500, 0);
        TcpSegment synAck = pending(syn).synAck(START);
        assertEquals(TcpFlags.SYN | TcpFlags.ACK, synAck.flags());
        assertEquals(ISS, synAck.seq());
        assertEquals(IRS + 1, synAck.ack());
        assertEquals(65_535, synAck.window());
        assertEquals(1460, synAck.mss());
        assertEquals(7, synAck.windowScale());
        assertTrue(synAck.sackPermitted());
        assertTrue(synAck.hasTimestamps());
        assertEquals(7000 + 99, synAck.tsVal());
        assertEquals(500, synAck.tsEcr());
    }

    @Test
    void optionsThatThePeerDoesNotOfferAreNotInTheAnswer() {
        TcpSegment synAck = pending(syn()).synAck(START);
        assertEquals(1460, synAck.mss());
        assertEquals(TcpSegment.ABSENT, synAck.windowScale());
        assertFalse(synAck.sackPermitted());
        assertFalse(synAck.hasTimestamps());
    }

    @Test
    void optionsThatAreSwitchedOffAreNotInTheAnswer() {
        TcpConfig bare =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.timestamps = false;
                            draft.sack = false;
                            draft.windowScaling = false;
                        });
        TcpSegment syn = syn().windowScale(2).sackPermitted(true).timestamps(500, 0);
        TcpSegment synAck = Listen.onSegment(syn, bare, ISS, 99).synAck(START);
        assertEquals(TcpSegment.ABSENT, synAck.windowScale());
        assertFalse(synAck.sackPermitted());
        assertFalse(synAck.hasTimestamps());
    }

    @Test
    void theSynAckIsRepeatedWithBackoffUntilThreeMinutesAreOver() {
        HalfOpenConnection half = pending(syn());
        half.synAck(START);
        List<Long> seconds = new ArrayList<>();
        long now = half.nextDeadlineNanos();
        while (half.onDeadline(now) == Verdict.KEEP) {
            seconds.add((now - START) / SECOND);
            assertEquals(TcpFlags.SYN | TcpFlags.ACK, half.reply().flags());
            assertEquals(ISS, half.reply().seq());
            now = half.nextDeadlineNanos();
        }
        assertNull(half.reply());
        assertEquals(List.of(1L, 3L, 7L, 15L, 31L, 63L, 127L), seconds);
        // RFC 9293, 3.8.3, MUST-23: "at least 3 minutes".
        assertEquals(START + 180 * SECOND, now);
    }

    /// However long the user waits for a SYN, the intervals only grow up to the maximum.
    @ParameterizedTest
    @ValueSource(longs = {1, 200, 1000, 10_000, 60_000})
    void intervalsNeverShrinkNorPassTheMaximum(long initialMillis) {
        TcpConfig patient =
                TcpConfig.DEFAULT.with(
                        draft -> {
                            draft.minimumRtoNanos = MS;
                            draft.initialRtoNanos = initialMillis * MS;
                            draft.synGiveUpNanos = 100 * 3600 * SECOND;
                        });
        HalfOpenConnection half = Listen.onSegment(syn(), patient, ISS, 99);
        half.synAck(START);
        long interval = initialMillis * MS;
        long now = START;
        for (int i = 0; i < 1000; i++) {
            assertEquals(now + interval, half.nextDeadlineNanos(), "retransmission " + i);
            now = half.nextDeadlineNanos();
            assertEquals(Verdict.KEEP, half.onDeadline(now));
            assertNotNull(half.reply());
            interval = Math.min(2 * interval, 120 * SECOND);
        }
    }

    @Test
    void aRepeatedSynIsAnsweredAgainWithoutMovingTheDeadline() {
        HalfOpenConnection half = accepted(syn());
        long deadline = half.nextDeadlineNanos();
        assertEquals(Verdict.KEEP, half.onSegment(syn(), START + 10 * MS));
        assertEquals(TcpFlags.SYN | TcpFlags.ACK, half.reply().flags());
        assertEquals(deadline, half.nextDeadlineNanos());
    }

    @Test
    void theAckOfOurSynEstablishes() {
        HalfOpenConnection half = accepted(syn());
        assertEquals(Verdict.ESTABLISH, half.onSegment(ack(), START));
        assertNull(half.reply());
    }

    @Test
    void dataAndFinMayComeWithTheAck() {
        TcpSegment data = ack().flag(TcpFlags.FIN).payload(Unpooled.wrappedBuffer(new byte[9]));
        assertEquals(Verdict.ESTABLISH, accepted(syn()).onSegment(data, START));
    }

    @Test
    void anotherSegmentOfTheWindowEstablishesTooIfTheFirstWasLost() {
        HalfOpenConnection half = accepted(syn());
        assertEquals(Verdict.ESTABLISH, half.onSegment(ack().seq(IRS + 65_535), START));
        assertEquals(Verdict.KEEP, half.onSegment(ack().seq(IRS + 65_536), START));
        assertEquals(TcpFlags.ACK, half.reply().flags());
    }

    @ParameterizedTest
    @ValueSource(ints = {ISS, ISS + 2, ISS - 1, 0})
    void anAckOfSomethingElseIsReset(int ack) {
        HalfOpenConnection half = accepted(syn());
        assertEquals(Verdict.KEEP, half.onSegment(ack().ack(ack), START));
        assertEquals(TcpFlags.RST, half.reply().flags());
        assertEquals(ack, half.reply().seq());
    }

    @Test
    void aSegmentWithoutAckIsDropped() {
        HalfOpenConnection half = accepted(syn());
        assertEquals(Verdict.KEEP, half.onSegment(new TcpSegment().seq(IRS + 1), START));
        assertNull(half.reply());
    }

    @Test
    @Rfc(number = 9293, section = "3.5", id = "MUST-11")
    void anExactResetOrANewSynGoesBackToListen() {
        assertEquals(Verdict.REMOVE, accepted(syn()).onSegment(reset(IRS + 1), START));
        TcpSegment syn = new TcpSegment().seq(IRS + 9).flag(TcpFlags.SYN);
        assertEquals(Verdict.REMOVE, accepted(syn()).onSegment(syn, START));
    }

    @Test
    void aResetElsewhereInTheWindowIsChallengedAndOneOutsideIsDropped() {
        HalfOpenConnection half = accepted(syn());
        assertEquals(Verdict.KEEP, half.onSegment(reset(IRS + 2), START));
        assertEquals(TcpFlags.ACK, half.reply().flags());
        assertEquals(ISS + 1, half.reply().seq());
        assertEquals(IRS + 1, half.reply().ack());
        assertEquals(Verdict.KEEP, half.onSegment(reset(IRS), START));
        assertNull(half.reply());
    }

    /// The window of a segment with SYN is never scaled (RFC 7323, 2.2); in all others it is, so the
    /// same number would offer far more than the buffer.
    @ParameterizedTest
    @CsvSource({"-1, 65535", "0, 512"})
    void theWindowOfAChallengeIsScaledAsAgreed(int peersShift, int field) {
        HalfOpenConnection half = accepted(syn().windowScale(peersShift));
        half.onSegment(reset(IRS + 2), START);
        assertEquals(field, half.reply().window());
    }

    @Test
    void aSegmentOlderThanTheSynIsAnsweredByAnAck() {
        HalfOpenConnection half = accepted(syn().timestamps(500, 0));
        assertEquals(Verdict.KEEP, half.onSegment(ack().timestamps(499, 0), START));
        assertEquals(TcpFlags.ACK, half.reply().flags());
        assertEquals(500, half.reply().tsEcr());
        assertEquals(Verdict.ESTABLISH, half.onSegment(ack().timestamps(500, 0), START));
    }

    /// RFC 7323, 3.2: without a TSopt, "a TCP SHOULD silently drop the segment". The connection would
    /// do so too, and then wait for ever.
    @Test
    void aSegmentWithoutTheAgreedTimestampsIsDropped() {
        HalfOpenConnection half = accepted(syn().timestamps(500, 0));
        assertEquals(Verdict.KEEP, half.onSegment(ack(), START));
        assertNull(half.reply());
        assertEquals(Verdict.ESTABLISH, half.onSegment(ack().timestamps(501, 0), START));
    }

    /// RFC 7323, 5.2: an RST "MUST NOT be subjected to the PAWS check", and need not carry timestamps.
    @Test
    @Rfc(number = 7323, section = "5.2", id = "5.2-5")
    void aResetIsBelievedWhateverItsTimestamp() {
        TcpSegment syn = syn().timestamps(500, 0);
        TcpSegment old = reset(IRS + 1).timestamps(0, 0);
        assertEquals(Verdict.REMOVE, accepted(syn).onSegment(old, START));
        assertEquals(Verdict.REMOVE, accepted(syn).onSegment(reset(IRS + 1), START));
    }

    @Test
    void thePromotedConnectionUsesWhatWasAgreed() {
        HalfOpenConnection half =
                accepted(syn().mss(1000).windowScale(2).sackPermitted(true).timestamps(500, 0));
        TcpConnection connection = promote(half, s -> s.timestamps(510, 7099).window(300));
        assertEquals(TcpState.ESTABLISHED, connection.state());
        assertEquals(List.of("SYN-RECEIVED", "ESTABLISHED", "established"), output.events);
        assertEquals(1000 - 12, connection.maximumSegmentSize());
        assertEquals(30 * MS, connection.smoothedRttNanos());
        connection.send(Unpooled.wrappedBuffer(new byte[5000]), START + 31 * MS);
        connection.flush(START + 31 * MS);
        // 300 << 2 octets of window: one full segment, and what is left is not worth sending.
        TcpSegment data = output.takeOne();
        assertEquals(ISS + 1, data.seq());
        assertEquals(IRS + 1, data.ack());
        assertEquals(988, data.payload().readableBytes());
        assertEquals(510, data.tsEcr());
        // What the SYN,ACK told, 65535, rounded up to the unit of the scale for 6 MiB.
        assertEquals(65_536 >> 7, data.window());
        data.release();
        connection.abort(START + 31 * MS);
    }

    /// Karn's algorithm: whether the first or the second SYN,ACK was answered, nobody knows.
    @Test
    void theRoundTripIsNotMeasuredIfTheSynAckLeftMoreThanOnce() {
        HalfOpenConnection asked = accepted(syn());
        asked.onSegment(syn(), START + 10 * MS);
        TcpConnection connection = promote(asked, s -> s);
        assertEquals(TcpState.ESTABLISHED, connection.state());
        assertEquals(-1, connection.smoothedRttNanos());
        connection.abort(START + 30 * MS);
        output.release();

        HalfOpenConnection late = accepted(syn());
        late.onDeadline(late.nextDeadlineNanos());
        connection = promote(late, s -> s);
        assertEquals(-1, connection.smoothedRttNanos());
        // RFC 5681, 3.1: one segment after a lost SYN,ACK.
        assertEquals(536, connection.congestionWindow());
        connection.abort(START + 30 * MS);
    }

    @Test
    void theRoundTripIsMeasuredIfTheSynAckLeftOnce() {
        TcpConnection connection = promote(accepted(syn()), s -> s);
        assertEquals(30 * MS, connection.smoothedRttNanos());
        assertEquals(5360, connection.congestionWindow());
        connection.abort(START + 30 * MS);
    }

    @Test
    void aPendingSynRemembersTheLatestTimestampOfItsRepetitions() {
        HalfOpenConnection half = pending(syn().timestamps(500, 0));
        assertTrue(half.isPending());
        assertEquals(Verdict.KEEP, half.onSegment(syn().timestamps(1500, 0), START));
        assertEquals(1500, half.synAck(START).tsEcr());
        assertFalse(half.isPending());
    }

    /// TCP_DEFER_ACCEPT of 5 seconds: timeouts at 1, 3 and 7 seconds, as in Linux.
    @Test
    void aDeferredHandshakeWaitsForDataInSilenceAndThenAsksOnceMore() {
        HalfOpenConnection half = pending(syn());
        half.deferAccept(5 * SECOND);
        half.synAck(START);
        assertEquals(Verdict.KEEP, half.onSegment(ack(), START + 30 * MS));
        assertNull(half.reply());
        for (int second : new int[] {1, 3}) {
            assertEquals(START + second * SECOND, half.nextDeadlineNanos());
            assertEquals(Verdict.KEEP, half.onDeadline(half.nextDeadlineNanos()));
            assertNull(half.reply());
        }
        assertEquals(Verdict.KEEP, half.onSegment(ack(), START + 3 * SECOND));
        assertEquals(START + 7 * SECOND, half.nextDeadlineNanos());
        assertEquals(Verdict.KEEP, half.onDeadline(half.nextDeadlineNanos()));
        assertEquals(TcpFlags.SYN | TcpFlags.ACK, half.reply().flags());
        assertEquals(Verdict.ESTABLISH, half.onSegment(ack(), START + 7 * SECOND + MS));
    }

    @Test
    void aDeferredHandshakeEndsWithDataOrFin() {
        for (UnaryOperator<TcpSegment> more :
                List.<UnaryOperator<TcpSegment>>of(
                        s -> s.payload(Unpooled.wrappedBuffer(new byte[1])),
                        s -> s.flag(TcpFlags.FIN))) {
            HalfOpenConnection half = pending(syn());
            half.deferAccept(SECOND);
            half.synAck(START);
            assertEquals(Verdict.KEEP, half.onSegment(ack(), START));
            assertEquals(Verdict.ESTABLISH, half.onSegment(more.apply(ack()), START));
        }
    }

    /// To the first deadline at which the time is over, with the intervals doubled up to the longest RTO.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 63, 64, 120, 183, 184, 3600, 32767})
    void aDeferredHandshakeWaitsForAsLongAsTheUserWants(int seconds) {
        HalfOpenConnection half = pending(syn());
        half.deferAccept(seconds * SECOND);
        half.synAck(START);
        assertEquals(Verdict.KEEP, half.onSegment(ack(), START + MS));
        long before = START;
        long last = START;
        while (half.isDeferred()) {
            before = last;
            last = half.nextDeadlineNanos();
            assertEquals(Verdict.KEEP, half.onDeadline(last));
        }
        assertTrue(last - START >= seconds * SECOND);
        assertTrue(before - START < seconds * SECOND);
    }

    /// The pause between the ACK and the data is the user's, not the path's.
    @Test
    void aDeferredHandshakeDoesNotMeasureTheRoundTrip() {
        HalfOpenConnection half = pending(syn());
        half.deferAccept(SECOND);
        half.synAck(START);
        half.onSegment(ack(), START + MS);
        TcpConnection connection =
                promote(half, s -> s.payload(Unpooled.wrappedBuffer(new byte[1])));
        assertEquals(-1, connection.smoothedRttNanos());
        assertEquals(5360, connection.congestionWindow());
        connection.abort(START + 30 * MS);
    }

    @Test
    void aDeferredHandshakeWithoutAnyAnswerIsRepeatedAndGivenUpAsUsual() {
        HalfOpenConnection half = pending(syn());
        half.deferAccept(3600 * SECOND);
        half.synAck(START);
        int repeated = 0;
        while (half.onDeadline(half.nextDeadlineNanos()) == Verdict.KEEP) {
            assertNotNull(half.reply());
            repeated++;
        }
        assertEquals(7, repeated);
        assertEquals(START + 180 * SECOND, half.nextDeadlineNanos());
    }

    /// Gives the last segment of the handshake, 30 ms after the SYN,ACK.
    private TcpConnection promote(HalfOpenConnection half, UnaryOperator<TcpSegment> options) {
        long now = START + 30 * MS;
        TcpSegment last = options.apply(ack().window(1000));
        assertEquals(Verdict.ESTABLISH, half.onSegment(last, now));
        TcpConnection connection =
                half.promote(PooledByteBufAllocator.DEFAULT, output, MemoryBudget.unlimited());
        connection.onSegment(last, now);
        connection.flush(now);
        return connection;
    }

    private static HalfOpenConnection accepted(TcpSegment syn) {
        HalfOpenConnection half = pending(syn);
        half.synAck(START);
        return half;
    }

    private static HalfOpenConnection pending(TcpSegment syn) {
        return Listen.onSegment(syn, TcpConfig.DEFAULT, ISS, 99);
    }

    private static TcpSegment syn() {
        return new TcpSegment().seq(IRS).flag(TcpFlags.SYN).window(1000);
    }

    private static TcpSegment ack() {
        return new TcpSegment().seq(IRS + 1).ack(ISS + 1);
    }

    private static TcpSegment reset(int seq) {
        return new TcpSegment().seq(seq).flag(TcpFlags.RST);
    }
}
