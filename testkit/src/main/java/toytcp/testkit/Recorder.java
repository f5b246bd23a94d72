package toytcp.testkit;

import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpError;
import toytcp.codec.SegmentFormat;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpOutput;
import toytcp.stack.tcp.TcpState;

import java.util.ArrayDeque;
import java.util.Deque;

/// Takes what the connection under test puts out: checks payloads, releases them, keeps the rest
/// until the script asks for it.
///
/// It also holds the connection to the contract of [TcpOutput] and to the [StateDiagram]. A violation is
/// kept until [#violation] is asked for, because an error thrown from within the core would hide the
/// exchange.
final class Recorder implements TcpOutput {
    private final Exchange exchange;
    private final ScriptPeer peer;
    private final SentOctets sentOctets;
    private final int iss;
    private final int irs;
    private final Deque<SentSegment> segments = new ArrayDeque<>();
    private final Deque<TcpEvent> events = new ArrayDeque<>();
    private final Deque<DropReason> drops = new ArrayDeque<>();

    private long nowNanos;
    private boolean flushing;
    private boolean over;
    private @Nullable CloseReason closed;
    private @Nullable AssertionError violation;

    Recorder(Exchange exchange, ScriptPeer peer, SentOctets sentOctets, int iss, int irs) {
        this.exchange = exchange;
        this.peer = peer;
        this.sentOctets = sentOctets;
        this.iss = iss;
        this.irs = irs;
    }

    void now(long nanos) {
        nowNanos = nanos;
    }

    /// Events are allowed from here until it is called with `false`.
    void flushing(boolean value) {
        flushing = value;
    }

    Deque<SentSegment> segments() {
        return segments;
    }

    Deque<TcpEvent> events() {
        return events;
    }

    Deque<DropReason> drops() {
        return drops;
    }

    @Nullable CloseReason closeReason() {
        return closed;
    }

    @Nullable AssertionError violation() {
        return violation;
    }

    @Override
    public void segment(TcpSegment segment) {
        String text = SegmentFormat.format(segment, iss, irs);
        int line = exchange.add(nowNanos, '>', text);
        int length = segment.payload().readableBytes();
        int first = segment.seq() + (segment.has(TcpFlags.SYN) ? 1 : 0);
        int offset = SeqNum.distance(iss + 1, first);
        int wrong = sentOctets.mismatch(segment.payload(), offset);
        if (wrong >= 0) {
            violate("octet " + (offset + wrong) + " of the stream is not what was written", line);
        }
        if (over && !segment.has(TcpFlags.RST)) {
            violate("in CLOSED nothing is sent but RST", line);
        }
        peer.onSegment(segment);
        segment.release();
        segment.payload(Unpooled.EMPTY_BUFFER);
        segments.add(new SentSegment(nowNanos, segment, length, text, line));
    }

    @Override
    public void stateChanged(TcpState from, TcpState to) {
        int line = exchange.add(nowNanos, '#', from.rfcName() + " -> " + to.rfcName());
        if (over || !StateDiagram.allows(from, to)) {
            violate("no arrow of the state diagram leads this way", line);
        }
        over = to == TcpState.CLOSED;
    }

    @Override
    public void dropped(DropReason reason) {
        exchange.add(nowNanos, '#', "dropped: " + reason);
        drops.add(reason);
    }

    @Override
    public void established() {
        event(TcpEvent.ESTABLISHED, "established");
    }

    @Override
    public void readable() {
        event(TcpEvent.READABLE, "readable");
    }

    @Override
    public void peerClosed() {
        event(TcpEvent.PEER_CLOSED, "peer closed");
    }

    @Override
    public void urgent() {
        event(TcpEvent.URGENT, "urgent");
    }

    @Override
    public void writable() {
        event(TcpEvent.WRITABLE, "writable");
    }

    @Override
    public void softError(IcmpError error) {
        event(TcpEvent.SOFT_ERROR, "soft error: " + error);
    }

    @Override
    public void retransmissionTrouble() {
        event(TcpEvent.RETRANSMISSION_TROUBLE, "retransmission trouble");
    }

    @Override
    public void closed(CloseReason reason) {
        event(TcpEvent.CLOSED, "closed: " + reason);
        closed = reason;
    }

    private void event(TcpEvent event, String text) {
        int line = exchange.add(nowNanos, '#', text);
        events.add(event);
        if (!flushing) {
            violate("events are for flush to report, this one came earlier", line);
        }
        if (closed != null) {
            violate("nothing follows the event closed", line);
        }
    }

    private void violate(String what, int line) {
        if (violation == null) {
            violation = exchange.failure(what, line);
        }
    }
}
