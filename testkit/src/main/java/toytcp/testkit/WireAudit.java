package toytcp.testkit;

import org.jspecify.annotations.Nullable;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// Watches all segments of one connection and tells which promise of RFC 9293 one of them breaks.
///
/// It sees nothing but the wire, so it holds for any implementation: no gaps in what is sent,
/// nothing beyond the peer's window but a probe, acknowledgements that never go back or ahead of
/// what was sent, and a window whose right edge stays.
final class WireAudit {
    private static final int MAX_FIELD = 65535;

    private boolean synSent;
    private boolean synSeen;
    private int sentEnd;
    private int acked;
    private int ownShift;
    private int peerShift;
    private int offeredEdge;
    private int peerEdge;
    private int peerSentEnd;

    /// @return what is wrong with a segment that leaves, or `null`
    @Nullable String sent(TcpSegment segment) {
        if (segment.has(TcpFlags.RST)) {
            return null;
        }
        if (segment.has(TcpFlags.SYN)) {
            return sentSyn(segment);
        }
        if (!synSent) {
            return "a segment before the SYN";
        }
        if (SeqNum.gt(segment.seq(), sentEnd)) {
            return "a gap: all before was sent up to "
                    + (segment.seq() - sentEnd)
                    + " octets earlier";
        }
        int dataEnd = segment.seq() + segment.payload().readableBytes();
        if (segment.payload().isReadable() && SeqNum.gt(dataEnd, peerEdge + 1)) {
            return SeqNum.distance(peerEdge, dataEnd) + " octets beyond the peer's window";
        }
        sentEnd = SeqNum.max(sentEnd, segment.end());
        return segment.has(TcpFlags.ACK) ? checkAck(segment) : "a segment without ACK";
    }

    /// A segment arrived unharmed.
    void received(TcpSegment segment) {
        if (segment.has(TcpFlags.RST)) {
            return;
        }
        if (segment.has(TcpFlags.SYN) && !synSeen) {
            synSeen = true;
            peerShift = segment.windowScale();
            peerSentEnd = segment.end();
            acked = segment.seq();
            offeredEdge = segment.end();
        }
        peerSentEnd = SeqNum.max(peerSentEnd, segment.end());
        if (segment.has(TcpFlags.ACK)) {
            int shift = segment.has(TcpFlags.SYN) ? 0 : shift(peerShift);
            peerEdge = SeqNum.max(peerEdge, segment.ack() + (segment.window() << shift));
        }
    }

    private @Nullable String sentSyn(TcpSegment segment) {
        if (!synSent) {
            synSent = true;
            sentEnd = segment.end();
            peerEdge = segment.end();
        } else if (segment.end() != sentEnd && SeqNum.geq(segment.end(), sentEnd)) {
            return "a second SYN with another sequence number";
        }
        // The SYN,ACK has the last word: it may take back what the SYN of a simultaneous open
        // offered.
        ownShift = segment.windowScale();
        return segment.has(TcpFlags.ACK) ? checkAck(segment) : null;
    }

    private @Nullable String checkAck(TcpSegment segment) {
        if (SeqNum.lt(segment.ack(), acked)) {
            return "the acknowledgement goes back by " + SeqNum.distance(segment.ack(), acked);
        }
        if (SeqNum.gt(segment.ack(), peerSentEnd)) {
            return "acknowledges what was never received";
        }
        acked = segment.ack();
        int shift = segment.has(TcpFlags.SYN) ? 0 : shift(ownShift);
        int edge = segment.ack() + (segment.window() << shift);
        boolean syn = segment.has(TcpFlags.SYN);
        // A SYN that goes again can tell no more than its field, whatever was offered meanwhile.
        int offered = syn ? SeqNum.min(offeredEdge, segment.ack() + MAX_FIELD) : offeredEdge;
        // RFC 7323, 2.4: scaling rounds the window down, so the edge may move by less than one
        // unit.
        if (SeqNum.lt(edge, offered - (1 << shift) + 1)) {
            return "the window shrinks by " + SeqNum.distance(edge, offeredEdge);
        }
        offeredEdge = SeqNum.max(offeredEdge, edge);
        return null;
    }

    private int shift(int shift) {
        return ownShift >= 0 && peerShift >= 0 ? Math.min(shift, 14) : 0;
    }
}
