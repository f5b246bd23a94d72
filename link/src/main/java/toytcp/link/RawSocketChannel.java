package toytcp.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import toytcp.codec.DropCounters;
import toytcp.codec.DropReason;
import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;

/// A raw IPv4 socket of Linux as a link for a TCP stack: reads and writes whole IPv4 packets that
/// carry TCP, and ICMP errors about those, as `ByteBuf`s.
///
/// ```java
/// new Bootstrap()
///         .group(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
///         .channel(RawSocketChannel.class)
///         .handler(stack.linkHandler())
///         .bind("10.0.0.1", 0);
/// ```
///
/// It binds to one local address, or to `0.0.0.0` for all of them; a port makes no sense for it and
/// must be 0. It takes CAP_NET_RAW to open one, and CAP_NET_ADMIN to keep the kernel from answering
/// the packets that are meant for the stack; without the latter a warning says what to do by hand.
/// The socket belongs to the network namespace that its event loop's thread is in when the channel
/// is registered.
///
/// **Reading.** Only packets for ports that were [claimed][#claim] arrive. A packet can have up to
/// 65535 octets, whatever the MTU, because the kernel hands over super-segments; the checksum of such
/// a packet may cover the pseudo-header only. The receiver of a message releases it. One `read()`
/// delivers up to 16 packets, with auto-read up to 64, followed by one `channelReadComplete`; the
/// channel's `RecvByteBufAllocator` is not asked. A packet beyond 65535 octets (BIG TCP) is dropped and counted.
///
/// **Writing.** A message must be a `ByteBuf` with one IPv4 packet, no larger than the MTU of its
/// [route][#route]; the kernel fills in the header checksum. Components of a composite buffer are
/// not copied. The channel releases the message. A packet that the kernel refuses fails its own
/// promise, and nothing else.
///
/// **Listeners on networks**, those bound to a [ListenAddress][toytcp.stack.channel.ListenAddress], get what
/// the kernel delivers on this host and has no socket of its own for; what it forwards does not come
/// here. To deliver a whole network here, make it local: `ip route add local 10.5.0.0/16 dev lo`. Only
/// the routing table `local` counts, not one that a policy rule (`ip rule`) adds, and 127.0.0.0/8 stays
/// the kernel's. The kernel's own connections and listeners on covered ports go on undisturbed and go
/// first, packet by packet: a kernel program that begins to listen on a port takes over new connections,
/// and ends ours that stand on that address and port, without our hearing of it. A listener on a single
/// port that the kernel listens on is refused. It takes CAP_NET_ADMIN, and the kernel's nft_socket and nft_fib. Of several such links in one network
/// namespace, and the stacks of other processes there, each must have networks or ports of its own: they
/// do not see each other.
///
/// **Ephemeral ports** are those that the kernel does not hand out itself: above its
/// `net.ipv4.ip_local_port_range` first, then below it, down to 16384 (to 1024 if there are hardly any
/// others), by default 20,736. All stacks on one address share them, in blocks of 256; a block in which
/// somebody has a port, or one of `net.ipv4.ip_local_reserved_ports` is, is left alone. That is also how
/// to keep a port for a program that is started later: once a stack has its block, the kernel's RSTs
/// from that port are dropped.
///
/// Options: those of every channel, `SO_RCVBUF` (default 4 MB) and `SO_SNDBUF`, in octets.
public final class RawSocketChannel extends AbstractChannel implements PacketLink {
    private static final Logger logger = LoggerFactory.getLogger(RawSocketChannel.class);
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /// How many packets one turn of the event loop takes, so that other channels get theirs.
    private static final int MAX_PACKETS_PER_READ = 4 * PacketReceiver.BATCH;

    private final RawSocketConfig config = new RawSocketConfig(this);
    private final DropCounters drops = new DropCounters();

    // Read from other threads, as the contract of Channel allows.
    private volatile boolean open = true;
    private volatile @Nullable InetSocketAddress localAddress;

    private @Nullable FileDescriptor socket;
    private @Nullable ErrorSocket errors;
    private @Nullable IoRegistration registration;
    private @Nullable Arena arena;
    private @Nullable PacketReceiver receiver;
    private @Nullable PacketSender sender;
    private @Nullable PortClaims claims;

    /// Never NONE: Netty's handler then forgets the socket, and fails when it is wanted again.
    private EpollIoOps interest = EpollIoOps.EPOLLERR;

    private boolean readPending;

    /// How many calls that use the native memory are on the stack: it outlives a close from inside.
    private int inUse;

