package toytcp.demo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/// Writes what a connection brings to a file, a pipe or a terminal. That may block, so it happens on
/// an executor and not on the event loop. While too much waits there nothing is read: the window of
/// the connection closes, and the peer has to wait.
abstract class Drain extends ChannelInboundHandlerAdapter {
    private static final long HIGH_WATER_MARK = 4 << 20;
    private static final long LOW_WATER_MARK = 1 << 20;

    private final WritableByteChannel target;
    private final Executor executor;
    private final AtomicLong waiting = new AtomicLong();
    private volatile boolean broken;

    /// @param target is not closed
    /// @param executor with one thread, so that the order stays
    Drain(WritableByteChannel target, Executor executor) {
        this.target = target;
        this.executor = executor;
    }

    /// So many bytes are written; on the executor.
    abstract void written(int count);

    /// FIN came, and all before it is written; on the executor, and never after a failure: Netty
    /// tells of the end of the input after a reset, too.
    abstract void ended();

    /// The connection or the target failed.
    abstract void failed(Channel channel, Throwable cause);

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (waiting.addAndGet(bytes.readableBytes()) > HIGH_WATER_MARK) {
            ctx.channel().config().setAutoRead(false);
        }
        executor.execute(() -> write(ctx.channel(), bytes));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            executor.execute(
                    () -> {
                        if (!broken) {
                            ended();
                        }
                    });
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        broken = true;
        failed(ctx.channel(), cause);
    }

    private void write(Channel channel, ByteBuf bytes) {
        int count = bytes.readableBytes();
        try {
            for (ByteBuffer part : bytes.nioBuffers()) {
                while (part.hasRemaining()) {
                    target.write(part);
                }
            }
            written(count);
        } catch (IOException e) {
            broken = true;
            failed(channel, e);
        } finally {
            bytes.release();
        }
        if (waiting.addAndGet(-count) < LOW_WATER_MARK && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }
}
