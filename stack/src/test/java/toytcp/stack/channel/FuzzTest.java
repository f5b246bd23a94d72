package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.SocketChannel;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpCodec;
import toytcp.codec.InternetChecksum;

import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Hostile packets into a whole link pipeline with a listener and live connections behind it.
///
/// `-DfuzzSeed=` replays a run, `-DfuzzPackets=` makes it longer or shorter.
class FuzzTest {
    private static final int PACKETS = Integer.getInteger("fuzzPackets", 1_000_000);
    private static final long SEED = Long.getLong("fuzzSeed", 4711);
    private static final int BACKLOG = 50;
    private static final int IP_HEADER = 20;

    private final Random random = new Random(SEED);
    private int established;
    private int attempts;

    /// Whole packets of real connections, to be mutated.
    private final List<byte[]> corpus = new ArrayList<>();

    /// Packets that the server sent, for forged ICMP errors about them.
    private final List<byte[]> own = new ArrayList<>();

    private boolean recordedOwn(ByteBuf packet) {
        byte[] octets = new byte[Math.min(100, packet.readableBytes())];
        packet.getBytes(packet.readerIndex(), octets);
        if (own.size() < 500) {
            own.add(octets);
        } else {
            own.set(random.nextInt(500), octets);
        }
        return false;
    }

    private ByteBuf forgedError() {
        ByteBuf quoted = Unpooled.wrappedBuffer(own.get(random.nextInt(own.size())));
        int type = new int[] {3, 3, 3, 4, 11, 12}[random.nextInt(6)];
        int code = random.nextBoolean() ? 4 : random.nextInt(17);
        int mtu = random.nextInt(1600);
        int from = random.nextInt();
        return IcmpCodec.error(UnpooledByteBufAllocator.DEFAULT, quoted, from, type, code, mtu);
    }

    private byte[] recorded(ByteBuf packet) {
        byte[] octets = new byte[packet.readableBytes()];
        packet.getBytes(packet.readerIndex(), octets);
        if (corpus.size() < 5000) {
            corpus.add(octets);
        } else {
            corpus.set(random.nextInt(5000), octets);
        }
        return octets;
    }

    @Test
    void nothingThatArrivesHurts() throws SocketException {
        try (TwoStacks net = new TwoStacks()) {
            net.lostFromClient = packet -> recorded(packet).length == 0;
            net.lostFromServer = this::recordedOwn;
            net.listen(
                    net.server(
                                    new ChannelInitializer<>() {
                                        @Override
                                        protected void initChannel(Channel channel) {
                                            channel.pipeline().addLast(new QuietEcho());
                                        }
                                    })
                            .option(ChannelOption.SO_BACKLOG, BACKLOG)
                            .option(TcpChannelOption.TCP_MAX_SYN_BACKLOG, BACKLOG),
                    40000);
            listenEverywhere(net);
            for (int i = 0; i < PACKETS; i++) {
                if (i % 2000 == 0) {
                    refresh(net);
                }
                deliver(net);
                if (i % 64 == 0) {
                    net.run();
                }
            }
            net.advance(Duration.ofSeconds(5));
            assertBounded(net);
            assertTrue(net.serverStack.drops().get(DropReason.ICMP_SEQUENCE) > 0);
            assertTrue(net.serverStack.drops().get(DropReason.ICMP_NO_FLOW) > 0);
            assertTrue(established >= PACKETS / 20_000, "only " + established + " connections");
            assertTrue(attempts >= PACKETS / 20_000, "only " + attempts + " attempts");
            assertStillWorks(net);
            abandon(net);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("replay with -DfuzzSeed=" + SEED, e);
        }
    }

