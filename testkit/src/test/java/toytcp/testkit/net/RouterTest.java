package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.junit.jupiter.api.Test;

import toytcp.stack.channel.TcpChannel;
import toytcp.stack.channel.TcpChannelOption;
import toytcp.testkit.Rfc;

import java.net.ConnectException;
import java.time.Duration;
import java.util.function.Consumer;

class RouterTest {
    @Test
    void packetsTakeTheShortestWay(@VirtualNetwork Network net) {
        Host a = net.host("a");
        Host b = net.host("b");
        Router r1 = net.router("r1");
        Router r2 = net.router("r2");
        Router r3 = net.router("r3");
        net.link(a, r1);
        net.link(r1, r2);
        net.link(r2, r3);
        net.link(r3, b);
        Link shortcut = net.link(r1, r3).delay(ofMillis(50));
        Traffic traffic = new Traffic(net, b);
        net.await(Traffic.connect(a, b));
        assertEquals(ofMillis(104), net.now());
        assertTrue(net.log().contains("r1>r3 10.0.0.1:"));
        assertFalse(net.log().contains("r1>r2"));
        assertEquals(0, traffic.received + shortcut.packets());
    }

    @Test
    void hostsDoNotForward(@VirtualNetwork Network net) {
        Host a = net.host("a");
        Host b = net.host("b");
        Host c = net.host("c");
        net.link(a, b);
        net.link(b, c);
        var connecting = Traffic.connect(a, c);
        var error = assertThrows(AssertionError.class, () -> net.await(connecting));
        assertInstanceOf(ConnectException.class, error.getCause());
        assertTrue(net.log().contains("a: lost: no way to 10.0.0.3"));
    }

    @Test
    void whatARouterDoesNotKnowIsUnreachable(@VirtualNetwork Network net) {
        Host a = net.host("a");
        Router router = net.router("router");
        net.link(a, router);
        Host island = net.host("island");
        var connecting = Traffic.connect(a, island);
        var error = assertThrows(AssertionError.class, () -> net.await(connecting));
        assertInstanceOf(ConnectException.class, error.getCause());
        assertTrue(net.log().contains("router>a 10.255.0.1 says: host unreachable"), net.log());
    }

    /// Sends 100,000 octets through a link between two routers, and tells when they were there.
    private static Duration throughTheMiddle(Network net, Consumer<Link> settings) {
        Host client = net.host("client");
        Host server = net.host("server");
        Router entry = net.router("entry");
        Router exit = net.router("exit");
        net.link(client, entry);
        settings.accept(net.link(entry, exit));
        net.link(exit, server);
        Traffic traffic = new Traffic(net, server);
        traffic.send(client, server, 100_000);
        net.run(ofMinutes(2));
        assertEquals(100_000, traffic.received);
        return Duration.ofNanos(traffic.lastNanos);
    }

    @Test
    @Rfc(number = 1191, section = "3")
    void aNarrowLinkBehindARouterIsFoundByPathMtuDiscovery(@VirtualNetwork Network net) {
        Duration took = throughTheMiddle(net, middle -> middle.mtu(1280));
        assertTrue(net.log().contains("lost: too large, told so"));
        assertTrue(net.log().contains("says: fragmentation needed, mtu 1280"), net.log());
        assertTrue(took.toMillis() < 500, took::toString);
    }

    @Test
    void aSilentMtuIsABlackHole(@VirtualNetwork Network net) {
        Duration took = throughTheMiddle(net, middle -> middle.silentMtu(1280));
        assertFalse(net.log().contains("says:"));
        assertTrue(net.log().contains("(lost: too large)"));
        assertTrue(took.toMillis() > 1000, took::toString);
    }

    @Test
    void aHostKnowsTheMtuOfItsOwnLink(@VirtualNetwork Network net) {
        Host client = net.host("client");
        Host server = net.host("server");
        net.link(client, server).mtu(9000);
        Traffic traffic = new Traffic(net, server);
        traffic.send(client, server, 100_000);
        net.run();
        assertEquals(100_000, traffic.received);
        assertTrue(net.log().contains("<mss 8960,"), net.log());
        assertFalse(net.log().contains("too large"));
    }

    @Test
    @Rfc(number = 1812, section = "5.3.1")
    void aTtlThatIsOverIsTold(@VirtualNetwork Network net) {
        Host client = net.host("client");
        Host server = net.host("server");
        Router r1 = net.router("r1");
        Router r2 = net.router("r2");
        net.link(client, r1);
        net.link(r1, r2);
        net.link(r2, server);
        Traffic traffic = new Traffic(net, server);
        net.await(bootstrap(client, 3).connect(server.at(Traffic.PORT)));
        var connecting = bootstrap(client, 2).connect(server.at(Traffic.PORT));
        assertThrows(AssertionError.class, () -> net.await(connecting));
        assertTrue(net.log().contains("r2: lost: the time to live is over"));
        assertTrue(net.log().contains("says: time to live exceeded"), net.log());
        assertEquals(0, traffic.received);
    }

    private static Bootstrap bootstrap(Host host, int ttl) {
        return host.bootstrap()
                .handler(new ChannelInboundHandlerAdapter())
                .option(TcpChannelOption.IP_TTL, ttl);
    }

    @Test
    void aDamagedHeaderGoesNoFurther(@VirtualNetwork(seed = 3) Network net) {
        Host client = net.host("client");
        Host server = net.host("server");
        Router router = net.router("router");
        net.link(client, router).corrupt(0.3);
        net.link(router, server);
        Traffic traffic = new Traffic(net, server);
        traffic.send(client, server, 30_000);
        net.run(ofMinutes(5));
        assertEquals(30_000, traffic.received);
        assertTrue(net.log().contains("router: lost: the IP header is damaged"));
    }

    @Test
    void aHostTalksToItself(@VirtualNetwork Network net) {
        Host host = net.host("host");
        Traffic traffic = new Traffic(net, host);
        var sent = traffic.send(host, host, 1000);
        net.await(sent);
        net.run();
        assertEquals(1000, traffic.received);
        assertFalse(((TcpChannel) sent.channel()).isOpen());
    }
}
