package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import toytcp.codec.IcmpCodec;
import toytcp.codec.IcmpError;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/// ICMP errors about our segments, from a real kernel and from others.
class RawSocketErrorTest {
    private static final InetSocketAddress OURS =
            new InetSocketAddress(Namespaces.A_ADDRESS, 61000);
    private static final InetSocketAddress OTHER =
            new InetSocketAddress(Namespaces.A_ADDRESS, 62000);
    private static final InetSocketAddress PEER = new InetSocketAddress(Namespaces.B_ADDRESS, 9);

    @AutoClose private static Namespaces net;

    @BeforeAll
    static void makeNamespaces() throws Exception {
        net = Namespaces.create();
    }

    @Test
    void theKernelsErrorArrives() throws Exception {
        net.in(net.b, "nft add table ip t");
        net.in(net.b, "nft add chain ip t c { type filter hook input priority 0 ; }");
        net.in(net.b, "nft add rule ip t c tcp dport 9 reject with icmp type admin-prohibited");
        try (TestLink a = net.linkA()) {
            a.claim(61000, 61000);
            a.channel.writeAndFlush(Packets.tcp(OURS, PEER, Packets.SYN, 0)).sync();
            assertError(a.next(), 13);
        } finally {
            net.in(net.b, "nft delete table ip t");
        }
    }

    @Test
    void onlyErrorsAboutClaimedPortsArrive() throws Exception {
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            b.channel.writeAndFlush(error(OURS, IcmpError.PORT)).sync();
            a.claim(61000, 61000);
            b.channel.writeAndFlush(error(OTHER, IcmpError.PORT)).sync();
            b.channel.writeAndFlush(error(OURS, IcmpError.PROTOCOL)).sync();
            assertError(a.next(), IcmpError.PROTOCOL);
            a.release(61000, 61000);
            b.channel.writeAndFlush(error(OURS, IcmpError.PORT)).sync();
            a.claim(61000, 61000);
            b.channel.writeAndFlush(error(OURS, IcmpError.PROTOCOL)).sync();
            assertError(a.next(), IcmpError.PROTOCOL);
        }
    }

    @Test
    void theKernelDoesNotLearnFromErrorsAboutOurPackets() throws Exception {
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            a.claim(61000, 61000);
            b.claim(9, 9);
            b.channel.writeAndFlush(error(OURS, IcmpError.FRAGMENTATION_NEEDED)).sync();
            assertError(a.next(), IcmpError.FRAGMENTATION_NEEDED);
            String route = net.in(net.a, "ip route get " + Namespaces.B_ADDRESS);
            assertFalse(route.contains("mtu"), route);
            a.channel.writeAndFlush(Packets.tcp(OURS, PEER, Packets.ACK, 1460)).sync();
            ByteBuf whole = b.next();
            assertEquals(1500, whole.readableBytes());
            whole.release();
        }
    }

    @Test
    void withoutAutoReadErrorsWaitForRead() throws Exception {
        Bootstrap manual = new Bootstrap().option(ChannelOption.AUTO_READ, false);
        try (TestLink a = net.linkA(manual);
                TestLink b = net.linkB()) {
            a.claim(61000, 61000);
            b.channel.writeAndFlush(error(OURS, IcmpError.PORT)).sync();
            assertNull(a.received.poll(100, TimeUnit.MILLISECONDS));
            a.channel.read();
            assertError(a.next(), IcmpError.PORT);
        }
    }

    @Test
    void aFloodOfErrorsArrivesInBoundedTurns() throws Exception {
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            a.claim(61000, 61000);
            for (int i = 0; i < 100; i++) {
                b.channel.writeAndFlush(error(OURS, IcmpError.PORT)).sync();
            }
            for (int i = 0; i < 100; i++) {
                a.next().release();
            }
            for (int left = 100; left > 0; ) {
                int batch = a.batches.poll(TestLink.SECONDS, TimeUnit.SECONDS);
                assertTrue(batch <= 16, batch + " in one turn");
                left -= batch;
            }
        }
    }

    /// From B, about a segment of `from` to it.
    private static ByteBuf error(InetSocketAddress from, int code) {
        ByteBuf quoted = Packets.tcp(from, PEER, Packets.ACK, 0);
        int reporter = Ipv4.toInt((java.net.Inet4Address) PEER.getAddress());
        int mtu = code == IcmpError.FRAGMENTATION_NEEDED ? 600 : 0;
        ByteBuf error =
                IcmpCodec.error(
                        ByteBufAllocator.DEFAULT,
                        quoted,
                        reporter,
                        IcmpError.UNREACHABLE,
                        code,
                        mtu);
        quoted.release();
        return error;
    }

    private static void assertError(ByteBuf packet, int code) {
        assertEquals(1, packet.getByte(9), "protocol");
        assertEquals(IcmpError.UNREACHABLE, packet.getByte(20));
        assertEquals(code, packet.getByte(21));
        assertEquals(61000, packet.getUnsignedShort(48), "port");
        packet.release();
    }
}
