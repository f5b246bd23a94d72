package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.testkit.Rfc;

import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class ListenerTest {
    private final TwoStacks net = new TwoStacks();

    private final HandMade peer = new HandMade(net.serverLink);
    private final List<Channel> accepted = new ArrayList<>();

    private final ChannelInitializer<Channel> accept =
            new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    accepted.add(net.track(channel));
                }
            };

    @AfterEach
    void close() {
        net.close();
        peer.close();
    }

    private int serverFlows() {
        try {
            return net.serverStack.handler("test").flowCount();
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }

    private static TcpSegment segment(int host, int port) {
        return HandMade.segment(host, port, TwoStacks.SERVER, 40000);
    }

    private static int flags(List<TcpSegment> answers) {
        assertEquals(1, answers.size(), answers::toString);
        return answers.getFirst().flags();
    }

    @Test
    void theOldestHalfOpenConnectionMakesRoomForTheNext() {
        net.listen(net.server(accept).option(TcpChannelOption.TCP_MAX_SYN_BACKLOG, 3), 40000);
        int[] iss = new int[5];
        for (int port = 1; port <= 4; port++) {
            if (port == 4) {
                net.advance(Duration.ofMillis(499));
                assertTrue(peer.deliver(segment(1, 4).flag(TcpFlags.SYN)).isEmpty(), "too early");
                net.advance(Duration.ofMillis(1));
            }
            List<TcpSegment> answers = peer.deliver(segment(1, port).flag(TcpFlags.SYN));
            assertEquals(TcpFlags.SYN | TcpFlags.ACK, flags(answers));
            iss[port] = answers.getFirst().seq();
        }
        assertEquals(2, net.serverStack.drops().get(DropReason.SYN_QUEUE_FULL));
        assertEquals(3, serverFlows());
        net.advance(Duration.ofMillis(500));
        TcpSegment synAck = segment(1, 9).flag(TcpFlags.SYN).ack(7);
        assertEquals(TcpFlags.RST, flags(peer.deliver(synAck)), "that pushes nobody out");
        assertEquals(3, serverFlows());
        // The first has gone: its ACK belongs to nothing any more.
        assertEquals(TcpFlags.RST, flags(peer.deliver(segment(1, 1).seq(1).ack(iss[1] + 1))));
        for (int port = 2; port <= 4; port++) {
            assertTrue(peer.deliver(segment(1, port).seq(1).ack(iss[port] + 1)).isEmpty());
        }
        assertEquals(3, accepted.size());
        // A peer that takes its SYN back makes room, too.
        peer.deliver(segment(1, 5).flag(TcpFlags.SYN));
        peer.deliver(segment(1, 5).seq(1).flag(TcpFlags.RST));
        assertEquals(3, serverFlows());
    }

    @Test
    void aHalfOpenConnectionIsAnsweredAgainAndGivenUp() {
        net.listen(net.server(accept), 40000);
        peer.deliver(segment(1, 1).flag(TcpFlags.SYN));
        int[] answers = {0};
        net.lostFromServer = packet -> ++answers[0] > 0;
        net.advance(Duration.ofMillis(999));
        assertEquals(0, answers[0]);
        net.advance(Duration.ofMillis(1));
        assertEquals(1, answers[0]);
        net.advance(Duration.ofSeconds(2));
        assertEquals(2, answers[0]);
        assertEquals(1, serverFlows());
        net.advance(Duration.ofSeconds(180));
        assertEquals(0, serverFlows());
    }

    @Test
    void manyHalfOpenConnectionsShareOneTimer() {
        net.listen(net.server(accept).option(ChannelOption.SO_BACKLOG, 1000), 40000);
        for (int i = 0; i < 500; i++) {
            peer.deliver(segment(1 + i % 200, 1000 + i).flag(TcpFlags.SYN));
        }
        int[] answers = {0};
        net.lostFromServer = packet -> ++answers[0] > 0;
        net.advance(Duration.ofMillis(1000));
        assertEquals(500, answers[0]);
        net.advance(Duration.ofSeconds(182));
        assertEquals(0, serverFlows());
    }

    @Test
    void aFullAcceptQueueLetsThePeerRetry() {
        Channel server =
                net.listen(
                        net.server(accept)
                                .option(ChannelOption.SO_BACKLOG, 2)
                                .option(ChannelOption.AUTO_READ, false),
                        40000);
        List<ChannelFuture> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(net.client(new Recorder()).connect(TwoStacks.at(40000)));
            net.run();
            net.track(clients.getLast().channel());
        }
        assertTrue(accepted.isEmpty());
        assertTrue(clients.get(1).isSuccess());
        assertFalse(clients.get(2).isDone(), "no SYN is answered while the queue is full");
        assertEquals(2, net.serverStack.drops().get(DropReason.ACCEPT_QUEUE_FULL));
        server.config().setAutoRead(true);
        net.advance(Duration.ofSeconds(10));
        assertEquals(4, accepted.size());
        assertTrue(clients.stream().allMatch(ChannelFuture::isSuccess));
    }

    @Test
    void anAckThatFindsTheAcceptQueueFullIsIgnoredUntilThePeerComesAgain() {
        Channel server =
                net.listen(
                        net.server(accept)
                                .option(ChannelOption.SO_BACKLOG, 1)
                                .option(ChannelOption.AUTO_READ, false),
                        40000);
        int[] iss = new int[3];
        for (int port = 1; port <= 2; port++) {
            iss[port] = peer.deliver(segment(1, port).flag(TcpFlags.SYN)).getFirst().seq();
        }
        for (int port = 1; port <= 2; port++) {
            assertTrue(peer.deliver(segment(1, port).seq(1).ack(iss[port] + 1)).isEmpty());
        }
        assertEquals(1, net.serverStack.drops().get(DropReason.ACCEPT_QUEUE_FULL));
        Listener listener = listener();
        assertEquals(1, listener.acceptQueueLength());
        assertEquals(1, listener.acceptQueueLimit());
        assertEquals(1, listener.synQueueLength());
        assertEquals(16_384, listener.synQueueLimit());
        server.read();
        net.run();
        peer.deliver(segment(1, 2).seq(1).ack(iss[2] + 1));
        assertEquals(0, listener.synQueueLength());
        server.read();
        net.run();
        assertEquals(2, accepted.size());
        assertEquals(0, listener.acceptQueueLength());
    }

    private Listener listener() {
        try {
            return net.serverStack.handler("test").listeners().getFirst();
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aReadAcceptsWithoutAutoRead() {
        Channel server =
                net.listen(net.server(accept).option(ChannelOption.AUTO_READ, false), 40000);
        net.connect(net.client(new Recorder()), 40000);
        assertTrue(accepted.isEmpty());
        server.read();
        net.run();
        assertEquals(1, accepted.size());
        net.connect(net.client(new Recorder()), 40000);
        assertEquals(1, accepted.size());
    }

    @Test
    void whatTheClientSentBeforeItWasAcceptedIsNotLost() {
        Recorder child = new Recorder();
        Channel server =
                net.listen(net.server(child).option(ChannelOption.AUTO_READ, false), 40000);
        Channel client =
                net.connect(
                        net.client(new Recorder()).option(ChannelOption.SO_SNDBUF, 60_000), 40000);
        // As much as the window takes that nobody reads from yet.
        client.writeAndFlush(Unpooled.wrappedBuffer(new byte[60_000]));
        client.close();
        net.advance(Duration.ofSeconds(90));
        server.read();
        net.run();
        assertEquals(60_000, child.received.size());
        assertEquals(List.of("active", "inactive"), child.events);
    }

    @Test
    void aConnectionThatIsResetBeforeItIsAcceptedFailsItsChild() {
        Recorder child = new Recorder();
        Channel server =
                net.listen(net.server(child).option(ChannelOption.AUTO_READ, false), 40000);
        net.connect(net.client(new Recorder()).option(ChannelOption.SO_LINGER, 0), 40000).close();
        net.run();
        server.read();
        net.run();
        assertEquals(List.of("active", "exception", "inactive"), child.events);
    }

    @Test
    void closingTheListenerLeavesAcceptedConnectionsAlone() {
        Channel server = net.listen(net.server(new Echo()), 40000);
        Recorder recorder = new Recorder();
        Channel client = net.connect(net.client(recorder), 40000);
        peer.deliver(segment(1, 7).flag(TcpFlags.SYN));
        server.close();
        assertEquals(
                TcpFlags.RST | TcpFlags.ACK, flags(peer.answers()), "the half-open one is refused");
        net.run();
        client.writeAndFlush(Unpooled.wrappedBuffer(new byte[5]));
        net.run();
        assertEquals(5, recorder.received.size());
        ChannelFuture refused = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        assertInstanceOf(ConnectException.class, refused.cause());
        assertEquals(1, serverFlows());
        client.close();
        net.run();
    }

    @Test
    void closingTheListenerResetsWhatWasNotAccepted() {
        Channel server =
                net.listen(net.server(accept).option(ChannelOption.AUTO_READ, false), 40000);
        Recorder recorder = new Recorder();
        net.connect(net.client(recorder), 40000);
        server.close();
        net.run();
        assertEquals(List.of("active", "exception", "inactive"), recorder.events);
        assertEquals(0, serverFlows());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.1", id = "MUST-41")
    void aPortIsBoundOnce() {
        net.listen(net.server(new Echo()), 40000);
        for (String address : List.of(TwoStacks.SERVER, "0.0.0.0")) {
            ChannelFuture second =
                    net.server(new Echo()).bind(new InetSocketAddress(address, 40000));
            net.run();
            BindException cause = assertInstanceOf(BindException.class, second.cause());
            assertTrue(
                    cause.getMessage().startsWith("Address already in use: " + address + ":40000"),
                    cause::getMessage);
            assertFalse(second.channel().isOpen());
        }
    }

    @Test
    void aPortIsFreeAgainAfterTheListenerClosed() {
        Channel first = net.listen(net.server(new Echo()), 40000);
        net.connect(net.client(new Recorder()), 40000);
        first.close();
        net.run();
        ChannelFuture exclusive =
                net.server(new Echo())
                        .option(ChannelOption.SO_REUSEADDR, false)
                        .bind(TwoStacks.at(40000));
        net.run();
        BindException cause = assertInstanceOf(BindException.class, exclusive.cause());
        assertTrue(cause.getMessage().contains("SO_REUSEADDR"), cause::getMessage);
        net.listen(net.server(new Echo()), 40000);
    }

    @Test
    void theWildcardAddressAndPortZeroListenOnAnEphemeralPort() {
        ChannelFuture bound = net.server(new Echo()).bind(0);
        net.run();
        Channel server = net.track(TwoStacks.success(bound));
        InetSocketAddress local = (InetSocketAddress) server.localAddress();
        assertTrue(local.getAddress().isAnyLocalAddress());
        assertTrue(local.getPort() >= 49152, local::toString);
        Channel client = net.connect(net.client(new Recorder()), local.getPort());
        assertTrue(client.isActive());
    }

    @Test
    void anAddressGoesBeforeTheWildcard() throws UnknownHostException {
        try (TwoStacks two =
                new TwoStacks(
                        TcpStack.builder().address("10.0.0.1/24"),
                        TcpStack.builder().address("10.0.1.1/24").address("10.0.1.2/24"))) {
            Recorder first = new Recorder();
            two.listen(two.server(first), 40000);
            ChannelFuture other =
                    two.server(new Echo()).bind(new InetSocketAddress("10.0.1.2", 40000));
            two.run();
            two.track(TwoStacks.success(other));
            two.connect(two.client(new Recorder()), 40000);
            assertEquals(List.of("active"), first.events);
            two.track(first.channel);
        }
    }

    @Test
    @Rfc(number = 9293, section = "3.6.1", id = "MAY-2")
    void aSynReopensAConnectionInTimeWait() {
        List<Recorder> children = new ArrayList<>();
        net.listen(net.server(children), 40000);
        InetSocketAddress local = new InetSocketAddress("10.0.0.1", 5555);
        Channel first =
                net.track(net.client(new Recorder()).connect(TwoStacks.at(40000), local).channel());
        net.run();
        // The server closes first and stays in TIME-WAIT.
        children.getFirst().channel.close();
        net.run();
        assertFalse(first.isOpen());
        assertEquals(1, serverFlows());
        net.advance(Duration.ofSeconds(1));
        ChannelFuture again = net.client(new Recorder()).connect(TwoStacks.at(40000), local);
        net.run();
        net.track(TwoStacks.success(again));
        assertEquals(2, children.size());
        assertEquals(1, serverFlows());
    }

    @Test
    void strayingSegmentsAreCountedAndAnsweredAsTheRfcSays() {
        net.listen(net.server(accept), 40000);
        List<TcpSegment> reset = peer.deliver(segment(1, 1).seq(5).ack(77).flag(TcpFlags.ACK));
        assertEquals(TcpFlags.RST, flags(reset));
        assertEquals(77, reset.getFirst().seq());
        assertEquals(1, net.serverStack.drops().get(DropReason.NO_FLOW));
        assertTrue(peer.deliver(segment(1, 1).flag(TcpFlags.RST)).isEmpty());
        assertEquals(1, net.serverStack.drops().get(DropReason.RST_INVALID));
        assertTrue(peer.deliver(segment(1, 1).flag(TcpFlags.PSH)).isEmpty());
        assertEquals(1, net.serverStack.drops().get(DropReason.LISTEN_UNEXPECTED));
        TcpSegment foreign = HandMade.syn(1, 1, "10.0.1.99", 40000);
        assertTrue(peer.deliver(foreign).isEmpty());
        assertEquals(1, net.serverStack.drops().get(DropReason.IP_DESTINATION));
    }

    @Test
    void anExceptionOfTheServersHandlerDoesNotStopAccepting() {
        net.listen(
                net.server(accept)
                        .handler(
                                new ChannelInboundHandlerAdapter() {
                                    private int count;

                                    @Override
                                    public void channelRead(ChannelHandlerContext ctx, Object msg) {
                                        if (++count == 1) {
                                            ((Channel) msg).unsafe().closeForcibly();
                                            throw new IllegalStateException("a bug of the user's");
                                        }
                                        ctx.fireChannelRead(msg);
                                    }
                                }),
                40000);
        Recorder unlucky = new Recorder();
        net.connect(net.client(unlucky), 40000);
        net.run();
        assertEquals(List.of("active", "exception", "inactive"), unlucky.events);
        net.advance(Duration.ofSeconds(1));
        net.connect(net.client(new Recorder()), 40000);
        assertEquals(1, accepted.size());
    }
}
