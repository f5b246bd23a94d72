package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.DropReason;
import toytcp.testkit.Rfc;

import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Listeners on networks and port ranges, over a link that carries whatever it is given.
class ListenAddressTest {
    private final TwoStacks net = new TwoStacks();
    private final HandMade peer = new HandMade(net.serverLink);

    /// Which listener accepted, and on which address.
    private final List<String> accepted = new ArrayList<>();

    @AfterEach
    void close() {
        net.close();
        peer.close();
    }

    private ChannelFuture bind(String name, SocketAddress address) {
        ChannelInitializer<Channel> child =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
                        accepted.add(name + " " + Endpoints.end(local));
                        channel.pipeline().addLast(new Echo());
                        net.track(channel);
                    }
                };
        ChannelFuture bound = net.server(child).bind(address);
        net.run();
        return bound;
    }

    private TcpServerChannel listen(String name, SocketAddress address) {
        return (TcpServerChannel) net.track(TwoStacks.success(bind(name, address)));
    }

    private Recorder connect(String address, int port) {
        Recorder recorder = new Recorder();
        ChannelFuture connected =
                net.client(recorder).connect(new InetSocketAddress(address, port));
        net.run();
        net.track(TwoStacks.success(connected));
        return recorder;
    }

    private Throwable refusal(String address, int port) {
        ChannelFuture refused =
                net.client(new Recorder()).connect(new InetSocketAddress(address, port));
        net.run();
        return refused.cause();
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(address, port);
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.1", id = "MUST-45")
    void everyConnectionThatComesIsAcceptedAndKnowsItsDestination() {
        TcpServerChannel server = listen("all", ListenAddress.any());
        assertEquals(at("0.0.0.0", 0), server.localAddress());
        assertEquals(ListenAddress.any(), server.listenAddress());
        byte[] data = new byte[100_000];
        data[99_999] = 7;
        for (String address : List.of("203.0.113.9", "8.8.8.8", TwoStacks.SERVER, "10.0.7.255")) {
            for (int port : new int[] {1, 443, 65535}) {
                Recorder client = connect(address, port);
                client.channel.writeAndFlush(Unpooled.wrappedBuffer(data.clone()));
                net.advance(Duration.ofMillis(5));
                assertArrayEquals(data, client.received.toByteArray());
                assertEquals("all " + address + ":" + port, accepted.removeLast());
            }
        }
        assertTrue(accepted.isEmpty());
    }

    @Test
    void theLongestPrefixWinsThenTheSmallestPortRange() {
        listen("any", ListenAddress.any());
        listen("net any", ListenAddress.of("10.5.0.0/16"));
        listen("net range", ListenAddress.of("10.5.0.0/16", 8000, 8999));
        listen("net port", ListenAddress.of("10.5.0.0/16", 8080));
        listen("host any", ListenAddress.of("10.5.0.7"));
        listen("host port", at("10.5.0.7", 8080));
        listen("port", ListenAddress.of("0.0.0.0/0", 9999));
        listen("own", at("0.0.0.0", 9999));
        connect("10.5.0.7", 8080);
        connect("10.5.0.7", 8081);
        connect("10.5.0.8", 8080);
        connect("10.5.0.8", 8081);
        connect("10.5.0.8", 9999);
        connect("10.6.0.8", 9999);
        connect("10.0.1.1", 9999);
        connect("10.0.1.1", 8080);
        assertEquals(
                List.of(
                        "host port 10.5.0.7:8080",
                        "host any 10.5.0.7:8081",
                        "net port 10.5.0.8:8080",
                        "net range 10.5.0.8:8081",
                        "net any 10.5.0.8:9999",
                        "port 10.6.0.8:9999",
                        "own 10.0.1.1:9999",
                        "any 10.0.1.1:8080"),
                accepted);
    }

    @Test
    void listenersThatCannotBeToldApartExcludeEachOther() {
        listen("range", ListenAddress.of("10.5.0.0/16", 8000, 8999));
        listen("host", at(TwoStacks.SERVER, 80));
        for (SocketAddress other :
                List.of(
                        ListenAddress.of("10.5.3.4/16", 8000, 8999),
                        ListenAddress.of("10.5.0.0/16", 7000, 8000),
                        ListenAddress.of(TwoStacks.SERVER, 80))) {
            Throwable cause = bind("second", other).cause();
            assertInstanceOf(BindException.class, cause, other::toString);
            String message = cause.getMessage();
            assertTrue(message.startsWith("Address already in use: " + other), message);
            assertTrue(message.contains("close that, or choose ports"), message);
        }
        listen("beside", ListenAddress.of("10.5.0.0/16", 7000, 7999));
        listen("within", ListenAddress.of("10.5.0.0/16", 8000, 8001));
        listen("other network", ListenAddress.of("10.5.0.0/17", 8000, 8999));
        Throwable taken = bind("second", at(TwoStacks.SERVER, 80)).cause();
        assertInstanceOf(BindException.class, taken);
    }

    @Test
    void aClosedListenerMakesRoomForTheNextAtOnce() {
        TcpServerChannel first = listen("first", ListenAddress.of("10.5.0.0/16", 80));
        connect("10.5.0.1", 80);
        first.close();
        net.run();
        listen("second", ListenAddress.of("10.5.0.0/16", 80));
        connect("10.5.0.1", 80);
        assertEquals(List.of("first 10.5.0.1:80", "second 10.5.0.1:80"), accepted);
    }

    @Test
    void itsAddressesAreLocalOnlyAsLongAsItOrAConnectionOfItExists() {
        TcpServerChannel server = listen("net", ListenAddress.of("10.5.0.0/16", 80));
        assertInstanceOf(ConnectException.class, refusal("10.5.0.1", 81), "no listener: RST");
        assertTrue(peer.deliver(HandMade.syn(1, 1, "10.6.0.1", 80)).isEmpty(), "not ours");
        assertEquals(1, net.serverStack.drops().get(DropReason.IP_DESTINATION));
        assertInstanceOf(BindException.class, bind("elsewhere", at("10.6.0.1", 90)).cause());
        listen("inside", at("10.5.0.2", 81));

        Recorder client = connect("10.5.0.1", 80);
        server.close();
        net.run();
        client.channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[5]));
        net.run();
        assertEquals(5, client.received.size(), "connections go on");
        assertInstanceOf(ConnectException.class, refusal("10.5.0.1", 80));
        connect("10.5.0.2", 81);
        client.channel.close();
        net.advance(Duration.ofSeconds(1));
        assertTrue(peer.deliver(HandMade.syn(1, 2, "10.5.0.1", 80)).isEmpty());
        assertEquals(2, net.serverStack.drops().get(DropReason.IP_DESTINATION));
    }

    @Rfc(number = 9293, section = "3.9.2.3", id = "MUST-57")
    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1", "239.1.2.3", "255.255.255.255", "0.0.0.0", "10.0.1.255"})
    void groupsAndBroadcastsAreNeverListenedOn(String address) {
        listen("all", ListenAddress.any());
        assertTrue(peer.deliver(HandMade.syn(1, 1, address, 80)).isEmpty());
        assertEquals(1, net.serverStack.drops().get(DropReason.IP_DESTINATION));
    }

    /// A packet for an unknown flow must not cost a walk over all of them.
    @Test
    void thousandsOfListenersKeepApart() {
        for (int i = 0; i < 2000; i++) {
            String address = "10.5." + (i >>> 8) + "." + (i & 255);
            listen("host" + i, ListenAddress.of(address, 8000, 8001));
            listen("port" + i, ListenAddress.of("10.6.0.0/16", 1000 + i));
        }
        connect("10.5.4.210", 8001);
        connect("10.6.9.9", 2999);
        assertEquals(List.of("host1234 10.5.4.210:8001", "port1999 10.6.9.9:2999"), accepted);
        assertInstanceOf(ConnectException.class, refusal("10.6.9.9", 3000));
    }

    @Test
    void onlyServersTakeOne() {
        ChannelFuture bound = net.client(new Recorder()).register();
        net.run();
        ChannelFuture refused = net.track(bound.channel()).bind(ListenAddress.any());
        net.run();
        assertInstanceOf(UnsupportedAddressTypeException.class, refused.cause());
        ChannelFuture v6 = bind("v6", ListenAddress.of("2001:db8::/32"));
        assertInstanceOf(BindException.class, v6.cause());
        assertTrue(v6.cause().getMessage().contains("IPv4 only"), v6.cause()::getMessage);
    }

    @Test
    void aServerOnOneAddressHasNone() {
        TcpServerChannel server = listen("one", at(TwoStacks.SERVER, 80));
        assertNull(server.listenAddress());
        assertEquals(at(TwoStacks.SERVER, 80), server.localAddress());
        TcpServerChannel port = listen("port", ListenAddress.of("10.5.0.9/16", 80));
        assertEquals(at("10.5.0.0", 80), port.localAddress());
        assertEquals("10.5.0.0/16:80", port.listenAddress().toString());
    }

    @Test
    void itIsAValue() {
        ListenAddress address = ListenAddress.of("10.5.1.2/16", 8000, 8999);
        assertEquals("10.5.0.0/16:8000-8999", address.toString());
        assertEquals("0.0.0.0/0:*", ListenAddress.any().toString());
        assertEquals("10.5.0.7/32:443", ListenAddress.of("10.5.0.7", 443).toString());
        assertEquals(ListenAddress.of("10.5.0.0/16", 8000, 8999), address);
        assertEquals(ListenAddress.of("10.5.0.0/16", 8000, 8999).hashCode(), address.hashCode());
        assertNotEquals(ListenAddress.of("10.5.0.0/16"), address);
        assertFalse(address.equals(at("10.5.0.0", 8000)));
        for (String wrong : List.of("224.0.0.0/4", "10.5.0.0/33", "0.0.0.0", "example.org", "")) {
            assertThrows(IllegalArgumentException.class, () -> ListenAddress.of(wrong), wrong);
        }
        assertThrows(IllegalArgumentException.class, () -> ListenAddress.of("10.5.0.0/16", 0));
        assertThrows(IllegalArgumentException.class, () -> ListenAddress.of("10.5.0.0/16", 9, 8));
    }
}
