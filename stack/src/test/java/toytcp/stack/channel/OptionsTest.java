package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ServerSocketChannelConfig;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.EcnPolicy;
import toytcp.testkit.Rfc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class OptionsTest {
    private final TcpStack stack = TcpStack.builder().address("10.0.0.1").build();

    private static <T> void holds(ChannelConfig config, ChannelOption<T> option, T value) {
        assertTrue(config.setOption(option, value), option::name);
        assertEquals(value, config.getOption(option), option::name);
        assertEquals(value, config.getOptions().get(option), option::name);
    }

    @Test
    void aSocketHoldsEveryOption() {
        SocketChannelConfig config = stack.newSocketChannel().config();
        holds(config, ChannelOption.SO_SNDBUF, 12345);
        holds(config, ChannelOption.SO_RCVBUF, 23456);
        holds(config, ChannelOption.TCP_NODELAY, true);
        holds(config, ChannelOption.SO_KEEPALIVE, true);
        holds(config, ChannelOption.SO_REUSEADDR, true);
        holds(config, ChannelOption.SO_LINGER, 7);
        holds(config, ChannelOption.IP_TOS, 0x28);
        holds(config, ChannelOption.ALLOW_HALF_CLOSURE, true);
        holds(config, ChannelOption.CONNECT_TIMEOUT_MILLIS, 77);
        holds(config, ChannelOption.AUTO_READ, false);
        holds(config, ChannelOption.AUTO_CLOSE, false);
        holds(config, ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1, 2));
        holds(config, ChannelOption.WRITE_SPIN_COUNT, 3);
        ByteBufAllocator unpooled = UnpooledByteBufAllocator.DEFAULT;
        holds(config, ChannelOption.ALLOCATOR, unpooled);
        holds(config, ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(5));
        holds(config, ChannelOption.MESSAGE_SIZE_ESTIMATOR, DefaultMessageSizeEstimator.DEFAULT);
        holds(config, TcpChannelOption.TCP_USER_TIMEOUT, 4000);
        holds(config, TcpChannelOption.TCP_KEEPIDLE, 5);
        holds(config, TcpChannelOption.TCP_KEEPINTVL, 6);
        holds(config, TcpChannelOption.TCP_KEEPCNT, 7);
        holds(config, TcpChannelOption.TCP_CORK, true);
        holds(config, TcpChannelOption.TCP_QUICKACK, true);
        holds(config, TcpChannelOption.TCP_NOTSENT_LOWAT, 4_294_967_295L);
        holds(config, TcpChannelOption.TCP_MAXSEG, 1000);
        holds(config, TcpChannelOption.TCP_MAXSEG, 0);
        holds(config, TcpChannelOption.TCP_CONGESTION, "newreno");
        holds(config, TcpChannelOption.TCP_CONGESTION, "dctcp");
        holds(config, TcpChannelOption.TCP_ECN, EcnPolicy.ACCURATE);
        holds(config, TcpChannelOption.IP_TTL, 3);
    }

    @Test
    void theEcnBitsOfTheTrafficClassAreNotTheUsers() {
        SocketChannelConfig config = stack.newSocketChannel().config();
        assertTrue(config.setOption(ChannelOption.IP_TOS, 0xbb));
        assertEquals(0xb8, config.getTrafficClass());
    }

    @Test
    void theNamesOfTheEpollTransportAreKnownToo() {
        ChannelOption<Boolean> cork =
                ChannelOption.valueOf("io.netty.channel.epoll.EpollChannelOption#TCP_CORK");
        ChannelOption<Boolean> unknown =
                ChannelOption.valueOf("io.netty.channel.epoll.EpollChannelOption#IP_FREEBIND");
        SocketChannelConfig config = stack.newSocketChannel().config();
        assertTrue(config.setOption(cork, true));
        assertTrue(config.getOption(cork));
        assertTrue(config.getOption(TcpChannelOption.TCP_CORK));
        assertFalse(config.setOption(unknown, true));
        assertNull(config.getOption(unknown));
    }

    @Test
    void aServerHoldsEveryOption() {
        ServerSocketChannelConfig config = stack.newServerSocketChannel().config();
        holds(config, ChannelOption.SO_BACKLOG, 5);
        holds(config, ChannelOption.SO_RCVBUF, 23456);
        holds(config, ChannelOption.SO_REUSEADDR, false);
        holds(config, ChannelOption.AUTO_READ, false);
        holds(config, ChannelOption.SO_SNDBUF, 12345);
        holds(config, ChannelOption.TCP_NODELAY, true);
        holds(config, ChannelOption.IP_TOS, 0x28);
        holds(config, TcpChannelOption.IP_TTL, 3);
        holds(config, TcpChannelOption.TCP_MAXSEG, 1000);
        holds(config, TcpChannelOption.TCP_ECN, EcnPolicy.OFF);
        holds(config, TcpChannelOption.TCP_USER_TIMEOUT, 4000);
    }

    @Test
    void theDefaultsAreThoseOfSockets() {
        SocketChannelConfig config = stack.newSocketChannel().config();
        assertEquals(-1, config.getSoLinger());
        assertFalse(config.isKeepAlive());
        assertFalse(config.isAllowHalfClosure());
        assertTrue(config.isTcpNoDelay());
        assertEquals(0, config.getTrafficClass());
        assertEquals(7200, config.getOption(TcpChannelOption.TCP_KEEPIDLE));
        assertEquals(75, config.getOption(TcpChannelOption.TCP_KEEPINTVL));
        assertEquals(9, config.getOption(TcpChannelOption.TCP_KEEPCNT));
        assertEquals(0, config.getOption(TcpChannelOption.TCP_USER_TIMEOUT));
        assertTrue(stack.newServerSocketChannel().config().isReuseAddress());
    }

    @Test
    void unknownOptionsAreRefused() {
        SocketChannelConfig socket = stack.newSocketChannel().config();
        assertFalse(socket.setOption(ChannelOption.SO_BROADCAST, true));
        assertFalse(socket.setOption(ChannelOption.SO_BACKLOG, 1));
        assertFalse(socket.setOption(ChannelOption.TCP_FASTOPEN_CONNECT, true));
        assertFalse(socket.setOption(ChannelOption.SO_TIMEOUT, 1));
        assertNull(socket.getOption(ChannelOption.SO_BROADCAST));
        ServerSocketChannelConfig server = stack.newServerSocketChannel().config();
        assertFalse(server.setOption(ChannelOption.SO_LINGER, 1));
        assertFalse(server.setOption(ChannelOption.TCP_FASTOPEN, 1));
        assertFalse(server.setOptions(Map.of(ChannelOption.ALLOW_HALF_CLOSURE, true)));
    }

    private static <T> void refuses(ChannelConfig config, ChannelOption<T> option, T value) {
        T before = config.getOption(option);
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> config.setOption(option, value));
        assertTrue(refusal.getMessage().contains("must lie within"), refusal::getMessage);
        assertEquals(before, config.getOption(option));
    }

    @Test
    void valuesOutOfRangeAreRefusedWithTheRange() {
        SocketChannelConfig config = stack.newSocketChannel().config();
        refuses(config, ChannelOption.SO_SNDBUF, 0);
        refuses(config, ChannelOption.SO_RCVBUF, -1);
        refuses(config, ChannelOption.IP_TOS, 256);
        refuses(config, TcpChannelOption.TCP_USER_TIMEOUT, -1);
        refuses(config, TcpChannelOption.TCP_KEEPIDLE, 0);
        refuses(config, TcpChannelOption.TCP_KEEPINTVL, 40_000);
        refuses(config, TcpChannelOption.TCP_KEEPCNT, 128);
        refuses(config, TcpChannelOption.IP_TTL, 0);
        refuses(config, TcpChannelOption.IP_TTL, 256);
        refuses(config, TcpChannelOption.TCP_MAXSEG, 87);
        refuses(config, TcpChannelOption.TCP_MAXSEG, 32768);
        refuses(config, TcpChannelOption.TCP_NOTSENT_LOWAT, -1L);
        refuses(config, TcpChannelOption.TCP_NOTSENT_LOWAT, 1L << 32);
        refuses(stack.newServerSocketChannel().config(), ChannelOption.SO_BACKLOG, -1);
        refuses(stack.newServerSocketChannel().config(), TcpChannelOption.IP_TTL, 0);
    }

    @Test
    void theRangeIsToldUnderTheNameOfTheOption() {
        SocketChannelConfig config = stack.newSocketChannel().config();
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> config.setSendBufferSize(-1));
        assertTrue(
                refusal.getMessage().startsWith("SO_SNDBUF must lie within 1 to 1073741824"),
                refusal::getMessage);
    }

    @Test
    void anUnknownCongestionControlIsRefusedWithThoseThatThereAre() {
        SocketChannelConfig config = stack.newSocketChannel().config();
        IllegalArgumentException refusal =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> config.setOption(TcpChannelOption.TCP_CONGESTION, "vegas"));
        assertTrue(refusal.getMessage().contains("newreno"), refusal::getMessage);
        assertEquals("cubic", config.getOption(TcpChannelOption.TCP_CONGESTION));
    }

    @Test
    void valuesOfAnotherTypeAreRefusedWithTheType() {
        for (ChannelConfig config :
                List.of(
                        stack.newSocketChannel().config(),
                        stack.newServerSocketChannel().config())) {
            for (ChannelOption<?> option : config.getOptions().keySet()) {
                @SuppressWarnings("unchecked")
                ChannelOption<Object> raw = (ChannelOption<Object>) option;
                Object before = config.getOption(option);
                IllegalArgumentException refusal =
                        assertThrows(
                                IllegalArgumentException.class,
                                () -> config.setOption(raw, new StringBuilder("odd")),
                                option::name);
                String name = option.name().substring(option.name().indexOf('#') + 1);
                assertTrue(refusal.getMessage().startsWith(name + " "), refusal::getMessage);
                assertTrue(refusal.getMessage().contains("StringBuilder"), refusal::getMessage);
                assertEquals(before, config.getOption(option));
            }
        }
    }

    @Test
    void aBadOptionFailsTheConnectWithItsReason() {
        try (TwoStacks net = new TwoStacks()) {
            Bootstrap bootstrap =
                    net.client(new Recorder()).option(TcpChannelOption.TCP_CONGESTION, "vegas");
            ChannelFuture connected = bootstrap.connect(TwoStacks.at(40000));
            net.run();
            assertInstanceOf(IllegalArgumentException.class, connected.cause());
            assertFalse(connected.channel().isOpen());
        }
    }

    @Test
    void aBadChildOptionResetsTheConnection() {
        try (TwoStacks net = new TwoStacks()) {
            Recorder server = new Recorder();
            net.listen(net.server(server).childOption(TcpChannelOption.IP_TTL, 300), 40000);
            Recorder client = new Recorder();
            net.connect(net.client(client), 40000);
            net.advance(Duration.ofMillis(10));
            assertNull(server.channel);
            assertFalse(client.channel.isOpen());
        }
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.9", id = "MUST-48")
    @Rfc(number = 9293, section = "3.9.1.9", id = "SHLD-22")
    void theTrafficClassIsInEveryPacket() {
        List<Integer> seen = new ArrayList<>();
        try (TwoStacks net = new TwoStacks()) {
            net.lostFromClient =
                    packet -> {
                        seen.add((int) packet.getUnsignedByte(packet.readerIndex() + 1));
                        return false;
                    };
            net.listen(net.server(new Echo()), 40000);
            SocketChannel channel =
                    net.connect(
                            net.client(new Recorder()).option(ChannelOption.IP_TOS, 0xb8), 40000);
            assertEquals(List.of(0xb8, 0xb8), seen);
            channel.config().setTrafficClass(0x08);
            seen.clear();
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[10]));
            net.run();
            assertEquals(0x08, seen.getFirst());
        }
    }

    @Test
    @Rfc(number = 9293, section = "3.7.4", id = "MUST-17")
    void noDelaySwitchesNaglesAlgorithmOff() {
        assertEquals(List.of(1), segmentsOfThreeSmallWrites(false));
        assertEquals(List.of(1, 1, 1), segmentsOfThreeSmallWrites(true));
    }

    private static List<Integer> segmentsOfThreeSmallWrites(boolean noDelay) {
        List<Integer> sizes = new ArrayList<>();
        try (TwoStacks net = new TwoStacks()) {
            Recorder server = new Recorder();
            net.listen(net.server(server), 40000);
            SocketChannel channel =
                    net.connect(
                            net.client(new Recorder()).option(ChannelOption.TCP_NODELAY, noDelay),
                            40000);
            net.track(server.channel);
            for (int i = 0; i < 3; i++) {
                channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
                net.clientLink.runPendingTasks();
            }
            List<ByteBuf> sent = TwoStacks.sent(net.clientLink);
            sent.forEach(packet -> sizes.add(packet.readableBytes() - 52));
            net.serverLink.writeInbound(sent.toArray());
            net.advance(Duration.ofSeconds(1));
            assertEquals(3, server.received.size());
        }
        return sizes;
    }

    @Test
    void aChangedSendBufferTakesEffectOnTheRunningConnection() {
        try (TwoStacks net = new TwoStacks()) {
            Recorder server = new Recorder();
            net.listen(net.server(server).childOption(ChannelOption.AUTO_READ, false), 40000);
            SocketChannel channel =
                    net.connect(
                            net.client(new Recorder()).option(ChannelOption.SO_SNDBUF, 1000),
                            40000);
            net.track(server.channel);
            net.lostFromClient = packet -> true;
            var first = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[900]));
            var second = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[900]));
            net.run();
            assertTrue(first.isSuccess());
            assertFalse(second.isDone());
            channel.config().setSendBufferSize(2000);
            net.run();
            assertTrue(second.isSuccess());
        }
    }
}
