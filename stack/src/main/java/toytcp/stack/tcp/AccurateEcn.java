package toytcp.stack.tcp;

import toytcp.codec.EcnField;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// Accurate ECN (RFC 9768): both sides count, and the peer of each keeps up with its counters.
final class AccurateEcn extends Ecn {
    /// When an ACK must leave: so many marks with data to acknowledge, and so many without (3.2.2.5.1).
    private static final int MARKS_WITH_DATA = 2;

    private static final int MARKS_WITHOUT_DATA = 3;

    /// "whether the feedback for every packet it sends for the first three or four rounds indicates
    /// CE-marking" (3.2.2.3).
    private static final int SUSPICIOUS_ROUNDS = 4;

    /// Where the counters of packets begin (RFC 9768, 3.2.1).
    static final int FIRST_PACKETS = 5;

    /// The ACE field counts modulo this.
    static final int ACE_CYCLE = 8;

    private static final int NONE = -1;

    private final AccurateReceiver receiver = new AccurateReceiver();
    private final AccurateSender sender = new AccurateSender();

    /// What our SYN or SYN,ACK left with.
    private final int handshakeCodepoint;

    /// The codepoint of a SYN,ACK that the next pure ACK tells of, or [#NONE].
    private int toEcho = NONE;

    /// Whether that ACK must not wait for data to carry it.
    private boolean owesEcho;

    /// Whether feedback counts. Not if something on the path makes it meaningless.
    private boolean responds = true;

    /// Whether nothing but the handshake has been heard of.
    private boolean atStart = true;

    /// Whether the next ACK has the encoding of the handshake instead of the counter.
    private boolean handshakeAck;

    private boolean lastWasMarked;
    private int marksSinceAck;

    /// The newest TSval with feedback.
    private int lastTsVal;

    /// The round that is looked at for marks that never end, how much of it was marked, and how many rounds
    /// were nothing else; [#NONE] once one was not.
    private int roundEnd;

    private int roundDelivered;
    private int roundMarked;
    private int markedRounds;

    /// ECN-capable segments sent, for the test of 3.2.3.2.5: at the last look, at which all before had
    /// arrived, and now.
    private int sentSegments;

    private int sentBefore;
    private int lookAt;
    private int sentAtLook;

    AccurateEcn(Tcb tcb, boolean mayMark, int handshakeCodepoint) {
        super(tcb, mayMark);
        this.handshakeCodepoint = handshakeCodepoint;
        lastTsVal = tcb.timestamps.recent();
        roundEnd = snd.iss + 1;
        lookAt = snd.iss;
    }

    /// Our SYN was answered by a SYN,ACK, which tells how it arrived. The counters stay as they are: "it
    /// MUST NOT increment s.cep" (3.2.2.2), but a mark is answered.
    void onSynAck(TcpSegment synAck, long nowNanos) {
        if (synAck.accEcnFields() != TcpSegment.ABSENT) {
            sender.onFirstOption(synAck);
        }
        receiver.testPath();
        int seen = EcnHandshake.echoed(synAck.flags(), handshakeCodepoint);
        onHandshakeEcho(seen, nowNanos);
    }

    /// The ACK of this SYN,ACK tells with which codepoint it arrived (3.2.2.1).
    void expectSynAckEcho(TcpSegment synAck) {
        toEcho = synAck.ecn();
        if (toEcho == EcnField.CE) {
            receiver.synAckMarked();
        }
    }

    /// As [#expectSynAckEcho], and no data may carry that ACK.
    void owesEcho(TcpSegment synAck) {
        expectSynAckEcho(synAck);
        owesEcho = true;
    }

    @Override
    void onRepeatedSynAck(TcpSegment synAck) {
        boolean acceptable = synAck.seq() == tcb.rcv.irs && synAck.ack() == snd.iss + 1;
        EcnMode mode = EcnHandshake.ofSynAck(synAck.flags(), EcnMode.ACCURATE);
        if (acceptable && mode == EcnMode.ACCURATE) {
            expectSynAckEcho(synAck);
        }
    }

    /// Table 4, if the ACK is one that it is for.
    @Override
    void onHandshakeAck(TcpSegment segment, long nowNanos) {
        if (segment.accEcnFields() != TcpSegment.ABSENT) {
            sender.onFirstOption(segment);
        }
        if (segment.has(TcpFlags.SYN)) {
            // Simultaneous open: it answers our SYN.
            onSynAck(segment, nowNanos);
            return;
        }
        boolean pure = segment.length() == 0 && segment.sackCount() == 0;
        if (!pure) {
            return;
        }
        handshakeAck = true;
        int ace = EcnHandshake.ace(segment.flags());
        if (ace == 0) {
            // Note 1.
            mayMark = false;
            responds = false;
            return;
        }
        int seen = EcnHandshake.echoed(segment.flags(), handshakeCodepoint);
        if (seen == EcnField.CE) {
            sender.synAckMarked();
        }
        onHandshakeEcho(seen, nowNanos);
    }

