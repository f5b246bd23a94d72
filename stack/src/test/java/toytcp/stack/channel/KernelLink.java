package toytcp.stack.channel;

import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;

import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.util.ArrayList;
import java.util.List;

/// A link that shares its address with a kernel, which has port 22, and notes what is asked of it.
final class KernelLink extends EmbeddedChannel implements PacketLink {
    static final InetAddress ADDRESS = InetAddress.ofLiteral("192.0.2.1");

    /// The link cannot serve a range from here on.
    static final int UNSERVED = 20_000;

    private final List<String> claims;
    private final boolean broken;

    /// How many ports were asked for, each time.
    final List<Integer> wishes = new ArrayList<>();

    /// The ephemeral ports that it has yet to give.
    final List<PortRange> left = new ArrayList<>(List.of(new PortRange(61000, 61999)));

    /// Of which destinations it was told that they do not answer.
    final List<InetAddress> silent = new ArrayList<>();

    /// How often a route was asked for.
    int questions;

    KernelLink(List<String> claims, boolean broken, ChannelHandler handler) {
        super(false, false);
        this.claims = claims;
        this.broken = broken;
        pipeline().addLast(handler);
        try {
            register();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public boolean deliversPartialChecksums() {
        return true;
    }

    @Override
    public Route route(InetAddress destination) throws IOException {
        questions++;
        if (destination.equals(InetAddress.ofLiteral("203.0.113.1"))) {
            throw new NoRouteToHostException("No route to host: add a route to 203.0.113.1");
        }
        return new Route(ADDRESS, 1300);
    }

    @Override
    public void negativeAdvice(InetAddress destination) {
        silent.add(destination);
    }

    @Override
    public PortRange ephemeralPorts(int wanted) throws IOException {
        wishes.add(wanted);
        if (left.isEmpty()) {
            throw new BindException("other stacks have the rest; end one of them");
        }
        return left.removeFirst();
    }

    @Override
    public void giveBack(PortRange ports) {
        claims.add("back " + ports.first() + "-" + ports.last());
    }

    @Override
    public void intercept(IpPrefix destinations, PortRange ports) throws IOException {
        if (broken) {
            PacketLink.super.intercept(destinations, ports);
        }
        claims.add("+" + destinations + ":" + ports.first() + "-" + ports.last());
    }

    @Override
    public void release(IpPrefix destinations, PortRange ports) {
        claims.add("-" + destinations + ":" + ports.first() + "-" + ports.last());
    }

    @Override
    public void claim(InetAddress address, PortRange ports) throws IOException {
        if (broken || ports.first() == UNSERVED) {
            throw new IOException("nft is not installed: apt install nftables");
        }
        if (ports.contains(22)) {
            throw new BindException("Address already in use: the kernel has port 22");
        }
        claims.add("+" + text(address, ports));
    }

    @Override
    public void release(InetAddress address, PortRange ports) {
        claims.add("-" + text(address, ports));
    }

    private static String text(InetAddress address, PortRange ports) {
        return address.getHostAddress() + ":" + ports.first() + "-" + ports.last();
    }
}
