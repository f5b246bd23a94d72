package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.EcnPolicy;
import toytcp.testkit.Rfc;

import java.time.Duration;
import java.util.List;

/// Each option of a connection, seen in the packets: of clients, of listeners and of children.
class OptionsOnTheWireTest {
    private final TwoStacks net = new TwoStacks();
    private final SegmentTap fromClient = new SegmentTap();
    private final SegmentTap fromServer = new SegmentTap();
    private final Recorder server = new Recorder();

    @BeforeEach
    void tap() {
        net.lostFromClient = fromClient;
        net.lostFromServer = fromServer;
    }

    @AfterEach
    void close() {
        net.close();
    }

    private SocketChannel connect() {
        SocketChannel channel = net.connect(net.client(new Recorder()), 40000);
        net.track(server.channel);
        return channel;
    }

    private static ChannelFuture write(io.netty.channel.Channel channel, int octets) {
        return channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[octets]));
    }

    private void forget() {
        fromClient.seen.clear();
        fromServer.seen.clear();
    }

    private static void all(SegmentTap tap, int ttl, int trafficClass) {
        assertFalse(tap.seen.isEmpty());
        for (SegmentTap.Seen packet : tap.seen) {
            assertEquals(ttl, packet.ttl(), packet::text);
            assertEquals(trafficClass, packet.trafficClass(), packet::text);
        }
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.9", id = "MUST-48")
    @Rfc(number = 9293, section = "3.9.2", id = "MUST-49")
    @Rfc(number = 9293, section = "3.9.1.9", id = "SHLD-21")
    void theHeaderOfAClientIsItsOwnFromTheSynOn() {
        net.listen(net.server(server), 40000);
        SocketChannel channel =
                net.connect(
                        net.client(new Recorder())
                                .option(TcpChannelOption.IP_TTL, 5)
                                .option(ChannelOption.IP_TOS, 0xbb),
                        40000);
        net.track(server.channel);
        write(channel, 10);
        net.run();
        all(fromClient, 5, 0xb8);
        all(fromServer, 64, 0);
        forget();
        channel.config().setOption(TcpChannelOption.IP_TTL, 255);
        channel.config().setOption(ChannelOption.IP_TOS, 0x08);
        write(channel, 10);
        net.advance(Duration.ofMillis(50));
        all(fromClient, 255, 0x08);
    }

    /// The DS field is the user's, the two bits below it are ECN's (RFC 3168, 5).
    @Test
    @Rfc(number = 9293, section = "3.9.1.9", id = "SHLD-22")
    void theDsFieldStaysBesideTheEcnBits() {
        net.listen(net.server(server).option(ChannelOption.IP_TOS, 0x28), 40000);
        SocketChannel channel =
                net.connect(
                        net.client(new Recorder())
                                .option(TcpChannelOption.TCP_ECN, EcnPolicy.ACCURATE)
                                .option(ChannelOption.IP_TOS, 0xbb),
                        40000);
        net.track(server.channel);
        write(channel, 10);
        net.run();
        assertEquals(0xb8, fromClient.seen.getFirst().trafficClass());
        assertEquals(0xba, fromClient.seen.getLast().trafficClass());
        all(fromServer, 64, 0x28);
        forget();
        write(server.channel, 10);
        net.run();
        assertEquals(0x2a, fromServer.seen.getLast().trafficClass());
    }

    @Test
    void theHeaderOfAListenerIsInItsSynAckAndInWhatItsChildrenSend() {
        net.listen(
                net.server(server)
                        .option(TcpChannelOption.IP_TTL, 7)
                        .option(ChannelOption.IP_TOS, 0x28),
                40000);
        connect();
        write(server.channel, 10);
        net.advance(Duration.ofMillis(50));
        assertTrue(fromServer.seen.getFirst().isSyn());
        all(fromServer, 7, 0x28);
        all(fromClient, 64, 0);
    }

    @Test
    void aRepeatedSynAckHasTheHeaderToo() {
        net.listen(net.server(server).option(TcpChannelOption.IP_TTL, 7), 40000);
        net.lostFromServer =
                packet -> {
                    fromServer.test(packet);
                    return fromServer.seen.size() < 3;
                };
        ChannelFuture connected = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.advance(Duration.ofSeconds(10), Duration.ofMillis(100));
        net.track(TwoStacks.success(connected));
        net.track(server.channel);
        assertTrue(fromServer.seen.size() >= 3);
        all(fromServer, 7, 0);
    }

    @Test
    void childOptionsComeOnTopOfThoseOfTheListener() {
        net.listen(
                net.server(server)
                        .option(TcpChannelOption.IP_TTL, 7)
                        .childOption(TcpChannelOption.IP_TTL, 9)
                        .childOption(ChannelOption.IP_TOS, 0x20),
                40000);
        connect();
        assertEquals(7, fromServer.seen.getFirst().ttl());
        assertEquals(0, fromServer.seen.getFirst().trafficClass());
        forget();
        write(server.channel, 10);
        net.run();
        all(fromServer, 9, 0x20);
    }

    @Test
    void childrenInheritEveryOptionOfTheListener() {
        net.listen(
                net.server(server)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_KEEPALIVE, true)
                        .option(ChannelOption.SO_SNDBUF, 54321)
                        .option(TcpChannelOption.TCP_KEEPIDLE, 3)
                        .option(TcpChannelOption.TCP_QUICKACK, true)
                        .option(TcpChannelOption.TCP_NOTSENT_LOWAT, 4321L),
                40000);
        connect();
        var child = server.channel.config();
        assertTrue(child.getOption(ChannelOption.TCP_NODELAY));
        assertTrue(child.getOption(ChannelOption.SO_KEEPALIVE));
        assertEquals(54321, child.getOption(ChannelOption.SO_SNDBUF));
        assertEquals(3, child.getOption(TcpChannelOption.TCP_KEEPIDLE));
        assertTrue(child.getOption(TcpChannelOption.TCP_QUICKACK));
        assertEquals(4321L, child.getOption(TcpChannelOption.TCP_NOTSENT_LOWAT));
        forget();
        net.advance(Duration.ofSeconds(4));
        assertEquals(1, fromServer.seen.size(), "one keep-alive probe");
    }

    @Test
    void theMaximumSegmentBoundsBothDirections() {
        net.listen(net.server(server), 40000);
        SocketChannel channel =
                net.connect(
                        net.client(new Recorder()).option(TcpChannelOption.TCP_MAXSEG, 500), 40000);
        net.track(server.channel);
        assertEquals(500, fromClient.seen.getFirst().mss());
        assertEquals(1460, fromServer.seen.getFirst().mss());
        write(channel, 1000);
        write(server.channel, 1000);
        net.run();
        // Less the timestamps.
        assertEquals(List.of(488, 488, 24), fromClient.octets());
        assertEquals(List.of(488, 488, 24), fromServer.octets());
    }

    @Test
    void theMaximumSegmentOfAListenerIsInItsSynAck() {
        net.listen(net.server(server).option(TcpChannelOption.TCP_MAXSEG, 500), 40000);
        SocketChannel channel = connect();
        assertEquals(500, fromServer.seen.getFirst().mss());
        write(channel, 1000);
        net.run();
        assertEquals(List.of(488, 488, 24), fromClient.octets());
    }

    @Test
    void aMaximumSegmentBeyondTheRoutesHasNoEffect() {
        net.listen(net.server(server), 40000);
        net.connect(net.client(new Recorder()).option(TcpChannelOption.TCP_MAXSEG, 9000), 40000);
        net.track(server.channel);
        assertEquals(1460, fromClient.seen.getFirst().mss());
    }

    @Test
    void aCorkHoldsBackWhatIsNotFull() {
        net.listen(net.server(server), 40000);
        SocketChannel channel =
                net.connect(
                        net.client(new Recorder()).option(TcpChannelOption.TCP_CORK, true), 40000);
        net.track(server.channel);
        write(channel, 100);
        net.advance(Duration.ofMillis(150));
        write(channel, 100);
        net.run();
        assertEquals(List.of(), fromClient.octets());
        channel.config().setOption(TcpChannelOption.TCP_CORK, false);
        net.run();
        assertEquals(List.of(200), fromClient.octets());
        channel.config().setOption(TcpChannelOption.TCP_CORK, true);
        write(channel, 300);
        net.advance(Duration.ofMillis(199));
        assertEquals(List.of(200), fromClient.octets());
        net.advance(Duration.ofMillis(2));
        assertEquals(List.of(200, 300), fromClient.octets());
    }

    @Test
    void quickAckAnswersWithoutDelay() {
        net.listen(net.server(server).childOption(TcpChannelOption.TCP_QUICKACK, true), 40000);
        SocketChannel channel = connect();
        forget();
        write(channel, 10);
        net.run();
        assertEquals(1, fromServer.seen.size());
        server.channel.config().setOption(TcpChannelOption.TCP_QUICKACK, false);
        forget();
        write(channel, 10);
        net.advance(Duration.ofMillis(39));
        assertEquals(0, fromServer.seen.size());
        net.advance(Duration.ofMillis(2));
        assertEquals(1, fromServer.seen.size());
    }

    @Test
    void theLowWaterMarkBoundsWhatTheChannelHandsDown() {
        net.listen(net.server(server), 40000);
        SocketChannel channel =
                net.connect(
                        net.client(new Recorder())
                                .option(ChannelOption.SO_SNDBUF, 100_000)
                                .option(TcpChannelOption.TCP_NOTSENT_LOWAT, 10_000L),
                        40000);
        net.track(server.channel);
        net.lostFromClient = packet -> true;
        ChannelFuture[] writes = new ChannelFuture[20];
        for (int i = 0; i < writes.length; i++) {
            writes[i] = write(channel, 2500);
        }
        net.run();
        int accepted = 0;
        while (writes[accepted].isSuccess()) {
            accepted++;
        }
        // Ten segments are out, the initial window, and 10,000 octets wait behind them.
        assertEquals((14480 + 10_000) / 2500, accepted);
        channel.config().setOption(TcpChannelOption.TCP_NOTSENT_LOWAT, 0L);
        net.run();
        assertTrue(writes[writes.length - 1].isSuccess());
    }
}
