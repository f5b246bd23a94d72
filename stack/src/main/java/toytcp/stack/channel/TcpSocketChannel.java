package toytcp.stack.channel;

import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.Executor;

/// One TCP connection as a channel, on any event loop.
///
/// The channel itself knows nothing of TCP: it tells its [Flow] what the user wants and turns the
/// flow's [FlowEvents] into pipeline events. Closing the channel leaves the connection to finish on
/// its own.
final class TcpSocketChannel extends DuplexSocketChannel implements FlowEvents {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private enum State {
        OPEN,
        CONNECTING,
        ACTIVE,
        CLOSED
    }

    private final TcpStack stack;
    private final TcpSocketConfig config;
    private final FlowReader reader = new FlowReader(this);
    private final FlowWriter writer = new FlowWriter(this);
    private final Connector connector = new Connector(this);
    private final ShutdownHook shutdownHook = new ShutdownHook(this);

    /// Channel's contract lets any thread ask for these.
    private volatile State state = State.OPEN;

    private volatile boolean outputShutdown;
    private volatile @Nullable InetSocketAddress local;
    private volatile @Nullable InetSocketAddress remote;

    /// A connection of this channel that no event loop has joined yet, or any more.
    private @Nullable FlowDriver detached;

    private boolean joinedBefore;
    private @Nullable Flow flow;

    /// What [#doBind] gave us; belongs to the link's event loop.
    private LocalPorts.@Nullable Binding binding;

    private @Nullable Linger linger;
    private @Nullable IOException lingerFailure;

    /// A channel that will connect.
    TcpSocketChannel(TcpStack stack) {
        super(null);
        this.stack = stack;
        config = new TcpSocketConfig(this, new FlowSettings(stack.config()));
    }

    /// A channel for an accepted connection.
    TcpSocketChannel(TcpServerSocketChannel parent, FlowDriver accepted) {
        super(parent);
        stack = parent.stack();
        config = new TcpSocketConfig(this, parent.config().flow());
        detached = accepted;
        local = Endpoints.socketAddress(accepted.localHigh, accepted.localLow, accepted.localPort);
        remote =
                Endpoints.socketAddress(
                        accepted.remoteHigh, accepted.remoteLow, accepted.remotePort);
        state = State.ACTIVE;
    }

    // ---- Channel

    @Override
    public TcpSocketConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isOpen() {
        return state != State.CLOSED;
    }

    @Override
    public boolean isActive() {
        return state == State.ACTIVE;
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return isActive() || state == State.CLOSED ? remote : null;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return localAddress();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remoteAddress();
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        // There is no file descriptor that only some loops could serve.
        return true;
    }

    @Override
    public Unsafe unsafe() {
        return ((SocketUnsafe) super.unsafe()).outer;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new SocketUnsafe();
    }

    private SocketUnsafe socketUnsafe() {
        return (SocketUnsafe) super.unsafe();
    }

    // ---- DuplexChannel

    @Override
    public boolean isInputShutdown() {
        return reader.isInputShutdown() || !isActive();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown || !isActive();
    }

    @Override
    void shutdownOutputNow(ChannelPromise promise) {
        socketUnsafe().shutdownOutput(promise);
    }

    @Override
    void shutdownInputNow(ChannelPromise promise) {
        if (!isActive()) {
            promise.setFailure(notActive());
        } else {
            reader.shutdownInput();
            promise.setSuccess();
        }
    }

    @Override
    protected void doShutdownOutput() throws Exception {
        if (!isActive()) {
            throw notActive();
        }
        outputShutdown = true;
        flow.shutdownOutput();
    }

    private Exception notActive() {
        return isOpen() ? new NotYetConnectedException() : new ClosedChannelException();
    }

    // ---- registration

