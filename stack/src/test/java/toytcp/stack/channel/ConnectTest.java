package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.SocketChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.testkit.Rfc;

import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

class ConnectTest {
    private TwoStacks net = new TwoStacks();

    @AfterEach
    void close() {
        net.close();
    }

    private Throwable failure(ChannelFuture future) {
        net.run();
        assertTrue(future.isDone(), "still going on");
        assertFalse(future.isSuccess());
        return future.cause();
    }

    @Test
    void unmodifiedBootstrapsConnectAcceptAndEcho() {
        net.listen(net.server(new Echo()), 40000);
        Recorder client = new Recorder();
        SocketChannel channel = net.connect(net.client(client), 40000);
        assertTrue(channel.isActive());
        assertEquals(TwoStacks.at(40000), channel.remoteAddress());
        assertEquals("10.0.0.1", channel.localAddress().getHostString());

        ChannelFuture written =
                channel.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));
        net.run();
        assertTrue(written.isSuccess());
        assertEquals("hello", client.text());
        assertEquals(List.of("active"), client.events);

        channel.close();
        net.advance(Duration.ofSeconds(1));
        assertEquals(List.of("active", "inactive"), client.events);
        assertFalse(channel.isOpen());
    }

    @Test
    void aChildHasItsParentAndBothAddresses() {
        Recorder child = new Recorder();
        Channel server = net.listen(net.server(child), 40000);
        SocketChannel client = net.connect(net.client(new Recorder()), 40000);
        SocketChannel accepted = (SocketChannel) net.track(child.channel);
        assertEquals(server, accepted.parent());
        assertEquals(client.localAddress(), accepted.remoteAddress());
        assertEquals(client.remoteAddress(), accepted.localAddress());
        assertEquals(List.of("active"), child.events);
    }

    @Test
    void aRefusedConnectionIsAConnectException() {
        ChannelFuture future = net.client(new Recorder()).connect(TwoStacks.at(4));
        Throwable cause = failure(future);
        assertInstanceOf(ConnectException.class, cause);
        assertTrue(
                cause.getMessage().startsWith("Connection refused: 10.0.0.1:"), cause::getMessage);
        assertTrue(cause.getMessage().contains(" -> 10.0.1.1:4: "), cause::getMessage);
        assertFalse(future.channel().isOpen());
        assertEquals(1, net.serverStack.drops().get(DropReason.NO_FLOW));
    }

    @Test
    void silenceEndsWithTheConnectTimeout() {
        net.lostFromClient = packet -> true;
        ChannelFuture future =
                net.client(new Recorder())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 2500)
                        .connect(TwoStacks.at(40000));
        net.advance(Duration.ofMillis(2499));
        assertFalse(future.isDone());
        net.advance(Duration.ofMillis(1));
        Throwable cause = failure(future);
        assertInstanceOf(ConnectTimeoutException.class, cause);
        assertTrue(cause.getMessage().contains("after 2500 ms: 10.0.0.1:"), cause::getMessage);
        assertFalse(future.channel().isOpen());
        assertNothingMoreIsSent();
    }

    @Test
    void withoutAConnectTimeoutTheStackGivesUpAfterThreeMinutes() {
        net.lostFromClient = packet -> true;
        ChannelFuture future =
                net.client(new Recorder())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .connect(TwoStacks.at(40000));
        net.advance(Duration.ofSeconds(179));
        assertFalse(future.isDone());
        net.advance(Duration.ofSeconds(2));
        assertInstanceOf(ConnectTimeoutException.class, failure(future));
    }

    @Test
    void cancellingTheConnectFutureTakesTheSynBack() {
        net.lostFromClient = packet -> true;
        ChannelFuture future = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        assertTrue(future.cancel(false));
        net.run();
        assertFalse(future.channel().isOpen());
        assertNothingMoreIsSent();
    }

    private void assertNothingMoreIsSent() {
        int[] sent = {0};
        net.lostFromClient = packet -> ++sent[0] > 0;
        net.advance(Duration.ofSeconds(10));
        assertEquals(0, sent[0]);
    }

    @Test
    void closingDuringTheAttemptFailsIt() {
        net.lostFromClient = packet -> true;
        ChannelFuture future = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        future.channel().close();
        assertInstanceOf(ClosedChannelException.class, failure(future));
    }

    @Test
    void aLostSynIsSentAgain() {
        net.listen(net.server(new Echo()), 40000);
        int[] sent = {0};
        net.lostFromClient = packet -> ++sent[0] == 1;
        ChannelFuture future = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.advance(Duration.ofMillis(999));
        assertFalse(future.isDone());
        net.advance(Duration.ofMillis(1));
        net.track(TwoStacks.success(future));
    }

    @Test
    void aSecondConnectIsRefusedAndHarmless() {
        net.listen(net.server(new Echo()), 40000);
        Channel channel = net.track(TwoStacks.success(register()));
        ChannelFuture first = channel.connect(TwoStacks.at(40000));
        ChannelFuture second = channel.connect(TwoStacks.at(40000));
        assertInstanceOf(ConnectionPendingException.class, failure(second));
        TwoStacks.success(first);
        ChannelFuture third = channel.connect(TwoStacks.at(40000));
        assertInstanceOf(AlreadyConnectedException.class, failure(third));
        assertTrue(channel.isActive());
    }

    private ChannelFuture register() {
        ChannelFuture registered = net.client(new Recorder()).register();
        net.run();
        return registered;
    }

    @Test
    void addressesAreNullBeforeTheyAreKnown() {
        Channel channel = net.track(TwoStacks.success(register()));
        assertNull(channel.localAddress());
        assertNull(channel.remoteAddress());
        assertFalse(channel.isActive());
        assertTrue(channel.isOpen());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.1", id = "MUST-43")
    void aLocalPortCanBeChosen() {
        net.listen(net.server(new Echo()), 40000);
        ChannelFuture future =
                net.client(new Recorder())
                        .connect(TwoStacks.at(40000), new InetSocketAddress("10.0.0.1", 1234));
        net.run();
        Channel channel = net.track(TwoStacks.success(future));
        assertEquals(new InetSocketAddress("10.0.0.1", 1234), channel.localAddress());
    }

    @Test
    void aBoundPortCannotBeBoundAgainUntilItIsFree() {
        Channel first = net.track(TwoStacks.success(register()));
        Channel second = net.track(TwoStacks.success(register()));
        TwoStacks.success(first.bind(new InetSocketAddress("10.0.0.1", 1234)));
        Throwable cause = failure(second.bind(new InetSocketAddress("0.0.0.0", 1234)));
        assertInstanceOf(BindException.class, cause);
        assertTrue(cause.getMessage().contains("0.0.0.0:1234"), cause::getMessage);
        first.close();
        net.run();
        TwoStacks.success(second.bind(new InetSocketAddress("0.0.0.0", 1234)));
    }

    @Test
    void portZeroBindsAnEphemeralPort() {
        Channel channel = net.track(TwoStacks.success(register()));
        TwoStacks.success(channel.bind(new InetSocketAddress(0)));
        int port = ((InetSocketAddress) channel.localAddress()).getPort();
        assertTrue(port >= 49152, "ephemeral ports begin at 49152, got " + port);
    }

    @Test
    void aForeignAddressCannotBeBound() {
        Channel channel = net.track(TwoStacks.success(register()));
        Throwable cause = failure(channel.bind(new InetSocketAddress("10.9.9.9", 1)));
        assertInstanceOf(BindException.class, cause);
        assertTrue(cause.getMessage().contains("[10.0.0.1/24]"), cause::getMessage);
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.1", id = "MUST-46")
    void destinationsThatAreNoHostAreRefused() {
        for (String address : List.of("224.0.0.1", "255.255.255.255", "0.0.0.0", "2001:db8::1")) {
            ChannelFuture future =
                    net.client(new Recorder()).connect(new InetSocketAddress(address, 80));
            Throwable cause = failure(future);
            assertInstanceOf(NoRouteToHostException.class, cause);
            assertTrue(cause.getMessage().startsWith("No route to host: "), cause::getMessage);
        }
        Channel channel = TwoStacks.success(register());
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 80);
        assertInstanceOf(UnresolvedAddressException.class, failure(channel.connect(unresolved)));
        ChannelFuture portZero = net.client(new Recorder()).connect(TwoStacks.at(0));
        assertInstanceOf(ConnectException.class, failure(portZero));
    }

    @Test
    void exhaustedPortsAreExplained() {
        net.close();
        net =
                new TwoStacks(
                        TcpStack.builder().address("10.0.0.1").ephemeralPorts(5000, 5003),
                        TcpStack.builder().address(TwoStacks.SERVER));
        net.listen(net.server(new Echo()), 40000);
        for (int i = 0; i < 4; i++) {
            net.connect(net.client(new Recorder()), 40000);
        }
        Throwable cause = failure(net.client(new Recorder()).connect(TwoStacks.at(40000)));
        assertInstanceOf(BindException.class, cause);
        assertEquals(
                "No free port: all 4 ports from 5000 to 5003 are in use for 10.0.0.1 ->"
                        + " 10.0.1.1:40000; close connections, or widen the range by"
                        + " TcpStack.builder().ephemeralPorts(first, last)",
                cause.getMessage());
        // The ports are per remote end.
        net.listen(net.server(new Echo()), 40001);
        net.connect(net.client(new Recorder()), 40001);
    }

    @Test
    void withoutALinkThePromiseSaysWhatToDo() {
        TcpStack stack = TcpStack.builder().address("10.0.0.9").build();
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(net.clientLink.eventLoop())
                        .disableResolver()
                        .channelFactory(stack::newSocketChannel)
                        .handler(new Echo());
        Throwable connect = failure(bootstrap.connect(TwoStacks.at(80)));
        assertInstanceOf(SocketException.class, connect);
        assertTrue(connect.getMessage().contains("no active link yet"), connect::getMessage);
        Throwable bind = failure(bootstrap.bind(80));
        assertTrue(bind.getMessage().contains("stack.linkHandler()"), bind::getMessage);
    }

    @Test
    void afterTheLinkClosedThePromiseSaysSo() {
        net.clientLink.close();
        net.run();
        // Another loop that still runs: the one of a closed EmbeddedChannel does, too.
        Throwable cause = failure(net.client(new Recorder()).connect(TwoStacks.at(80)));
        assertInstanceOf(SocketException.class, cause);
        assertTrue(cause.getMessage().contains("link of this stack was closed"), cause::getMessage);
    }

    @Test
    void aStackRefusesASecondLink() {
        EmbeddedChannel second = new EmbeddedChannel(net.clientStack.linkHandler());
        assertFalse(second.isOpen());
        assertNotNull(net.clientStack.addresses());
        net.listen(net.server(new Echo()), 40000);
        net.connect(net.client(new Recorder()), 40000);
        second.finishAndReleaseAll();
    }

    @Test
    void aLinkWithoutAddressesIsRefused() {
        EmbeddedChannel link = new EmbeddedChannel(TcpStack.builder().build().linkHandler());
        assertFalse(link.isOpen());
        link.finishAndReleaseAll();
    }
}
