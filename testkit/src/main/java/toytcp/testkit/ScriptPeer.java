package toytcp.testkit;

import io.netty.buffer.ByteBufAllocator;

import toytcp.codec.SegmentFormat;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

import java.util.concurrent.TimeUnit;

/// The other end of a script: makes segments of text, and fills in what the text leaves out.
///
/// It knows only what a real peer knows: what it sent, and what it got. It is not a TCP: it sends
/// what the script says, and nothing of its own accord.
final class ScriptPeer {
    private static final int DEFAULT_WINDOW = 65535;
    private static final long NANOS_A_TICK = TimeUnit.MILLISECONDS.toNanos(1);

    private final int iss;
    private final int irs;
    private final ByteBufAllocator allocator;

    private int nxt;
    private int ack;
    private int window = DEFAULT_WINDOW;
    private int mayReceive;
    private int farthest;
    private int ourShift;
    private boolean scales;
    private boolean wasOffered;
    private boolean offers;
    private int tsRecent;
    private int ticksAtZero = 1;

    /// @param iss the initial sequence number of the peer
    /// @param irs the initial sequence number of the connection under test
    ScriptPeer(int iss, int irs, ByteBufAllocator allocator) {
        this.iss = iss;
        this.irs = irs;
        this.allocator = allocator;
        nxt = iss;
        ack = irs + 1;
        mayReceive = iss + DEFAULT_WINDOW;
        farthest = irs + 1;
    }

    /// The segment that `text` means; the caller owns it.
    TcpSegment segment(String text, long nowNanos) {
        ScriptText script = ScriptText.parse(text, iss, irs);
        SegmentFormat.Parsed parsed = script.parsed();
        TcpSegment segment = parsed.segment();
        if (!parsed.sequence()) {
            segment.seq(nxt);
        }
        if (!parsed.ack() && segment.has(TcpFlags.ACK)) {
            segment.ack(ack);
        }
        if (!parsed.window()) {
            segment.window(window);
        }
        addTimestamps(script, segment, nowNanos);
        if (parsed.payloadLength() > 0) {
            int first = segment.seq() + (segment.has(TcpFlags.SYN) ? 1 : 0);
            int offset = SeqNum.distance(iss + 1, first);
            segment.payload(OctetPattern.buffer(allocator, offset, parsed.payloadLength()));
        }
        remember(segment, parsed.window());
        return segment;
    }

    /// Learns from a segment of the connection under test.
    void onSegment(TcpSegment segment) {
        if (segment.has(TcpFlags.SYN)) {
            wasOffered = segment.hasTimestamps();
            ourShift = Math.max(0, segment.windowScale());
        }
        if (segment.hasTimestamps()) {
            tsRecent = segment.tsVal();
        }
        if (segment.has(TcpFlags.ACK) && !segment.has(TcpFlags.RST)) {
            int shift = scales && !segment.has(TcpFlags.SYN) ? ourShift : 0;
            mayReceive = SeqNum.max(mayReceive, segment.ack() + (segment.window() << shift));
        }
        farthest = SeqNum.max(farthest, segment.end());
    }

    private void addTimestamps(ScriptText script, TcpSegment segment, long nowNanos) {
        boolean syn = segment.has(TcpFlags.SYN);
        boolean negotiated = wasOffered && offers;
        switch (script.timestamps()) {
            case GIVEN -> {
                if (syn) {
                    ticksAtZero = segment.tsVal() - ticks(nowNanos);
                }
            }
            case BARE -> segment.timestamps(ticksAtZero + ticks(nowNanos), tsRecent);
            case NONE -> {}
            case UNMENTIONED -> {
                if (negotiated && !syn && !segment.has(TcpFlags.RST)) {
                    segment.timestamps(ticksAtZero + ticks(nowNanos), tsRecent);
                }
            }
        }
        if (syn) {
            offers = segment.hasTimestamps();
        }
    }

    private void remember(TcpSegment segment, boolean windowMentioned) {
        if (windowMentioned) {
            window = segment.window();
        }
        if (segment.has(TcpFlags.SYN)) {
            scales = segment.windowScale() != TcpSegment.ABSENT;
        }
        if (SeqNum.gt(segment.end(), nxt) && SeqNum.leq(segment.end(), mayReceive)) {
            nxt = segment.end();
        }
        boolean plausible = SeqNum.gt(segment.ack(), ack) && SeqNum.leq(segment.ack(), farthest);
        if (segment.has(TcpFlags.ACK) && plausible) {
            ack = segment.ack();
        }
    }

    private static int ticks(long nowNanos) {
        return (int) (nowNanos / NANOS_A_TICK);
    }
}
