package toytcp.stack.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.concurrent.RejectedExecutionException;

/// Binds on the link's event loop, where ports are given out, before the channel binds on its own.
///
/// `AbstractUnsafe.bind` wants its answer at once. On the link's loop `doBind` can give it; on any
/// other loop waiting for it would block, so the port is bound first, and only then is `bind` called
/// with the answer ready. Everything else is passed on.
///
/// @param <T> what binding gives
final class LinkBindUnsafe<T> implements Channel.Unsafe {
    /// What a channel does to bind.
    interface Binder<T> {
        Channel channel();

        TcpStack stack();

        /// Called on the link's event loop.
        T bind(TcpStackHandler handler, InetSocketAddress address) throws IOException;

        /// Whether [ListenAddress]es can be bound: by servers only.
        default boolean bindsRanges() {
            return false;
        }

        /// Called on the link's event loop.
        default T bind(TcpStackHandler handler, ListenAddress address) throws IOException {
            throw new UnsupportedAddressTypeException();
        }

        /// Takes a [#bind] back that came too late; called on the link's event loop.
        void undo(T bound);
    }

    private final Channel.Unsafe unsafe;
    private final Binder<T> binder;
    private @Nullable T ready;
    private @Nullable IOException refusal;
    private @Nullable ChannelPromise binding;

    LinkBindUnsafe(Channel.Unsafe unsafe, Binder<T> binder) {
        this.unsafe = unsafe;
        this.binder = binder;
    }

    /// For `doBind`: the answer that is ready, or the one that the link's loop, which is ours, gives.
    T bindNow(SocketAddress address) throws IOException {
        if (refusal != null) {
            throw refusal;
        }
        if (ready != null) {
            T bound = ready;
            ready = null;
            return bound;
        }
        if (address instanceof ListenAddress range) {
            return binder.bind(binder.stack().handler(range.toString()), range);
        }
        InetSocketAddress local = Connector.checked(address);
        return binder.bind(binder.stack().handler(Endpoints.end(local)), local);
    }

    private T bindOn(TcpStackHandler handler, SocketAddress address) throws IOException {
        return address instanceof ListenAddress range
                ? binder.bind(handler, range)
                : binder.bind(handler, (InetSocketAddress) address);
    }

    @Override
    public void bind(SocketAddress address, ChannelPromise promise) {
        TcpStackHandler handler = handlerOnOtherLoop(address);
        if (handler == null || !binder.channel().isOpen()) {
            unsafe.bind(address, promise);
            return;
        }
        if (!promise.setUncancellable()) {
            return;
        }
        binding = promise;
        handler.eventLoop().execute(() -> bindOnLink(handler, address, promise));
    }

    /// Null if the call can be served on this loop, be it by an exception.
    private @Nullable TcpStackHandler handlerOnOtherLoop(SocketAddress address) {
        boolean known =
                address instanceof InetSocketAddress inet && !inet.isUnresolved()
                        || address instanceof ListenAddress && binder.bindsRanges();
        if (!known) {
            return null;
        }
        try {
            TcpStackHandler handler = binder.stack().handler("");
            return handler.eventLoop() == loop() ? null : handler;
        } catch (IOException e) {
            return null;
        }
    }

    private EventLoop loop() {
        return binder.channel().eventLoop();
    }

    private void bindOnLink(
            TcpStackHandler handler, SocketAddress address, ChannelPromise promise) {
        T bound = null;
        IOException refused = null;
        try {
            bound = bindOn(handler, address);
        } catch (IOException e) {
            refused = e;
        } catch (RuntimeException e) {
            // A bug below must not leave the promise, on another event loop, without an answer.
            refused = new IOException("bind failed: " + e, e);
        }
        answer(handler, address, promise, bound, refused);
    }

    private void answer(
            TcpStackHandler handler,
            SocketAddress address,
            ChannelPromise promise,
            @Nullable T bound,
            @Nullable IOException refused) {
        try {
            loop().execute(() -> bindWith(handler, address, promise, bound, refused));
        } catch (RejectedExecutionException e) {
            // The channel's event loop was shut down in the meantime, and the channel closed with
            // it.
            if (bound != null) {
                binder.undo(bound);
            }
            promise.tryFailure(new ClosedChannelException());
        }
    }

    private void bindWith(
            TcpStackHandler handler,
            SocketAddress address,
            ChannelPromise promise,
            @Nullable T bound,
            @Nullable IOException refused) {
        ready = bound;
        refusal = refused;
        unsafe.bind(address, promise);
        refusal = null;
        if (ready != null) {
            // The channel was closed in the meantime.
            T late = ready;
            ready = null;
            onLink(handler.eventLoop(), null, () -> binder.undo(late));
        }
    }

    /// Gives back on the link's event loop what was had from there: now if that is `current`, else later.
    static void onLink(EventLoop link, @Nullable EventLoop current, Runnable task) {
        if (link == current) {
            task.run();
            return;
        }
        try {
            link.execute(task);
        } catch (RejectedExecutionException e) {
            // The event loop was shut down and took the link along, with its ports and connections.
        }
    }

    @Override
    public void connect(
            SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
        if (binding != null && !binding.isDone()) {
            binding.addListener(_ -> unsafe.connect(remoteAddress, localAddress, promise));
        } else {
            unsafe.connect(remoteAddress, localAddress, promise);
        }
    }

    @Override
    @SuppressWarnings("deprecation")
    public RecvByteBufAllocator.Handle recvBufAllocHandle() {
        return unsafe.recvBufAllocHandle();
    }

    @Override
    public SocketAddress localAddress() {
        return unsafe.localAddress();
    }

    @Override
    public SocketAddress remoteAddress() {
        return unsafe.remoteAddress();
    }

    @Override
    public void register(EventLoop eventLoop, ChannelPromise promise) {
        unsafe.register(eventLoop, promise);
    }

    @Override
    public void disconnect(ChannelPromise promise) {
        unsafe.disconnect(promise);
    }

    @Override
    public void close(ChannelPromise promise) {
        unsafe.close(promise);
    }

    @Override
    public void closeForcibly() {
        unsafe.closeForcibly();
    }

    @Override
    public void deregister(ChannelPromise promise) {
        unsafe.deregister(promise);
    }

    @Override
    public void beginRead() {
        unsafe.beginRead();
    }

    @Override
    public void write(Object msg, ChannelPromise promise) {
        unsafe.write(msg, promise);
    }

    @Override
    public void flush() {
        unsafe.flush();
    }

    @Override
    public ChannelPromise voidPromise() {
        return unsafe.voidPromise();
    }

    @Override
    public ChannelOutboundBuffer outboundBuffer() {
        return unsafe.outboundBuffer();
    }
}