    /// 3.2.2.3: after a change that no router may make, nothing is ECN-capable any more, but marks still
    /// count.
    private void onHandshakeEcho(int seen, long nowNanos) {
        mayMark &= EcnHandshake.isValid(handshakeCodepoint, seen);
        if (seen == EcnField.CE) {
            // Nothing is out, and what counts is what would leave.
            reduce(tcb.congestion.window(), nowNanos);
        }
    }

    @Override
    void receive(TcpSegment segment, int octets) {
        if (segment.has(TcpFlags.SYN)) {
            return;
        }
        boolean ce = segment.ecn() == EcnField.CE;
        int packets = packets(octets, tcb.largestArrivingText());
        receiver.arrived(segment.ecn(), octets, packets);
        if (ce) {
            marksSinceAck += packets;
            boolean data = octets > 0 || tcb.acks.isPending();
            boolean change = octets > 0 && !lastWasMarked;
            if (change || marksSinceAck >= (data ? MARKS_WITH_DATA : MARKS_WITHOUT_DATA)) {
                tcb.acks.acknowledgeNow();
            }
        }
        lastWasMarked = ce;
    }

    /// 3.2.2.2. An ACK that neither acknowledges more nor has a later timestamp may have been overtaken, so
    /// it tells nothing (appendix A.1).
    @Override
    boolean readFeedback(TcpSegment segment, int delivered) {
        if (handshakeAck) {
            handshakeAck = false;
            lastTsVal = segment.tsVal();
            return false;
        }
        if (delivered == 0 && segment.ack() == snd.iss + 1) {
            // The peer answers a SYN,ACK that came again: the encoding of the handshake (3.2.2.1).
            return false;
        }
        boolean later = segment.hasTimestamps() && SeqNum.gt(segment.tsVal(), lastTsVal);
        if (delivered == 0 && !later) {
            return false;
        }
        lastTsVal = later ? segment.tsVal() : lastTsVal;
        if (atStart) {
            atStart = false;
            if (EcnHandshake.ace(segment.flags()) == 0) {
                // 3.2.2.4: no counter begins like this.
                mayMark = false;
                responds = false;
            }
        }
        if (!responds) {
            return false;
        }
        sender.read(segment, delivered, snd.mss, sentSegments - sentBefore < ACE_CYCLE);
        if (segment.eceb() != TcpSegment.ABSENT) {
            look();
        }
        mayMark &= !sender.isInconsistent();
        deliveredCe += sender.newPackets();
        marked(Math.min(sender.newOctets(), delivered));
        watchRounds(segment.ack(), delivered);
        return responds && sender.newPackets() > 0;
    }

    private void look() {
        if (SeqNum.geq(snd.una, lookAt)) {
            sentBefore = sentAtLook;
            lookAt = snd.nxt;
            sentAtLook = sentSegments;
        }
    }

    /// 3.2.2.3: if all that was sent in the first four round trips is said to be marked, that is no
    /// congestion. "the Data Sender ought to send non-ECN-capable packets and it is advised not to respond
    /// to any feedback of CE markings".
    private void watchRounds(int ack, int delivered) {
        if (markedRounds == NONE || delivered == 0) {
            return;
        }
        roundDelivered += delivered;
        roundMarked += marked();
        if (SeqNum.lt(ack, roundEnd)) {
            return;
        }
        markedRounds = roundMarked < roundDelivered ? NONE : markedRounds + 1;
        if (markedRounds == SUSPICIOUS_ROUNDS) {
            mayMark = false;
            responds = false;
            markedRounds = NONE;
        }
        roundEnd = snd.nxt;
        roundDelivered = 0;
        roundMarked = 0;
    }

    @Override
    void onNewData(TcpSegment segment) {
        super.onNewData(segment);
        sentSegments += mayMark ? 1 : 0;
    }

    @Override
    boolean owesAck() {
        return owesEcho;
    }

    @Override
    void addFeedback(TcpSegment segment) {
        marksSinceAck = 0;
        boolean bare = segment.length() == 0 && segment.sackCount() == 0;
        boolean answers = toEcho != NONE && bare && !segment.has(TcpFlags.RST);
        int echoed = toEcho;
        toEcho = answers ? NONE : toEcho;
        if (answers && segment.ack() == tcb.rcv.irs + 1) {
            segment.flag(EcnHandshake.echo(echoed));
        } else {
            segment.flag(EcnHandshake.flagsOf(receiver.cep()));
        }
        owesEcho = false;
        if (!segment.has(TcpFlags.RST)) {
            int octets = segment.payload().readableBytes();
            receiver.addOption(segment, octets == 0 ? Integer.MAX_VALUE : roomBeside(segment));
        }
    }

    /// An option may take no octet that the data need.
    private int roomBeside(TcpSegment segment) {
        int sack = AccurateReceiver.sackOctets(segment.sackCount());
        return snd.mss - segment.payload().readableBytes() - sack;
    }
}
