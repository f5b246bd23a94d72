package toytcp.stack.channel;

import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.TcpInfo;

import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.RejectedExecutionException;

/// The calls of `DuplexChannel` that close one direction, and of [TcpChannel], from any thread.
abstract sealed class DuplexSocketChannel extends AbstractChannel implements TcpChannel
        permits TcpSocketChannel {
    DuplexSocketChannel(@Nullable Channel parent) {
        super(parent);
    }

    @Override
    public abstract @Nullable InetSocketAddress localAddress();

    @Override
    public abstract @Nullable InetSocketAddress remoteAddress();

    @Override
    public ServerSocketChannel parent() {
        return (ServerSocketChannel) super.parent();
    }

    /// On the event loop: the connection, if there is one yet.
    abstract @Nullable Flow flow();

    /// On the event loop: ends reading and completes the promise.
    abstract void shutdownInputNow(ChannelPromise promise);

    /// On the event loop: ends writing and completes the promise.
    abstract void shutdownOutputNow(ChannelPromise promise);

    @Override
    public final boolean isShutdown() {
        return isInputShutdown() && isOutputShutdown();
    }

    @Override
    public final ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public final ChannelFuture shutdownInput(ChannelPromise promise) {
        onLoop(() -> shutdownInputNow(promise));
        return promise;
    }

    @Override
    public final ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public final ChannelFuture shutdownOutput(ChannelPromise promise) {
        onLoop(() -> shutdownOutputNow(promise));
        return promise;
    }

    @Override
    public final ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public final ChannelFuture shutdown(ChannelPromise promise) {
        onLoop(
                () -> {
                    // Both are done when they return: we are on the event loop.
                    ChannelFuture output = shutdownOutput();
                    ChannelFuture input = shutdownInput();
                    Throwable cause = output.cause() != null ? output.cause() : input.cause();
                    if (cause == null) {
                        promise.setSuccess();
                    } else {
                        promise.setFailure(cause);
                    }
                });
        return promise;
    }

    /// Of [FlowEvents]: what the application asked for by TCP_REPORTS.
    public final void report(TcpReport report) {
        if (isOpen()) {
            pipeline().fireUserEventTriggered(report);
        }
    }

    @Override
    public final Future<TcpInfo> tcpInfo() {
        if (isRegistered()) {
            Promise<TcpInfo> promise = eventLoop().newPromise();
            try {
                onLoop(() -> tcpInfoNow(promise));
                return promise;
            } catch (RejectedExecutionException e) {
                // The event loop was shut down: its futures have nobody to tell any more.
            }
        }
        return ImmediateEventExecutor.INSTANCE.newFailedFuture(notConnected());
    }

    private void tcpInfoNow(Promise<TcpInfo> promise) {
        Flow flow = flow();
        if (flow == null || !isOpen()) {
            promise.setFailure(notConnected());
        } else {
            flow.info(promise);
        }
    }

    private Exception notConnected() {
        return isOpen() ? new NotYetConnectedException() : new ClosedChannelException();
    }

    final void onLoop(Runnable task) {
        if (eventLoop().inEventLoop()) {
            task.run();
        } else {
            eventLoop().execute(task);
        }
    }
}
