package toytcp.testkit.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;

import toytcp.stack.ip.PacketLink;

import java.net.BindException;
import java.net.InetAddress;
import java.net.SocketAddress;

/// What lies below the stack of a [Host]: packets that the stack sends go out by the host's links.
final class HostLink extends AbstractChannel implements PacketLink {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /// RFC 6335, 6: the dynamic ports.
    private static final PortRange PORTS = new PortRange(49152, 65535);

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final Host host;
    private boolean closed;
    private boolean portsGiven;

    HostLink(Host host) {
        super(null);
        this.host = host;
    }

    /// A copy leaves: what the stack keeps for retransmission must not change on the way.
    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        for (ByteBuf packet; (packet = (ByteBuf) in.current()) != null; in.remove()) {
            int octets = packet.readableBytes();
            ByteBuf copy = alloc().buffer(octets, octets);
            copy.writeBytes(packet, packet.readerIndex(), octets);
            host.send(copy);
        }
    }

    @Override
    public boolean deliversPartialChecksums() {
        return false;
    }

    @Override
    public boolean sharesAddresses() {
        return false;
    }

    @Override
    public Route route(InetAddress destination) {
        return new Route(host.address(), host.mtu(destination));
    }

    @Override
    public PortRange ephemeralPorts(int wanted) throws BindException {
        if (portsGiven) {
            throw new BindException(
                    "Cannot assign requested address: the %d ports of host %s are all in use towards one remote end"
                            .formatted(PORTS.size(), host));
        }
        portsGiven = true;
        return PORTS;
    }

    @Override
    public void giveBack(PortRange ports) {
        portsGiven = false;
    }

    @Override
    public void claim(InetAddress address, PortRange ports) {
        // All ports are the stack's.
    }

    @Override
    public void release(InetAddress address, PortRange ports) {
        // As above.
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException());
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doClose() {
        closed = true;
    }

    @Override
    protected void doBeginRead() {
        // Packets come when they come.
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return !closed;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
