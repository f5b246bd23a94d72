package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Whole networks and port ranges beside a kernel that has sockets there. The peer is the kernel of the
/// other namespace.
class InterceptTest {
    private static final String NETWORK = "10.5.0.0/16";
    private static final int WAIT_MILLIS = 400;

    @AutoClose private Namespaces net;

    @TempDir private Path directory;

    @BeforeEach
    void makeNamespaces() throws IOException {
        net = Namespaces.create();
        net.in(net.a, "ip route add local " + NETWORK + " dev lo");
        net.in(net.b, "ip route add " + NETWORK + " via " + Namespaces.A_ADDRESS);
    }

    @Test
    void exactlyTheNetworkAndItsPortsArriveAndTheKernelIsSilentThere() throws Exception {
        try (TestLink link = new TestLink(net.threads(net.a), "0.0.0.0")) {
            link.intercept(NETWORK, 8000, 8999);
            assertSilent("10.5.1.2", 8000);
            assertArrived(link, "10.5.1.2", 8000);
            assertSilent("10.5.255.255", 8999);
            assertArrived(link, "10.5.255.255", 8999);
            assertRefused("10.5.1.2", 7999);
            assertRefused(Namespaces.A_ADDRESS, 8000);
            link.release(NETWORK, 8000, 8999);
            assertRefused("10.5.1.2", 8000);
            assertTrue(link.received.isEmpty());
            assertEquals("", net.in(net.a, "nft list ruleset"));
        }
    }

    @Test
    void listenersOfTheKernelGoFirstEvenIfTheyComeLater() throws Exception {
        try (TestLink link = new TestLink(net.threads(net.a), "0.0.0.0");
                ServerSocket early = net.call(net.a, () -> new ServerSocket(7000))) {
            link.intercept("0.0.0.0/0", 1, 65535);
            assertServed(early, "10.5.1.2");
            assertServed(early, Namespaces.A_ADDRESS);
            InetAddress one = InetAddress.getByName("10.5.0.1");
            try (ServerSocket late = net.call(net.a, () -> new ServerSocket(7001, 1, one))) {
                assertServed(late, "10.5.0.1");
                assertTrue(link.received.isEmpty(), "all of it was the kernel's");
                assertSilent("10.5.0.2", 7001);
                assertArrived(link, "10.5.0.2", 7001);
            }
            assertSilent("10.5.0.1", 7001);
            assertArrived(link, "10.5.0.1", 7001);
        }
    }

    @Test
    void connectionsOfTheKernelGoOn() throws Exception {
        try (ServerSocket server = net.call(net.b, () -> new ServerSocket(7000));
                Socket before = net.call(net.a, () -> new Socket(Namespaces.B_ADDRESS, 7000));
                Socket accepted = server.accept();
                TestLink link = new TestLink(net.threads(net.a), "0.0.0.0")) {
            link.intercept("0.0.0.0/0", 1, 65535);
            assertExchange(before, accepted);
            try (Socket after = net.call(net.a, () -> new Socket(Namespaces.B_ADDRESS, 7000));
                    Socket peer = server.accept()) {
                assertExchange(after, peer);
                assertExchange(peer, after);
            }
            // Within the kernel's own host, too.
            net.call(
                    net.a,
                    () -> {
                        assertThrows(ConnectException.class, () -> new Socket("127.0.0.1", 7002));
                        return null;
                    });
            assertTrue(link.received.isEmpty(), "all of it was the kernel's");
        }
    }

    @Test
    void aPortThatTheKernelListensOnIsRefused() throws Exception {
        try (TestLink link = new TestLink(net.threads(net.a), "0.0.0.0");
                ServerSocket _ = net.call(net.a, () -> new ServerSocket(7000))) {
            BindException refusal =
                    assertThrows(BindException.class, () -> link.intercept(NETWORK, 7000, 7000));
            String message = refusal.getMessage();
            assertTrue(message.startsWith("Address already in use"), message);
            assertTrue(message.contains("ss -tlnp 'sport = :7000'"), message);
            assertRefused("10.5.1.2", 7001);
            link.intercept(NETWORK, 7000, 7001);
            assertSilent("10.5.1.2", 7001);
            assertArrived(link, "10.5.1.2", 7001);
        }
    }

    @Test
    void theLoopbackNetworkStaysTheKernels() throws Exception {
        try (TestLink wild = new TestLink(net.threads(net.a), "0.0.0.0");
                TestLink loopback = new TestLink(net.threads(net.a), "127.0.0.1")) {
            assertLoopbackRefused(wild, "127.0.0.0/8");
            assertLoopbackRefused(wild, "127.0.0.1/32");
            assertLoopbackRefused(loopback, "0.0.0.0/0");
        }
    }

    private static void assertLoopbackRefused(TestLink link, String network) {
        BindException refusal =
                assertThrows(BindException.class, () -> link.intercept(network, 80, 90));
        assertTrue(refusal.getMessage().contains("a single address and port"), network);
    }

    @Test
    void aLinkOnOneAddressServesThatAlone() throws Exception {
        try (TestLink link = net.linkA()) {
            for (String other : List.of(NETWORK, "10.77.0.0/24", "10.77.0.2/32")) {
                BindException refusal =
                        assertThrows(BindException.class, () -> link.intercept(other, 80, 80));
                assertTrue(
                        refusal.getMessage().contains("bound to 10.77.0.1"), refusal::getMessage);
                link.release(other, 80, 80);
            }
            link.intercept("0.0.0.0/0", 80, 90);
            assertSilent(Namespaces.A_ADDRESS, 81);
            assertArrived(link, Namespaces.A_ADDRESS, 81);
            assertRefused("10.5.1.2", 81);
            link.intercept("10.77.0.1/32", 100, 100);
            assertSilent(Namespaces.A_ADDRESS, 100);
            assertArrived(link, Namespaces.A_ADDRESS, 100);
        }
    }

