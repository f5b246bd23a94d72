package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.ChannelOutputShutdownException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import toytcp.stack.channel.ClosingCase.How;
import toytcp.stack.channel.ClosingCase.Line;
import toytcp.stack.channel.ClosingCase.When;
import toytcp.stack.channel.ClosingCase.Where;
import toytcp.stack.channel.ClosingCase.Who;
import toytcp.stack.channel.Watch.End;
import toytcp.stack.tcp.TcpState;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLException;

/// Closing in every order leaves nothing behind, and the other side sees what a kernel would let it
/// see.
@Timeout(60)
class ClosingTest {
    static List<ClosingCase> all() {
        return ClosingCase.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void nothingIsLeft(ClosingCase closing) {
        ClosingNet net = new ClosingNet();
        ClosingScene scene = new ClosingScene(net, closing);
        scene.prepare();
        wire(net, closing.line());
        for (Runnable close : closes(net, scene)) {
            close.run();
        }
        net.advance(TimeUnit.SECONDS.toNanos(10));
        scene.readEverything();
        net.advance(TimeUnit.SECONDS.toNanos(300));
        judge(closing, scene);

        net.lost = _ -> false;
        scene.closeEverything();
        net.settle();
        scene.assertClosed();
        InetSocketAddress local = (InetSocketAddress) scene.client.localAddress();
        net.assertNothingLeft(local == null ? ClosingScene.CLIENT_PORT : local.getPort());
    }

    @ParameterizedTest
    @EnumSource
    void lingeringBetweenTwoLoopsEndsWithTheLastAcknowledgement(Where where) {
        ClosingNet net = new ClosingNet();
        ClosingCase closing =
                new ClosingCase(Who.CLIENT, How.DEREGISTERED, When.ACTIVE, where, Line.CLEAN);
        ClosingScene scene = new ClosingScene(net, closing);
        scene.prepare();
        scene.client.deregister();
        net.run();
        ((TcpChannel) scene.client).config().setSoLinger(5);
        ChannelFuture closed = scene.client.close();
        net.run();
        assertFalse(closed.isDone());
        net.advance(3 * ClosingNet.MILLI);
        assertTrue(closed.isSuccess());
        scene.closeEverything();
        net.settle();
        net.assertNothingLeft(0);
    }

    @Test
    void whatNoNextLoopTakesClosesOnTheLoopOfItsLink() throws IOException {
        ClosingNet net = new ClosingNet();
        ClosingScene scene =
                new ClosingScene(
                        net,
                        new ClosingCase(
                                Who.CLIENT,
                                How.DEREGISTERED,
                                When.ACTIVE,
                                Where.LINKS_LOOP,
                                Line.CLEAN));
        scene.prepare();
        scene.client.deregister();
        net.run();
        net.client.otherLoop.shutDown();
        net.client.otherLoop.register(scene.client);
        assertFalse(scene.client.isOpen());
        // Not before the link's event loop runs, as it may be doing right now.
        TcpStackHandler handler = net.client.stack.handler("test");
        assertEquals(TcpState.ESTABLISHED, handler.snapshot().getFirst().state());
        net.advance(3 * ClosingNet.MILLI);
        assertEquals(End.FIN, scene.serverWatch.end());
        scene.closeEverything();
        net.settle();
        net.assertNothingLeft(0);
    }

    private static void wire(ClosingNet net, Line line) {
        Random chance = new Random(7);
        switch (line) {
            case CLEAN -> net.lost = _ -> false;
            case LOSSY -> net.lost = _ -> chance.nextInt(10) == 0;
            case DEAD_AFTERWARDS -> net.lost = _ -> true;
        }
    }

    // ---- who and how

    private List<Runnable> closes(ClosingNet net, ClosingScene scene) {
        ClosingCase closing = scene.closing;
        List<Runnable> closes = new ArrayList<>();
        boolean client = closing.who() != Who.SERVER;
        boolean server = closing.who() != Who.CLIENT;
        if (closing.who() == Who.LINK) {
            closes.add(() -> closeLink(net, net.client, closing.how()));
            closes.add(() -> closeLink(net, net.server, closing.how()));
            return closes;
        }
        if (closing.how() == How.DEREGISTERED) {
            // Both leave their loops first, and what comes meanwhile has nowhere to go.
            if (client) {
                closes.add(() -> net.keep("deregister", scene.client.deregister()));
            }
            if (server) {
                closes.add(() -> net.keep("deregister", scene.serverEnd().deregister()));
            }
            closes.add(() -> net.advance(3 * ClosingNet.MILLI));
        }
        if (client) {
            closes.add(() -> close(net, scene, scene.client, scene.loop(net.client)));
        }
        if (server) {
            closes.add(() -> close(net, scene, scene.serverEnd(), scene.loop(net.server)));
        }
        return closes;
    }

    private static void closeLink(ClosingNet net, ClosingNet.Host host, How how) {
        if (how == How.LOOP_SHUT_DOWN) {
            host.linkLoop.shutDown();
        } else {
            net.keep("close of the link", host.link.close());
        }
    }

    private static void close(
            ClosingNet net, ClosingScene scene, Channel channel, VirtualLoop loop) {
        How how = scene.closing.how();
        if (how == How.LOOP_SHUT_DOWN) {
            loop.shutDown();
            return;
        }
        if (channel instanceof TcpChannel socket) {
            switch (how) {
                case SHUTDOWN_OUTPUT_FIRST -> net.keep("shutdownOutput", socket.shutdownOutput());
                case LINGER_ZERO -> socket.config().setSoLinger(0);
                case LINGER_5_S -> socket.config().setSoLinger(5);
                default -> {}
            }
        }
        net.keep("close", channel.close());
        if (channel instanceof TcpChannel) {
            scene.lateWrite(channel);
        }
    }

    // ---- what the other side sees

    private static void judge(ClosingCase closing, ClosingScene scene) {
        switch (closing.who()) {
            case CLIENT -> assertSeen(closing, scene.serverWatch);
            case SERVER -> {
                assertSeen(closing, scene.clientWatch);
                assertRefused(closing, scene);
            }
            case LINK -> {
                assertLinkDown(closing, scene.serverWatch);
                assertLinkDown(closing, scene.clientWatch);
            }
            case BOTH -> {}
        }
        scene.writes.forEach(write -> assertWritten(closing, write));
        for (ChannelFuture write : scene.lateWrites) {
            boolean ofTls = closing.when().isTls() && write.cause() instanceof SSLException;
            assertTrue(ofTls || write.cause() instanceof ClosedChannelException);
        }
    }

    /// A write that did not get into the connection any more fails as with kernel sockets.
    private static void assertWritten(ClosingCase closing, ChannelFuture write) {
        if (!write.isDone() || write.isSuccess()) {
            return;
        }
        Throwable cause = write.cause();
        // "Connection reset" and so on; TLS has exceptions of its own.
        boolean legal =
                cause instanceof ClosedChannelException
                        || cause instanceof SocketException
                        || closing.how() == How.SHUTDOWN_OUTPUT_FIRST
                                && cause instanceof ChannelOutputShutdownException
                        || closing.when().isTls() && cause instanceof SSLException;
        assertTrue(legal, () -> "a write failed with " + cause);
    }

    private static void assertSeen(ClosingCase closing, Watch watch) {
        assertTrue(
                closing.expected().contains(watch.end()),
                () -> "saw " + watch.end() + ", expected: " + closing.expected());
    }

    private static void assertLinkDown(ClosingCase closing, Watch watch) {
        if (closing.when() == When.HALF_CLOSED_BY_PEER) {
            assertEquals(End.FIN, watch.end());
        } else if (!watch.active) {
            assertEquals(End.NOTHING, watch.end());
        } else if (closing.how() == How.LOOP_SHUT_DOWN && closing.where() == Where.LINKS_LOOP) {
            // Channels go with their event loop, whether or not they have read everything.
            assertTrue(watch.inactive);
        } else {
            assertEquals(End.LINK_DOWN, watch.end());
        }
    }

    private static void assertRefused(ClosingCase closing, ClosingScene scene) {
        boolean refused =
                switch (closing.when()) {
                    case CONNECT_UNDER_WAY, SYN_UNDER_WAY -> closing.how() != How.DEREGISTERED;
                    case PENDING -> true;
                    default -> false;
                };
        boolean silent = closing.line() == Line.DEAD_AFTERWARDS || closing.takesLink();
        if (refused) {
            assertTrue(scene.connected.isDone());
            assertFalse(scene.connected.isSuccess());
            if (!silent) {
                assertInstanceOf(ConnectException.class, scene.connected.cause());
            }
        }
    }
}
