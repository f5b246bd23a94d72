package toytcp.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.TcpConnection;

import java.util.ArrayDeque;
import java.util.SplittableRandom;

/// Two connections and a wire of constant delay, in virtual time: what arrives at the sender becomes a [Trace].
final class Recorder {
    private static final long ONE_WAY_NANOS = 20_000_000L;
    private static final long SEGMENT_NANOS = 100;

    /// What is lost before the window is open would only delay it.
    private static final long LOSSLESS_NANOS = 2_000_000_000L;

    private final ArrayDeque<Packet> there = new ArrayDeque<>();
    private final ArrayDeque<Packet> back = new ArrayDeque<>();
    private final SplittableRandom random = new SplittableRandom(1);
    private final Scenario scenario;
    private final Trace.Builder trace;
    private final BulkSender sender;
    private final TcpConnection receiver;
    private long now;
    private long wireFreeAt;

    private record Packet(TcpSegment segment, long at) {}

    private Recorder(Scenario scenario) {
        this.scenario = scenario;
        trace = new Trace.Builder(scenario);
        sender =
                new BulkSender(scenario) {
                    @Override
                    public void segment(TcpSegment segment) {
                        carry(segment);
                    }
                };
        receiver =
                new TcpConnection(
                        scenario.receiver(),
                        PooledByteBufAllocator.DEFAULT,
                        new SilentOutput() {
                            @Override
                            public void segment(TcpSegment segment) {
                                back.add(new Packet(segment, now + ONE_WAY_NANOS));
                            }
                        },
                        Trace.SEQUENCE,
                        Trace.SEQUENCE);
    }

    /// Runs a scenario.
    ///
    /// @param inputs how many to record after the window is open, and, with loss, after recovery has begun
    static Trace record(Scenario scenario, int inputs) {
        return new Recorder(scenario).run(inputs);
    }

    private Trace run(int inputs) {
        receiver.open(0);
        receiver.flush(0);
        int warmUp = -1;
        while (warmUp < 0 || trace.size() < warmUp + inputs) {
            if (warmUp < 0 && now > LOSSLESS_NANOS + 10 * ONE_WAY_NANOS) {
                warmUp = trace.size();
            }
            step();
        }
        Trace whole = trace.build(warmUp);
        sender.end();
        receiver.abort(now);
        there.forEach(packet -> packet.segment().release());
        return whole;
    }

    private void carry(TcpSegment segment) {
        boolean loses = now > LOSSLESS_NANOS && scenario.loss() > 0;
        if (loses && segment.length() > 0 && random.nextDouble() < scenario.loss()) {
            segment.release();
            return;
        }
        wireFreeAt = Math.max(now, wireFreeAt) + SEGMENT_NANOS;
        there.add(new Packet(segment, wireFreeAt + ONE_WAY_NANOS));
    }

    private void step() {
        long arrival = there.isEmpty() ? Long.MAX_VALUE : there.peek().at();
        long answer = back.isEmpty() ? Long.MAX_VALUE : back.peek().at();
        long ours = sender.connection.nextDeadlineNanos();
        long theirs = receiver.nextDeadlineNanos();
        now = Math.max(now, Math.min(Math.min(arrival, answer), Math.min(ours, theirs)));
        if (now == Long.MAX_VALUE) {
            throw new IllegalStateException("nothing happens any more in " + scenario);
        }
        if (arrival <= now) {
            receiver.onSegment(there.remove().segment(), now);
            while (receiver.readableBytes() > 0) {
                ByteBuf octets = receiver.receive(Integer.MAX_VALUE);
                receiver.consumed(octets.readableBytes(), now);
                octets.release();
            }
            receiver.flush(now);
        } else if (answer <= now) {
            input(back.remove().segment());
        } else if (ours <= now) {
            input(null);
        } else {
            receiver.onDeadline(now);
            receiver.flush(now);
        }
    }

    private void input(TcpSegment segment) {
        trace.add(segment, now);
        sender.take(segment, now);
    }
}
