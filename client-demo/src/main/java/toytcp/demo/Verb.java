package toytcp.demo;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// What the verbs have in common: opens a network, runs, closes it.
///
/// All verbs are made before one of them is chosen and the log is set up: their fields must not
/// wake up Netty, whose first class looks for the log.
abstract class Verb implements Callable<Integer> {
    /// Enough for the next chunks to be ready when the send queue of the connection has room.
    private static final int LOW_WATER_MARK = 256 << 10;

    private static final int HIGH_WATER_MARK = 512 << 10;
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int MAX_PORT = 65535;

    @ParentCommand private Main main;

    @Spec private CommandSpec spec;

    @Option(
            names = "--log",
            paramLabel = "LEVEL",
            defaultValue = "off",
            description = "What the stack tells on stderr: off, info, debug or trace.")
    private LogLevel level;

    @Override
    public final Integer call() throws Exception {
        level.apply();
        InetAddress local = localAddress();
        checkArguments();
        try (Network network = main.networks().open(local)) {
            return run(network, main.interrupts());
        }
    }

    /// The local address, or the wildcard address.
    abstract InetAddress localAddress() throws Failure, UnknownHostException;

    /// Refuses what is wrong without any network.
    abstract void checkArguments() throws Exception;

    /// Does the work.
    ///
    /// @return the exit code
    abstract int run(Network network, Interrupts interrupts) throws Exception;

    LogLevel level() {
        return level;
    }

    Terminal terminal() {
        return main.terminal();
    }

    /// Tells the user something, away from the data.
    void say(String text) {
        terminal().err().println("toytcp: " + text);
    }

    /// Refuses ports that do not exist.
    ///
    /// @param least 0 if the stack may choose one, else 1
    void checkPort(int port, int least) {
        if (port < least || port > MAX_PORT) {
            throw new ParameterException(
                    spec.commandLine(),
                    "PORT must lie within " + least + " to " + MAX_PORT + ", got " + port);
        }
    }

    /// Looks a name up, here and not on an event loop, which must not wait.
    static InetAddress resolve(String host) throws Failure, UnknownHostException {
        for (InetAddress address : InetAddress.getAllByName(host)) {
            if (address instanceof Inet4Address) {
                return address;
            }
        }
        throw new Failure(
                "the host " + host + " has no IPv4 address", "this stack knows no IPv6 yet");
    }

    /// Begins to connect.
    ///
    /// @param end fails if the connection does not come about
    static Channel connect(
            Network network,
            InetSocketAddress peer,
            ChannelHandler handler,
            CompletableFuture<Void> end) {
        return network.client()
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.SO_LINGER, Endings.LINGER_SECONDS)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(LOW_WATER_MARK, HIGH_WATER_MARK))
                .handler(handler)
                .connect(peer)
                .addListener(
                        connected -> {
                            if (!connected.isSuccess()) {
                                end.completeExceptionally(connected.cause());
                            }
                        })
                .channel();
    }

    /// Waits for the end of an exchange, then until the peer has acknowledged everything.
    static void finish(Channel channel, CompletableFuture<Void> end)
            throws Failure, InterruptedException {
        await(end, channel);
        long start = System.nanoTime();
        channel.close().sync();
        if (System.nanoTime() - start >= TimeUnit.SECONDS.toNanos(Endings.LINGER_SECONDS)) {
            // SO_LINGER has given up, and nothing but the time tells.
            throw new Failure(
                    "the peer has not acknowledged everything within "
                            + Endings.LINGER_SECONDS
                            + " s",
                    "look at its log and at the path to it, then try again");
        }
    }

    /// Waits for the end of an exchange. A failed one is over when its last packet has left.
    static void await(CompletableFuture<Void> end, Channel channel)
            throws Failure, InterruptedException {
        try {
            await(end);
        } catch (Failure failure) {
            channel.close().awaitUninterruptibly();
            throw failure;
        }
    }

    /// Waits for a part of an exchange.
    static <T> T await(CompletableFuture<T> part) throws Failure, InterruptedException {
        try {
            return part.get();
        } catch (ExecutionException e) {
            throw Failure.of(e);
        }
    }

    /// `10.0.0.1:40000`, the way people write it.
    static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
