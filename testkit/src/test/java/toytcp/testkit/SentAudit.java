package toytcp.testkit;

import org.jspecify.annotations.Nullable;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

import java.util.Deque;

/// Watches what one connection sends, whatever its peer does: less than [WireAudit], which trusts both.
///
/// No gap, and after the handshake no acknowledgement that goes back, no window whose right edge goes back.
final class SentAudit {
    private final int iss;
    private boolean acknowledged;
    private int agreedShift = TcpSegment.ABSENT;
    private int sentEnd;
    private int ack;
    private int edge;

    SentAudit(int iss) {
        this.iss = iss;
        sentEnd = iss + 1;
    }

    /// Looks at all segments that were not looked at before, and forgets them.
    ///
    /// @param shift of our window field, if our SYN was not an answer
    /// @return what is wrong, or `null`
    @Nullable String check(Deque<SentSegment> segments, int shift) {
        for (SentSegment next = segments.poll(); next != null; next = segments.poll()) {
            String wrong = check(next.header(), next.length(), shift);
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    private @Nullable String check(TcpSegment segment, int length, int shift) {
        if (segment.has(TcpFlags.RST)) {
            return null;
        }
        boolean syn = segment.has(TcpFlags.SYN);
        if (syn != (segment.seq() == iss) && !isKeepAlive(segment, length)) {
            return "a SYN belongs to the initial sequence number only";
        }
        int end = segment.end() + length;
        if (SeqNum.gt(segment.seq(), sentEnd)) {
            return "a gap: all before was sent up to " + (sentEnd - iss);
        }
        sentEnd = SeqNum.max(sentEnd, end);
        if (syn && segment.has(TcpFlags.ACK)) {
            agreedShift = segment.windowScale();
            // A half-open connection may have gone without a word, and this is another one.
            acknowledged = false;
        }
        int ours = agreedShift == TcpSegment.ABSENT ? shift : agreedShift;
        return segment.has(TcpFlags.ACK) ? checkAck(segment, syn, ours) : null;
    }

    /// SND.NXT - 1 may be that of the SYN (RFC 9293, 3.8.4).
    private static boolean isKeepAlive(TcpSegment segment, int length) {
        return length == 0 && segment.has(TcpFlags.ACK) && !segment.has(TcpFlags.SYN);
    }

    private @Nullable String checkAck(TcpSegment segment, boolean syn, int shift) {
        int newEdge = segment.ack() + (segment.window() << (syn ? 0 : shift));
        if (acknowledged && SeqNum.lt(segment.ack(), ack)) {
            return "the acknowledgement goes back by " + SeqNum.distance(segment.ack(), ack);
        }
        // RFC 7323, 2.4: scaling rounds, so the edge may move by less than one unit.
        if (acknowledged && SeqNum.lt(newEdge, edge - (1 << shift) + 1)) {
            return "the window shrinks by " + SeqNum.distance(newEdge, edge);
        }
        ack = segment.ack();
        edge = acknowledged ? SeqNum.max(edge, newEdge) : newEdge;
        acknowledged = true;
        return null;
    }
}
