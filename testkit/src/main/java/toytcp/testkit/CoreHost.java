package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropCounters;
import toytcp.codec.DropReason;
import toytcp.codec.IcmpCodec;
import toytcp.codec.IcmpError;
import toytcp.codec.IpAddresses;
import toytcp.codec.Ipv4Codec;
import toytcp.codec.SegmentFormat;
import toytcp.codec.TcpSegment;
import toytcp.codec.TcpSegmentCodec;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpOutput;
import toytcp.stack.tcp.TcpState;

/// A host with one connection in a [CoreNetwork], which makes it.
///
/// It is a driver of the core as small as can be: the codec below, an application above, and a clock
/// that may be coarse.
public final class CoreHost {
    private static final int PORT = 5000;

    private final CoreNetwork network;
    private final String name;
    private final long addressLow;
    private final int iss;
    private final Endpoint endpoint;
    private final WireAudit audit = new WireAudit();
    private final DropCounters drops = new DropCounters();
    private final EmbeddedChannel codec;

    private CoreApplication application = (_, _) -> {};
    private long granularityNanos = 1;
    private @Nullable CoreHost peer;
    private @Nullable FaultLink link;
    private boolean flushRequested;
    private boolean ended;
    private long armedAtNanos = Long.MAX_VALUE;
    private @Nullable CloseReason closeReason;

    CoreHost(CoreNetwork network, String name, int number, TcpConfig config) {
        this.network = network;
        this.name = name;
        addressLow = IpAddresses.v4Low(10 << 24 | number);
        // Every fourth stream wraps around soon.
        int random = network.random().nextInt();
        iss = (random & 3) == 0 ? -(random >>> 18) : random;
        endpoint =
                new Endpoint(
                        config, network.allocator(), new Output(), iss, network.random().nextInt());
        codec =
                new EmbeddedChannel(
                        new Ipv4Codec(drops),
                        new IcmpCodec(drops),
                        new TcpSegmentCodec(drops, false));
        codec.config().setAllocator(network.allocator());
    }

    /// Sets what runs on this host.
    public CoreHost application(CoreApplication value) {
        application = value;
        return this;
    }

    /// How coarse the clock of this host is: it sees the time rounded down to a multiple of `nanos`,
    /// and wakes up only then. 1 without this call.
    public CoreHost granularity(long nanos) {
        granularityNanos = nanos;
        return this;
    }

    /// Opens passively.
    public void listen() {
        endpoint.listen(false);
    }

    /// Opens actively.
    public void open() {
        endpoint.open(nowNanos());
        touched();
    }

    /// Runs `action` on this host after `nanos`; what it makes the connection send leaves then.
    public void after(long nanos, Runnable action) {
        network.clock()
                .after(
                        nanos,
                        () -> {
                            if (!ended) {
                                action.run();
                                touched();
                            }
                        });
    }

    /// The connection; a passive one from the end of the handshake on.
    public TcpConnection connection() {
        return endpoint.connection();
    }

    /// Where buffers for the connection come from.
    public ByteBufAllocator allocator() {
        return network.allocator();
    }

    /// The time that this host sees, in nanoseconds.
    public long nowNanos() {
        long now = network.clock().nanoTime();
        return now - now % granularityNanos;
    }

    /// The state of the connection.
    public TcpState state() {
        return endpoint.state();
    }

    /// Why the connection ended; `null` if it has not.
    public @Nullable CloseReason closeReason() {
        return closeReason;
    }

    /// When the connection wants to be woken; `Long.MAX_VALUE` if never.
    public long nextDeadlineNanos() {
        return endpoint.nextDeadlineNanos();
    }

    /// Whether something is under way that the peer has to answer, or that must be sent.
    public boolean isWaiting() {
        return endpoint.needsWaking() && endpoint.state() != TcpState.TIME_WAIT;
    }

    /// What the codec of this host dropped.
    public DropCounters drops() {
        return drops;
    }

    /// The error that ends the run, with the seed and the last part of the exchange.
    public AssertionError failure(String wrong) {
        return network.failure(name + ": " + wrong);
    }

    @Override
    public String toString() {
        return name + " in " + endpoint.state().rfcName();
    }