    @Override
    protected void doRegister(ChannelPromise promise) {
        shutdownHook.joined(eventLoop());
        FlowDriver joining = detached;
        detached = null;
        boolean here = false;
        if (joining != null) {
            here = join(joining);
        } else if (flow instanceof FlowHandoff handoff) {
            handoff.moveTo(eventLoop());
            // Options may have been set between the two event loops.
            handoff.configure(config.flow());
        }
        // The pipeline learns of the registration before it learns what has happened since.
        promise.setSuccess();
        if (here && isOpen()) {
            joining.attach(this);
        }
    }

    /// @return whether the connection lives on this event loop
    private boolean join(FlowDriver joining) {
        TcpStackHandler handler = joining.stack();
        boolean here = handler.eventLoop() == eventLoop();
        // Options may have been set since the handshake.
        if (here) {
            joining.configure(config.flow());
            flow = joining;
        } else {
            FlowHandoff handoff = new FlowHandoff(handler, eventLoop(), this);
            handoff.join(joining, config.flow(), !joinedBefore);
            flow = handoff;
        }
        joinedBefore = true;
        return here;
    }

    @Override
    protected void doDeregister() {
        shutdownHook.leaving(eventLoop());
        if (!isOpen()) {
            return;
        }
        if (flow instanceof FlowHandoff handoff) {
            handoff.moveTo(null);
        } else if (flow instanceof FlowDriver driver) {
            driver.detach();
            detached = driver;
            joinedBefore = true;
        }
    }

    // ---- bind and connect

    @Override
    protected void doBind(SocketAddress localAddress) throws Exception {
        LocalPorts.Binding bound = socketUnsafe().outer.bindNow(localAddress);
        if (binding != null || state != State.OPEN) {
            release(bound);
            throw new IOException("already bound to " + Endpoints.end(local));
        }
        binding = bound;
        local = new InetSocketAddress(bound.address(), bound.port());
    }

    private void release(LocalPorts.Binding bound) {
        LinkBindUnsafe.onLink(bound.eventLoop(), eventLoop(), bound::close);
    }

    /// Sends the SYN, from `source` if it is not null.
    void beginConnect(InetSocketAddress target, @Nullable InetSocketAddress source)
            throws Exception {
        TcpStackHandler handler = stack.handler(Endpoints.end(target));
        state = State.CONNECTING;
        remote = target;
        if (handler.eventLoop() != eventLoop()) {
            FlowHandoff handoff = new FlowHandoff(handler, eventLoop(), this);
            flow = handoff;
            handoff.connect(
                    new RemoteFlow.Connect(
                            binding, source, config.isReuseAddress(), target, config.flow()));
            return;
        }
        if (source != null) {
            state = State.OPEN;
            doBind(source);
            state = State.CONNECTING;
        }
        flow = handler.connect(binding, target, config.flow(), this);
    }

    @Override
    protected void doDisconnect() throws IOException {
        doClose();
    }

    // ---- close

    @Override
    protected void doClose() throws IOException {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        reader.stop();
        connector.closed();
        if (detached != null) {
            // Who calls may be the thread of the loop that did not take the channel.
            FlowDriver driver = detached;
            LinkBindUnsafe.onLink(driver.stack().eventLoop(), null, () -> end(driver));
        } else if (flow != null) {
            listenOnceMore();
            end(flow);
        }
        if (binding != null) {
            release(binding);
        }
        if (lingerFailure != null) {
            // Who waits for the last acknowledgement must learn that it will not come.
            throw lingerFailure;
        }
    }

    private void end(Flow ending) {
        if (config.getSoLinger() == 0 || flow == null) {
            // Or never registered, so that nobody has seen the connection.
            ending.abort();
        } else {
            // Also while connecting: the peer's answer may be ahead of the news of it.
            ending.close(false);
        }
    }

    /// The channel closes, perhaps after it has left its event loop: on that one it hears the end, and
    /// what came in between does not wait for another loop.
    private void listenOnceMore() {
        if (detached != null) {
            detached.attach(this);
        } else if (!isRegistered() && flow instanceof FlowHandoff handoff) {
            handoff.moveTo(eventLoop());
        }
    }

