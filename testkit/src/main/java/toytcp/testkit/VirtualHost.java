package toytcp.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Ticker;

import toytcp.codec.IpAddresses;
import toytcp.stack.channel.TcpStack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// A host with a whole stack in a [VirtualNetwork], which makes it.
public final class VirtualHost {
    /// Changes what the stack of a host is built with.
    @FunctionalInterface
    public interface Settings {
        /// Called once, before the stack is built.
        void change(TcpStack.Builder builder);
    }

    private final VirtualNetwork network;
    private final InetAddress address;
    private final TcpStack stack;
    private final EmbeddedChannel link;
    private final List<Channel> channels = new ArrayList<>();
    private final List<ByteBuf> arrived = new ArrayList<>();

    private long granularityNanos = 1;
    private long armedAtNanos = Long.MAX_VALUE;
    private boolean closed;

    VirtualHost(VirtualNetwork network, String address, Settings settings, long seed) {
        this.network = network;
        SplittableRandom random = new SplittableRandom(seed);
        TcpStack.Builder builder = TcpStack.builder().address(address).entropy(random::nextLong);
        settings.change(builder);
        stack = builder.build();
        this.address = stack.addresses().getFirst();
        link =
                EmbeddedChannel.builder()
                        .ticker(new HostTicker())
                        .handlers(stack.linkHandler())
                        .build();
    }

    /// How coarse the clock of this host is: it sees the time rounded down to a multiple of `nanos`,
    /// and its tasks run only then. 1 without this call.
    public VirtualHost granularity(long nanos) {
        granularityNanos = nanos;
        return this;
    }

    /// A bootstrap for connections from this host: it lacks a handler.
    public Bootstrap bootstrap() {
        return new Bootstrap()
                .group(link.eventLoop())
                // The event loop of an EmbeddedChannel cannot serve a resolver.
                .disableResolver()
                .channelFactory(() -> track(stack.newSocketChannel()));
    }

    /// A bootstrap for servers on this host: it lacks a child handler.
    public ServerBootstrap serverBootstrap() {
        return new ServerBootstrap()
                .group(link.eventLoop())
                .channelFactory(() -> track(stack.newServerSocketChannel()));
    }

    /// The address of this host with `port`.
    public InetSocketAddress at(int port) {
        return new InetSocketAddress(address, port);
    }

    /// The stack.
    public TcpStack stack() {
        return stack;
    }

    /// The channel below the stack, whose messages are the packets.
    public EmbeddedChannel link() {
        return link;
    }

    /// The time that this host sees, in nanoseconds.
    public long nowNanos() {
        long now = network.clock().nanoTime();
        return now - now % granularityNanos;
    }

    @Override
    public String toString() {
        return address.getHostAddress();
    }

    int ipv4() {
        return IpAddresses.toV4(IpAddresses.low(address));
    }

    /// Packets of one moment arrive in one turn of the event loop.
    void receive(ByteBuf packet) {
        if (closed) {
            packet.release();
            return;
        }
        if (arrived.isEmpty()) {
            network.clock().after(0, this::deliver);
        }
        arrived.add(packet);
    }

    /// Runs what is due now, and sends what that puts out.
    void pump() {
        long untilNext = -1;
        for (boolean busy = true; busy; ) {
            link.runPendingTasks();
            untilNext = link.runScheduledPendingTasks();
            busy = sendAll() | link.hasPendingTasks();
        }
        link.checkException();
        if (untilNext >= 0) {
            arm(nowNanos() + untilNext);
        }
    }

    /// Closes what the bootstraps of this host made.
    void closeChannels() {
        channels.forEach(Channel::close);
        pump();
    }

    void close() {
        link.close();
        pump();
        closed = true;
        arrived.forEach(ByteBuf::release);
        arrived.clear();
    }

    void release() {
        link.finishAndReleaseAll();
    }

    private <C extends Channel> C track(C channel) {
        channels.add(channel);
        return channel;
    }

    private void deliver() {
        Object[] packets = arrived.toArray();
        arrived.clear();
        if (packets.length > 0) {
            link.writeInbound(packets);
            pump();
        }
    }

    private boolean sendAll() {
        boolean any = false;
        for (ByteBuf packet; (packet = link.readOutbound()) != null; any = true) {
            network.send(this, packet);
        }
        return any;
    }

    private void arm(long deadline) {
        long rest = deadline % granularityNanos;
        long wakeUp = rest == 0 ? deadline : deadline + granularityNanos - rest;
        if (wakeUp >= armedAtNanos) {
            return;
        }
        armedAtNanos = wakeUp;
        network.clock()
                .at(
                        wakeUp,
                        () -> {
                            if (armedAtNanos == wakeUp && !closed) {
                                armedAtNanos = Long.MAX_VALUE;
                                pump();
                            }
                        });
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
            network.clock().advance(delay, unit);
        }
    }
}