    /// A channel without a socket; that is opened when the channel is registered.
    ///
    /// @throws UnsupportedOperationException as [#ensureAvailable] does
    public RawSocketChannel() {
        super(null);
        ensureAvailable();
    }

    /// Checks what no privilege can mend. To be called before Netty's epoll classes are touched: they
    /// fail, too, but with less to say.
    ///
    /// @throws UnsupportedOperationException if this is not Linux on x86_64 or aarch64, if Netty's
    ///     epoll transport is missing, or if native access is denied; the message says what to do
    public static void ensureAvailable() {
        LinuxSupport.ensureAvailable();
    }

    /// Packets that were dropped on receipt: `IP_TRUNCATED` counts those beyond 65535 octets.
    public DropCounters drops() {
        return drops;
    }

    @Override
    public boolean deliversPartialChecksums() {
        return true;
    }

    @Override
    public Route route(InetAddress destination) throws IOException {
        return RouteLookup.find(boundAddress(), destination);
    }

    @Override
    public PortRange ephemeralPorts(int wanted) throws IOException {
        assert eventLoop().inEventLoop();
        boundAddress();
        return claims.take(wanted);
    }

    @Override
    public void giveBack(PortRange ports) {
        assert eventLoop().inEventLoop();
        if (claims != null) {
            claims.giveBack(ports);
        }
    }

    @Override
    public void claim(InetAddress address, PortRange ports) throws IOException {
        assert eventLoop().inEventLoop();
        boundAddress();
        claims.claim(address, ports);
    }

    @Override
    public void release(InetAddress address, PortRange ports) {
        assert eventLoop().inEventLoop();
        if (claims == null) {
            return; // closed, and all claims have gone with it
        }
        try {
            claims.release(address, ports);
        } catch (IOException e) {
            // Harmless: the stack drops what it no longer serves.
            logger.warn("{} still takes the packets for {} of {}", this, ports, address, e);
        }
    }

    @Override
    public void intercept(IpPrefix destinations, PortRange ports) throws IOException {
        assert eventLoop().inEventLoop();
        boundAddress();
        claims.intercept(destinations, ports);
    }

    @Override
    public void release(IpPrefix destinations, PortRange ports) {
        assert eventLoop().inEventLoop();
        if (claims == null) {
            return;
        }
        try {
            claims.release(destinations, ports);
        } catch (IOException e) {
            logger.warn("{} still takes the packets for {} of {}", this, ports, destinations, e);
        }
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && localAddress != null;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new RawUnsafe();
    }

