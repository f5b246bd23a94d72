package toytcp.stack.channel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Ticker;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropCounters;
import toytcp.codec.DropReason;
import toytcp.codec.IcmpError;
import toytcp.codec.IpPacket;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.ip.PacketLink;
import toytcp.stack.tcp.IsnGenerator;
import toytcp.stack.tcp.MemoryBudget;
import toytcp.stack.tcp.TcpConfig;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// The end of a link's pipeline: gives each arriving segment to its flow or listener, and sends what
/// they have to say. Everything here runs on the link's event loop.
///
/// Work is done in turns, see [Turn].
final class TcpStackHandler extends ChannelInboundHandlerAdapter {
    private final TcpStack stack;
    private final StackSettings settings;
    private final DropCounters drops;
    private final FlowTable flows;
    private final IsnGenerator isn;
    private final Answers answers;
    private final MemoryBudget memory;
    private final PathMtus paths = new PathMtus();
    private final PathMemory metrics = new PathMemory();
    private final SharedConfig sharedConfig = new SharedConfig();

    private ChannelHandlerContext ctx;
    private EventLoop loop;
    private Ticker ticker;
    private Turn turn;
    private long originNanos;

    /// From when the link is active.
    private @Nullable LocalNetwork network;

    /// From then on until it is closed.
    private @Nullable LocalPorts ports;

    private boolean started;

    TcpStackHandler(TcpStack stack, StackSettings settings, DropCounters drops) {
        this.stack = stack;
        this.settings = settings;
        this.drops = drops;
        memory = new MemoryBudget(settings.memory());
        flows = new FlowTable(settings.entropy().nextLong());
        isn = new IsnGenerator(settings.entropy());
        answers = new Answers(this, settings.entropy());
    }

    // ---- the link's events

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        loop = ctx.channel().eventLoop();
        ticker = loop.ticker();
        turn = new Turn(ctx);
        originNanos = ticker.nanoTime();
        if (ctx.channel().isActive()) {
            start();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start();
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stop();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stop();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (msg instanceof TcpSegment segment) {
            turn.reading();
            stack.counters().received(segment);
            onSegment(segment);
        } else if (msg instanceof IcmpError error) {
            turn.reading();
            onIcmpError(error);
        } else {
            drops.count(
                    msg instanceof IpPacket
                            ? DropReason.IP_PROTOCOL
                            : DropReason.UNSUPPORTED_MESSAGE);
            ReferenceCountUtil.release(msg);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        turn.readComplete();
        ctx.fireChannelReadComplete();
    }

    /// A packet that the link could not send is lost, as packets are; it will be sent again.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            if (network != null) {
                network.routesMayHaveChanged();
            }
            if (FlowLog.isDebug()) {
                FlowLog.debug(ctx.channel(), "a packet was not sent:", cause);
            }
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    /// The link is active; may be called more than once.
    void start() {
        if (started) {
            return;
        }
        started = true;
        PacketLink link = ctx.channel() instanceof PacketLink packetLink ? packetLink : null;
        network = new LocalNetwork(loop, link, settings);
        ports = new LocalPorts(network, settings.entropy());
        stack.started(this);
    }

    private void stop() {
        if (ports == null) {
            return;
        }
        LocalPorts closing = ports;
        ports = null;
        stack.stopped();
        closing.listeners().forEach(Listener::linkClosed);
        List<FlowDriver> closed = new ArrayList<>();
        flows.forEach(
                entry -> {
                    if (entry instanceof FlowDriver flow) {
                        closed.add(flow);
                    }
                });
        closed.forEach(FlowDriver::linkClosed);
        turn.close();
        closing.close();
    }

    // ---- segments

    private void onSegment(TcpSegment segment) {
        if (FlowLog.isTrace()) {
            FlowLog.segmentVerified(segment);
        }
        if (ports == null) {
            drops.count(DropReason.IP_DESTINATION);
            segment.release();
            return;
        }
        long now = nowNanos();
        FlowEntry entry =
                flows.find(
                        segment.dstHigh(),
                        segment.dstLow(),
                        segment.dstPort(),
                        segment.srcHigh(),
                        segment.srcLow(),
                        segment.srcPort());
        FlowDriver reopened = entry == null ? null : reopened(entry, segment);
        if (entry != null && reopened == null) {
            entry.onSegment(segment, now);
            return;
        }
        try {
            onUnknownFlow(segment, reopened, now);
        } finally {
            segment.release();
        }
    }

