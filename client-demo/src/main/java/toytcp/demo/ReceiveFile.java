package toytcp.demo;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.LongAdder;

/// Waits for one connection and writes what comes to a file, until FIN.
@Command(
        name = "receive-file",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Waits for one connection and writes what it brings to FILE, until the peer closes it;",
            "the peer may be: nc -N HOST PORT < FILE. Ends well only if nothing is missing."
        })
final class ReceiveFile extends Verb {
    private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final LongAdder received = new LongAdder();

    @Parameters(index = "0", paramLabel = "ADDR", description = "A local address, or 0.0.0.0.")
    private String address;

    @Parameters(index = "1", paramLabel = "PORT", description = "1 to 65535; 0 for any.")
    private int port;

    @Parameters(index = "2", paramLabel = "FILE", description = "Is overwritten; - for stdout.")
    private Path path;

    @Override
    InetAddress localAddress() throws Failure, UnknownHostException {
        return resolve(address);
    }

    @Override
    void checkArguments() throws Failure {
        checkPort(port, 0);
        if (Files.isDirectory(path)) {
            throw new Failure(path + " is a directory", "give the name of a file");
        }
    }

    @Override
    int run(Network network, Interrupts interrupts) throws Exception {
        // Writing a file may block, so it does not happen on the event loop.
        try (Progress progress = new Progress(terminal(), received, -1);
                ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor()) {
            Channel channel = receive(network, interrupts, writer, progress);
            channel.close().sync();
            progress.end("received");
            return 0;
        }
    }

    /// Returns when FIN has come and everything is written.
    private Channel receive(
            Network network,
            Interrupts interrupts,
            ScheduledExecutorService writer,
            Progress progress)
            throws Exception {
        try (WritableByteChannel file = open()) {
            Channel server = listen(network, new ToFile(file, writer));
            // FIN says that all is well, so an interrupted transfer must not end with one.
            interrupts.set(this::abort, this::abort);
            say("listening on " + text((InetSocketAddress) server.localAddress()));
            Channel channel = await(accepted);
            say("connection from " + text((InetSocketAddress) channel.remoteAddress()));
            progress.begin(writer);
            server.close().sync();
            await(end, channel);
            return channel;
        }
    }

    private WritableByteChannel open() throws IOException {
        return path.toString().equals("-")
                ? Channels.newChannel(terminal().out())
                : FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
    }

    private Channel listen(Network network, ToFile handler) throws Exception {
        return network.server()
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.SO_LINGER, Endings.LINGER_SECONDS)
                .childHandler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                if (accepted.complete(channel)) {
                                    channel.pipeline().addLast(handler);
                                } else {
                                    // One connection is served; this one came at the same moment.
                                    Endings.abort(channel);
                                }
                            }
                        })
                .bind(new InetSocketAddress(resolve(address), port))
                .sync()
                .channel();
    }

    private void abort() {
        Failure interrupted = Failure.interrupted("the file is not complete");
        if (!accepted.completeExceptionally(interrupted)) {
            accepted.thenAccept(channel -> Endings.abort(channel, end, interrupted));
        }
    }

    private final class ToFile extends Drain {
        ToFile(WritableByteChannel file, Executor writer) {
            super(file, writer);
        }

        @Override
        void written(int count) {
            received.add(count);
        }

        @Override
        void ended() {
            end.complete(null);
        }

        @Override
        void failed(Channel channel, Throwable cause) {
            String why = Failure.of(cause).getMessage();
            String what = "the file is not complete after " + received.sum() + " bytes";
            Endings.abort(channel, end, new Failure(what, why));
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end.completeExceptionally(
                    new Failure(
                            "the connection is gone after " + received.sum() + " bytes",
                            "the file is not complete; send it again"));
        }
    }
}