    /// Any: [#doRegister] refuses the wrong ones with a message that tells the right one.
    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return localAddress;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        RawUnsafe handle = (RawUnsafe) unsafe();
        if (!(eventLoop() instanceof IoEventLoop loop && loop.isCompatible(handle.getClass()))) {
            promise.setFailure(
                    new IllegalStateException(
                            "a raw socket needs an event loop on epoll, made by new"
                                + " MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory()), not "
                                    + eventLoop()));
            return;
        }
        try {
            openSocket();
        } catch (IOException | RuntimeException e) {
            promise.setFailure(e);
            return;
        }
        loop.register(handle).addListener((Future<IoRegistration> f) -> registered(f, promise));
    }

    @Override
    protected void doDeregister() {
        if (registration != null) {
            registration.cancel();
            registration = null;
            errors.deregister();
        }
    }

    @Override
    protected void doBind(SocketAddress address) throws Exception {
        if (localAddress != null) {
            throw new SocketException("this link is bound already, to " + localAddress);
        }
        Inet4Address local = RawSocket.checkLocalAddress(address);
        int value = Ipv4.toInt(local);
        RawSocket.bind(socket.intValue(), value);
        RawSocket.bind(errors.fd().intValue(), value);
        claims = new PortClaims(socket.intValue(), errors.fd().intValue(), value);
        localAddress = new InetSocketAddress(local, 0);
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    @Override
    protected void doClose() throws Exception {
        open = false;
        config.closed();
        doDeregister();
        if (claims != null) {
            claims.close();
            claims = null;
        }
        if (socket != null) {
            socket.close(); // kept as it is: whoever still asks for it learns that it is closed
        }
        if (errors != null) {
            errors.close();
        }
        freeIfUnused();
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        setInterest(interest.with(EpollIoOps.EPOLLIN));
        errors.beginRead();
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof ByteBuf) {
            return message;
        }
        throw SendErrors.notAPacket(message);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws Exception {
        inUse++;
        boolean all;
        try {
            all = sender.sendAll(socket.intValue(), out);
        } finally {
            inUse--;
            freeIfUnused();
        }
        setInterest(
                all ? interest.without(EpollIoOps.EPOLLOUT) : interest.with(EpollIoOps.EPOLLOUT));
    }

    private void openSocket() throws IOException {
        if (socket != null) {
            return; // registered again, perhaps with another loop
        }
        socket = new FileDescriptor(RawSocket.open());
        errors = new ErrorSocket(this);
        config.opened(socket.intValue());
        arena = Arena.ofShared(); // the loop's thread can change, and a failed bootstrap closes
        receiver = new PacketReceiver(arena);
        sender = new PacketSender(arena);
    }

    private void registered(Future<IoRegistration> registered, ChannelPromise promise) {
        if (!registered.isSuccess()) {
            promise.setFailure(registered.cause());
            return;
        }
        registration = registered.getNow();
        setInterest(interest);
        errors.register((IoEventLoop) eventLoop());
        promise.setSuccess();
    }

    private void setInterest(EpollIoOps wanted) {
        interest = wanted;
        if (registration != null && registration.isValid()) {
            registration.submit(wanted);
        }
    }

    private int boundAddress() throws IOException {
        InetSocketAddress bound = localAddress;
        if (!open) {
            throw new ClosedChannelException();
        }
        if (bound == null) {
            throw new IOException("the link is not bound to an address yet");
        }
        return Ipv4.toInt((Inet4Address) bound.getAddress());
    }

    private void freeIfUnused() {
        if (!open && inUse == 0 && arena != null) {
            receiver.close();
            arena.close();
            arena = null;
        }
    }

    /// What the event loop and the pipeline call.
    private final class RawUnsafe extends AbstractUnsafe implements EpollIoHandle {
        @Override
        public FileDescriptor fd() {
            return socket;
        }

        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            promise.tryFailure(
                    new UnsupportedOperationException(
                            "a raw socket is bound, not connected; connect a channel of the stack"
                                    + " that runs on it"));
        }

        @Override
        public void handle(IoRegistration source, IoEvent event) {
            EpollIoOps ready = ((EpollIoEvent) event).ops();
            if (ready.contains(EpollIoOps.EPOLLERR)) {
                clearError();
            }
            if (ready.contains(EpollIoOps.EPOLLOUT) && open) {
                super.flush0();
            }
            if (ready.contains(EpollIoOps.EPOLLIN) && open) {
                readPackets();
            }
        }

        @Override
        public void close() {
            close(voidPromise());
        }

        /// While the socket is full, its EPOLLOUT will flush.
        @Override
        protected void flush0() {
            if (!interest.contains(EpollIoOps.EPOLLOUT)) {
                super.flush0();
            }
        }

        private void readPackets() {
            if (!config.isAutoRead() && !readPending) {
                setInterest(interest.without(EpollIoOps.EPOLLIN));
                return;
            }
            inUse++;
            Throwable failure = null;
            try {
                readBatches();
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                failure = e;
            } finally {
                inUse--;
                freeIfUnused();
            }
            if (!open) {
                return;
            }
            pipeline().fireChannelReadComplete();
            if (failure != null) {
                pipeline().fireExceptionCaught(failure);
            }
            if (open && !readPending && !config.isAutoRead()) {
                setInterest(interest.without(EpollIoOps.EPOLLIN));
            }
        }

        private void readBatches() throws IOException {
            readPending = false;
            int received = PacketReceiver.BATCH;
            int total = 0;
            // A batch that is not full is most likely the last; if not, the loop calls again.
            while (received == PacketReceiver.BATCH && total < MAX_PACKETS_PER_READ) {
                received = receiver.receive(socket.intValue(), config.getAllocator());
                if (received < 0) {
                    checkRead(-received);
                    return;
                }
                deliver(received);
                total += received;
                if (!open || !config.isAutoRead()) {
                    return;
                }
            }
        }

        private void checkRead(int errno) throws IOException {
            if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
                throw RawSocket.readError(errno);
            }
        }

        private void deliver(int received) {
            for (int i = 0; i < received && open; i++) {
                ByteBuf packet = receiver.packet(i, config.getAllocator());
                if (packet == null) {
                    drops.count(DropReason.IP_TRUNCATED);
                } else {
                    pipeline().fireChannelRead(packet);
                }
            }
        }

        private void clearError() {
            int errno =
                    LinuxSockets.option(
                            socket.intValue(), LinuxSockets.SOL_SOCKET, LinuxSockets.SO_ERROR);
            if (errno > 0) {
                pipeline().fireExceptionCaught(RawSocket.readError(errno));
            }
        }
    }
}
