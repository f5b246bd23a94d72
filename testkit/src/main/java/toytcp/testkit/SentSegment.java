package toytcp.testkit;

import toytcp.codec.SegmentFormat;
import toytcp.codec.TcpSegment;

import java.util.Arrays;

/// A segment that the connection under test sent, after its payload was checked and released.
///
/// @param atNanos when it was sent
/// @param header everything but the payload, which is empty
/// @param length the octets of the payload
/// @param text the whole segment as text
/// @param line where the exchange shows it
record SentSegment(long atNanos, TcpSegment header, int length, String text, int line) {

    /// Whether this is what the line of a script asks for. `sinceNanos` is what times in it count from.
    boolean matches(ScriptText wanted, long sinceNanos) {
        SegmentFormat.Parsed parsed = wanted.parsed();
        TcpSegment segment = parsed.segment();
        return inTime(wanted.afterNanos(), sinceNanos)
                && means(wanted, 0)
                && (!parsed.window() || header.window() == segment.window())
                && clockMatches(wanted.timestamps(), segment);
    }

    /// Whether this is what the line asks for but for what depends on clocks and buffers: the time, the
    /// values of timestamps and the size of the window.
    ///
    /// @param free flags that may be set although the line does not have them
    boolean means(ScriptText wanted, int free) {
        SegmentFormat.Parsed parsed = wanted.parsed();
        TcpSegment segment = parsed.segment();
        return (header.flags() | free) == (segment.flags() | free)
                && header.has(segment.flags())
                && length == parsed.payloadLength()
                && (!parsed.sequence() || header.seq() == segment.seq())
                && (!parsed.ack() || header.ack() == segment.ack())
                && (!parsed.urgent() || header.urgentPointer() == segment.urgentPointer())
                && (!parsed.ecn() || header.ecn() == segment.ecn())
                && (!wanted.optionsMentioned() || optionsMatch(segment))
                && timestampsMatch(wanted.timestamps());
    }

    private boolean inTime(long afterNanos, long sinceNanos) {
        return afterNanos == ScriptText.NO_TIME || afterNanos == atNanos - sinceNanos;
    }

    private boolean optionsMatch(TcpSegment segment) {
        return header.mss() == segment.mss()
                && header.windowScale() == segment.windowScale()
                && header.sackPermitted() == segment.sackPermitted()
                && accEcnMatches(segment)
                && Arrays.equals(edges(header), edges(segment));
    }

    private boolean timestampsMatch(ScriptText.Timestamps wanted) {
        return switch (wanted) {
            case UNMENTIONED -> true;
            case BARE, GIVEN -> header.hasTimestamps();
            case NONE -> !header.hasTimestamps();
        };
    }

    private boolean clockMatches(ScriptText.Timestamps wanted, TcpSegment segment) {
        return wanted != ScriptText.Timestamps.GIVEN
                || header.tsVal() == segment.tsVal() && header.tsEcr() == segment.tsEcr();
    }

    private boolean accEcnMatches(TcpSegment segment) {
        return header.accEcnFields() == segment.accEcnFields()
                && header.ee0b() == segment.ee0b()
                && header.eceb() == segment.eceb()
                && header.ee1b() == segment.ee1b();
    }

    private static int[] edges(TcpSegment segment) {
        int[] edges = new int[2 * segment.sackCount()];
        for (int i = 0; i < segment.sackCount(); i++) {
            edges[2 * i] = segment.sackLeft(i);
            edges[2 * i + 1] = segment.sackRight(i);
        }
        return edges;
    }
}