    /// Whatever else is a SYN, or looks like one, is decided by chance.
    private void listenEverywhere(TwoStacks net) {
        net.server(new QuietEcho())
                .option(TcpChannelOption.TCP_MAX_SYN_BACKLOG, BACKLOG)
                .option(TcpChannelOption.TCP_PENDING_ACCEPT_MILLIS, 1000)
                .option(TcpChannelOption.TCP_DEFER_ACCEPT, 1)
                .handler(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void userEventTriggered(
                                    ChannelHandlerContext ctx, Object event) {
                                decide((PendingConnection) event);
                            }
                        })
                .bind(ListenAddress.any());
        net.run();
    }

    private void decide(PendingConnection attempt) {
        attempts++;
        switch (random.nextInt(4)) {
            case 0 -> attempt.accept();
            case 1 -> attempt.reject();
            case 2 -> attempt.drop();
            default -> {} // it expires
        }
    }

    private void deliver(TwoStacks net) {
        if (!own.isEmpty() && random.nextInt(20) == 0) {
            net.serverLink.writeInbound(forgedError());
            return;
        }
        boolean noise = corpus.isEmpty() || random.nextInt(20) == 0;
        long dropped = net.serverStack.drops().total();
        net.serverLink.writeInbound(Unpooled.wrappedBuffer(noise ? noise() : mutation()));
        if (noise) {
            assertEquals(dropped + 1, net.serverStack.drops().total(), "each drop is counted once");
        }
    }

    private static final class QuietEcho extends Recorder {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /// A new live connection whose packets can be mutated, and some time.
    private void refresh(TwoStacks net) {
        net.advance(Duration.ofMillis(50));
        if (random.nextInt(10) == 0) {
            // The SYN queue is full of what nobody will complete; it empties with time.
            net.advance(Duration.ofSeconds(200), Duration.ofMillis(100));
        }
        SocketChannel channel =
                (SocketChannel) net.client(new QuietSink()).connect(TwoStacks.at(40000)).channel();
        net.advance(Duration.ofMillis(20));
        if (channel.isActive()) {
            established++;
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1 + random.nextInt(4000)]));
        }
        net.run();
        if (random.nextInt(4) == 0) {
            channel.close();
        } else {
            net.track(channel);
        }
    }

    private static final class QuietSink extends Recorder {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private byte[] noise() {
        byte[] noise = new byte[random.nextInt(120)];
        random.nextBytes(noise);
        return noise;
    }

    private byte[] mutation() {
        byte[] packet = corpus.get(random.nextInt(corpus.size())).clone();
        if (random.nextInt(30) == 0) {
            packet = Arrays.copyOf(packet, random.nextInt(packet.length + 1));
        }
        for (int i = random.nextInt(4); i > 0 && packet.length > 0; i--) {
            // Mostly in the headers.
            int at = random.nextInt(Math.min(packet.length, random.nextInt(5) == 0 ? 10_000 : 60));
            packet[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (packet[at] ^ 1);
        }
        if (random.nextInt(10) != 0) {
            repair(packet);
        }
        return packet;
    }

    /// Right checksums, so that the mutation reaches the state machine.
    private static void repair(byte[] packet) {
        if (packet.length < IP_HEADER + 20) {
            return;
        }
        ByteBuf buf = Unpooled.wrappedBuffer(packet);
        buf.setShort(10, 0);
        buf.setShort(10, InternetChecksum.complement(InternetChecksum.sum(buf, 0, IP_HEADER)));
        int length = packet.length - IP_HEADER;
        long sum = 6 + length;
        for (int i = 12; i < 20; i += 2) {
            sum += buf.getUnsignedShort(i);
        }
        int pseudo = (int) ((sum & 0xffff) + (sum >>> 16));
        buf.setShort(IP_HEADER + 16, 0);
        int total = InternetChecksum.add(pseudo, InternetChecksum.sum(buf, IP_HEADER, length));
        buf.setShort(IP_HEADER + 16, InternetChecksum.complement(total));
    }

    private static void assertBounded(TwoStacks net) throws SocketException {
        int flows = net.serverStack.handler("test").flowCount();
        // Half-open ones are bounded by the backlogs; the others need a handshake that was
        // completed.
        int possible = 2 * BACKLOG + 2 * PACKETS / 2000 + 2;
        assertTrue(flows <= possible, flows + " flows, at most " + possible + " are possible");
        assertTrue(
                net.serverStack.drops().total() > PACKETS / 20, net.serverStack.drops()::toString);
    }

    private static void assertStillWorks(TwoStacks net) {
        net.advance(Duration.ofSeconds(200), Duration.ofMillis(100));
        Recorder client = new Recorder();
        SocketChannel channel =
                (SocketChannel)
                        net.track(net.client(client).connect(TwoStacks.at(40000)).channel());
        net.run();
        assertTrue(channel.isActive());
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1000]));
        net.advance(Duration.ofSeconds(1));
        assertEquals(1000, client.received.size());
    }

    private static void abandon(TwoStacks net) {
        for (EmbeddedChannel link : List.of(net.clientLink, net.serverLink)) {
            link.close();
        }
        net.run();
    }
}
