package toytcp.stack.tcp;

import toytcp.codec.SeqNum;

/// The send sequence variables (RFC 9293, 3.3.1, Figure 3).
///
/// ```
///      1         2          3          4
/// ----------|----------|----------|----------
///        SND.UNA    SND.NXT    SND.UNA
///                              +SND.WND
///
/// 1 - acknowledged       2 - sent, unacknowledged
/// 3 - allowed to send    4 - not yet allowed
/// ```
final class SendSequence {
    /// Initial send sequence number.
    final int iss;

    /// Oldest unacknowledged sequence number.
    int una;

    /// The sequence number after the highest one sent.
    int nxt;

    /// Where transmission goes on: SND.NXT, or earlier while octets are sent again in order.
    int cursor;

    /// SND.UP: the sequence number after the urgent data; nothing is urgent unless it is beyond SND.UNA.
    int up;

    /// The send window, an offset from SND.UNA, already scaled.
    int wnd;

    /// SEG.SEQ of the segment that last updated the window.
    int wl1;

    /// SEG.ACK of the segment that last updated the window.
    int wl2;

    /// The largest window ever offered by the peer, Max(SND.WND).
    int maxWnd;

    /// The shift that the peer asked for, Snd.Wind.Shift (RFC 7323, 2.3).
    int shift;

    /// Eff.snd.MSS: data octets of a full-sized segment, options already subtracted.
    int mss;

    SendSequence(int iss) {
        this.iss = iss;
        una = iss;
        nxt = iss;
        cursor = iss;
        up = iss;
    }

    /// Whether the peer is to know of urgent data that it has not acknowledged.
    boolean isUrgent() {
        return SeqNum.gt(up, una);
    }

    /// The sequence number of a segment without text. Deviation: RFC 9293 gives it SND.NXT; if the peer
    /// shrank its window, or a zero-window probe is out, that lies beyond the window and the peer would
    /// drop the segment with everything it says. So it never lies beyond the window, as in Linux. Our SYN needs
    /// no window.
    int edge() {
        int room = una == iss ? Math.max(wnd, 1) : wnd;
        return SeqNum.min(nxt, una + room);
    }

    /// Octets of sequence space that are sent and not acknowledged: FlightSize of RFC 5681.
    int flightSize() {
        return SeqNum.distance(una, nxt);
    }

    /// Octets between `cursor` and the right edge of the window; negative if the window shrank.
    int usableWindow() {
        return SeqNum.distance(cursor, una + wnd);
    }

    /// Moves the cursor, and SND.NXT with it if this is new.
    void advance(int to) {
        cursor = to;
        nxt = SeqNum.max(nxt, to);
    }

    /// Moves SND.UNA.
    void acknowledge(int to) {
        una = to;
        cursor = SeqNum.max(cursor, to);
        // Dragged along, so that it never comes to lie ahead when the sequence space wraps.
        up = SeqNum.max(up, to);
    }

    void updateWindow(int window, int seq, int ack) {
        wnd = window;
        wl1 = seq;
        wl2 = ack;
        maxWnd = Math.max(maxWnd, window);
    }
}
