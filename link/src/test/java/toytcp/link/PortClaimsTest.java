package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

class PortClaimsTest {
    private static final int MARKER = 7999;
    private static final InetSocketAddress B = new InetSocketAddress(Namespaces.B_ADDRESS, 62000);

    @AutoClose private static Namespaces net;

    @BeforeAll
    static void makeNamespaces() {
        net = Namespaces.create();
    }

    @Test
    void onlyClaimedPortsArrive() throws Exception {
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            send(b, 7000);
            a.claim(MARKER, MARKER);
            assertArrive(a, b, new int[] {7000, 61500}, "7999");
            a.claim(7000, 7000);
            assertArrive(a, b, new int[] {6999, 7000, 7001}, "7000 7999");
            a.claim(61000, 65535);
            assertArrive(a, b, new int[] {60999, 61000, 65535, 7000}, "61000 65535 7000 7999");
            a.release(7000, 7000);
            assertArrive(a, b, new int[] {7000, 62000}, "62000 7999");
            a.release(61000, 65535);
            a.release(61000, 65535);
            assertArrive(a, b, new int[] {7000, 62000}, "7999");
        }
    }

    @Test
    void aRangeCanBeClaimedTwiceAndIsServedUntilBothAreReleased() throws Exception {
        try (TestLink a = net.linkA();
                TestLink b = net.linkB()) {
            a.claim(MARKER, MARKER);
            a.claim(61000, 61999);
            a.claim(61000, 61999);
            a.release(61000, 61999);
            assertArrive(a, b, new int[] {61000}, "61000 7999");
            a.release(61000, 61999);
            assertArrive(a, b, new int[] {61000}, "7999");
        }
    }

    @Test
    void aPortOfAnotherProgramCannotBeClaimed() throws Exception {
        InetAddress address = InetAddress.getByName(Namespaces.A_ADDRESS);
        try (TestLink a = net.linkA()) {
            try (ServerSocket _ = net.call(net.a, () -> new ServerSocket(7000, 1, address))) {
                BindException error = assertThrows(BindException.class, () -> a.claim(7000, 7000));
                String message = error.getMessage();
                assertTrue(message.startsWith("Address already in use: 10.77.0.1:7000"), message);
                assertTrue(message.contains("ss -tanp 'sport = :7000'"), message);
            }
            a.claim(7000, 7000);
        }
    }

    @Test
    void aClaimedPortBelongsToNobodyElse() throws Exception {
        InetAddress address = InetAddress.getByName(Namespaces.A_ADDRESS);
        try (TestLink a = net.linkA();
                TestLink second = net.linkA()) {
            a.claim(7000, 7000);
            assertThrows(
                    BindException.class,
                    () -> net.call(net.a, () -> new ServerSocket(7000, 1, address)));
            assertThrows(BindException.class, () -> a.claim(7000, 7000));
            assertThrows(BindException.class, () -> second.claim(7000, 7000));
            a.release(7000, 7000);
            second.claim(7000, 7000);
            second.channel.close().sync();
            net.call(net.a, () -> new ServerSocket(7000, 1, address)).close();
        }
    }

    @Test
    void aBoundLinkTakesTheWildcardForItsAddressAndRefusesOthers() throws Exception {
        InetAddress wildcard = InetAddress.getByName("0.0.0.0");
        InetAddress stranger = InetAddress.getByName("127.0.0.1");
        InetAddress v6 = InetAddress.getByName("::1");
        try (TestLink a = net.linkA()) {
            a.claim(wildcard, 7000, 7000);
            net.call(net.a, () -> new ServerSocket(7000, 1, stranger)).close();
            IOException other =
                    assertThrows(BindException.class, () -> a.claim(stranger, 7001, 7001));
            assertTrue(other.getMessage().contains("bound to 10.77.0.1"), other.getMessage());
            IOException family = assertThrows(BindException.class, () -> a.claim(v6, 7001, 7001));
            assertTrue(family.getMessage().contains("IPv4 only"), family.getMessage());
            a.release(stranger, 7001, 7001);
            a.release(v6, 7001, 7001);
        }
    }

    @Test
    void aLinkOnAllAddressesServesOneOfThem() throws Exception {
        InetAddress mine = InetAddress.getByName(Namespaces.A_ADDRESS);
        InetAddress stranger = InetAddress.getByName("10.99.0.1");
        try (TestLink a = new TestLink(net.threads(net.a), "0.0.0.0");
                TestLink b = net.linkB()) {
            a.claim(mine, 7000, 7000);
            a.claim(MARKER, MARKER);
            assertArrive(a, b, new int[] {7000, 7001}, "7000 7999");
            BindException error =
                    assertThrows(BindException.class, () -> a.claim(stranger, 7001, 7001));
            assertTrue(error.getMessage().contains("ip addr"), error.getMessage());
        }
    }

    private static void assertArrive(TestLink a, TestLink b, int[] ports, String expected)
            throws Exception {
        for (int port : ports) {
            send(b, port);
        }
        send(b, MARKER);
        StringBuilder arrived = new StringBuilder();
        int port = 0;
        while (port != MARKER) {
            ByteBuf packet = a.next();
            port = Packets.destinationPort(packet);
            packet.release();
            arrived.append(arrived.isEmpty() ? "" : " ").append(port);
        }
        assertEquals(expected, arrived.toString());
    }

    private static void send(TestLink b, int port) throws InterruptedException {
        InetSocketAddress to = new InetSocketAddress(Namespaces.A_ADDRESS, port);
        b.channel.writeAndFlush(Packets.tcp(B, to, Packets.RST, 0)).sync();
    }
}
