package toytcp.stack.channel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropCounters;
import toytcp.codec.IcmpCodec;
import toytcp.codec.Ipv4Codec;
import toytcp.codec.TcpSegmentCodec;
import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink;
import toytcp.stack.ip.PacketLink.PortRange;
import toytcp.stack.tcp.EntropySource;
import toytcp.stack.tcp.MemoryBudget;
import toytcp.stack.tcp.TcpConfig;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.SocketException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/// A TCP/IP stack over one link: any channel whose messages are IP packets in `ByteBuf`s.
///
/// ```java
/// TcpStack stack = TcpStack.builder().address("10.0.0.1/24").build();
/// new Bootstrap().group(group).channel(RawSocketChannel.class).handler(stack.linkHandler()).bind(..).sync();
///
/// new Bootstrap().group(group).channelFactory(stack::newSocketChannel).handler(..).connect("10.0.1.1", 40000);
/// new ServerBootstrap().group(group).channelFactory(stack::newServerSocketChannel).childHandler(..).bind(40000);
/// ```
///
/// The channels work on any event loop. On the loop of the link they cost no hand-off between
/// threads, so its group is the best one to give them.
///
/// A stack serves one link, once: when the link closes, every connection fails with a
/// `SocketException`, and a new link needs a new stack. All methods may be called from any thread.
public final class TcpStack {
    private final StackSettings settings;
    private final DropCounters drops = new DropCounters();
    private final TcpCounters counters = new TcpCounters(drops);
    private final AtomicBoolean used = new AtomicBoolean();

    /// Set while the link is active; read by channels on other event loops.
    private volatile @Nullable TcpStackHandler handler;

    private volatile boolean stopped;

    private TcpStack(StackSettings settings) {
        this.settings = settings;
    }

    /// A stack to configure.
    public static Builder builder() {
        return new Builder();
    }

