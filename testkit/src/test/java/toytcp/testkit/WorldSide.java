package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropReason;
import toytcp.codec.SegmentFormat;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.CoreProbe;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpOutput;
import toytcp.stack.tcp.TcpState;

import java.util.List;
import java.util.function.Consumer;

/// One host of a [SmallWorld]: a connection, the calls of its user, and all that is checked of it.
///
/// The user reads whatever arrives at once.
final class WorldSide {
    private final String name;
    private final ByteBufAllocator allocator;
    private final Endpoint endpoint;
    private final List<WorldPlan.Call> calls;
    private final Consumer<String> sink;
    private final WorldPlan.Wire wire;
    private final int iss;
    private final int irs;
    private final WireAudit audit = new WireAudit();
    private final CoreProbe probe = new CoreProbe();

    private int nextCall;
    private int written;
    private int received;
    private boolean peerClosed;
    private boolean acted;
    private @Nullable CloseReason closeReason;

    /// @param sink takes the segments that leave, as text
    WorldSide(
            String name,
            TcpConfig config,
            List<WorldPlan.Call> calls,
            int iss,
            int irs,
            ByteBufAllocator allocator,
            WorldPlan.Wire wire,
            Consumer<String> sink) {
        this.name = name;
        this.allocator = allocator;
        this.calls = calls;
        this.iss = iss;
        this.irs = irs;
        this.wire = wire;
        this.sink = sink;
        endpoint = new Endpoint(config, allocator, new Output(), iss, 0);
    }

    TcpState state() {
        return endpoint.state();
    }

    @Nullable CloseReason closeReason() {
        return closeReason;
    }

    int written() {
        return written;
    }

    int received() {
        return received;
    }

    int unacknowledged() {
        return endpoint.connection().unacknowledgedBytes();
    }

    long nextDeadlineNanos() {
        return endpoint.nextDeadlineNanos();
    }

    /// What is left to call, for a digest.
    int progress() {
        return nextCall << 1 | (peerClosed ? 1 : 0);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /// Whether the user can make the next call now.
    boolean mayCall() {
        if (nextCall == calls.size()) {
            return false;
        }
        TcpState state = endpoint.connection().state();
        return switch (calls.get(nextCall)) {
            case LISTEN, OPEN -> true;
            case WRITE, ABORT -> state != TcpState.CLOSED;
            // In SYN-SENT they would end the connection at once (RFC 9293, 3.10.4).
            case SHUTDOWN, CLOSE -> state != TcpState.CLOSED && state != TcpState.SYN_SENT;
            case CLOSE_AFTER_PEER -> peerClosed;
        };
    }

    String call(long now) {
        WorldPlan.Call call = calls.get(nextCall++);
        switch (call) {
            case LISTEN -> endpoint.listen(false);
            case OPEN -> endpoint.open(now);
            case WRITE -> {
                endpoint.connection()
                        .send(OctetPattern.buffer(allocator, written, WorldPlan.OCTETS), now);
                written += WorldPlan.OCTETS;
            }
            case SHUTDOWN -> endpoint.connection().shutdown(now);
            case CLOSE, CLOSE_AFTER_PEER -> endpoint.connection().close(now);
            case ABORT -> endpoint.connection().abort(now);
        }
        settle(now);
        return name + " calls " + call;
    }

    void arrive(String text, long now) {
        SegmentFormat.Parsed parsed = SegmentFormat.parse(text, irs, iss);
        TcpSegment segment = parsed.segment();
        if (parsed.payloadLength() > 0) {
            int first = segment.seq() + (segment.has(TcpFlags.SYN) ? 1 : 0);
            int offset = first - (irs + 1);
            segment.payload(OctetPattern.buffer(allocator, offset, parsed.payloadLength()));
        }
        audit.received(segment);
        endpoint.onSegment(segment, now);
        settle(now);
    }

    void onDeadline(long now) {
        if (endpoint.nextDeadlineNanos() <= now) {
            endpoint.onDeadline(now);
            settle(now);
        }
    }

    /// Ends the life of this side; afterwards it holds nothing.
    void dispose(long now) {
        if (endpoint.state() != TcpState.LISTEN) {
            endpoint.connection().abort(now);
        }
    }

    private void settle(long now) {
        do {
            acted = false;
            endpoint.flush(now);
            read(now);
        } while (acted);
        String wrong = probe.violation(endpoint.connection());
        if (wrong == null && endpoint.isStalled(now)) {
            wrong = "neither progress nor a live timer";
        }
        if (wrong != null) {
            throw new AssertionError(this + ": " + wrong);
        }
    }

    private void read(long now) {
        while (endpoint.connection().readableBytes() > 0) {
            ByteBuf data = endpoint.connection().receive(Integer.MAX_VALUE);
            int length = data.readableBytes();
            boolean right = OctetPattern.mismatch(data, received) < 0;
            data.release();
            if (!right) {
                throw new AssertionError(this + ": read what the peer did not send");
            }
            received += length;
            endpoint.connection().consumed(length, now);
            acted = true;
        }
    }

    @Override
    public String toString() {
        return name + " in " + endpoint.state().rfcName();
    }

    private void check(boolean right, String wrong) {
        if (!right) {
            throw new AssertionError(this + ": " + wrong);
        }
    }

    private final class Output implements TcpOutput {
        @Override
        public void segment(TcpSegment segment) {
            int first = segment.seq() + (segment.has(TcpFlags.SYN) ? 1 : 0);
            int mismatch = OctetPattern.mismatch(segment.payload(), first - (iss + 1));
            check(mismatch < 0, "sends what was not written");
            String wrong = audit.sent(segment);
            check(wrong == null, wrong);
            wire.pass(segment);
            sink.accept(SegmentFormat.format(segment, iss, irs));
            segment.release();
        }

        @Override
        public void stateChanged(TcpState from, TcpState to) {
            check(StateDiagram.allows(from, to), from + " -> " + to);
        }

        @Override
        public void dropped(DropReason reason) {}

        @Override
        public void established() {
            acted = true;
        }

        @Override
        public void readable() {
            acted = true;
        }

        @Override
        public void peerClosed() {
            check(!peerClosed, "a second end of the peer's stream");
            peerClosed = true;
        }

        @Override
        public void urgent() {
            check(false, "nobody sent urgent data");
        }

        @Override
        public void writable() {}

        @Override
        public void retransmissionTrouble() {}

        @Override
        public void closed(CloseReason reason) {
            check(closeReason == null, "a second end");
            closeReason = reason;
        }
    }
}
