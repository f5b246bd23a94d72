package toytcp.stack.tcp;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpError;
import toytcp.codec.SeqNum;

/// An ICMP error arrives (RFC 9293, 3.9.2.2), with the checks of RFC 5927.
final class IcmpArrives {
    private final Tcb tcb;

    IcmpArrives(Tcb tcb) {
        this.tcb = tcb;
    }

    void onError(IcmpError error, long nowNanos) {
        if (!isOutstanding(error.seq())) {
            tcb.drop(DropReason.ICMP_SEQUENCE);
        } else if (error.isTooBig()) {
            if (!tcb.path.onTooBig(error, nowNanos)) {
                tcb.drop(DropReason.ICMP_MTU);
            }
        } else if (error.isHard() && !tcb.state.isSynchronized()) {
            tcb.noteAdvice(error);
            tcb.close(CloseReason.UNREACHABLE);
        } else {
            // Soft errors "MUST NOT abort the connection" (MUST-56), and it "SHOULD make the
            // information available to the application" (SHLD-25): at once, and if the connection
            // ends by a timeout, it says this.
            // Deviation: hard ones, too, once the connection is synchronized, where RFC 9293 would
            // abort it (SHLD-26): RFC 5927, 5.2, as all stacks do.
            tcb.noteAdvice(error);
            tcb.events |= Events.SOFT_ERROR;
        }
    }

    /// RFC 5927, 4.1: "SND.UNA =< SEG.SEQ < SND.NXT".
    private boolean isOutstanding(int seq) {
        boolean open = tcb.state != TcpState.CLOSED && tcb.state != TcpState.TIME_WAIT;
        return open && SeqNum.leq(tcb.snd.una, seq) && SeqNum.lt(seq, tcb.snd.nxt);
    }
}
