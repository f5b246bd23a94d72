package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

class RawSocketWriteTest {
    private static final InetSocketAddress A = new InetSocketAddress(Namespaces.A_ADDRESS, 61000);
    private static final InetSocketAddress B = new InetSocketAddress(Namespaces.B_ADDRESS, 62000);

    @AutoClose private Namespaces net;

    @BeforeEach
    void makeNamespaces() {
        net = Namespaces.create();
    }

    @Test
    void packetsGoBothWaysUnchanged() throws Exception {
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            a.claim(61000, 61000);
            b.claim(62000, 62000);
            for (int payload : new int[] {0, 1, 100, 1460}) {
                checkArrival(a, b, Packets.tcp(A, B, Packets.ACK, payload));
                checkArrival(b, a, Packets.tcp(B, A, Packets.ACK, payload));
            }
        }
    }

    @Test
    void componentsAreGatheredFromWhereverTheyLie() throws Exception {
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            b.claim(62000, 62000);
            checkArrival(a, b, heap(packet()));
            checkArrival(a, b, split(packet(), 40));
            checkArrival(a, b, split(packet(), 7, 20, 333));
            checkArrival(a, b, split(heap(packet()), 33, 34));
            ByteBuf nested = split(packet(), 10, 500);
            checkArrival(a, b, split(nested, 100, 200, 600));
            ByteBuf behindOthers = split(packet(), 60).writerIndex(1000);
            CompositeByteBuf withPrefix = Unpooled.compositeBuffer();
            withPrefix.addComponents(true, Unpooled.directBuffer(5).writeZero(5), behindOthers);
            checkArrival(a, b, withPrefix.skipBytes(5));
            ByteBuf composite = split(packet(), 60, 70);
            checkArrival(a, b, composite.readRetainedSlice(1000));
            composite.release();
        }
    }

    @Test
    void aPacketOfMoreComponentsThanABatchTakesIsSentAlone() throws Exception {
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            b.claim(62000, 62000);
            int[] cuts = new int[900];
            for (int i = 0; i < cuts.length; i++) {
                cuts[i] = i + 1;
            }
            a.channel.write(packet());
            a.channel.write(split(packet(), cuts));
            a.channel.writeAndFlush(packet()).sync();
            ByteBuf expected = packet();
            for (int i = 0; i < 3; i++) {
                ByteBuf arrived = b.next();
                boolean same = expected.equals(arrived);
                arrived.release();
                assertTrue(same, "packet " + i);
            }
            expected.release();
        }
    }

    @Test
    void aPacketThatCannotBeSentFailsAlone() throws Exception {
        net.in(net.a, "nft add table ip t");
        net.in(net.a, "nft add chain ip t o { type filter hook output priority 0; }");
        net.in(net.a, "nft add rule ip t o tcp dport 9 drop");
        InetSocketAddress forbidden = new InetSocketAddress(Namespaces.B_ADDRESS, 9);
        InetSocketAddress nowhere = new InetSocketAddress("10.88.0.1", 9);
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            b.claim(62000, 62000);
            List<ChannelFuture> writes = new ArrayList<>();
            writes.add(a.channel.write(packet()));
            writes.add(a.channel.write(Packets.tcp(A, B, Packets.RST, 1461)));
            writes.add(a.channel.write(Packets.tcp(A, forbidden, Packets.RST, 0)));
            writes.add(a.channel.write(Packets.tcp(A, nowhere, Packets.RST, 0)));
            writes.add(a.channel.write(packet().writerIndex(19)));
            writes.add(a.channel.write(Unpooled.EMPTY_BUFFER));
            writes.add(a.channel.write(Unpooled.directBuffer(65536).writeZero(65536)));
            writes.add(a.channel.write("text"));
            writes.add(a.channel.writeAndFlush(packet()));
            assertSent(writes.get(0));
            assertFailed(writes.get(1), IOException.class, "EMSGSIZE", "MTU");
            assertFailed(writes.get(2), IOException.class, "EPERM", "nft list ruleset");
            assertFailed(
                    writes.get(3), NoRouteToHostException.class, "ENETUNREACH", "ip route get");
            assertFailed(writes.get(4), IOException.class, "has 19");
            assertFailed(writes.get(5), IOException.class, "has 0");
            assertFailed(writes.get(6), IOException.class, "has 65536");
            assertFailed(writes.get(7), UnsupportedOperationException.class, "ByteBufs");
            assertSent(writes.get(8));
            b.next().release();
            b.next().release();
            assertNull(b.received.poll());
        }
    }

    @Test
    void aCancelledWriteIsPassedOver() throws Exception {
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            b.claim(62000, 62000);
            for (int cancelled : new int[] {0, 1, 3}) {
                List<ChannelPromise> promises = new ArrayList<>();
                a.onLoop(
                        () -> {
                            for (int i = 0; i < 4; i++) {
                                promises.add(a.channel.newPromise());
                                ByteBuf packet = Packets.tcp(A, B, Packets.RST, 0, i, 0);
                                a.channel.write(packet, promises.get(i));
                            }
                            promises.get(cancelled).cancel(false);
                            a.channel.flush();
                            return null;
                        });
                for (int i = 0; i < 4; i++) {
                    if (i != cancelled) {
                        promises.get(i).sync();
                        ByteBuf packet = b.next();
                        assertEquals(i, packet.getInt(Packets.IP_HEADER + 4));
                        packet.release();
                    }
                }
                assertNull(b.received.poll());
            }
        }
    }

    @Test
    void aFullSocketMakesPacketsWaitAndLosesNone() throws Exception {
        net.in(net.a, "tc qdisc add dev eth0 root tbf rate 10mbit burst 10kb latency 5s");
        int packets = 300;
        Bootstrap smallBuffer = new Bootstrap().option(ChannelOption.SO_SNDBUF, 10_000);
        try (TestLink a = net.linkA(smallBuffer);
                TestLink b = net.linkB()) {
            b.claim(62000, 62000);
            List<ChannelFuture> writes = new ArrayList<>();
            boolean waits =
                    a.onLoop(
                            () -> {
                                for (int i = 0; i < packets; i++) {
                                    int size = i == packets / 2 ? 1461 : 1400;
                                    writes.add(
                                            a.channel.write(
                                                    Packets.tcp(A, B, Packets.RST, size, i, 0)));
                                }
                                a.channel.flush();
                                return !writes.getLast().isDone() && !a.channel.isWritable();
                            });
            assertTrue(waits, "the socket took all packets at once");
            for (int i = 0; i < packets; i++) {
                if (i == packets / 2) {
                    assertFailed(writes.get(i), IOException.class, "EMSGSIZE");
                } else {
                    assertSent(writes.get(i));
                    ByteBuf packet = b.next();
                    assertEquals(i, packet.getInt(Packets.IP_HEADER + 4));
                    packet.release();
                }
            }
            assertTrue(a.channel.isWritable());
        }
    }

    @Test
    void closingFailsWhatStillWaits() throws Exception {
        net.in(net.a, "tc qdisc add dev eth0 root tbf rate 100kbit burst 2kb latency 10s");
        Bootstrap smallBuffer = new Bootstrap().option(ChannelOption.SO_SNDBUF, 10_000);
        try (TestLink a = net.linkA(smallBuffer)) {
            List<ChannelFuture> writes = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                writes.add(a.channel.write(Packets.tcp(A, B, Packets.RST, 1400)));
            }
            a.channel.flush();
            assertSent(writes.getFirst());
            a.channel.close().sync();
            assertFailed(writes.getLast(), ClosedChannelException.class);
            assertFailed(a.channel.writeAndFlush(packet()), ClosedChannelException.class);
        }
    }

    @Test
    void aListenerMayCloseTheChannelWhileItWrites() throws Exception {
        try (TestLink a = net.linkA()) {
            ChannelFuture last =
                    a.onLoop(
                            () -> {
                                a.channel.write(packet()).addListener(_ -> a.channel.close());
                                for (int i = 0; i < 200; i++) {
                                    a.channel.write(packet());
                                }
                                return a.channel.writeAndFlush(packet());
                            });
            a.channel.closeFuture().sync();
            assertFailed(last, ClosedChannelException.class);
        }
    }

    private static ByteBuf packet() {
        return Packets.tcp(A, B, Packets.RST, 960);
    }

    private static ByteBuf heap(ByteBuf packet) {
        ByteBuf copy = Unpooled.wrappedBuffer(ByteBufUtil.getBytes(packet));
        packet.release();
        return copy;
    }

    /// The same octets as components that end at `cuts`.
    private static ByteBuf split(ByteBuf packet, int... cuts) {
        CompositeByteBuf composite = Unpooled.compositeBuffer(1024);
        int from = 0;
        for (int cut : cuts) {
            composite.addComponent(true, packet.readRetainedSlice(cut - from));
            from = cut;
        }
        return composite.addComponent(true, packet);
    }

    private static void checkArrival(TestLink from, TestLink to, ByteBuf packet) throws Exception {
        String sent = ByteBufUtil.hexDump(packet);
        from.channel.writeAndFlush(packet).sync();
        ByteBuf arrived = to.next();
        String received = ByteBufUtil.hexDump(arrived);
        arrived.release();
        assertEquals(sent, received);
    }

    private static void assertSent(ChannelFuture write) throws Exception {
        assertTrue(write.await(TestLink.SECONDS, TimeUnit.SECONDS), "not completed");
        assertNull(write.cause());
    }

    private static void assertFailed(
            ChannelFuture write, Class<? extends Throwable> type, String... words)
            throws Exception {
        assertTrue(write.await(TestLink.SECONDS, TimeUnit.SECONDS), "not completed");
        assertFalse(write.isSuccess());
        assertInstanceOf(type, write.cause());
        for (String word : words) {
            assertTrue(write.cause().getMessage().contains(word), write.cause().getMessage());
        }
    }
}