    void closeQuietly() {
        socketUnsafe().close(socketUnsafe().voidPromise());
    }

    void closeWith(IOException cause) {
        socketUnsafe().closeWith(cause);
    }

    // ---- read and write

    @Override
    protected void doBeginRead() {
        reader.beginRead();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
        writer.write(in);
    }

    @Override
    protected Object filterOutboundMessage(Object msg) {
        return FlowWriter.filter(msg);
    }

    void checkFileRegion(DefaultFileRegion region, long position) throws IOException {
        validateFileRegion(region, position);
    }

    @Override
    @Nullable Flow flow() {
        return flow;
    }

    String localText() {
        return local == null ? "unbound" : Endpoints.end(local);
    }

    // ---- changes of the config, from any thread

    void configChanged() {
        if (isRegistered()) {
            onLoop(
                    () -> {
                        if (flow != null && isOpen()) {
                            flow.configure(config.flow());
                            if (isActive()) {
                                // The send buffer may have grown.
                                socketUnsafe().flush0();
                            }
                        }
                    });
        }
    }

    void autoReadCleared() {
        if (isRegistered()) {
            onLoop(reader::clearReadPending);
        } else {
            reader.clearReadPending();
        }
    }

    // ---- FlowEvents

    @Override
    public void connecting(InetSocketAddress local) {
        this.local = local;
    }

    @Override
    public void established() {
        if (state == State.CONNECTING) {
            state = State.ACTIVE;
            connector.established();
        }
    }

    @Override
    public void readable() {
        reader.readable();
    }

    @Override
    public void writable() {
        socketUnsafe().flush0();
    }

    @Override
    public void finished() {
        if (linger != null) {
            linger.finish();
        }
    }

    @Override
    public void failed(IOException cause) {
        if (linger != null) {
            lingerFailure = cause;
            linger.finish();
        } else if (state == State.CONNECTING) {
            connector.failed(cause);
        } else if (state == State.ACTIVE) {
            if (!config.isAutoClose() && !outputShutdown) {
                socketUnsafe().failOutput(cause);
            }
            reader.failed(cause);
        }
    }

    /// Only what has to be inside of `AbstractUnsafe` to reach its protected parts.
    private final class SocketUnsafe extends AbstractUnsafe
            implements LinkBindUnsafe.Binder<LocalPorts.Binding> {
        private final LinkBindUnsafe<LocalPorts.Binding> outer = new LinkBindUnsafe<>(this, this);

        @Override
        public void connect(
                SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
            if (!promise.isDone() && ensureOpen(promise)) {
                connector.connect(remoteAddress, localAddress, promise);
            }
        }

        @Override
        protected void flush0() {
            super.flush0();
        }

        @Override
        protected @Nullable Executor prepareToClose() {
            int seconds = config.getSoLinger();
            if (state != State.ACTIVE || seconds <= 0 || flow == null) {
                return null;
            }
            reader.stop();
            listenOnceMore();
            if (reader.hasFailed()) {
                return null;
            }
            linger = new Linger(TcpSocketChannel.this, seconds);
            return linger;
        }

        void closeWith(IOException cause) {
            ClosedChannelException closed = new ClosedChannelException();
            closed.initCause(cause);
            close(voidPromise(), cause, closed);
        }

        void failOutput(IOException cause) {
            handleWriteError(cause);
        }

        @Override
        public TcpSocketChannel channel() {
            return TcpSocketChannel.this;
        }

        @Override
        public TcpStack stack() {
            return stack;
        }

        @Override
        public LocalPorts.Binding bind(TcpStackHandler handler, InetSocketAddress address)
                throws IOException {
            return handler.bind(address, config.isReuseAddress());
        }

        @Override
        public void undo(LocalPorts.Binding bound) {
            bound.close();
        }
    }
}
