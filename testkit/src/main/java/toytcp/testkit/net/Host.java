package toytcp.testkit.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Ticker;

import toytcp.stack.channel.TcpStack;
import toytcp.testkit.VirtualClock;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A host with a whole stack and an event loop of its own, in virtual time; made by [Network#host].
///
/// ```java
/// new ServerBootstrap().group(host.group()).channelFactory(host.stack()::newServerSocketChannel)
/// new Bootstrap().group(host.group()).channelFactory(host.stack()::newSocketChannel)
/// ```
///
/// Shutting the [#group] down ends the application: its channels are closed. The stack goes on, as that of an
/// operating system, and ends the connections in order.
public final class Host extends Node {
    private static final int DEFAULT_MTU = 1500;

    private final TcpStack stack;
    private final VirtualEventLoop loop;
    private final HostLink link;
    private final List<ByteBuf> arrived = new ArrayList<>();
    private final WakeUp wakeUp = new WakeUp();
    private long granularityNanos = 1;

    Host(
            Network network,
            String name,
            InetAddress address,
            int index,
            Consumer<TcpStack.Builder> settings,
            long seed) {
        super(network, name, address, index);
        SplittableRandom random = new SplittableRandom(seed);
        TcpStack.Builder builder =
                TcpStack.builder().address(address.getHostAddress()).entropy(random::nextLong);
        settings.accept(builder);
        stack = builder.build();
        loop = new VirtualEventLoop(this, network, new HostTicker());
        link = new HostLink(this);
        link.pipeline().addLast(stack.linkHandler());
        // Not one of the application's channels.
        link.unsafe().register(loop, link.newPromise());
        loop.pump();
    }

    /// The stack: its `newSocketChannel` and `newServerSocketChannel` are channel factories.
    public TcpStack stack() {
        return stack;
    }

    /// The event loop, as a group of one.
    public EventLoopGroup group() {
        return loop;
    }

    /// A bootstrap for connections from this host, which lacks a handler; it knows the names of the other hosts.
    public Bootstrap bootstrap() {
        return new Bootstrap()
                .group(loop)
                .resolver(network.names())
                .channelFactory(stack::newSocketChannel);
    }

    /// A bootstrap for servers on this host, which lacks a child handler.
    public ServerBootstrap serverBootstrap() {
        return new ServerBootstrap().group(loop).channelFactory(stack::newServerSocketChannel);
    }

    /// The address of this host with `port`.
    public InetSocketAddress at(int port) {
        return new InetSocketAddress(address(), port);
    }

    /// How coarse the clock of this host is: it sees the time rounded down to a multiple of `step`, and its tasks
    /// run only then. A nanosecond without this call.
    public Host clockGranularity(Duration step) {
        if (!step.isPositive()) {
            throw new IllegalArgumentException("a clock has positive steps, got " + step);
        }
        granularityNanos = step.toNanos();
        return this;
    }

    long nowNanos() {
        long now = network.nowNanos();
        return now - now % granularityNanos;
    }

    List<VirtualEventLoop.Scheduled> scheduled() {
        return loop.scheduled();
    }

    /// The largest packet to `destination`, as far as this host can know: what its own link takes.
    int mtu(InetAddress destination) {
        LinkEnd way = wayTo(destination);
        return way == null ? DEFAULT_MTU : way.line.mtu;
    }

    /// Packets of one moment arrive in one turn of the event loop.
    @Override
    void receive(ByteBuf packet) {
        if (!link.isActive()) {
            packet.release();
            return;
        }
        arrived.add(packet);
        loop.makeReady();
    }

    /// The host itself is the sender.
    @Override
    void sendError(ByteBuf error) {
        receive(error);
    }

    /// Sends a packet of the stack.
    void send(ByteBuf packet) {
        if (packet.getInt(packet.readerIndex() + DESTINATION) == ipv4()) {
            receive(packet);
        } else {
            forward(packet);
        }
    }

    /// Gives the stack what has arrived.
    void deliver() {
        if (arrived.isEmpty()) {
            return;
        }
        ByteBuf[] packets = arrived.toArray(ByteBuf[]::new);
        arrived.clear();
        for (ByteBuf packet : packets) {
            link.pipeline().fireChannelRead(packet);
        }
        link.pipeline().fireChannelReadComplete();
    }

    boolean hasArrivals() {
        return !arrived.isEmpty();
    }

    void wakeUpAt(long nanos) {
        wakeUp.arm(roundedUp(nanos));
    }

    /// Closes the channels, ends the connections that are left, and forgets what is due.
    void end() {
        loop.closeChannels();
        loop.pump();
        link.unsafe().close(link.voidPromise());
        arrived.forEach(ByteBuf::release);
        arrived.clear();
        loop.end();
    }

    private long roundedUp(long nanos) {
        long rest = nanos % granularityNanos;
        return rest == 0 ? nanos : nanos + granularityNanos - rest;
    }

    /// Lets the event loop run when its next task is due.
    private final class WakeUp implements VirtualClock.Alarm {
        private long armedNanos = Long.MAX_VALUE;

        void arm(long nanos) {
            if (nanos < armedNanos) {
                armedNanos = nanos;
                network.clock().at(nanos, this);
            }
        }

        /// The task may have been cancelled meanwhile.
        @Override
        public long dueNanos(long atNanos) {
            if (atNanos != armedNanos) {
                // An earlier one took its place.
                return Long.MAX_VALUE;
            }
            long next = loop.nextTaskNanos();
            armedNanos = next == Long.MAX_VALUE ? next : Math.max(atNanos, roundedUp(next));
            return armedNanos;
        }

        @Override
        public void run() {
            armedNanos = Long.MAX_VALUE;
            loop.makeReady();
        }
    }

    /// The clock of the network as this host sees it.
    private final class HostTicker implements Ticker {
        @Override
        public long initialNanoTime() {
            return 0;
        }

        @Override
        public long nanoTime() {
            return nowNanos();
        }

        @Override
        public void sleep(long delay, TimeUnit unit) {
            throw new UnsupportedOperationException(
                    "nobody sleeps in virtual time: schedule a task on the event loop, or call"
                            + " net.run(..)");
        }
    }
}
