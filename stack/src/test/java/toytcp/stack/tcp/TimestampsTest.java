package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.TcpSegment;
import toytcp.testkit.Rfc;

/// RFC 7323: what is echoed, what is too old, and how a wrapped or outdated clock is survived.
class TimestampsTest {
    private static final long MS = 1_000_000;
    private static final long DAY = 24 * 3600 * 1000 * MS;

    private final Timestamps timestamps = new Timestamps(0, true);

    @Test
    @Rfc(number = 7323, section = "4.1", id = "4.1-1")
    @Rfc(number = 7323, section = "5.4", id = "5.4-1")
    @Rfc(number = 7323, section = "5.4", id = "5.4-2")
    @Rfc(number = 7323, section = "5.4", id = "5.4-3")
    void theClockTicksOnceAMillisecondFromTheOffset() {
        Timestamps early = new Timestamps(-2, true);
        assertEquals(-2, early.value(0));
        assertEquals(-2, early.value(MS - 1));
        assertEquals(-1, early.value(MS));
        assertEquals(1, early.value(3 * MS));
        assertEquals(-2, early.value((1L << 32) * MS));
    }

    @Test
    void anOptionThatThePeerDidNotTakeIsOff() {
        assertTrue(timestamps.enabled());
        timestamps.disable();
        assertFalse(timestamps.enabled());
        assertFalse(new Timestamps(0, false).enabled());
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 0, -1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void pawsComparesModulo2To32(int recent) {
        timestamps.start(recent, 0);
        assertTrue(timestamps.isTooOld(segment(0, recent - 1), MS));
        assertTrue(timestamps.isTooOld(segment(0, recent - Integer.MAX_VALUE), MS));
        assertFalse(timestamps.isTooOld(segment(0, recent), MS));
        assertFalse(timestamps.isTooOld(segment(0, recent + 1), MS));
        assertFalse(timestamps.isTooOld(segment(0, recent + Integer.MAX_VALUE), MS));
    }

    @Test
    void theSegmentThatSpansTheLastAckIsEchoed() {
        timestamps.start(100, 0);
        timestamps.lastAckSent = -5;
        timestamps.update(segment(-4, 101), MS);
        assertEquals(100, timestamps.recent());
        timestamps.update(segment(-5, 102), MS);
        assertEquals(102, timestamps.recent());
        timestamps.update(segment(-100, 103), MS);
        assertEquals(103, timestamps.recent());
    }

    @Test
    @Rfc(number = 7323, section = "5.2", id = "5.2-1")
    void anEarlierTimestampIsNotEchoed() {
        timestamps.start(1, 0);
        timestamps.update(segment(0, -1), MS);
        assertEquals(1, timestamps.recent());
    }

    @Test
    void aTimestampIsOutdatedAfter24DaysWithoutNews() {
        timestamps.start(1000, 5 * MS);
        assertTrue(timestamps.isTooOld(segment(0, 999), 24 * DAY + 5 * MS - 1));
        assertFalse(timestamps.isTooOld(segment(0, 999), 24 * DAY + 5 * MS));
    }

    @Test
    void everyEchoedSegmentCountsAsNews() {
        timestamps.start(1000, 0);
        timestamps.update(segment(0, 1000), 20 * DAY);
        assertTrue(timestamps.isTooOld(segment(0, 999), 40 * DAY));
    }

    /// RFC 7323, 5.5: "If TS.Recent is found to be invalid, then the segment is accepted, regardless
    /// of the failure of the timestamp check, and rule R3 updates TS.Recent with the TSval from the
    /// new segment".
    @Test
    void anOutdatedTimestampIsReplacedThoughThePeersClockSeemsToHaveGoneBack() {
        timestamps.start(1000, 0);
        long later = 30 * DAY;
        int tsVal = (int) (1000 + later / MS);
        TcpSegment segment = segment(0, tsVal);
        assertFalse(timestamps.isTooOld(segment, later));
        timestamps.update(segment, later);
        assertEquals(tsVal, timestamps.recent());
        assertTrue(timestamps.isTooOld(segment(0, tsVal - 1), later));
        assertFalse(timestamps.isTooOld(segment(0, tsVal + 1), later));
    }

    @Test
    void anOutdatedTimestampIsNotReplacedByASegmentBeyondAGap() {
        timestamps.start(1000, 0);
        timestamps.update(segment(1, -7), 30 * DAY);
        assertEquals(1000, timestamps.recent());
    }

    @Test
    void theRoundTripIsTheAgeOfTheEchoButAtLeastATick() {
        Timestamps wrapping = new Timestamps(-10, true);
        TcpSegment segment = new TcpSegment().timestamps(0, wrapping.value(3 * MS));
        assertEquals(40 * MS, wrapping.rtt(segment, 43 * MS));
        assertEquals(MS, wrapping.rtt(segment, 3 * MS));
    }

    @Test
    void anEchoFromTheFutureIsNotPlausible() {
        TcpSegment segment = new TcpSegment().timestamps(0, 50);
        assertTrue(timestamps.isEchoPlausible(segment, 50 * MS));
        assertTrue(timestamps.isEchoPlausible(segment, 51 * MS));
        assertFalse(timestamps.isEchoPlausible(segment, 49 * MS));
    }

    private static TcpSegment segment(int seq, int tsVal) {
        return new TcpSegment().seq(seq).timestamps(tsVal, 0);
    }
}
