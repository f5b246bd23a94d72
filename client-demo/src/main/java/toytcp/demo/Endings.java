package toytcp.demo;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;

import java.util.concurrent.CompletableFuture;

/// The ways in which a connection ends.
final class Endings {
    /// How long the end of a connection may wait for the peer's last acknowledgement.
    static final int LINGER_SECONDS = 180;

    private Endings() {}

    /// Sends FIN after everything that was written before; reading goes on. A shutdown at once would
    /// fail what is still waiting to be written, so it rides behind an empty write.
    ///
    /// @return done when FIN is on its way, or has failed
    static ChannelFuture finish(Channel channel) {
        ChannelPromise done = channel.newPromise();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(_ -> ((DuplexChannel) channel).shutdownOutput(done));
        return done;
    }

    /// Resets the connection, if it is still open: the peer learns that something is missing.
    static void abort(Channel channel) {
        abort(channel, () -> {});
    }

    /// Resets the connection and fails `end`, in this order: whoever waits for the end closes the
    /// connection, and must not close it as if all was well.
    static void abort(Channel channel, CompletableFuture<?> end, Failure why) {
        abort(channel, () -> end.completeExceptionally(why));
    }

    private static void abort(Channel channel, Runnable between) {
        if (!channel.eventLoop().inEventLoop()) {
            // There nobody closes it in between.
            channel.eventLoop().execute(() -> abort(channel, between));
            return;
        }
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        between.run();
        channel.close();
    }
}
