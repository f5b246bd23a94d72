package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.EcnField;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.congestion.AckSample;

/// Explicit congestion notification of one connection: made when it is negotiated, so that others have
/// none. Here is what both kinds of feedback share: which segments leave with ECT, and that the window is
/// reduced at most once a round trip.
///
/// Only new data are ECN-capable: not pure ACKs (RFC 3168, 6.1.4), retransmissions (6.1.5) or window probes
/// (6.1.6); with an algorithm that lives on marks SYN, SYN,ACK and RST too (RFC 8257, 3.6).
abstract sealed class Ecn permits ClassicEcn, AccurateEcn {
    final Tcb tcb;
    final SendSequence snd;

    /// Whether new data leave with ECT.
    boolean mayMark;

    /// What was SND.NXT when the window was reduced last.
    private int reducedAt;

    /// Whether that was for a mark, and the round trip is not over.
    private boolean reducing;

    /// Whether loss recovery, which reduces the window by itself, was under way at the last look.
    private boolean recovering;

    private int marked;
    private boolean isMarked;

    /// Only after a simultaneous open: makes our SYN,ACK.
    private @Nullable EcnResponder responder;

    /// Segments and octets that the peer, as far as it tells, received with CE.
    long deliveredCe;

    long deliveredCeBytes;

    /// Segments and octets that we received with CE.
    long receivedCe;

    long receivedCeBytes;

    /// Whether anything ECN-capable arrived.
    boolean seen;

    Ecn(Tcb tcb, boolean mayMark) {
        this.tcb = tcb;
        this.mayMark = mayMark;
        snd = tcb.snd;
        reducedAt = snd.iss - 1;
    }

    /// The state of an active opener once the peer's SYN,ACK is there.
    ///
    /// @return `null` if ECN is not used
    static @Nullable Ecn ofSynAck(Tcb tcb, TcpSegment synAck, long nowNanos) {
        EcnMode asked = EcnHandshake.asked(tcb.offered);
        boolean always = EcnHandshake.synFlags(asked, tcb.retransmissions) != 0;
        return switch (EcnHandshake.ofSynAck(synAck.flags(), asked)) {
            case NONE -> null;
            // RFC 3168, 6.1.1: no ECT if we "sent [a] non-ECN-setup SYN".
            case CLASSIC -> new ClassicEcn(tcb, always);
            // RFC 9768, 3.1.4.1: an AccECN client may go on all the same.
            case ACCURATE -> {
                AccurateEcn ecn = new AccurateEcn(tcb, true, synCodepoint(tcb.offered));
                ecn.onSynAck(synAck, nowNanos);
                ecn.owesEcho(synAck);
                yield ecn;
            }
        };
    }

    /// The state of an active opener that gets a SYN: it is a responder, too (RFC 9768, 3.1.2,
    /// Simultaneous Open).
    ///
    /// @return `null` if ECN is not used
    static @Nullable Ecn ofCrossingSyn(Tcb tcb, TcpSegment syn) {
        EcnResponder responder = EcnResponder.of(syn, tcb.offered);
        if (responder == null) {
            return null;
        }
        Ecn ecn = responder.promote(tcb);
        ecn.responder = responder;
        EcnMode asked = EcnHandshake.asked(tcb.offered);
        ecn.mayMark &= EcnHandshake.synFlags(asked, tcb.retransmissions) != 0;
        return ecn;
    }

    /// Adds what our SYN asks for.
    static void offer(TcpSegment syn, Tcb tcb) {
        int flags = EcnHandshake.synFlags(EcnHandshake.asked(tcb.offered), tcb.retransmissions);
        syn.flag(flags).ecn(flags == 0 ? EcnField.NOT_ECT : synCodepoint(tcb.offered));
    }

    /// What our SYN leaves with.
    private static int synCodepoint(TcpConfig config) {
        boolean asks = EcnHandshake.asked(config) != EcnMode.NONE;
        return asks && config.congestion().needsMarks() ? EcnField.ECT_0 : EcnField.NOT_ECT;
    }

    /// Adds what our SYN,ACK of a simultaneous open answers.
    final void answer(TcpSegment synAck) {
        if (responder != null) {
            responder.stamp(synAck, 0);
        }
    }

    /// An acceptable segment arrived, before its text is taken.
    final void arrived(TcpSegment segment) {
        seen |= segment.ecn() != EcnField.NOT_ECT;
        int octets = segment.payload().readableBytes();
        if (segment.ecn() == EcnField.CE && !segment.has(TcpFlags.SYN)) {
            receivedCe += packets(octets, tcb.largestArrivingText());
            receivedCeBytes += octets;
        }
        receive(segment, octets);
    }

