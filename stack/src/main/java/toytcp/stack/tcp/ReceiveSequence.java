package toytcp.stack.tcp;

import toytcp.codec.SeqNum;

/// The receive sequence variables (RFC 9293, 3.3.1, Figure 4).
///
/// ```
///     1          2          3
/// ----------|----------|----------
///        RCV.NXT    RCV.NXT
///                   +RCV.WND
///
/// 1 - acknowledged, 2 - allowed, 3 - not yet allowed
/// ```
final class ReceiveSequence {
    private static final int MAX_FIELD = 65535;

    /// The user can lag behind RCV.NXT by no more than the largest buffer.
    private static final int MAX_UNREAD = 1 << 30;

    /// Initial receive sequence number.
    final int irs;

    /// The next sequence number that is expected.
    int nxt;

    /// The window as the peer knows it: an offset from RCV.NXT to the right edge that we offered.
    int wnd;

    /// Receive urgent pointer: the sequence number after the urgent data.
    int up;

    /// The shift of our window field, Rcv.Wind.Shift (RFC 7323, 2.3).
    int shift;

    /// The largest segment text seen, bounded by our MSS: the RMSS of RFC 9293, 3.8.6.3.
    int mss = 1;

    /// Whether the FIN arrived, perhaps ahead of missing text, and where it is.
    boolean finSeen;

    int fin;

    ReceiveSequence(int irs) {
        this.irs = irs;
        nxt = irs + 1;
        up = irs + 1;
    }

    /// Moves RCV.NXT over `octets`; the right edge of the window stays.
    void advance(int octets) {
        nxt += octets;
        wnd = Math.max(0, wnd - octets);
        // Dragged along, so that it never comes to lie ahead when the sequence space wraps.
        up = SeqNum.max(up, nxt - MAX_UNREAD);
    }

    /// The segment acceptability test (RFC 9293, 3.10.7.4, Table 6).
    boolean isAcceptable(int seq, int length) {
        if (length == 0) {
            return wnd == 0 ? seq == nxt : SeqNum.inWindow(seq, nxt, wnd);
        }
        return wnd > 0
                && (SeqNum.inWindow(seq, nxt, wnd) || SeqNum.inWindow(seq + length - 1, nxt, wnd));
    }

    /// Moves the right edge if that is worth telling, and returns the window field to send.
    ///
    /// "The suggested SWS avoidance algorithm for the receiver is to keep RCV.NXT+RCV.WND fixed until
    /// the reduction satisfies" the inequality below (RFC 9293, 3.8.6.2.2).
    ///
    /// An edge between two multiples of the unit is rounded up in the field. Small segments would
    /// push it on that way for ever, so once that would lead beyond the buffer by a unit, the field
    /// is rounded down, and what it leaves out is still accepted: "The receiver MUST honor, as in
    /// window, any segment that would have been in window for any <ACK> sent by the receiver"
    /// (RFC 7323, 2.4).
    ///
    /// @param buffer RCV.BUFF
    /// @param unconsumed RCV.USER
    /// @param segment Eff.snd.MSS
    int offer(int buffer, int unconsumed, int segment) {
        int free = freeSpace(buffer, unconsumed);
        if (free - wnd >= Math.min(buffer / 2, segment)) {
            wnd = Math.max(wnd, free >> shift << shift);
        }
        int unit = 1 << shift;
        int roundedUp = wnd + unit - 1 >> shift;
        if ((roundedUp << shift) - free >= unit) {
            return wnd >> shift;
        }
        wnd = roundedUp << shift;
        return roundedUp;
    }

    /// Whether the user made so much room that the peer should hear of it without delay: a quarter
    /// of the buffer, as far as the field can tell it, or the first segment after the window was as
    /// good as closed.
    boolean isUpdateDue(int buffer, int unconsumed, int segment) {
        int gain = freeSpace(buffer, unconsumed) - wnd;
        int largest = Math.min(buffer, MAX_FIELD << shift);
        boolean offered = gain > 0 && gain >= Math.min(buffer / 2, segment);
        return offered && (gain >= largest / 4 || wnd < segment);
    }

    private int freeSpace(int buffer, int unconsumed) {
        // A buffer below the unit of the field would be a window that is closed for ever.
        int least = Math.max(buffer, 1 << shift);
        return Math.clamp(least - unconsumed, 0, MAX_FIELD << shift);
    }
}
