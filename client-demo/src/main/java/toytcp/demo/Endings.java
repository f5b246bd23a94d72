package toytcp.demo;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;

/// The ways in which a connection ends.
final class Endings {
    /// How long the end of a connection may wait for the peer's last acknowledgement.
    static final int LINGER_SECONDS = 60;

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
        // On the event loop, where nobody closes it in between.
        channel.eventLoop()
                .execute(
                        () -> {
                            if (channel.isOpen()) {
                                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                                channel.close();
                            }
                        });
    }
}
