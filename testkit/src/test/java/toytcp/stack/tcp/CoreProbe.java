package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.SeqNum;

import java.lang.reflect.Field;

/// A look behind the facade of one connection: what must hold in its books after each step, whatever
/// came before.
///
/// It remembers the last look, since some numbers must never go back. A new connection in the place of the
/// old one begins anew.
public final class CoreProbe {
    private static final Field TCB;

    static {
        try {
            TCB = TcpConnection.class.getDeclaredField("tcb");
            TCB.setAccessible(true);
        } catch (NoSuchFieldException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private @Nullable Tcb tcb;
    private boolean synKnown;
    private int una;
    private int nxt;
    private int peerEdge;
    private int rcvNxt;
    private int rcvEdge;
    private int largestSendBuffer;
    private int largestReceiveBuffer;

    /// @return what is wrong in the books of `connection` after a flush, or `null`
    public @Nullable String violation(TcpConnection connection) {
        Tcb now = tcbOf(connection);
        if (now != tcb) {
            tcb = now;
            synKnown = false;
            una = tcb.snd.iss;
            nxt = tcb.snd.iss;
            peerEdge = tcb.snd.iss + 1;
            largestReceiveBuffer = tcb.offered.receiveBuffer();
            largestSendBuffer = tcb.offered.sendBuffer();
        }
        largestReceiveBuffer = Math.max(largestReceiveBuffer, tcb.config.receiveBuffer());
        largestSendBuffer = Math.max(largestSendBuffer, tcb.config.sendBuffer());
        if (tcb.state == TcpState.CLOSED) {
            return closed();
        }
        String wrong = sending();
        if (wrong == null && tcb.rcv != null) {
            wrong = receiving(tcb.rcv);
        }
        return wrong == null ? timers() : wrong;
    }

    /// RCV.NXT; the number after the peer's initial one, `irs`, as long as nothing is known of the peer.
    public int receiveNext(int irs) {
        return synKnown ? rcvNxt : irs + 1;
    }

    /// RCV.NXT + RCV.WND.
    public int receiveEdge(int irs) {
        return synKnown ? rcvEdge : irs + 1;
    }

    /// SND.UNA.
    public int unacknowledged() {
        return una;
    }

    /// SND.NXT.
    public int sendNext() {
        return nxt;
    }

    /// Rcv.Wind.Shift.
    public int receiveShift() {
        return tcb == null || tcb.rcv == null ? 0 : tcb.rcv.shift;
    }

    /// The books of `connection`, for a digest.
    public static Object booksOf(TcpConnection connection) {
        return tcbOf(connection);
    }

    private static Tcb tcbOf(TcpConnection connection) {
        try {
            return (Tcb) TCB.get(connection);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private @Nullable String closed() {
        if (tcb.timers.next() != Timers.NEVER) {
            return "a timer runs in CLOSED";
        }
        if (!tcb.assembler.isEmpty()) {
            return "text behind a gap is kept in CLOSED";
        }
        boolean opened = tcb.closeReason != null;
        return opened && !tcb.sendQueue.isEmpty() ? "octets to send are kept in CLOSED" : null;
    }

    private @Nullable String sending() {
        SendSequence snd = tcb.snd;
        if (!SeqNum.leq(snd.una, snd.cursor) || !SeqNum.leq(snd.cursor, snd.nxt)) {
            return order("in order: snd.una, cursor, snd.nxt", snd.una, snd.cursor, snd.nxt);
        }
        if (SeqNum.lt(snd.una, una) || SeqNum.lt(snd.nxt, nxt)) {
            return order("snd.una and snd.nxt go back", una, snd.una, nxt, snd.nxt);
        }
        int first = snd.una == snd.iss ? snd.iss + 1 : SeqNum.min(snd.una, tcb.fin());
        if (tcb.fin() - tcb.sendQueue.size() != first) {
            return order("the queue begins at snd.una", tcb.fin() - tcb.sendQueue.size(), first);
        }
        int last = snd.nxt == snd.iss ? snd.iss : tcb.fin() + (tcb.finQueued ? 1 : 0);
        if (SeqNum.gt(snd.nxt, last)) {
            return order("sent beyond what there is", snd.nxt, last);
        }
        if (tcb.sendQueue.size() > largestSendBuffer) {
            return "the send buffer holds " + tcb.sendQueue.size();
        }
        una = snd.una;
        nxt = snd.nxt;
        peerEdge = SeqNum.max(peerEdge, snd.una + snd.wnd);
        // A probe is one octet more, and the FIN may be behind it.
        boolean beyond = tcb.state.isSynchronized() && SeqNum.gt(snd.nxt, peerEdge + 2);
        return beyond ? order("sent beyond the peer's window", snd.nxt, peerEdge) : null;
    }

    private @Nullable String receiving(ReceiveSequence rcv) {
        int edge = rcv.nxt + rcv.wnd;
        if (synKnown && (SeqNum.lt(rcv.nxt, rcvNxt) || SeqNum.lt(edge, rcvEdge))) {
            return order("rcv.nxt or the window goes back", rcvNxt, rcv.nxt, rcvEdge, edge);
        }
        synKnown = true;
        rcvNxt = rcv.nxt;
        rcvEdge = edge;
        int unread = tcb.receiveQueue.unconsumed();
        int most = largestReceiveBuffer + (1 << rcv.shift);
        if (unread + rcv.wnd > most || unread + tcb.assembler.octets() > most) {
            return "%d unread, %d behind gaps, window %d, buffer %d"
                    .formatted(unread, tcb.assembler.octets(), rcv.wnd, largestReceiveBuffer);
        }
        if (!tcb.assembler.isEmpty()) {
            int end = tcb.assembler.end();
            if (!tcb.state.canReceive() || !SeqNum.gt(end, rcv.nxt) || SeqNum.gt(end, edge)) {
                return order("text behind a gap outside of the window", rcv.nxt, end, edge);
            }
        }
        boolean overdue = tcb.state.canReceive() && rcv.finSeen && !SeqNum.gt(rcv.fin, rcv.nxt);
        return overdue ? "the FIN is next and was not taken" : null;
    }

    private @Nullable String timers() {
        SendSequence snd = tcb.snd;
        Timers timers = tcb.timers;
        boolean outstanding = snd.una != snd.nxt;
        if (tcb.state == TcpState.TIME_WAIT) {
            return outstanding ? "something is outstanding in TIME-WAIT" : null;
        }
        boolean retries =
                timers.isArmed(Timers.Kind.RETRANSMISSION) || timers.isArmed(Timers.Kind.PERSIST);
        if (outstanding && !retries) {
            return "something is outstanding, and nothing will send it again";
        }
        if (outstanding && !timers.isArmed(Timers.Kind.GIVE_UP)) {
            return "something is outstanding, and nothing will ever give up";
        }
        if (tcb.rtt.rto() > tcb.config.maximumRtoNanos()) {
            return "the timeout is " + tcb.rtt.rto();
        }
        boolean noWindow = tcb.congestion != null && tcb.congestion.window() <= 0;
        return noWindow ? "the congestion window is closed" : null;
    }

    private String order(String what, int... numbers) {
        StringBuilder text = new StringBuilder(what).append(':');
        for (int number : numbers) {
            text.append(' ').append(number);
        }
        return text.append(" (iss ").append(tcb.snd.iss).append(')').toString();
    }
}
