package toytcp.demo;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.Channels;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Standard input to the peer, and what the peer says to standard output.
///
/// The end of the input, or Ctrl-C, sends FIN; the program ends when the peer has sent its own. A
/// second Ctrl-C resets the connection.
@Command(
        name = "echo-client",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Sends its input to HOST and prints what comes back.",
            "End of input or Ctrl-C closes the connection; a second Ctrl-C resets it."
        })
final class EchoClient extends Verb {
    private static final int CHUNK = 8192;

    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile boolean finished;
    private InetSocketAddress peer;

    @Parameters(index = "0", paramLabel = "HOST", description = "Name or IPv4 address.")
    private String host;

    @Parameters(index = "1", paramLabel = "PORT", description = "1 to 65535.")
    private int port;

    @Option(
            names = "--source",
            paramLabel = "ADDR",
            defaultValue = "0.0.0.0",
            description = "The local address; by default routing chooses it.")
    private String source;

    @Override
    InetAddress localAddress() throws Failure, UnknownHostException {
        return resolve(source);
    }

    @Override
    void checkArguments() throws Exception {
        checkPort(port, 1);
        peer = new InetSocketAddress(resolve(host), port);
    }

    @Override
    int run(Network network, Interrupts interrupts) throws Exception {
        // Printing may block, so it does not happen on the event loop.
        try (ExecutorService printer = Executors.newSingleThreadExecutor()) {
            Channel channel = connect(network, peer, new Replies(printer, interrupts), end);
            finish(channel, end);
            say("closed");
            return 0;
        }
    }

    /// Blocks, also while the connection does not take more: that is the back-pressure.
    private void sendInput(Channel channel) {
        byte[] chunk = new byte[CHUNK];
        try {
            for (int n = terminal().in().read(chunk); n >= 0; n = terminal().in().read(chunk)) {
                channel.writeAndFlush(channel.alloc().buffer(n).writeBytes(chunk, 0, n)).sync();
            }
            stop(channel);
        } catch (Exception e) {
            if (!finished) {
                fail(e);
            }
        }
    }

    private void stop(Channel channel) {
        if (channel.isActive()) {
            finished = true;
            Endings.finish(channel);
        } else {
            abort(channel);
        }
    }

    private void abort(Channel channel) {
        Endings.abort(channel, end, Failure.interrupted("the connection was reset"));
    }

    private void fail(Throwable cause) {
        end.completeExceptionally(cause);
    }

    private final class Replies extends Drain {
        private final Interrupts interrupts;

        Replies(Executor printer, Interrupts interrupts) {
            super(Channels.newChannel(terminal().out()), printer);
            this.interrupts = interrupts;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            interrupts.set(() -> stop(ctx.channel()), () -> abort(ctx.channel()));
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            Channel channel = ctx.channel();
            InetSocketAddress local = (InetSocketAddress) channel.localAddress();
            say("connected to " + text(peer) + " from " + text(local));
            Thread.ofVirtual().name("input").start(() -> sendInput(channel));
        }

        @Override
        void written(int count) {
            // Written is printed: there is no buffer to flush.
        }

        @Override
        void ended() {
            if (finished) {
                end.complete(null);
            } else {
                fail(
                        new Failure(
                                text(peer) + " closed the connection before the end of the input",
                                "see why in the log of the server"));
            }
        }

        @Override
        void failed(Channel channel, Throwable cause) {
            Endings.abort(channel, end, Failure.of(cause));
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            fail(new Failure("the connection to " + text(peer) + " is gone", "try --log debug"));
        }
    }
}
