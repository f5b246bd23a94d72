package toytcp.stack.tcp;

import toytcp.codec.EcnField;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// ECN by RFC 3168, and with an algorithm that lives on marks the echo of DCTCP (RFC 8257, 3.2) instead of
/// that of RFC 3168, 6.1.3.
final class ClassicEcn extends Ecn {
    /// Changes of DCTCP.CE within one batch that get ACKs of their own; others share one.
    private static final int MOST_CHANGES = 16;

    /// Whether ECE goes out. For DCTCP this is DCTCP.CE.
    private boolean echo;

    /// Whether the next new data tell that the window was reduced.
    private boolean cwr;

    /// Where DCTCP.CE changed: RCV.NXT of ACKs that are still to be sent with the state of before.
    private int[] changes;

    /// DCTCP.CE before each of them, one bit for each.
    private int statesBefore;

    private int changeCount;

    /// Those of them that left.
    private int changesSent;

    ClassicEcn(Tcb tcb, boolean mayMark) {
        super(tcb, mayMark);
    }

    @Override
    void receive(TcpSegment segment, int octets) {
        if (octets == 0) {
            // RFC 3168, 6.1.4: pure ACKs are not ECN-capable.
            return;
        }
        boolean ce = segment.ecn() == EcnField.CE;
        if (tcb.config.congestion().needsMarks()) {
            follow(ce);
            return;
        }
        // RFC 3168, erratum 3639: CWR first, so that a mark on the same packet is not lost.
        if (segment.has(TcpFlags.CWR)) {
            echo = false;
            // The peer's window is small now, so it should not wait; as in Linux.
            tcb.acks.acknowledgeNow();
        }
        echo |= ce;
    }

    /// RFC 8257, 3.2, steps 1 to 3: an immediate ACK at each change, "one for previously unacknowledged
    /// packets and another acknowledging the most recently received packet".
    private void follow(boolean ce) {
        if (ce == echo) {
            return;
        }
        if (tcb.acks.isPending() && changeCount < MOST_CHANGES) {
            remember(tcb.rcv.nxt);
        }
        echo = ce;
        tcb.acks.acknowledgeNow();
    }

    private void remember(int nxt) {
        if (changes == null) {
            changes = new int[MOST_CHANGES];
        }
        int bit = 1 << changeCount;
        statesBefore = echo ? statesBefore | bit : statesBefore & ~bit;
        changes[changeCount++] = nxt;
    }

    /// Classic feedback does not say how much was marked: "If the ECE flag is set" all that the ACK
    /// acknowledges counts (RFC 8257, 3.3, step 3).
    @Override
    boolean readFeedback(TcpSegment segment, int delivered) {
        if (!segment.has(TcpFlags.ECE)) {
            return false;
        }
        marked(delivered);
        if (delivered > 0) {
            deliveredCe += packets(delivered, snd.mss);
        }
        return true;
    }

    @Override
    void onReduced() {
        cwr = true;
    }

    @Override
    void onNewData(TcpSegment segment) {
        super.onNewData(segment);
        if (cwr) {
            cwr = false;
            segment.flag(TcpFlags.CWR);
        }
    }

    @Override
    boolean owesAck() {
        return changeCount > 0;
    }

    /// An ACK that tells less than we know: up to a change, with the same right edge of the window, as far as
    /// there is memory for that.
    @Override
    void prepareAck(TcpSegment ack) {
        ReceiveSequence rcv = tcb.rcv;
        int upTo = changes[changesSent];
        int window = rcv.nxt - upTo + rcv.wnd >> rcv.shift;
        ack.ack(upTo).window(tcb.memory.windowField(Math.min(window, 0xffff)));
    }

    @Override
    void addFeedback(TcpSegment segment) {
        boolean now = echo;
        if (changeCount > 0) {
            now = (statesBefore >> changesSent & 1) != 0;
            if (++changesSent == changeCount) {
                changeCount = 0;
                changesSent = 0;
                tcb.acks.acknowledgeNow();
            }
        }
        if (now && !segment.has(TcpFlags.RST)) {
            segment.flag(TcpFlags.ECE);
        }
    }
}
