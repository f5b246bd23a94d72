package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;

import toytcp.stack.tcp.TcpConfig;

import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Two hosts in virtual time, each with an event loop for its link and another one, a millisecond of
/// wire between them, and the proof that nothing is left of what happened.
final class ClosingNet {
    static final int PORT = 40000;
    static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    /// Far more than any timer of a connection, and than steps that any of them takes.
    private static final long PATIENCE = TimeUnit.HOURS.toNanos(1);

    private static final TcpConfig CONFIG =
            TcpConfig.DEFAULT.with(
                    draft -> {
                        draft.noDelay = true;
                        draft.giveUpNanos = TimeUnit.SECONDS.toNanos(100);
                    });

    private final MockTicker ticker = Ticker.newMockTicker();
    private final List<VirtualLoop> loops = new ArrayList<>();
    private final ArrayDeque<InFlight> wire = new ArrayDeque<>();
    private final Map<String, Future<?>> promises = new LinkedHashMap<>();

    final Host client = new Host("10.0.0.1", 1);
    final Host server = new Host("10.0.1.1", 2);

    /// Which packets get lost.
    Predicate<ByteBuf> lost = _ -> false;

    private record InFlight(long dueNanos, PipeLink to, ByteBuf packet) {}

    /// One stack, its link, and its two event loops.
    final class Host {
        final String address;
        final TcpStack stack;
        final VirtualLoop linkLoop = loop();
        final VirtualLoop otherLoop = loop();
        final PipeLink link = new PipeLink();

        private Host(String address, long seed) {
            this.address = address;
            stack =
                    TcpStack.builder()
                            .address(address + "/24")
                            .config(CONFIG)
                            .entropy(new Random(seed)::nextLong)
                            .build();
            link.wire = ClosingNet.this::carry;
            link.pipeline().addLast(stack.linkHandler());
        }

        private void open() {
            linkLoop.register(link);
            // As the event loop does with links that have a file descriptor.
            new ShutdownHook(link).joined(linkLoop);
        }

        private boolean isUp() {
            return link.isActive() && !linkLoop.isShutdown();
        }
    }

    ClosingNet() {
        PipeLink.join(client.link, server.link);
        client.open();
        server.open();
        advance(MILLI);
    }

    private void carry(List<ByteBuf> packets, PipeLink to) {
        for (ByteBuf packet : packets) {
            if (lost.test(packet)) {
                packet.release();
            } else {
                wire.add(new InFlight(ticker.nanoTime() + MILLI, to, packet));
            }
        }
    }

    private VirtualLoop loop() {
        VirtualLoop loop = new VirtualLoop(ticker);
        loops.add(loop);
        return loop;
    }

    /// Remembers a promise, which must be done when everything is over.
    <F extends Future<?>> F keep(String what, F promise) {
        promises.put(promises.size() + " " + what, promise);
        return promise;
    }

    InetSocketAddress serverAddress() {
        return new InetSocketAddress(server.address, PORT);
    }

    // ---- time

    /// Runs everything that is due now, the loops of the links first.
    void run() {
        boolean busy;
        do {
            busy = deliver();
            for (VirtualLoop loop : loops) {
                busy |= loop.pump();
            }
        } while (busy);
    }

    /// Lets packets that have arrived by now reach the queue of their link's event loop.
    boolean deliver() {
        boolean any = false;
        while (!wire.isEmpty() && wire.peek().dueNanos <= ticker.nanoTime()) {
            InFlight arrived = wire.poll();
            any = true;
            try {
                EventLoop loop = arrived.to.eventLoop();
                loop.execute(() -> arrived.to.deliver(List.of(arrived.packet)));
            } catch (RejectedExecutionException e) {
                arrived.packet.release();
            }
        }
        return any;
    }

    /// Time alone passes, nothing runs.
    void tick(long nanos) {
        ticker.advance(nanos, TimeUnit.NANOSECONDS);
    }

    /// Lets so much time pass, with everything that happens in it.
    void advance(long nanos) {
        long end = ticker.nanoTime() + nanos;
        run();
        for (long next; (next = nextNanos()) >= 0 && ticker.nanoTime() + next <= end; ) {
            tick(next);
            run();
        }
        tick(end - ticker.nanoTime());
        run();
    }

    /// Lets time pass until nothing is scheduled any more.
    void settle() {
        long end = ticker.nanoTime() + PATIENCE;
        run();
        for (long next; (next = nextNanos()) >= 0; ) {
            assertTrue(ticker.nanoTime() + next < end, () -> "still at work: " + describe());
            tick(next);
            run();
        }
    }

    /// To the next scheduled task or arrival; -1 if there is none.
    private long nextNanos() {
        long next = wire.isEmpty() ? -1 : wire.peek().dueNanos - ticker.nanoTime();
        for (VirtualLoop loop : loops) {
            long due = loop.nextNanos();
            next = due >= 0 && (next < 0 || due < next) ? due : next;
        }
        return next;
    }

    private String describe() {
        return "client " + client.stack.flows().getNow() + ", server " + server.stack.flows();
    }

    // ---- nothing is left

    /// After [#settle]: asserts that every promise is done, and that no connection, timer, task, port,
    /// or buffer is left.
    ///
    /// @param clientPort a port that the client had, or 0
    void assertNothingLeft(int clientPort) {
        promises.forEach((what, promise) -> assertTrue(promise.isDone(), what + " is not done"));
        for (VirtualLoop loop : loops) {
            assertEquals(0, loop.pendingTasks(), "tasks");
            assertEquals(-1, loop.nextNanos(), "a scheduled task");
        }
        assertNoFlow(client);
        assertNoFlow(server);
        assertFree(server, PORT);
        if (clientPort > 0) {
            assertFree(client, clientPort);
        }
        shutDown();
        LeakPresenceDetector.check();
    }

    private void assertNoFlow(Host host) {
        var flows = host.stack.flows();
        run();
        assertEquals(List.of(), flows.getNow(), host.address);
    }

    /// Binds the port, or hears at once that there is no link.
    private void assertFree(Host host, int port) {
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(host.isUp() ? host.linkLoop : loop())
                        .channelFactory(host.stack::newSocketChannel)
                        .handler(new ChannelInboundHandlerAdapter());
        ChannelFuture bound = bootstrap.bind(host.address, port);
        run();
        assertTrue(bound.isDone(), "bind of port " + port);
        if (host.isUp()) {
            assertEquals(null, bound.cause(), "port " + port + " is not free");
        } else {
            assertInstanceOf(SocketException.class, bound.cause());
        }
        Channel channel = bound.channel();
        channel.close();
        run();
    }

    private void shutDown() {
        client.link.close();
        server.link.close();
        run();
        for (VirtualLoop loop : loops) {
            loop.shutDown();
        }
    }
}
