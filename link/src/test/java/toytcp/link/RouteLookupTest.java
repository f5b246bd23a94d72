package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import toytcp.stack.ip.PacketLink.Route;
import toytcp.testkit.Rfc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;

class RouteLookupTest {
    @AutoClose private Namespaces net;

    @BeforeEach
    void makeNamespaces() {
        net = Namespaces.create();
    }

    @Test
    void theKernelChoosesTheSourceForALinkOnAllAddresses() throws Exception {
        try (TestLink link = new TestLink(net.threads(net.a), "0.0.0.0")) {
            assertEquals(new Route(address("10.77.0.1"), 1500), route(link, Namespaces.B_ADDRESS));
            // The loopback device has an MTU of 65536, more than a packet can have.
            assertEquals(new Route(address("127.0.0.1"), 65535), route(link, "127.0.0.1"));
        }
    }

    @Test
    void aBoundLinkKeepsItsAddress() throws Exception {
        net.in(net.a, "ip addr add 10.77.0.11/24 dev eth0");
        try (TestLink link = new TestLink(net.threads(net.a), "10.77.0.11")) {
            assertEquals(new Route(address("10.77.0.11"), 1500), route(link, Namespaces.B_ADDRESS));
        }
    }

    @Test
    void changesOfTheNetworkAreSeenAtOnce() throws Exception {
        try (TestLink link = net.linkA()) {
            assertEquals(1500, route(link, Namespaces.B_ADDRESS).mtu());
            net.in(net.a, "ip link set eth0 mtu 1300");
            assertEquals(1300, route(link, Namespaces.B_ADDRESS).mtu());
            assertThrows(NoRouteToHostException.class, () -> route(link, "10.78.0.1"));
            net.in(net.a, "ip route add 10.78.0.0/24 via 10.77.0.2 mtu 900");
            assertEquals(new Route(address("10.77.0.1"), 900), route(link, "10.78.0.1"));
            net.in(net.a, "ip addr del 10.77.0.1/24 dev eth0");
            IOException gone =
                    assertThrows(NoRouteToHostException.class, () -> route(link, "10.77.0.2"));
            assertTrue(gone.getMessage().contains("no longer an address"), gone.getMessage());
        }
    }

    @Test
    void noRouteIsAnErrorWithItsRemedy() throws Exception {
        try (TestLink link = net.linkA()) {
            IOException error =
                    assertThrows(NoRouteToHostException.class, () -> route(link, "10.78.0.1"));
            assertTrue(
                    error.getMessage().startsWith("no route to 10.78.0.1 from 10.77.0.1"),
                    error.getMessage());
            assertTrue(error.getMessage().contains("ip route add"), error.getMessage());
            IOException v6 = assertThrows(NoRouteToHostException.class, () -> route(link, "::1"));
            assertTrue(v6.getMessage().contains("IPv4 only"), v6.getMessage());
        }
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.1", id = "MUST-46")
    void aBroadcastAddressIsNotOneHost() throws Exception {
        try (TestLink link = new TestLink(net.threads(net.a), Namespaces.A_ADDRESS)) {
            IOException error =
                    assertThrows(NoRouteToHostException.class, () -> route(link, "10.77.0.255"));
            String text = "10.77.0.255 is a broadcast address";
            assertTrue(error.getMessage().startsWith(text), error.getMessage());
        }
    }

    private static Route route(TestLink link, String to) throws Exception {
        return link.onLoop(() -> link.channel.route(address(to)));
    }

    private static InetAddress address(String text) throws IOException {
        return InetAddress.getByName(text);
    }
}
