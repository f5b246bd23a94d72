package toytcp.demo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.GlobalEventExecutor;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;

/// Sends back to every client what it sends, until each has closed its side.
@Command(
        name = "echo-server",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Listens and sends back what each client sends.",
            "Ctrl-C stops listening and closes the connections; a second Ctrl-C resets them."
        })
final class EchoServer extends Verb {
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private ChannelGroup clients;
    private volatile boolean aborted;

    @Parameters(index = "0", paramLabel = "ADDR", description = "A local address, or 0.0.0.0.")
    private String address;

    @Parameters(index = "1", paramLabel = "PORT", description = "1 to 65535; 0 for any.")
    private int port;

    @Override
    InetAddress localAddress() throws Failure, UnknownHostException {
        return resolve(address);
    }

    @Override
    void checkArguments() {
        checkPort(port, 0);
    }

    @Override
    int run(Network network, Interrupts interrupts) throws Exception {
        clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        Channel server =
                network.server()
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childOption(ChannelOption.SO_LINGER, Endings.LINGER_SECONDS)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        clients.add(channel);
                                        channel.pipeline().addLast(new Echo());
                                    }
                                })
                        .bind(new InetSocketAddress(resolve(address), port))
                        .sync()
                        .channel();
        interrupts.set(() -> stop(server), this::abort);
        say("listening on " + text((InetSocketAddress) server.localAddress()));
        await(end);
        return 0;
    }

    private void stop(Channel server) {
        server.close()
                .addListener(
                        _ -> {
                            say("stopped listening, connections left: " + clients.size());
                            clients.forEach(Endings::finish);
                            clients.newCloseFuture().addListener(_ -> allClosed());
                        });
    }

    private void abort() {
        aborted = true;
        clients.forEach(Endings::abort);
    }

    private void allClosed() {
        if (aborted) {
            end.completeExceptionally(Failure.interrupted("the connections were reset"));
        } else {
            end.complete(null);
        }
    }

    /// The bytes that came in go out, without a copy. While the client does not take them, none are
    /// read: its own window closes, and nothing piles up here.
    private final class Echo extends ChannelInboundHandlerAdapter {
        private String client;
        private long bytes;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            client = text((InetSocketAddress) ctx.channel().remoteAddress());
            say(client + ": connected");
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            bytes += ((ByteBuf) message).readableBytes();
            ctx.write(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                // A close at once would drop what still waits to be written: it rides behind.
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            say(client + ": " + Failure.of(cause).getMessage());
            Endings.abort(ctx.channel());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            say(client + ": closed after " + bytes + " bytes");
        }
    }
}