    void link(CoreHost other, FaultLink toOther) {
        peer = other;
        link = toOther;
    }

    void receive(ByteBuf packet) {
        if (ended) {
            packet.release();
            return;
        }
        codec.writeInbound(packet);
        Object message = codec.readInbound();
        if (message instanceof IcmpError error) {
            network.log(name + " < " + error);
            endpoint.onIcmpError(error, nowNanos());
            touched();
        } else if (message instanceof TcpSegment segment) {
            receive(segment);
        }
    }

    private void receive(TcpSegment segment) {
        network.log(name + " < " + SegmentFormat.format(segment, peer.iss, iss));
        audit.received(segment);
        endpoint.onSegment(segment, nowNanos());
        touched();
    }

    /// From here on nothing is sent or taken any more.
    void finish() {
        ended = true;
        if (connection().state() != TcpState.CLOSED) {
            connection().abort(nowNanos());
            connection().flush(nowNanos());
        }
        codec.finishAndReleaseAll();
    }

    /// Something happened: a flush at the end of this moment, after all that arrives in it.
    private void touched() {
        if (!flushRequested && !ended) {
            flushRequested = true;
            network.clock().after(0, this::flush);
        }
    }

    private void flush() {
        flushRequested = false;
        if (ended) {
            return;
        }
        endpoint.flush(nowNanos());
        if (flushRequested) {
            // The application was called and did something: the next flush has the last word.
            return;
        }
        if (endpoint.isStalled(nowNanos())) {
            throw failure("neither progress nor a live timer in " + state().rfcName());
        }
        rearm();
    }

    private void rearm() {
        long deadline = endpoint.nextDeadlineNanos();
        if (deadline >= armedAtNanos) {
            return;
        }
        armedAtNanos = deadline;
        long rest = deadline % granularityNanos;
        long wakeUp = rest == 0 ? deadline : deadline + granularityNanos - rest;
        network.clock()
                .at(
                        wakeUp,
                        () -> {
                            if (armedAtNanos == deadline && !ended) {
                                wake();
                            }
                        });
    }

    private void wake() {
        armedAtNanos = Long.MAX_VALUE;
        if (endpoint.nextDeadlineNanos() <= nowNanos()) {
            endpoint.onDeadline(nowNanos());
            touched();
        } else {
            rearm();
        }
    }

    private void send(TcpSegment segment) {
        if (ended) {
            segment.release();
            return;
        }
        segment.from(IpAddresses.V4_HIGH, addressLow, PORT);
        segment.to(IpAddresses.V4_HIGH, peer.addressLow, PORT);
        String text = SegmentFormat.format(segment, iss, peer.iss);
        String wrong = audit.sent(segment);
        codec.writeOutbound(segment);
        link.send(codec.readOutbound());
        String fate = link.lastFate();
        network.log(name + " > " + text + (fate.isEmpty() ? "" : " (" + fate + ")"));
        if (wrong != null) {
            throw failure(wrong);
        }
    }

    private void event(TcpEvent event, String text) {
        if (ended) {
            return;
        }
        network.log(name + " # " + text);
        if (closeReason != null && event != TcpEvent.CLOSED) {
            throw failure("the event " + event + " after the end");
        }
        application.onEvent(event, this);
        touched();
    }

    private final class Output implements TcpOutput {
        @Override
        public void segment(TcpSegment segment) {
            send(segment);
        }

        @Override
        public void stateChanged(TcpState from, TcpState to) {
            network.log(name + " # " + from.rfcName() + " -> " + to.rfcName());
            if (!StateDiagram.allows(from, to)) {
                throw failure("no arrow of the state diagram leads this way");
            }
        }

        @Override
        public void dropped(DropReason reason) {
            network.log(name + " # dropped: " + reason);
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
        public void retransmissionTrouble() {
            event(TcpEvent.RETRANSMISSION_TROUBLE, "retransmission trouble");
        }

        @Override
        public void closed(CloseReason reason) {
            if (closeReason != null) {
                throw failure("a second end: " + reason);
            }
            closeReason = reason;
            event(TcpEvent.CLOSED, "closed: " + reason);
        }
    }
}
