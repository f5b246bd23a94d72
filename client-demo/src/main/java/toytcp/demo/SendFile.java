package toytcp.demo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// Sends a file and FIN, and waits until the peer has acknowledged all and has sent its own FIN.
@Command(
        name = "send-file",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Sends FILE to HOST, for example to: nc -l 40000 > FILE",
            "Ends well only if the peer has acknowledged every byte and closed the connection."
        })
final class SendFile extends Verb {
    private static final int CHUNK = 64 << 10;

    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final LongAdder sent = new LongAdder();
    private final AtomicInteger openSides = new AtomicInteger(2);
    private InetSocketAddress peer;

    @Parameters(index = "0", paramLabel = "HOST", description = "Name or IPv4 address.")
    private String host;

    @Parameters(index = "1", paramLabel = "PORT", description = "1 to 65535.")
    private int port;

    @Parameters(index = "2", paramLabel = "FILE", description = "What to send.")
    private Path path;

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
        if (Files.isDirectory(path)) {
            throw new Failure(path + " is a directory", "give a file");
        }
        // Before the network is opened, so that a wrong path is told as such.
        FileChannel.open(path, StandardOpenOption.READ).close();
        peer = new InetSocketAddress(resolve(host), port);
    }

    @Override
    int run(Network network, Interrupts interrupts) throws Exception {
        // Reading a file may block, so it does not happen on the event loop.
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
                Progress progress = new Progress(terminal(), sent, Files.size(path));
                ScheduledExecutorService reader = Executors.newSingleThreadScheduledExecutor()) {
            progress.begin(reader);
            Chunks chunks = new Chunks(file, reader, interrupts);
            Channel channel = connect(network, peer, chunks, end);
            finish(channel, end);
            progress.end("sent");
            return 0;
        }
    }

    private void abort(Channel channel) {
        Failure why = Failure.interrupted("the connection was reset after " + sentSoFar());
        Endings.abort(channel, end, why);
    }

    private void sideClosed() {
        if (openSides.decrementAndGet() == 0) {
            end.complete(null);
        }
    }

    private void whenDone(ChannelFuture future, Runnable next) {
        future.addListener(
                done -> {
                    if (done.isSuccess()) {
                        next.run();
                    } else {
                        end.completeExceptionally(done.cause());
                    }
                });
    }

    private String sentSoFar() {
        return sent.sum() + " bytes";
    }

    /// Keeps the connection supplied, one chunk after the other while it is writable.
    private final class Chunks extends SimpleChannelInboundHandler<ByteBuf> {
        private final FileChannel file;
        private final Executor reader;
        private final Interrupts interrupts;
        private boolean atEnd;

        Chunks(FileChannel file, Executor reader, Interrupts interrupts) {
            this.file = file;
            this.reader = reader;
            this.interrupts = interrupts;
        }

        /// FIN is the only mark of the end, so an unfinished file must not end with one.
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            interrupts.set(() -> abort(ctx.channel()), () -> abort(ctx.channel()));
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            reader.execute(() -> fill(ctx.channel()));
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel().isWritable()) {
                reader.execute(() -> fill(ctx.channel()));
            }
        }

        /// On the reader. What it writes counts as pending at once, although it is written later.
        private void fill(Channel channel) {
            try {
                while (!atEnd && channel.isWritable()) {
                    ByteBuf chunk = channel.alloc().directBuffer(CHUNK);
                    int count = read(chunk);
                    if (count < 0) {
                        atEnd = true;
                        chunk.release();
                        whenDone(Endings.finish(channel), SendFile.this::sideClosed);
                    } else {
                        whenDone(channel.writeAndFlush(chunk), () -> sent.add(count));
                    }
                }
            } catch (IOException e) {
                Endings.abort(channel, end, Failure.of(e));
            }
        }

        private int read(ByteBuf chunk) throws IOException {
            try {
                return chunk.writeBytes(file, CHUNK);
            } catch (IOException e) {
                chunk.release();
                throw e;
            }
        }

        /// What the peer says is of no interest, its FIN is.
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf ignored) {}

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            // A peer may close its side long before we do: "nc -N -l < /dev/null > FILE" does.
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                sideClosed();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            Endings.abort(ctx.channel(), end, Failure.of(cause));
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end.completeExceptionally(
                    new Failure(
                            "the connection to " + text(peer) + " is gone after " + sentSoFar(),
                            "see why in the log of the peer"));
        }
    }
}