    /// RFC 9293, 3.9.2.2, MUST-54: to the connection that created the error. The quoted segment is ours, so
    /// its source is the local end.
    private void onIcmpError(IcmpError error) {
        FlowEntry entry = ports == null ? null : flows.find(error);
        if (entry == null) {
            drops.count(DropReason.ICMP_NO_FLOW);
        } else {
            entry.onIcmpError(error, nowNanos());
        }
    }

    /// The flow itself if it is in TIME-WAIT and the segment, a SYN for a listener, may end that (RFC
    /// 9293, 3.6.1, MAY-2; RFC 6191).
    ///
    /// Deviation: TIME-WAIT does not come back if "the SYN turns out to be an old duplicate" (MAY-2
    /// (2)): sequence number and timestamp say that it is not, and Linux relies on them too.
    private @Nullable FlowDriver reopened(FlowEntry entry, TcpSegment segment) {
        boolean reopens =
                segment.has(TcpFlags.SYN)
                        && entry instanceof FlowDriver flow
                        && flow.mayReopen(segment);
        return reopens && listenerFor(segment) != null ? (FlowDriver) entry : null;
    }

    private @Nullable Listener listenerFor(TcpSegment segment) {
        long high = segment.dstHigh();
        long low = segment.dstLow();
        return network.isUnicast(high, low) ? ports.listener(high, low, segment.dstPort()) : null;
    }

    private void onUnknownFlow(TcpSegment segment, @Nullable FlowDriver predecessor, long now) {
        if (!network.isUnicast(segment.srcHigh(), segment.srcLow())) {
            // RFC 9293, 3.9.2.3, MUST-63. The codec knows all invalid sources but our networks'
            // broadcasts.
            drops.count(DropReason.IP_SOURCE);
            return;
        }
        Listener listener = listenerFor(segment);
        if (listener != null) {
            listener.onSegment(segment, predecessor, now);
            return;
        }
        if (!ports.isLocal(segment.dstHigh(), segment.dstLow())) {
            drops.count(DropReason.IP_DESTINATION);
            return;
        }
        drops.count(DropReason.NO_FLOW);
        if (ports.isOurs(segment.dstHigh(), segment.dstLow(), segment.dstPort())) {
            answers.reset(segment, now);
        }
    }

    // ---- for flows and listeners

    /// Sends a segment with addresses; it leaves at the end of the turn. Takes ownership.
    void send(TcpSegment segment) {
        stack.counters().sent(segment);
        turn.send(segment);
    }

    /// Remembers a flow that has to be flushed at the end of the turn.
    void touch(FlowDriver flow) {
        turn.touch(flow);
    }

    void add(FlowEntry entry) {
        flows.put(entry);
        if (entry instanceof HalfOpenEntry) {
            stack.counters().opened();
        }
    }

    void remove(FlowEntry entry) {
        flows.remove(entry);
        if (entry instanceof HalfOpenEntry) {
            stack.counters().failed();
        }
    }

    /// Listeners first, then connections and half-open ones.
    List<FlowSnapshot> snapshot() {
        List<FlowSnapshot> list = new ArrayList<>(flowCount());
        for (Listener listener : listeners()) {
            list.add(FlowSnapshot.of(listener));
        }
        long now = nowNanos();
        flows.forEach(
                entry ->
                        list.add(
                                switch (entry) {
                                    case FlowDriver flow -> FlowSnapshot.of(flow, now);
                                    case HalfOpenEntry halfOpen -> FlowSnapshot.of(halfOpen);
                                }));
        return list;
    }

    /// Connections and half-open ones, TIME-WAIT included.
    int flowCount() {
        return flows.size();
    }

    /// The listeners that are open.
    List<Listener> listeners() {
        return ports == null ? List.of() : ports.listeners();
    }

    /// The addresses and routes; from when the link is active.
    LocalNetwork network() {
        return network;
    }

    PathMtus paths() {
        return paths;
    }

    Answers answers() {
        return answers;
    }

    DropCounters drops() {
        return drops;
    }

    TcpCounters counters() {
        return stack.counters();
    }

    /// What was learnt of the paths of earlier connections.
    PathMemory metrics() {
        return metrics;
    }

    /// How much all connections may hold.
    MemoryBudget memory() {
        return memory;
    }

    EventLoop eventLoop() {
        return loop;
    }

    ByteBufAllocator allocator() {
        return ctx.alloc();
    }

    /// The link's time: that of its event loop, from 0.
    long nowNanos() {
        return ticker.nanoTime() - originNanos;
    }

    int initialSequence(FlowEntry entry, long nowNanos) {
        return isn.iss(
                entry.localHigh,
                entry.localLow,
                entry.localPort,
                entry.remoteHigh,
                entry.remoteLow,
                entry.remotePort,
                nowNanos);
    }