    abstract void receive(TcpSegment segment, int octets);

    /// The ACK that ends the handshake of a passive open arrived.
    void onHandshakeAck(TcpSegment segment, long nowNanos) {}

    /// The peer sends its SYN,ACK again.
    void onRepeatedSynAck(TcpSegment synAck) {}

    /// An acceptable ACK arrived and is entered into the books: takes what it tells of marks.
    ///
    /// @param sample what else it tells; gets the marks, and lets no window grow with them: it "SHOULD NOT
    ///     increase" then (RFC 3168, 6.1.2)
    final void onAck(TcpSegment segment, AckSample sample) {
        noteRecovery();
        marked = 0;
        isMarked = false;
        if (!segment.has(TcpFlags.SYN)) {
            isMarked = readFeedback(segment, sample.delivered());
        }
        deliveredCeBytes += marked;
        sample.marked(marked).windowLimited(sample.isWindowLimited() && !isMarked);
    }

    /// @return whether it tells of congestion; then [#marked(int)] has been called, too
    abstract boolean readFeedback(TcpSegment segment, int delivered);

    /// So many octets are newly known to have arrived with a mark.
    final void marked(int octets) {
        marked = octets;
    }

    /// Octets that the last ACK is the first to report as marked.
    final int marked() {
        return marked;
    }

    /// Everything else that the ACK tells has been done: answers marks.
    final void respond(long nowNanos) {
        // Still within the sequence space that comparisons see.
        reducedAt = SeqNum.max(reducedAt, snd.una - 1);
        reducing &= SeqNum.leq(snd.una, reducedAt);
        if (isMarked) {
            reduce(tcb.recovery.flightAtCongestion(), nowNanos);
        }
    }

    /// "TCP should not react to congestion indications more than once every window of data" (RFC 3168,
    /// 6.1.2). The window is over when something sent later is acknowledged: only then the peer can have
    /// seen our CWR.
    ///
    /// Deviation: a window of one segment is not made smaller by the retransmission timer, as RFC 3168,
    /// 6.1.2, has it. Our algorithms stay at two segments after a mark (RFC 5681, equation 4), as in Linux.
    ///
    /// Deviation: a loss that is found after a mark in the same window reduces it once more, where RFC 3168,
    /// 6.1.2, would have one reduction for both: an algorithm has no recovery that reduces nothing.
    final void reduce(int flightSize, long nowNanos) {
        noteRecovery();
        if (recovering || SeqNum.leq(snd.una, reducedAt)) {
            return;
        }
        reducedAt = snd.nxt;
        reducing = true;
        tcb.recovery.onMarked();
        tcb.congestion.onCongestionMark(flightSize, nowNanos);
        onReduced();
    }

    /// Whether the window was reduced for a mark within this round trip.
    final boolean isReducing() {
        return reducing;
    }

    /// The window was reduced, for a mark or a loss.
    void onReduced() {}

    /// "When an ECN-Capable TCP sender reduces its congestion window for any reason" (RFC 3168, 6.1.2): a
    /// loss is a reason too.
    final void noteRecovery() {
        TcpInfo.CaState state = tcb.recovery.state();
        boolean now = state == TcpInfo.CaState.RECOVERY || state == TcpInfo.CaState.LOSS;
        if (now && !recovering) {
            reducedAt = snd.nxt;
            reducing = false;
            onReduced();
        }
        recovering = now;
    }

    /// Octets that were never sent before leave, and not into a closed window.
    void onNewData(TcpSegment segment) {
        noteRecovery();
        if (mayMark) {
            segment.ecn(EcnField.ECT_0);
        }
    }

    /// Any segment leaves, complete but for our feedback.
    final void stamp(TcpSegment segment) {
        if (segment.has(TcpFlags.RST) && tcb.config.congestion().needsMarks() && mayMark) {
            segment.ecn(EcnField.ECT_0);
        }
        if (segment.has(TcpFlags.ACK) && !segment.has(TcpFlags.SYN)) {
            addFeedback(segment);
        }
    }

    abstract void addFeedback(TcpSegment segment);

    /// Whether a pure ACK must leave before any data.
    boolean owesAck() {
        return false;
    }

    /// Changes the ACK that [#owesAck] asked for, before [#stamp].
    void prepareAck(TcpSegment ack) {}

    /// How many segments so many octets are, at least one.
    static int packets(int octets, int segment) {
        return Math.max(1, (octets + segment - 1) / segment);
    }
}