    /// For `Bootstrap.handler` of the link: puts the codecs and the stack into the link's pipeline.
    ///
    /// The pipeline refuses a second link, and a link that is no [PacketLink] while the builder was
    /// given no address: such a link is closed, and the log says why.
    public ChannelHandler linkHandler() {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel link) {
                addTo(link.pipeline(), link);
            }
        };
    }

    /// A new unconnected channel, for `Bootstrap.channelFactory`.
    public TcpChannel newSocketChannel() {
        return new TcpSocketChannel(this);
    }

    /// A new unbound channel, for `ServerBootstrap.channelFactory`. It is bound to one address and port,
    /// to the wildcard address for all addresses of the stack, or to a [ListenAddress].
    public TcpServerChannel newServerSocketChannel() {
        return new TcpServerSocketChannel(this);
    }

    /// What was dropped on the way from the link to the connections, and why.
    public DropCounters drops() {
        return drops;
    }

    /// What was counted over all connections.
    public TcpCounters counters() {
        return counters;
    }

    /// Everything that the stack has now: listeners, half-open connections, and connections up to the end
    /// of TIME-WAIT, also those whose channels are closed. Like `ss -tina`.
    ///
    /// @return done by the event loop of the link; empty while there is no active link
    public Future<List<FlowSnapshot>> flows() {
        TcpStackHandler current = handler;
        if (current != null) {
            Promise<List<FlowSnapshot>> promise = current.eventLoop().newPromise();
            try {
                onLoop(current.eventLoop(), () -> promise.setSuccess(current.snapshot()));
                return promise;
            } catch (RejectedExecutionException e) {
                // The event loop was shut down, and the stack with it.
            }
        }
        return ImmediateEventExecutor.INSTANCE.newSucceededFuture(List.of());
    }

    private static void onLoop(EventLoop loop, Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /// The addresses that the builder was given; empty if they are the link's.
    public List<InetAddress> addresses() {
        return settings.addresses().stream().map(IpPrefix::address).toList();
    }

    private void addTo(ChannelPipeline pipeline, Channel link) {
        boolean partialChecksums = false;
        if (link instanceof PacketLink packetLink) {
            partialChecksums = packetLink.deliversPartialChecksums();
        } else if (settings.addresses().isEmpty()) {
            throw new IllegalStateException(
                    "this link does not know its addresses: add"
                            + " .address(\"10.0.0.1/24\") to TcpStack.builder()");
        }
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "one TcpStack serves one link: build another stack for another link");
        }
        pipeline.addLast(new Ipv4Codec(drops));
        if (FlowLog.isTrace()) {
            pipeline.addLast(new PacketLogHandler());
        }
        pipeline.addLast(new IcmpCodec(drops));
        pipeline.addLast(new TcpSegmentCodec(drops, partialChecksums));
        TcpStackHandler end = new TcpStackHandler(this, settings, drops);
        pipeline.addLast(end);
        pipeline.addLast(new LinkOpening(end));
    }

    TcpConfig config() {
        return settings.config();
    }

    void started(TcpStackHandler handler) {
        this.handler = handler;
    }

    void stopped() {
        stopped = true;
        handler = null;
    }

    /// The handler of the active link.
    ///
    /// @param who who wants it, for the message
    /// @throws SocketException if there is none, not yet or no more
    TcpStackHandler handler(String who) throws SocketException {
        TcpStackHandler current = handler;
        if (current == null) {
            throw stopped ? FlowErrors.linkClosed(who) : FlowErrors.noLink(who);
        }
        return current;
    }

    /// Collects what a stack needs to know; everything has a default.
    public static final class Builder {
        private final List<IpPrefix> addresses = new ArrayList<>();
        private int mtu;
        private @Nullable PortRange ephemeralPorts;
        private long memory = StackMemory.defaultLimit();
        private TcpConfig config = TcpConfig.DEFAULT.with(draft -> draft.noDelay = true);
        private EntropySource entropy = new SecureRandom()::nextLong;

        private Builder() {}

        /// An address of the stack: `10.0.0.1`, or `10.0.0.1/24` with the length of its network's
        /// prefix. May be called more than once; connections leave from the address whose network
        /// holds the destination, or else from the first. On a [PacketLink] it may be left out: the
        /// link's addresses are used then.
        ///
        /// @throws IllegalArgumentException if it is not an IPv4 address of one host
        public Builder address(String cidr) {
            IpPrefix prefix = IpPrefix.parse(cidr);
            InetAddress address = prefix.address();
            if (!(address instanceof Inet4Address)
                    || address.isMulticastAddress()
                    || address.isAnyLocalAddress()) {
                throw new IllegalArgumentException(
                        "a stack's address is the IPv4 address of one host, got '" + cidr + "'");
            }
            addresses.add(prefix);
            return this;
        }

        /// The largest IP packet: 68 to 65535 octets. Without it, what a [PacketLink] says for each
        /// destination, and 1500 on other links.
        ///
        /// @throws IllegalArgumentException if out of range
        public Builder mtu(int octets) {
            if (octets < 68 || octets > 65535) {
                throw new IllegalArgumentException(
                        "the mtu lies within 68 to 65535 octets, got " + octets);
            }
            mtu = octets;
            return this;
        }

        /// The local ports of active opens, both included; there are no others then. Without it, those
        /// that a [PacketLink] leaves us, more and more of them as they are needed, and 49152 to 65535
        /// on other links. To one remote end there can be as many connections as there are ports.
        ///
        /// @throws IllegalArgumentException if the range is empty or leaves 1 to 65535
        public Builder ephemeralPorts(int first, int last) {
            ephemeralPorts = new PortRange(first, last);
            return this;
        }

        /// How many octets all connections together may hold in their queues: at least 65536. Above two
        /// thirds of it no buffer grows and no window is enlarged; when all is used nothing new is taken,
        /// but for 4 to 16 KiB a direction that each connection keeps. Without it, a quarter of the direct
        /// memory that the JVM may use: octets lie in blocks, and the pools of these need room too.
        ///
        /// What a channel on another event loop has not handed over yet does not count, nor what waits in a
        /// channel above its send buffer.
        ///
        /// @throws IllegalArgumentException if it is less
        public Builder memory(long octets) {
            memory = new MemoryBudget(octets).limit();
            return this;
        }

        /// The settings that every connection begins with; channel options change them for one
        /// connection. The maximum segment size is set from the route's mtu. Without it, those of
        /// [TcpConfig#DEFAULT] but for the Nagle algorithm, which is off, as in Netty's other transports.
        public Builder config(TcpConfig config) {
            this.config = config;
            return this;
        }

        /// Where secrets come from: a `SecureRandom` by default, a seeded source in tests that must
        /// run the same way every time.
        public Builder entropy(EntropySource entropy) {
            this.entropy = entropy;
            return this;
        }

        /// The stack; it does nothing before its [TcpStack#linkHandler()] is in an active link.
        public TcpStack build() {
            return new TcpStack(
                    new StackSettings(
                            List.copyOf(addresses), mtu, ephemeralPorts, memory, config, entropy));
        }
    }
}
