package toytcp.testkit.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpCodec;
import toytcp.codec.IcmpError;
import toytcp.codec.IpAddresses;
import toytcp.codec.IpPacket;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// What links connect: a [Host] or a [Router].
public abstract sealed class Node permits Host, Router {
    static final int PROTOCOL = 9;
    static final int DESTINATION = 16;

    /// Code of an "unreachable": host unreachable (RFC 792).
    private static final int HOST_UNREACHABLE = 1;

    final Network network;

    /// One for each link, in their order.
    final List<LinkEnd> ends = new ArrayList<>();

    /// The number of this node in its network.
    final int index;

    private final String name;
    private final InetAddress address;
    private final int ipv4;

    Node(Network network, String name, InetAddress address, int index) {
        this.network = network;
        this.name = name;
        this.address = address;
        this.index = index;
        ipv4 = IpAddresses.toV4(IpAddresses.low(address));
    }

    /// The name that it was made with.
    public final String name() {
        return name;
    }

    /// Its IPv4 address.
    public final InetAddress address() {
        return address;
    }

    final int ipv4() {
        return ipv4;
    }

    /// A packet arrived by a link; this node owns it.
    abstract void receive(ByteBuf packet);

    /// An error about a packet that this node wanted to send on, for its sender; this node owns it.
    abstract void sendError(ByteBuf error);

    /// Sends a packet, which this node owns, on its way.
    final void forward(ByteBuf packet) {
        int destination = packet.getInt(packet.readerIndex() + DESTINATION);
        LinkEnd way = network.routes().next(this, destination);
        if (way == null) {
            tell(packet, IcmpError.UNREACHABLE, HOST_UNREACHABLE, 0);
            network.capture().note("%s: lost: no way to %s".formatted(name, text(destination)));
            packet.release();
        } else {
            way.line.send(packet);
        }
    }

    /// Says to the sender of a packet that it was too large for a link; the caller owns the packet.
    final void tellTooLarge(ByteBuf packet, int mtu) {
        tell(packet, IcmpError.UNREACHABLE, IcmpError.FRAGMENTATION_NEEDED, mtu);
    }

    /// No error is sent about an ICMP message: it may be an error itself (RFC 1122, 3.2.2).
    final void tell(ByteBuf packet, int type, int code, int mtu) {
        if (packet.getByte(packet.readerIndex() + PROTOCOL) != IpPacket.ICMP) {
            sendError(IcmpCodec.error(ByteBufAllocator.DEFAULT, packet, ipv4, type, code, mtu));
        }
    }

    /// The end of a link through which packets to `destination` leave, or null if there is none.
    final @Nullable LinkEnd wayTo(InetAddress destination) {
        return network.routes().next(this, IpAddresses.toV4(IpAddresses.low(destination)));
    }

    private static String text(int address) {
        return IpAddresses.toInetAddress(IpAddresses.V4_HIGH, IpAddresses.v4Low(address))
                .getHostAddress();
    }

    /// Its name.
    @Override
    public final String toString() {
        return name;
    }
}
