package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.util.UncheckedBooleanSupplier;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// The reading side of a [TcpSocketChannel]: what `read()`, auto-read and the
/// `RecvByteBufAllocator` mean, the end of the input, and a failed connection.
///
/// No octet is delivered without a `read()`, and the receive window opens only by what was delivered.
/// The end of the input, orderly or not, needs no `read()` once all octets were read: so a channel
/// that does not read now still learns that its peer is gone, as on Netty's epoll transport.
final class FlowReader implements Runnable {
    private final TcpSocketChannel channel;
    private final UncheckedBooleanSupplier maybeMore = this::isReady;

    private boolean readPending;
    private boolean reading;
    private boolean scheduled;
    private boolean stopped;
    private boolean endDelivered;
    private boolean failureDelivered;
    private @Nullable IOException failure;

    /// Written on the event loop; read by `isInputShutdown()` from any thread.
    private volatile boolean inputShutdown;

    FlowReader(TcpSocketChannel channel) {
        this.channel = channel;
    }

    boolean isInputShutdown() {
        return inputShutdown;
    }

    /// Whether the connection is gone, so that nothing more will be acknowledged.
    boolean hasFailed() {
        return failure != null;
    }

    /// The channel's `doBeginRead`.
    void beginRead() {
        readPending = true;
        if (!reading && isReady()) {
            schedule();
        }
    }

    /// Auto-read was switched off: what was asked for by it is not wanted any more.
    void clearReadPending() {
        readPending = false;
    }

    /// There is something to read, or the end was reached.
    void readable() {
        if (!reading && !scheduled) {
            read();
        }
    }

    /// The connection failed: the exception is delivered behind what is still unread.
    void failed(IOException cause) {
        failure = cause;
        readable();
    }

    /// The user wants no more input: what was not read is discarded.
    void shutdownInput() {
        if (inputShutdown) {
            return;
        }
        inputShutdown = true;
        channel.flow().shutdownInput();
        schedule();
    }

    /// The channel closes: nothing is delivered any more.
    void stop() {
        stopped = true;
    }

    /// The task that a `read()` schedules when something is readable already: events never come from
    /// within the call.
    @Override
    public void run() {
        scheduled = false;
        read();
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            channel.eventLoop().execute(this);
        }
    }

    private boolean isReady() {
        Flow flow = channel.flow();
        return flow != null && (flow.readableBytes() > 0 || flow.isInputEnded() || failure != null);
    }

    private void read() {
        if (reading || stopped || !channel.isActive() || !isReady()) {
            return;
        }
        if (readPending && !isEndTold()) {
            reading = true;
            try {
                readLoop();
            } finally {
                reading = false;
            }
        }
        if (stopped) {
            return;
        }
        if (channel.flow().readableBytes() == 0) {
            deliverEnd();
        } else if (readPending) {
            schedule();
        }
    }

    /// Whether nothing more is to be told of the input, as long as the connection does not fail.
    private boolean isEndTold() {
        return endDelivered || inputShutdown && !channel.config().isAllowHalfClosure();
    }

    /// One read loop as `RecvByteBufAllocator` wants it.
    private void readLoop() {
        ChannelPipeline pipeline = channel.pipeline();
        Flow flow = channel.flow();
        var handle = channel.unsafe().recvBufAllocHandle();
        handle.reset(channel.config());
        boolean more;
        do {
            int wanted = Math.max(1, handle.guess());
            handle.attemptedBytesRead(wanted);
            ByteBuf data = flow.receive(wanted);
            int octets = data.readableBytes();
            if (octets == 0) {
                data.release();
                // Where a read of a socket would give -1.
                boolean ended = flow.isInputEnded() || failure != null;
                handle.lastBytesRead(ended ? -1 : 0);
                readPending &= !ended;
                break;
            }
            handle.lastBytesRead(octets);
            handle.incMessagesRead(1);
            readPending = false;
            flow.consumed(octets);
            pipeline.fireChannelRead(data);
            more =
                    handle instanceof ExtendedHandle extended
                            ? extended.continueReading(maybeMore)
                            : handle.continueReading();
        } while (more && !stopped);
        handle.readComplete();
        pipeline.fireChannelReadComplete();
    }

    private void deliverEnd() {
        if (failure != null) {
            deliverFailure(failure);
        } else if (channel.flow().isInputEnded()) {
            readPending = false;
            if (!isEndTold()) {
                deliverEndOfInput();
            }
        }
    }

    private void deliverEndOfInput() {
        if (!channel.config().isAllowHalfClosure()) {
            channel.closeQuietly();
            return;
        }
        ChannelPipeline pipeline = channel.pipeline();
        if (!inputShutdown) {
            inputShutdown = true;
            pipeline.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
        if (!stopped) {
            endDelivered = true;
            pipeline.fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        }
    }

    private void deliverFailure(IOException cause) {
        readPending = false;
        endDelivered = true;
        if (failureDelivered) {
            return;
        }
        failureDelivered = true;
        channel.pipeline().fireExceptionCaught(cause);
        if (!stopped) {
            endAfterFailure(cause);
        }
    }

    private void endAfterFailure(IOException cause) {
        boolean stays = !channel.config().isAutoClose() && channel.config().isAllowHalfClosure();
        if (!stays) {
            channel.closeWith(cause);
        } else if (!inputShutdown) {
            inputShutdown = true;
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }
}
