package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

class RawSocketReadTest {
    private static final InetSocketAddress A = new InetSocketAddress(Namespaces.A_ADDRESS, 61000);
    private static final InetSocketAddress B = new InetSocketAddress(Namespaces.B_ADDRESS, 62000);

    @AutoClose private static Namespaces net;

    @BeforeAll
    static void makeNamespaces() throws Exception {
        net = Namespaces.create();
        net.in(net.a, "ip link set eth0 mtu 9000");
        net.in(net.b, "ip link set eth0 mtu 9000");
    }

    @Test
    void aSuperSegmentOfTheKernelArrivesWhole() throws Exception {
        int octets = 4 << 20;
        try (TestLink a = net.linkA()) {
            a.claim(6000, 6001);
            transferBetweenKernels(octets);
            int largest = 0;
            boolean last = false;
            while (!last) {
                ByteBuf packet = a.next();
                assertEquals(packet.readableBytes(), Packets.totalLength(packet));
                largest = Math.max(largest, packet.readableBytes());
                last = (Packets.flags(packet) & Packets.FIN) != 0;
                packet.release();
            }
            assertTrue(largest > 60_000, "the largest packet has " + largest + " octets");
        }
    }

    @Test
    void packetsThatAreHeldAreNotOverwritten() throws Exception {
        int packets = 600;
        int[] sizes = {0, 100, PacketReceiver.SMALL - 40, PacketReceiver.SMALL - 39, 5000, 8960};
        List<ByteBuf> held = new ArrayList<>();
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            a.claim(61000, 61000);
            for (int i = 0; i < packets; i++) {
                ByteBuf packet = Packets.tcp(B, A, Packets.RST, sizes[i % sizes.length], i, 0);
                b.channel.writeAndFlush(packet).sync();
                held.add(a.next());
            }
            for (int i = 0; i < packets; i++) {
                ByteBuf expected = Packets.tcp(B, A, Packets.RST, sizes[i % sizes.length], i, 0);
                assertEquals(expected, held.get(i), "packet " + i);
                expected.release();
            }
        } finally {
            held.forEach(ByteBuf::release);
        }
    }

    @Test
    void withoutAutoReadPacketsWaitForRead() throws Exception {
        Bootstrap manual = new Bootstrap().option(ChannelOption.AUTO_READ, false);
        try (TestLink a = net.linkA(manual);
                TestLink b = net.linkB()) {
            a.claim(61000, 61000);
            sendSmall(b, 100);
            assertNull(a.received.poll(100, TimeUnit.MILLISECONDS));
            a.channel.read();
            assertEquals(16, a.batches.poll(TestLink.SECONDS, TimeUnit.SECONDS));
            assertNull(a.batches.poll(100, TimeUnit.MILLISECONDS));
            a.channel.config().setAutoRead(true);
            for (int i = 0; i < 100; i++) {
                a.next().release();
            }
        }
    }

    @Test
    void oneTurnOfTheLoopTakesABoundedNumberOfPackets() throws Exception {
        Bootstrap manual = new Bootstrap().option(ChannelOption.AUTO_READ, false);
        try (TestLink a = net.linkA(manual);
                TestLink b = net.linkB()) {
            a.claim(61000, 61000);
            sendSmall(b, 150);
            a.channel.config().setAutoRead(true);
            for (int i = 0; i < 150; i++) {
                a.next().release();
            }
            for (int expected : new int[] {64, 64, 22}) {
                assertEquals(expected, a.batches.poll(TestLink.SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void aHandlerMayCloseTheChannelWhileItReads() throws Exception {
        Bootstrap manual = new Bootstrap().option(ChannelOption.AUTO_READ, false);
        try (TestLink a = net.linkA(manual);
                TestLink b = net.linkB()) {
            a.claim(61000, 61000);
            a.channel
                    .pipeline()
                    .addFirst(
                            new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelRead(ChannelHandlerContext c, Object message) {
                                    c.close();
                                    c.fireChannelRead(message);
                                }
                            });
            sendSmall(b, 20);
            a.channel.read();
            a.channel.closeFuture().sync();
            a.next().release();
            // What the loop still had to do is done after this.
            a.onLoop(() -> null);
            assertEquals(0, a.received.size());
            assertEquals(0, a.failures.size());
        }
    }

    private static void sendSmall(TestLink from, int packets) throws Exception {
        for (int i = 0; i < packets; i++) {
            from.channel.writeAndFlush(Packets.tcp(B, A, Packets.RST, 10, i, 0)).sync();
        }
    }

    /// The raw socket gets a copy of everything that goes to port 6000.
    private static void transferBetweenKernels(int octets) throws Exception {
        try (ServerSocket server =
                        net.call(net.a, () -> new ServerSocket(6000, 1, A.getAddress()));
                Socket client = net.call(net.b, () -> new Socket(A.getAddress(), 6000));
                Socket accepted = server.accept()) {
            Thread writer = Thread.ofVirtual().start(() -> write(client, octets));
            assertEquals(octets, accepted.getInputStream().readAllBytes().length);
            writer.join();
        }
    }

    private static void write(Socket client, int octets) {
        try {
            client.getOutputStream().write(new byte[octets]);
            client.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