    int initialSequence(TcpSegment syn, long nowNanos) {
        return isn.iss(
                syn.dstHigh(),
                syn.dstLow(),
                syn.dstPort(),
                syn.srcHigh(),
                syn.srcLow(),
                syn.srcPort(),
                nowNanos);
    }

    int timestampOffset(FlowEntry entry) {
        return isn.timestampOffset(
                entry.localHigh, entry.localLow, entry.remoteHigh, entry.remoteLow);
    }

    int timestampOffset(TcpSegment syn) {
        return isn.timestampOffset(syn.dstHigh(), syn.dstLow(), syn.srcHigh(), syn.srcLow());
    }

    /// The settings of a connection that begins with `syn`.
    TcpConfig configFor(FlowSettings settings, TcpSegment syn, long nowNanos) {
        int routed = network.maximumSegmentSize(syn.srcHigh(), syn.srcLow(), nowNanos);
        return withMaximumSegmentSize(settings.tcp(), settings.maximumSegmentSize(routed));
    }

    TcpConfig withMaximumSegmentSize(TcpConfig base, int maximumSegmentSize) {
        return sharedConfig.with(base, maximumSegmentSize);
    }

    // ---- for channels

    /// Begins an active open.
    ///
    /// @param bound what the channel was bound to before, or null
    /// @throws IOException if it cannot even begin; the message says why and what to do
    FlowDriver connect(
            LocalPorts.@Nullable Binding bound,
            InetSocketAddress remote,
            FlowSettings settings,
            FlowEvents events)
            throws IOException {
        if (ports == null) {
            throw FlowErrors.linkClosed(Endpoints.end(remote));
        }
        if (remote.getPort() == 0) {
            throw new ConnectException(
                    "Connection refused: "
                            + Endpoints.end(remote)
                            + ": nobody can listen on port 0");
        }
        LocalNetwork.Path path = network.path(bound == null ? null : bound.address(), remote);
        int port = bound == null ? ports.ephemeralPort(flows, path, nowNanos()) : bound.port();
        FlowDriver flow =
                new FlowDriver(
                        this,
                        bound,
                        path.localHigh(),
                        path.localLow(),
                        port,
                        path.remoteHigh(),
                        path.remoteLow(),
                        path.remotePort());
        FlowEntry existing =
                flows.find(
                        path.localHigh(),
                        path.localLow(),
                        port,
                        path.remoteHigh(),
                        path.remoteLow(),
                        path.remotePort());
        if (existing != null) {
            if (bound != null) {
                bound.release();
            }
            throw new BindException(
                    "Address already in use: "
                            + flow
                            + ": this connection exists; bind another port, or none");
        }
        flows.put(flow);
        if (FlowLog.isDebug()) {
            FlowLog.debug(flow, "socket created");
            FlowLog.debug(flow, "attempt to connect");
        }
        int largest = settings.maximumSegmentSize(path.maximumSegmentSize());
        TcpConfig tcp = withMaximumSegmentSize(settings.tcp(), largest);
        flow.open(tcp, settings, events, ports.takeReplaced());
        return flow;
    }

    /// Binds a socket that will connect later.
    LocalPorts.Binding bind(InetSocketAddress address, boolean reuse) throws IOException {
        return openPorts(Endpoints.end(address))
                .bind(address.getAddress(), address.getPort(), reuse, false);
    }

    /// Binds a listener to one address, or the wildcard, and one port.
    Listener listen(InetSocketAddress address, Acceptor acceptor, TcpServerSocketConfig config)
            throws IOException {
        return listen(
                openPorts(Endpoints.end(address))
                        .bind(
                                address.getAddress(),
                                address.getPort(),
                                config.isReuseAddress(),
                                true),
                acceptor,
                config);
    }

    /// Binds a listener to a range of destinations.
    Listener listen(ListenAddress address, Acceptor acceptor, TcpServerSocketConfig config)
            throws IOException {
        return listen(openPorts(address.toString()).intercept(address), acceptor, config);
    }

    private Listener listen(
            LocalPorts.Binding binding, Acceptor acceptor, TcpServerSocketConfig config) {
        Listener listener = new Listener(this, binding, acceptor, config);
        binding.listener(listener);
        if (FlowLog.isDebug()) {
            FlowLog.debug(binding, "listening");
        }
        return listener;
    }

    private LocalPorts openPorts(String who) throws IOException {
        if (ports == null) {
            throw FlowErrors.linkClosed(who);
        }
        return ports;
    }
}
