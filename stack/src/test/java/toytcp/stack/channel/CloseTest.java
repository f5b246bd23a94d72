package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.SocketChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.codec.TcpFlags;
import toytcp.testkit.Rfc;

import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class CloseTest {
    private static final int FLAGS_OFFSET = 20 + 13;

    private final TwoStacks net = new TwoStacks();
    private final Recorder server = new Recorder();
    private final Recorder client = new Recorder();
    private final List<String> clientFlags = new ArrayList<>();

    @AfterEach
    void close() {
        net.close();
    }

    private SocketChannel establish(boolean halfClosure) {
        net.listen(
                net.server(server).childOption(ChannelOption.ALLOW_HALF_CLOSURE, halfClosure),
                40000);
        SocketChannel channel =
                net.connect(
                        net.client(client).option(ChannelOption.ALLOW_HALF_CLOSURE, halfClosure),
                        40000);
        net.track(server.channel);
        net.lostFromClient =
                packet -> {
                    clientFlags.add(flags(packet));
                    return false;
                };
        return channel;
    }

    private SocketChannel accepted() {
        return (SocketChannel) server.channel;
    }

    private static String flags(ByteBuf packet) {
        int flags = packet.getUnsignedByte(packet.readerIndex() + FLAGS_OFFSET);
        if ((flags & TcpFlags.RST) != 0) {
            return "RST";
        }
        return (flags & TcpFlags.FIN) != 0 ? "FIN" : "ACK";
    }

    private static ByteBuf octets(int count) {
        return Unpooled.buffer(count).writeZero(count);
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    @Test
    @Rfc(number = 9293, section = "3.6", id = "MUST-12")
    void aCloseClosesThePeerToo() {
        SocketChannel channel = establish(false);
        ChannelFuture closed = channel.close();
        net.run();
        assertTrue(closed.isSuccess());
        assertEquals(List.of("active", "inactive"), client.events);
        assertEquals(List.of("active", "inactive"), server.events);
        assertFalse(accepted().isOpen());
    }

    @Test
    void whatWasWrittenBeforeTheCloseArrives() {
        SocketChannel channel = establish(false);
        channel.config().setSendBufferSize(500_000);
        channel.writeAndFlush(octets(500_000));
        channel.close();
        net.advance(Duration.ofSeconds(2));
        assertEquals(500_000, server.received.size());
        assertEquals(List.of("active", "inactive"), server.events);
        assertTrue(server.exceptions.isEmpty());
    }

    @Test
    void timeWaitKeepsTheFlowAndLetsItGo() {
        SocketChannel channel = establish(false);
        channel.close();
        net.run();
        // The client closed first: its flow stays for a minute and answers a repeated FIN.
        net.advance(Duration.ofSeconds(59));
        assertEquals(1, flows(net.clientStack));
        net.advance(Duration.ofSeconds(2));
        assertEquals(0, flows(net.clientStack));
        assertEquals(0, flows(net.serverStack));
    }

    private int flows(TcpStack stack) {
        try {
            return stack.handler("test").flowCount();
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void oneDirectionCanCloseAndTheOtherGoesOn() {
        SocketChannel channel = establish(true);
        channel.writeAndFlush(text("request"));
        ChannelFuture shutdown = channel.shutdownOutput();
        net.run();
        assertTrue(shutdown.isSuccess());
        assertTrue(channel.isOutputShutdown());
        assertFalse(channel.isInputShutdown());
        assertFalse(channel.isShutdown());
        assertEquals(
                List.of("active", "ChannelInputShutdownEvent", "ChannelInputShutdownReadComplete"),
                server.events);
        assertEquals("request", server.text());
        assertTrue(accepted().isInputShutdown());
        assertTrue(accepted().isActive());

        ChannelFuture refused = channel.writeAndFlush(text("more"));
        net.run();
        // Netty has no buffer any more to put the write into.
        assertInstanceOf(ClosedChannelException.class, refused.cause());

        accepted().writeAndFlush(text("reply"));
        net.run();
        assertEquals("reply", client.text());
        accepted().shutdownOutput();
        net.run();
        assertEquals(
                List.of(
                        "active",
                        "ChannelOutputShutdownEvent",
                        "ChannelInputShutdownEvent",
                        "ChannelInputShutdownReadComplete"),
                client.events);
        assertTrue(channel.isShutdown());
        assertTrue(channel.isActive(), "only close() closes");
        assertTrue(client.exceptions.isEmpty());
    }

    @Test
    void bothSidesCanHalfCloseAtTheSameTime() {
        SocketChannel channel = establish(true);
        channel.shutdownOutput();
        accepted().shutdownOutput();
        net.run();
        assertTrue(channel.isShutdown());
        assertTrue(accepted().isShutdown());
        channel.close();
        accepted().close();
        net.run();
        assertFalse(clientFlags.contains("RST"));
    }

    @Test
    void unreadDataOutlivesTheEndOfTheConnection() {
        net.listen(
                net.server(server)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childOption(ChannelOption.AUTO_READ, false),
                40000);
        SocketChannel channel =
                net.connect(
                        net.client(client).option(ChannelOption.ALLOW_HALF_CLOSURE, true), 40000);
        net.track(server.channel);
        channel.writeAndFlush(text("patience"));
        channel.shutdownOutput();
        net.run();
        accepted().shutdownOutput();
        net.run();
        assertEquals(0, flows(net.serverStack), "the last ACK came: the connection is over");
        accepted().config().setAutoRead(true);
        net.run();
        assertEquals("patience", server.text());
        assertTrue(accepted().isInputShutdown());
    }

    @Test
    void dataThatCameWithTheFinCanBeReadLater() {
        net.listen(net.server(server).childOption(ChannelOption.AUTO_READ, false), 40000);
        SocketChannel channel = net.connect(net.client(client), 40000);
        net.track(server.channel);
        channel.config().setSendBufferSize(50_000);
        channel.writeAndFlush(octets(50_000));
        channel.close();
        net.advance(Duration.ofSeconds(100));
        assertTrue(accepted().isOpen());
        accepted().config().setAutoRead(true);
        net.run();
        assertEquals(50_000, server.received.size());
        assertEquals(List.of("active", "inactive"), server.events);
    }

    @Test
    void shutdownInputDiscardsAndKeepsAcknowledging() {
        SocketChannel channel = establish(true);
        ChannelFuture shutdown = accepted().shutdownInput();
        net.run();
        assertTrue(shutdown.isSuccess());
        assertTrue(accepted().isInputShutdown());
        ChannelFuture written = channel.writeAndFlush(octets(10_000_000));
        net.advance(Duration.ofSeconds(5));
        assertTrue(written.isSuccess());
        assertEquals(0, server.received.size());
        assertEquals(List.of("active", "ChannelInputShutdownReadComplete"), server.events);
        accepted().writeAndFlush(text("still here"));
        net.run();
        assertEquals("still here", client.text());
    }

    @Test
    void shutdownClosesBothDirections() {
        SocketChannel channel = establish(true);
        ChannelFuture shutdown = channel.shutdown();
        net.run();
        assertTrue(shutdown.isSuccess());
        assertTrue(channel.isShutdown());
        assertTrue(accepted().isInputShutdown());
    }

    @Test
    void shutdownBeforeConnectFails() {
        ChannelFuture registered = net.client(client).register();
        net.run();
        SocketChannel channel = (SocketChannel) net.track(TwoStacks.success(registered));
        assertInstanceOf(NotYetConnectedException.class, channel.shutdownInput().cause());
        assertInstanceOf(NotYetConnectedException.class, channel.shutdownOutput().cause());
    }

    @Test
    void lingerZeroResets() {
        SocketChannel channel = establish(false);
        channel.config().setSoLinger(0);
        channel.close();
        net.run();
        assertEquals(List.of("RST"), clientFlags);
        assertEquals(List.of("active", "exception", "inactive"), server.events);
        SocketException reset =
                assertInstanceOf(SocketException.class, server.exceptions.getFirst());
        assertTrue(
                reset.getMessage().startsWith("Connection reset: 10.0.1.1:40000 -> 10.0.0.1:"),
                reset::getMessage);
        assertEquals(0, flows(net.clientStack));
        assertEquals(0, flows(net.serverStack));
    }

    @Test
    void whatWasWrittenJustBeforeAResetArrivesFirst() {
        SocketChannel channel = establish(false);
        channel.config().setSoLinger(0);
        channel.writeAndFlush(text("last words"));
        channel.close();
        net.run();
        assertEquals("last words", server.text());
        assertEquals(List.of("active", "exception", "inactive"), server.events);
    }

    @Test
    @Rfc(number = 9293, section = "3.6", id = "MUST-12")
    void aResetFailsPendingWritesWithItsCause() {
        SocketChannel channel = establish(false);
        ChannelFuture written = accepted().writeAndFlush(octets(20_000_000));
        channel.config().setSoLinger(0);
        channel.close();
        net.run();
        assertInstanceOf(SocketException.class, written.cause());
    }

    @Test
    void closingWithUnreadDataResets() {
        net.listen(net.server(server), 40000);
        SocketChannel channel =
                net.connect(net.client(client).option(ChannelOption.AUTO_READ, false), 40000);
        net.track(server.channel);
        server.channel.writeAndFlush(text("never read"));
        net.run();
        channel.close();
        net.run();
        assertEquals(List.of("active", "exception", "inactive"), server.events);
    }

    @Test
    void theEndNeedsNoReadOnceEverythingWasRead() {
        SocketChannel channel = establish(false);
        accepted().config().setAutoRead(false);
        channel.close();
        net.run();
        assertFalse(accepted().isOpen());
    }

    @Test
    void dataBeforeTheResetCanStillBeRead() {
        SocketChannel channel = establish(false);
        accepted().config().setAutoRead(false);
        channel.config().setSoLinger(0);
        channel.writeAndFlush(text("last words"));
        net.run();
        channel.close();
        net.run();
        assertTrue(server.exceptions.isEmpty(), "the data come first");
        accepted().config().setAutoRead(true);
        net.run();
        assertEquals("last words", server.text());
        assertEquals(List.of("active", "exception", "inactive"), server.events);
    }

    @Test
    void withoutAutoCloseAResetEndsTheOutput() {
        net.listen(
                net.server(server)
                        .childOption(ChannelOption.AUTO_CLOSE, false)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true),
                40000);
        SocketChannel channel = net.connect(net.client(client), 40000);
        net.track(server.channel);
        ChannelFuture written = accepted().writeAndFlush(octets(20_000_000));
        channel.config().setSoLinger(0);
        channel.close();
        net.run();
        assertInstanceOf(ChannelOutputShutdownException.class, written.cause());
        assertEquals(
                List.of(
                        "active",
                        "unwritable",
                        "ChannelOutputShutdownEvent",
                        "exception",
                        "ChannelInputShutdownEvent"),
                server.events);
        assertTrue(accepted().isOpen());
    }

    @Test
    void lingerWaitsUntilEverythingIsAcknowledged() {
        SocketChannel channel = establish(false);
        channel.config().setSoLinger(5);
        net.lostFromClient = packet -> true;
        channel.writeAndFlush(octets(1000));
        ChannelFuture closed = channel.close();
        net.advance(Duration.ofSeconds(1));
        assertFalse(closed.isDone());
        net.lostFromClient = packet -> false;
        net.advance(Duration.ofSeconds(2));
        assertTrue(closed.isSuccess());
        assertEquals(1000, server.received.size());
    }

    @Test
    void lingerEndsWithItsTimeAndTheDataStillArrive() {
        SocketChannel channel = establish(false);
        channel.config().setSoLinger(3);
        net.lostFromClient = packet -> true;
        channel.writeAndFlush(octets(1000));
        ChannelFuture closed = channel.close();
        net.advance(Duration.ofMillis(2999));
        assertFalse(closed.isDone());
        net.advance(Duration.ofMillis(1));
        assertTrue(closed.isSuccess());
        assertFalse(channel.isOpen());
        net.lostFromClient = packet -> false;
        net.advance(Duration.ofSeconds(10));
        assertEquals(1000, server.received.size());
    }

    @Test
    void lingerEndsWithAReset() {
        net.listen(
                net.server(server)
                        .childOption(ChannelOption.AUTO_READ, false)
                        .option(ChannelOption.SO_RCVBUF, 50_000),
                40000);
        SocketChannel channel =
                net.connect(net.client(client).option(ChannelOption.SO_LINGER, 30), 40000);
        net.track(server.channel);
        channel.config().setSendBufferSize(100_000);
        channel.writeAndFlush(octets(100_000));
        ChannelFuture closed = channel.close();
        net.run();
        assertFalse(closed.isDone());
        accepted().close();
        net.run();
        assertInstanceOf(SocketException.class, closed.cause());
        assertTrue(client.exceptions.isEmpty());
    }

    @Test
    void aClosedLinkFailsEveryFlow() {
        SocketChannel channel = establish(false);
        ChannelFuture written = channel.writeAndFlush(octets(20_000_000));
        ChannelFuture pending = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.lostFromClient = packet -> true;
        net.clientLink.runPendingTasks();
        net.clientLink.close();
        net.run();
        assertEquals(List.of("active", "unwritable", "exception", "inactive"), client.events);
        SocketException down =
                assertInstanceOf(SocketException.class, client.exceptions.getFirst());
        assertTrue(down.getMessage().startsWith("Network is down: 10.0.0.1:"), down::getMessage);
        assertInstanceOf(SocketException.class, written.cause());
        assertInstanceOf(SocketException.class, pending.cause());
        assertFalse(channel.isOpen());
    }

    @Test
    void aClosedLinkClosesItsListeners() {
        Channel listening = net.listen(net.server(server), 40000);
        net.serverLink.close();
        net.run();
        assertFalse(listening.isOpen());
    }

    @Test
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-21")
    void theUserTimeoutSaysWhatHappened() {
        SocketChannel channel = establish(false);
        channel.config().setOption(TcpChannelOption.TCP_USER_TIMEOUT, 5000);
        net.lostFromClient = packet -> true;
        channel.writeAndFlush(octets(100));
        net.advance(Duration.ofSeconds(4));
        assertTrue(channel.isOpen());
        net.advance(Duration.ofSeconds(3));
        assertFalse(channel.isOpen());
        String message = client.exceptions.getFirst().getMessage();
        assertTrue(message.startsWith("Connection timed out: 10.0.0.1:"), message);
        assertTrue(message.contains("5000 ms"), message);
        assertTrue(message.contains("TCP_USER_TIMEOUT"), message);
    }

    @Test
    void deadPeersAreFoundByKeepAlive() {
        SocketChannel channel = establish(false);
        channel.config().setKeepAlive(true);
        channel.config().setOption(TcpChannelOption.TCP_KEEPIDLE, 10);
        channel.config().setOption(TcpChannelOption.TCP_KEEPINTVL, 2);
        channel.config().setOption(TcpChannelOption.TCP_KEEPCNT, 3);
        net.advance(Duration.ofSeconds(30));
        assertTrue(channel.isOpen(), "the peer answers");
        net.lostFromServer = packet -> true;
        net.advance(Duration.ofSeconds(30));
        assertFalse(channel.isOpen());
        String message = client.exceptions.getFirst().getMessage();
        assertTrue(message.contains("none of 3 keep-alive probes"), message);
    }

    @Test
    void closingAnUnregisteredChannelForciblyLeaksNothing() {
        SocketChannel channel = net.clientStack.newSocketChannel();
        channel.unsafe().closeForcibly();
        assertFalse(channel.isOpen());
        assertNull(channel.localAddress());
    }
}
