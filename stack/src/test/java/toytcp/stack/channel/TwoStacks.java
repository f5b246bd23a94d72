package toytcp.stack.channel;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;

import toytcp.stack.tcp.TcpConfig;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Two hosts on one wire, in virtual time on the test's thread: a client at 10.0.0.1 and a server at
/// 10.0.1.1, each a stack over an [EmbeddedChannel], with what one sends carried to the other.
final class TwoStacks implements AutoCloseable {
    static final String SERVER = "10.0.1.1";

    /// Between an advance of the clock and the next: fine enough for every timer of a test.
    private static final Duration STEP = Duration.ofMillis(1);

    final MockTicker ticker = Ticker.newMockTicker();
    final TcpStack clientStack;
    final TcpStack serverStack;
    final EmbeddedChannel clientLink;
    final EmbeddedChannel serverLink;

    /// Which packets of the client, or of the server, get lost.
    Predicate<ByteBuf> lostFromClient = packet -> false;

    Predicate<ByteBuf> lostFromServer = packet -> false;

    private final List<Channel> channels = new ArrayList<>();

    TwoStacks() {
        this(TcpConfig.DEFAULT);
    }

    TwoStacks(TcpConfig config) {
        this(
                TcpStack.builder().address("10.0.0.1/24").config(config),
                TcpStack.builder().address(SERVER + "/24").config(config));
    }

    TwoStacks(TcpStack.Builder client, TcpStack.Builder server) {
        clientStack = client.entropy(new Random(1)::nextLong).build();
        serverStack = server.entropy(new Random(2)::nextLong).build();
        clientLink = link(clientStack);
        serverLink = link(serverStack);
    }

    private EmbeddedChannel link(TcpStack stack) {
        return EmbeddedChannel.builder().ticker(ticker).handlers(stack.linkHandler()).build();
    }

    Bootstrap client(ChannelHandler handler) {
        return new Bootstrap()
                .group(clientLink.eventLoop())
                // The event loop of an EmbeddedChannel cannot serve a resolver.
                .disableResolver()
                .channelFactory(clientStack::newSocketChannel)
                .handler(handler);
    }

    ServerBootstrap server(ChannelHandler childHandler) {
        return new ServerBootstrap()
                .group(serverLink.eventLoop())
                .channelFactory(serverStack::newServerSocketChannel)
                .childHandler(childHandler);
    }

    /// With a recorder in each accepted channel.
    ServerBootstrap server(List<Recorder> children) {
        return server(
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Recorder child = new Recorder();
                        children.add(child);
                        channel.pipeline().addLast(child);
                        track(channel);
                    }
                });
    }

    /// The server's address.
    static InetSocketAddress at(int port) {
        return new InetSocketAddress(SERVER, port);
    }

    /// Binds and waits for it.
    Channel listen(ServerBootstrap bootstrap, int port) {
        ChannelFuture bound = bootstrap.bind(SERVER, port);
        run();
        return track(success(bound));
    }

    /// Connects and waits for it.
    SocketChannel connect(Bootstrap bootstrap, int port) {
        ChannelFuture connected = bootstrap.connect(at(port));
        run();
        return (SocketChannel) track(success(connected));
    }

    /// Closes the channel when the test is over.
    <C extends Channel> C track(C channel) {
        channels.add(channel);
        return channel;
    }

    static Channel success(ChannelFuture future) {
        if (!future.isDone()) {
            throw new AssertionError("not done: " + future);
        }
        if (!future.isSuccess()) {
            throw new AssertionError(future.cause());
        }
        return future.channel();
    }

    /// Runs both hosts at this moment until nothing happens any more.
    void run() {
        boolean busy;
        do {
            clientLink.runPendingTasks();
            serverLink.runPendingTasks();
            busy = carry(clientLink, serverLink, lostFromClient);
            busy |= carry(serverLink, clientLink, lostFromServer);
            busy |= clientLink.hasPendingTasks() || serverLink.hasPendingTasks();
        } while (busy);
        clientLink.checkException();
        serverLink.checkException();
    }

    /// Lets time pass, with everything that happens in it.
    void advance(Duration time) {
        advance(time, STEP);
    }

    /// Lets much time pass with a coarse clock.
    void advance(Duration time, Duration step) {
        run();
        for (Duration left = time; left.isPositive(); left = left.minus(step)) {
            ticker.advance(step.toNanos(), TimeUnit.NANOSECONDS);
            run();
        }
    }

    /// What a host sent and nobody carried away yet.
    static List<ByteBuf> sent(EmbeddedChannel link) {
        List<ByteBuf> packets = new ArrayList<>();
        for (ByteBuf packet; (packet = link.readOutbound()) != null; ) {
            packets.add(packet);
        }
        return packets;
    }

    private static boolean carry(
            EmbeddedChannel from, EmbeddedChannel to, Predicate<ByteBuf> lost) {
        List<ByteBuf> packets = sent(from);
        boolean any = !packets.isEmpty();
        packets.removeIf(
                packet -> {
                    boolean drop = lost.test(packet) || !to.isActive();
                    if (drop) {
                        packet.release();
                    }
                    return drop;
                });
        if (!packets.isEmpty()) {
            to.writeInbound(packets.toArray());
        }
        return any;
    }

    @Override
    public void close() {
        channels.forEach(Channel::close);
        run();
        clientLink.close();
        serverLink.close();
        run();
        clientLink.finishAndReleaseAll();
        serverLink.finishAndReleaseAll();
    }
}
