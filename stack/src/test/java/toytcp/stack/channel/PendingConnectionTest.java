package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.channel.PendingConnection.Outcome;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The application sees each SYN and decides.
class PendingConnectionTest {
    private final TwoStacks net = new TwoStacks();
    private final HandMade peer = new HandMade(net.serverLink);
    private final List<PendingConnection> attempts = new ArrayList<>();
    private final List<Channel> accepted = new ArrayList<>();
    private Channel server;

    @BeforeEach
    void listen() {
        server = net.listen(server(), 40000);
    }

    private ServerBootstrap server() {
        return net.server(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                accepted.add(net.track(channel));
                            }
                        })
                .option(TcpChannelOption.TCP_PENDING_ACCEPT_MILLIS, 10_000)
                .handler(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void userEventTriggered(
                                    ChannelHandlerContext ctx, Object event) {
                                if (event instanceof PendingConnection pending) {
                                    attempts.add(pending);
                                }
                                ctx.fireUserEventTriggered(event);
                            }
                        });
    }

    @AfterEach
    void close() {
        net.close();
        peer.close();
    }

    private ChannelFuture connect() {
        ChannelFuture connected = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        net.track(connected.channel());
        return connected;
    }

    private List<TcpSegment> syn(int port) {
        return peer.deliver(HandMade.syn(1, port, TwoStacks.SERVER, 40000));
    }

    private int flows() {
        try {
            return net.serverStack.handler("test").flowCount();
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }

    private PendingConnection attempt() {
        assertEquals(1, attempts.size());
        return attempts.getFirst();
    }

    @Test
    void theOutcomeCannotBeCancelled() {
        ChannelFuture connected = connect();
        assertFalse(attempt().outcome().cancel(true));
        assertTrue(attempt().accept());
        net.run();
        assertTrue(connected.isSuccess());
        assertEquals(Outcome.ACCEPTED, attempt().outcome().getNow());
    }

    @Test
    void anAttemptThatIsAcceptedBecomesAChild() {
        ChannelFuture connected = connect();
        net.advance(Duration.ofSeconds(5));
        assertFalse(connected.isDone(), "nothing was answered");
        PendingConnection pending = attempt();
        assertEquals(TwoStacks.at(40000), pending.localAddress());
        InetSocketAddress client = (InetSocketAddress) connected.channel().localAddress();
        assertEquals(client, pending.remoteAddress());
        assertFalse(pending.outcome().isDone());
        assertTrue(accepted.isEmpty());
        assertTrue(pending.accept());
        net.run();
        assertTrue(connected.isSuccess());
        assertEquals(1, accepted.size());
        assertEquals(client, accepted.getFirst().remoteAddress());
        assertEquals(Outcome.ACCEPTED, pending.outcome().getNow());
        assertEquals(1, attempts.size(), "the repeated SYNs were absorbed");
    }

    @Test
    void anAttemptThatIsRejectedIsRefused() {
        ChannelFuture connected = connect();
        assertTrue(attempt().reject());
        net.run();
        assertInstanceOf(ConnectException.class, connected.cause());
        assertEquals(Outcome.REJECTED, attempt().outcome().getNow());
        assertEquals(0, flows());
    }

    @Test
    void anAttemptThatIsDroppedHearsNothingAndMayComeAgain() {
        ChannelFuture connected = connect();
        assertTrue(attempt().drop());
        net.advance(Duration.ofMillis(900));
        assertEquals(0, flows());
        assertEquals(1, net.serverStack.drops().get(DropReason.PENDING_DROPPED));
        assertFalse(connected.isDone());
        net.advance(Duration.ofMillis(200));
        assertEquals(2, attempts.size());
        attempts.getLast().accept();
        net.run();
        assertTrue(connected.isSuccess());
    }

    @Test
    void theFirstDecisionCounts() {
        ChannelFuture connected = connect();
        PendingConnection pending = attempt();
        assertTrue(pending.accept());
        assertFalse(pending.accept());
        assertFalse(pending.reject());
        assertFalse(pending.drop());
        net.run();
        assertTrue(connected.isSuccess());
        assertFalse(pending.reject());
        net.run();
        assertTrue(connected.channel().isActive());
    }

    @Test
    void anAttemptThatNobodyDecidesExpiresInSilence() {
        assertTrue(syn(1).isEmpty());
        net.advance(Duration.ofMillis(9_999));
        assertEquals(1, flows());
        net.advance(Duration.ofMillis(20));
        assertEquals(0, flows());
        assertTrue(peer.answers().isEmpty());
        assertEquals(1, net.serverStack.drops().get(DropReason.PENDING_EXPIRED));
        assertEquals(Outcome.EXPIRED, attempt().outcome().getNow());
        assertFalse(attempt().accept(), "too late");
    }

    @Test
    void theOptionsOfTheSynAreKnown() {
        peer.deliver(
                HandMade.syn(1, 1, TwoStacks.SERVER, 40000)
                        .mss(1234)
                        .windowScale(9)
                        .sackPermitted(true));
        PendingConnection pending = attempt();
        assertEquals(1234, pending.maximumSegmentSize());
        assertEquals(9, pending.windowScale());
        assertTrue(pending.isSackPermitted());
        assertFalse(pending.hasTimestamps());
        assertTrue(pending.toString().contains("10.0.1.1:40000 -> 198.51.0.1:1"));
        syn(2);
        assertEquals(-1, attempts.get(1).maximumSegmentSize());
        assertEquals(-1, attempts.get(1).windowScale());
    }

    @Test
    void aPeerThatTakesItsSynBackEndsTheAttempt() {
        syn(1);
        peer.deliver(HandMade.segment(1, 1, TwoStacks.SERVER, 40000).seq(1).flag(TcpFlags.RST));
        assertEquals(0, flows());
        net.run();
        assertEquals(Outcome.WITHDRAWN, attempt().outcome().getNow());
        assertFalse(attempt().accept());
        assertTrue(peer.answers().isEmpty());
    }

    @Test
    void closingTheServerRefusesWhatIsPending() {
        syn(1);
        syn(2);
        attempts.get(1).outcome().addListener(_ -> attempts.get(0).accept());
        server.close();
        List<TcpSegment> answers = peer.answers();
        assertEquals(2, answers.size());
        for (TcpSegment answer : answers) {
            assertEquals(TcpFlags.RST | TcpFlags.ACK, answer.flags());
            assertEquals(1, answer.ack());
        }
        net.run();
        assertEquals(Outcome.LISTENER_CLOSED, attempts.get(0).outcome().getNow());
        assertEquals(Outcome.LISTENER_CLOSED, attempts.get(1).outcome().getNow());
        assertEquals(0, flows());
    }

    @Test
    void theEndOfTheLinkEndsWhatIsPending() {
        syn(1);
        net.serverLink.close();
        net.run();
        assertEquals(Outcome.LISTENER_CLOSED, attempt().outcome().getNow());
        assertFalse(attempt().reject());
    }

    @Test
    void pendingAttemptsAreBoundedBySynBacklog() {
        net.listen(server().option(TcpChannelOption.TCP_MAX_SYN_BACKLOG, 2), 40001);
        for (int port = 1; port <= 3; port++) {
            peer.deliver(HandMade.syn(1, port, TwoStacks.SERVER, 40001));
            net.advance(Duration.ofMillis(300));
        }
        assertEquals(2, flows());
        assertEquals(Outcome.EXPIRED, attempts.get(0).outcome().getNow());
        assertEquals(1, net.serverStack.drops().get(DropReason.SYN_QUEUE_FULL));
        attempts.get(1).accept();
        assertEquals(TcpFlags.SYN | TcpFlags.ACK, peer.answers().getFirst().flags());
    }

    @Test
    void manyExpireTogetherWhateverTheirListenersCall() {
        for (int port = 1; port <= 50; port++) {
            syn(port);
        }
        for (PendingConnection pending : attempts) {
            pending.outcome().addListener(_ -> attempts.forEach(PendingConnection::reject));
        }
        net.advance(Duration.ofSeconds(11));
        assertEquals(0, flows());
        int expired = (int) net.serverStack.drops().get(DropReason.PENDING_EXPIRED);
        assertEquals(50, expired);
    }

    @Test
    void withoutTheOptionNobodyIsAsked() {
        server.config().setOption(TcpChannelOption.TCP_PENDING_ACCEPT_MILLIS, 0);
        assertTrue(connect().isSuccess());
        assertTrue(attempts.isEmpty());
    }
}