    @Test
    void ownPortsWithinANetworkStayOwn() throws Exception {
        try (TestLink link = new TestLink(net.threads(net.a), "0.0.0.0")) {
            link.intercept("0.0.0.0/0", 1, 65535);
            link.claim(InetAddress.getByName(Namespaces.A_ADDRESS), 7000, 7000);
            assertSilent(Namespaces.A_ADDRESS, 7000);
            assertArrived(link, Namespaces.A_ADDRESS, 7000);
            assertThrows(BindException.class, () -> net.call(net.a, () -> new ServerSocket(7000)));
            link.release("0.0.0.0/0", 1, 65535);
            assertSilent(Namespaces.A_ADDRESS, 7000);
            assertArrived(link, Namespaces.A_ADDRESS, 7000);
            assertRefused(Namespaces.A_ADDRESS, 7001);
        }
    }

    @Test
    void whatIsForwardedIsNotTouched() throws Exception {
        net.in(net.a, "sysctl -q -w net.ipv4.ip_forward=1");
        net.in(net.a, "ip addr add 10.88.0.1/24 dev eth0");
        net.in(net.b, "ip addr add 10.88.0.2/24 dev eth0");
        net.in(net.b, "ip route add 10.99.0.0/24 via 10.77.0.1");
        net.in(net.a, "ip route add 10.99.0.0/24 via 10.88.0.2");
        try (TestLink link = new TestLink(net.threads(net.a), "0.0.0.0")) {
            link.intercept("0.0.0.0/0", 1, 65535);
            assertSilent("10.99.0.1", 80);
            assertNull(link.received.poll());
            String rules = net.in(net.a, "nft list ruleset");
            assertTrue(rules.contains("counter packets 0 bytes 0 meta pkttype set other"), rules);
        }
    }

    @Test
    void withoutTheRightItIsRefusedWithTheRemedy() throws Exception {
        List<String> noAdmin =
                List.of("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin");
        try (LinkProcess process =
                new LinkProcess(
                        net.a,
                        noAdmin,
                        List.of("--enable-native-access=ALL-UNNAMED"),
                        directory.resolve("log"),
                        "0.0.0.0",
                        NETWORK,
                        "80")) {
            String state = process.state();
            assertTrue(state.contains("CAP_NET_ADMIN is missing"), state);
            assertTrue(state.contains("bind to single addresses and ports"), state);
        }
        assertRefused("10.5.1.2", 80);
    }

    @Test
    void listenersOfTheKernelAreReadFromItsTable() {
        List<String> found = new ArrayList<>();
        PortClaim claim = PortClaim.shared(0x0a050000, 16, 1, 100);
        String rest = " 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1";
        for (String local :
                List.of(
                        "0100050A:0016",
                        "00000000:0050",
                        "0100060A:0016",
                        "0100050A:0065",
                        "00000000000000000000000000000000:0051",
                        "0000000000000000FFFF00000200050A:0052",
                        "00000000000000000000000001000000:0053")) {
            KernelListeners.check("   0: " + local + rest, claim, found);
        }
        KernelListeners.check("  sl  local_address rem_address   st tx_queue", claim, found);
        KernelListeners.check("   0: 0100050A:0016 0100050A:0050 01 0", claim, found);
        PortClaim all = PortClaim.shared(0, 0, 1, 100);
        KernelListeners.check("   0: 3500007F:0035" + rest, all, found); // systemd-resolved's
        assertEquals(List.of("10.5.0.1:22", "0.0.0.0:80", "[::]:81", "10.5.0.2:82"), found);
    }

    private static void assertArrived(TestLink link, String address, int port) throws Exception {
        ByteBuf packet = link.next();
        byte[] destination = new byte[4];
        packet.getBytes(16, destination);
        int to = Packets.destinationPort(packet);
        packet.release();
        assertEquals(InetAddress.getByName(address), InetAddress.getByAddress(destination));
        assertEquals(port, to);
        assertNull(link.received.poll());
    }

    private void assertServed(ServerSocket server, String address) throws Exception {
        int port = server.getLocalPort();
        try (Socket client = net.call(net.b, () -> new Socket(address, port));
                Socket accepted = server.accept()) {
            assertExchange(client, accepted);
            assertExchange(accepted, client);
        }
    }

    private static void assertExchange(Socket from, Socket to) throws IOException {
        from.getOutputStream().write(7);
        to.setSoTimeout(10_000);
        assertEquals(7, to.getInputStream().read());
    }

    private void assertRefused(String address, int port) {
        ConnectException refusal =
                assertThrows(ConnectException.class, () -> connect(address, port));
        assertEquals("Connection refused", refusal.getMessage());
    }

    private void assertSilent(String address, int port) {
        assertThrows(SocketTimeoutException.class, () -> connect(address, port));
    }

    private void connect(String address, int port) throws Exception {
        net.call(
                net.b,
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(new InetSocketAddress(address, port), WAIT_MILLIS);
                        throw new IOException("connected to " + port);
                    }
                });
    }
}
