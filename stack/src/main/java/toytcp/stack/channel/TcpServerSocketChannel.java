package toytcp.stack.channel;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;

/// A listening socket as a channel, on any event loop: turns the connections that its [Listener]
/// accepted into [TcpSocketChannel]s when it is read.
final class TcpServerSocketChannel extends AbstractServerChannel
        implements TcpServerChannel, Acceptor {
    private final TcpStack stack;
    private final TcpServerSocketConfig config;

    /// The accept queue, filled on the link's event loop and bounded by the listener.
    private final Queue<FlowDriver> accepted = new ConcurrentLinkedQueue<>();

    private final Runnable acceptTask = this::accept;
    private final ShutdownHook shutdownHook = new ShutdownHook(this);

    /// Channel's contract lets any thread ask for these.
    private volatile boolean closed;

    private volatile @Nullable InetSocketAddress local;

    private volatile @Nullable ListenAddress listenAddress;

    private @Nullable Listener listener;
    private boolean readPending;
    private boolean reading;

    TcpServerSocketChannel(TcpStack stack) {
        this.stack = stack;
        config = new TcpServerSocketConfig(this, new FlowSettings(stack.config()));
    }

    TcpStack stack() {
        return stack;
    }

    // ---- Channel

    @Override
    public TcpServerSocketConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return !closed && local != null;
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public @Nullable ListenAddress listenAddress() {
        return listenAddress;
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return localAddress();
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        shutdownHook.joined(eventLoop());
        promise.setSuccess();
        if (!accepted.isEmpty()) {
            eventLoop().execute(acceptTask);
        }
    }

    @Override
    protected void doDeregister() {
        shutdownHook.leaving(eventLoop());
    }

    @Override
    public Unsafe unsafe() {
        return ((ServerUnsafe) super.unsafe()).outer;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new ServerUnsafe();
    }

    @Override
    protected void doBind(SocketAddress localAddress) throws Exception {
        Listener bound = ((ServerUnsafe) super.unsafe()).outer.bindNow(localAddress);
        if (listener != null) {
            onLink(bound, bound::close);
            throw new IOException("already bound to " + listener.binding());
        }
        listenAddress = localAddress instanceof ListenAddress range ? range : null;
        listener = bound;
        local = new InetSocketAddress(bound.binding().address(), bound.binding().port());
    }

    @Override
    protected void doClose() {
        closed = true;
        Listener bound = listener;
        if (bound == null) {
            return;
        }
        listener = null;
        onLink(
                bound,
                () -> {
                    bound.close();
                    for (FlowDriver flow; (flow = accepted.poll()) != null; ) {
                        flow.abort();
                    }
                });
    }

    private void onLink(Listener bound, Runnable task) {
        LinkBindUnsafe.onLink(bound.binding().eventLoop(), eventLoop(), task);
    }

    // ---- accepting

    @Override
    protected void doBeginRead() {
        readPending = true;
        if (!reading && !accepted.isEmpty()) {
            eventLoop().execute(acceptTask);
        }
    }

    void autoReadCleared() {
        if (isRegistered() && !eventLoop().inEventLoop()) {
            eventLoop().execute(() -> readPending = false);
        } else {
            readPending = false;
        }
    }

    /// On the link's event loop.
    @Override
    public boolean accepted(FlowDriver flow) {
        accepted.add(flow);
        // Even on the same loop: the first segments of the connection may still be on their way
        // through this turn, and handlers of the child must not run in the middle of it.
        try {
            eventLoop().execute(acceptTask);
            return true;
        } catch (RejectedExecutionException e) {
            // The event loop was shut down under its listener.
            return !accepted.remove(flow);
        }
    }

    /// On the link's event loop.
    @Override
    public @Nullable PendingAttempt pending(HalfOpenEntry entry, long deadlineNanos) {
        EventLoop link = entry.listener.binding().eventLoop();
        PendingAttempt attempt = new PendingAttempt(entry, link, eventLoop(), deadlineNanos);
        try {
            // Not in the middle of the link's turn, as above. And with a task behind the task: if
            // bind() runs on another event loop right before it, channelActive comes in a task,
            // too.
            EventLoop loop = eventLoop();
            loop.execute(
                    () ->
                            LinkBindUnsafe.onLink(
                                    loop, null, () -> pipeline().fireUserEventTriggered(attempt)));
        } catch (RejectedExecutionException e) {
            return null;
        }
        return attempt;
    }

    /// On the link's event loop.
    @Override
    public void linkClosed() {
        close();
    }

    private void accept() {
        if (!isRegistered() || !eventLoop().inEventLoop()) {
            // Between two event loops, or sent to the last one before the channel left it.
            return;
        }
        if (!readPending || reading || !isActive() || accepted.isEmpty()) {
            return;
        }
        reading = true;
        try {
            acceptLoop();
        } finally {
            reading = false;
        }
        if (readPending && isActive() && !accepted.isEmpty()) {
            eventLoop().execute(acceptTask);
        }
    }

    private void acceptLoop() {
        ChannelPipeline pipeline = pipeline();
        var handle = unsafe().recvBufAllocHandle();
        handle.reset(config);
        do {
            FlowDriver flow = accepted.poll();
            if (flow == null) {
                break;
            }
            listener.taken();
            handle.incMessagesRead(1);
            readPending = false;
            pipeline.fireChannelRead(new TcpSocketChannel(this, flow));
        } while (listener != null && handle.continueReading());
        handle.readComplete();
        pipeline.fireChannelReadComplete();
    }

    /// Only what has to be inside of `AbstractUnsafe` to reach its protected parts.
    private final class ServerUnsafe extends AbstractUnsafe
            implements LinkBindUnsafe.Binder<Listener> {
        private final LinkBindUnsafe<Listener> outer = new LinkBindUnsafe<>(this, this);

        @Override
        public void connect(
                SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
            safeSetFailure(
                    promise,
                    new UnsupportedOperationException(
                            "a server channel does not connect: use newSocketChannel()"));
        }

        @Override
        public TcpServerSocketChannel channel() {
            return TcpServerSocketChannel.this;
        }

        @Override
        public TcpStack stack() {
            return stack;
        }

        @Override
        public Listener bind(TcpStackHandler handler, InetSocketAddress address)
                throws IOException {
            return handler.listen(address, TcpServerSocketChannel.this, config);
        }

        @Override
        public boolean bindsRanges() {
            return true;
        }

        @Override
        public Listener bind(TcpStackHandler handler, ListenAddress address) throws IOException {
            return handler.listen(address, TcpServerSocketChannel.this, config);
        }

        @Override
        public void undo(Listener bound) {
            bound.close();
        }
    }
}
