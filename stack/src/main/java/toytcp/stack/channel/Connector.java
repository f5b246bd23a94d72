package toytcp.stack.channel;

import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.concurrent.TimeUnit;

/// The connection attempt of a [TcpSocketChannel]: its promise, its timeout, its cancellation.
final class Connector {
    private final TcpSocketChannel channel;
    private @Nullable ChannelPromise pending;
    private @Nullable InetSocketAddress remote;
    private @Nullable ScheduledFuture<?> timeout;

    Connector(TcpSocketChannel channel) {
        this.channel = channel;
    }

    /// Begins; the promise stays cancellable, because a SYN can still be taken back.
    void connect(
            SocketAddress remoteAddress,
            @Nullable SocketAddress localAddress,
            ChannelPromise promise) {
        if (pending != null) {
            promise.tryFailure(new ConnectionPendingException());
            return;
        }
        if (channel.isActive()) {
            promise.tryFailure(new AlreadyConnectedException());
            return;
        }
        try {
            InetSocketAddress target = checked(remoteAddress);
            InetSocketAddress source = localAddress == null ? null : checked(localAddress);
            remote = target;
            pending = promise;
            channel.beginConnect(target, source);
        } catch (Exception e) {
            pending = null;
            promise.tryFailure(e);
            channel.closeQuietly();
            return;
        }
        if (pending == promise) {
            armTimeout();
            promise.addListener(
                    future -> {
                        if (future.isCancelled()) {
                            channel.closeQuietly();
                        }
                    });
        }
    }

    /// The handshake is complete: tells the promise, then the pipeline.
    void established() {
        ChannelPromise promise = end();
        // Before the promise: a listener of it may close the channel, which was active all the
        // same.
        boolean active = channel.isActive();
        boolean told = promise != null && promise.trySuccess();
        if (active) {
            channel.pipeline().fireChannelActive();
        }
        if (!told) {
            // Cancelled in the meantime.
            channel.closeQuietly();
        }
    }

    void failed(Throwable cause) {
        ChannelPromise promise = end();
        if (promise != null) {
            promise.tryFailure(cause);
        }
        channel.closeQuietly();
    }

    /// The channel closes during the attempt.
    void closed() {
        ChannelPromise promise = end();
        if (promise != null) {
            promise.tryFailure(new ClosedChannelException());
        }
    }

    private @Nullable ChannelPromise end() {
        if (timeout != null) {
            timeout.cancel(false);
            timeout = null;
        }
        ChannelPromise promise = pending;
        pending = null;
        return promise;
    }

    private void armTimeout() {
        int millis = channel.config().getConnectTimeoutMillis();
        if (millis > 0) {
            timeout =
                    channel.eventLoop()
                            .schedule(() -> timedOut(millis), millis, TimeUnit.MILLISECONDS);
        }
    }

    private void timedOut(int millis) {
        timeout = null;
        failed(
                new ConnectTimeoutException(
                        "connection timed out after %d ms: %s -> %s: no answer to the SYN; the host is down, or a packet filter drops the packets, or CONNECT_TIMEOUT_MILLIS is too short"
                                .formatted(millis, channel.localText(), Endpoints.end(remote))));
    }

    static InetSocketAddress checked(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            throw new UnsupportedAddressTypeException();
        }
        if (inet.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        return inet;
    }
}
