package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

class RawSocketChannelTest {
    private static final InetSocketAddress A = new InetSocketAddress(Namespaces.A_ADDRESS, 61000);
    private static final InetSocketAddress B = new InetSocketAddress(Namespaces.B_ADDRESS, 62000);

    private static Namespaces net;

    @BeforeAll
    static void makeNamespaces() {
        net = Namespaces.create();
    }

    @AfterAll
    static void removeNamespaces() {
        if (net != null) {
            net.close();
        }
    }

    @Test
    void packetsGoBothWaysUnchanged() throws Exception {
        try (TestLink a = new TestLink(net.threads(net.a), Namespaces.A_ADDRESS);
                TestLink b = new TestLink(net.threads(net.b), Namespaces.B_ADDRESS)) {
            a.claim(61000, 61000);
            b.claim(62000, 62000);
            // Nothing answers an RST, so no other packet gets in between.
            checkArrival(a, b, Packets.tcp(A, B, Packets.RST, 100));
            checkArrival(b, a, Packets.tcp(B, A, Packets.RST, 1460));
        }
    }

    @Test
    void aSuperSegmentOfTheKernelArrivesWhole() throws Exception {
        try (TestLink a = new TestLink(net.threads(net.a), Namespaces.A_ADDRESS)) {
            a.claim(6000, 6001);
            try (ServerSocket server =
                            net.call(net.a, () -> new ServerSocket(6000, 1, A.getAddress()));
                    Socket client = net.call(net.b, () -> new Socket(A.getAddress(), 6000));
                    Socket accepted = server.accept()) {
                Thread writer =
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            try {
                                                client.getOutputStream().write(new byte[4 << 20]);
                                                client.shutdownOutput();
                                            } catch (java.io.IOException e) {
                                                throw new java.io.UncheckedIOException(e);
                                            }
                                        });
                assertEquals(4 << 20, accepted.getInputStream().readAllBytes().length);
                writer.join();
            }
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

    private static void checkArrival(TestLink from, TestLink to, ByteBuf packet) throws Exception {
        String sent = ByteBufUtil.hexDump(packet);
        from.channel.writeAndFlush(packet).sync();
        ByteBuf arrived = to.next();
        String received = ByteBufUtil.hexDump(arrived);
        arrived.release();
        assertEquals(sent, received);
    }
}
