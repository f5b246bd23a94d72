package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.EcnField;
import toytcp.codec.TcpSegment;

/// The side of a handshake that got the SYN first, as far as ECN goes: what a half-open connection
/// remembers of it, if the peer asks for it at all.
///
/// The mode is that of the first SYN and stays (RFC 9768, 3.1.5).
final class EcnResponder {
    private final EcnMode mode;
    private final EcnPolicy policy;

    /// Whether our SYN,ACK is ECN-capable itself (RFC 8257, 3.6).
    private final boolean marksHandshake;

    /// What the latest SYN arrived with.
    private int codepoint;

    /// Whether the latest SYN asked for ECN.
    private boolean asks = true;

    /// Whether the peer repeated its request: our answer, or the option in it, may not get through.
    private boolean repeated;

    /// Whether data may leave with ECT: never again once one of the two sides sent a SYN or SYN,ACK without
    /// a request (RFC 3168, 6.1.1; RFC 9768, 3.1.5).
    private boolean mayMark = true;

    private EcnResponder(EcnMode mode, TcpConfig config, int codepoint) {
        this.mode = mode;
        this.codepoint = codepoint;
        policy = config.ecn();
        marksHandshake = config.congestion().needsMarks();
    }

    /// @return `null` if ECN will not be used
    static @Nullable EcnResponder of(TcpSegment syn, TcpConfig config) {
        EcnMode mode = EcnHandshake.ofSyn(syn.flags(), config.ecn());
        return mode == EcnMode.NONE ? null : new EcnResponder(mode, config, syn.ecn());
    }

    /// The SYN came again.
    ///
    /// @return whether it asks for what the first one asked for, or for nothing. If not, a RST must answer
    ///     (RFC 9768, 3.1.5), since nobody could know any more which mode the other side is in
    boolean onRepeatedSyn(TcpSegment syn) {
        EcnMode now = EcnHandshake.ofSyn(syn.flags(), policy);
        if (now != mode && now != EcnMode.NONE) {
            return false;
        }
        codepoint = syn.ecn();
        asks = now != EcnMode.NONE;
        mayMark &= asks;
        repeated |= asks;
        return true;
    }

    /// Adds flags and option to a SYN,ACK.
    ///
    /// The timer takes away the option first, then the flags (RFC 9768, 3.2.3.2.2).
    ///
    /// @param timeouts how often the timer sent it before
    void stamp(TcpSegment synAck, int timeouts) {
        if (mode == EcnMode.CLASSIC) {
            synAck.flag(asks ? EcnHandshake.CLASSIC_SYN_ACK : 0);
        } else if (timeouts > 1) {
            mayMark = false;
            return;
        } else {
            synAck.flag(EcnHandshake.echo(codepoint));
            if (timeouts == 0 && !repeated) {
                AccurateReceiver.addInitialOption(synAck);
            }
        }
        synAck.ecn(sentCodepoint());
    }

    /// Adds the counter to an ACK that leaves before the handshake is done.
    void stampAck(TcpSegment ack) {
        if (mode == EcnMode.ACCURATE) {
            ack.flag(EcnHandshake.flagsOf(AccurateEcn.FIRST_PACKETS));
        }
    }

    /// The state of the connection.
    Ecn promote(Tcb tcb) {
        return mode == EcnMode.CLASSIC
                ? new ClassicEcn(tcb, mayMark)
                : new AccurateEcn(tcb, mayMark, sentCodepoint());
    }

    private int sentCodepoint() {
        return marksHandshake && asks ? EcnField.ECT_0 : EcnField.NOT_ECT;
    }
}
