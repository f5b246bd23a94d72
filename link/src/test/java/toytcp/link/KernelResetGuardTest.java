package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import toytcp.stack.ip.PacketLink.PortRange;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The peer is always the kernel: what its `connect` says shows whether an RST came.
class KernelResetGuardTest {
    private static final List<String> NATIVE_ACCESS = List.of("--enable-native-access=ALL-UNNAMED");
    private static final int RST_WAIT_MILLIS = 400;

    @AutoClose private static Namespaces net;

    @TempDir private Path directory;

    @BeforeAll
    static void makeNamespaces() {
        net = Namespaces.create();
    }

    @Test
    void theKernelAnswersForUnclaimedPortsOnly() throws Exception {
        assertRefused(7000);
        try (TestLink link = net.linkA()) {
            link.claim(7000, 7000);
            link.claim(61000, 65535);
            assertSilent(7000);
            assertSilent(61000);
            assertSilent(65535);
            assertRefused(7001);
            assertRefused(60999);
            link.release(7000, 7000);
            assertRefused(7000);
            assertSilent(61000);
        }
        assertRefused(61000);
    }

    @Test
    void aLinkOnAllAddressesGuardsAllAddresses() throws Exception {
        try (TestLink link = new TestLink(net.threads(net.a), "0.0.0.0")) {
            link.claim(7000, 7000);
            assertSilent(7000);
            assertRefused(7001);
        }
        assertRefused(7000);
    }

    @Test
    void theGuardDiesWithItsProcess() throws Exception {
        Path log = directory.resolve("log");
        try (LinkProcess process =
                new LinkProcess(
                        net.a,
                        List.of(),
                        NATIVE_ACCESS,
                        log,
                        Namespaces.A_ADDRESS,
                        "7000",
                        "7000")) {
            assertEquals("ready", process.state());
            assertSilent(7000);
            process.kill();
            assertRefused(7000);
            assertEquals("", net.in(net.a, "nft list ruleset"));
        }
    }

    @Test
    void ourOwnResetPasses() throws Exception {
        InetSocketAddress server = new InetSocketAddress(Namespaces.A_ADDRESS, 7000);
        try (TestLink link = net.linkA();
                Socket client = net.call(net.b, KernelResetGuardTest::boundSocket);
                var executor = Executors.newSingleThreadExecutor(net.threads(net.b))) {
            link.claim(7000, 7000);
            Future<ConnectException> refusal =
                    executor.submit(
                            () ->
                                    assertThrows(
                                            ConnectException.class, () -> client.connect(server)));
            ByteBuf syn = link.next();
            int sequence = syn.getInt(Packets.IP_HEADER + 4);
            syn.release();
            InetSocketAddress peer = new InetSocketAddress(Namespaces.B_ADDRESS, 7123);
            ByteBuf reset =
                    Packets.tcp(server, peer, Packets.RST | Packets.ACK, 0, 0, sequence + 1);
            link.channel.writeAndFlush(reset).sync();
            assertEquals("Connection refused", refusal.get().getMessage());
        }
    }

    @Test
    void linksDoNotDisturbEachOther() throws Exception {
        try (TestLink first = net.linkA();
                TestLink second = net.linkA()) {
            first.claim(7000, 7000);
            second.claim(7002, 7002);
            first.channel.close().sync();
            assertRefused(7000);
            assertSilent(7002);
        }
    }

    @Test
    void theRulesAreAsNarrowAsTheClaims() throws Exception {
        try (TestLink link = net.linkA()) {
            link.claim(7000, 7000);
            link.claim(61000, 65535);
            String rules = net.in(net.a, "nft list ruleset");
            assertTrue(rules.contains("flags owner"), rules);
            assertTrue(rules.contains("table ip toytcp_" + ProcessHandle.current().pid()), rules);
            for (String claim : List.of("tcp sport 7000 ", "tcp sport 61000-65535 ")) {
                assertTrue(
                        rules.contains(
                                "tcp flags rst meta mark != 0x746f7974 ip saddr "
                                        + Namespaces.A_ADDRESS
                                        + " "
                                        + claim
                                        + "counter packets 0 bytes 0 drop"),
                        rules);
            }
        }
    }

    @Test
    void hundredsOfClaimsFitIntoOneBatch() throws Exception {
        List<PortClaim> claims = new ArrayList<>();
        for (int port = 7000; port < 9000; port += 2) {
            claims.add(new PortClaim(0, PortRange.of(port)));
        }
        KernelResetGuard guard = new KernelResetGuard();
        net.call(
                net.a,
                () -> {
                    guard.protect(List.of(new PortClaim(0, PortRange.of(7001))));
                    guard.protect(claims);
                    return null;
                });
        try {
            String rules = net.in(net.a, "nft list ruleset");
            assertEquals(1000, rules.lines().filter(line -> line.contains("drop")).count());
            assertSilent(7000);
            assertRefused(7001);
            assertSilent(8998);
        } finally {
            guard.close();
        }
    }

    @Test
    void withoutTheRightTheLogTellsTheCommandsAndTheyWork() throws Exception {
        Path log = directory.resolve("log");
        List<String> noAdmin =
                List.of("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin");
        try (LinkProcess process =
                new LinkProcess(
                        net.a, noAdmin, NATIVE_ACCESS, log, Namespaces.A_ADDRESS, "7000", "7001")) {
            assertEquals("ready", process.state());
            assertRefused(7000);
            String warning = Files.readString(log);
            assertTrue(warning.contains("CAP_NET_ADMIN is missing"), warning);
            List<String> commands =
                    warning.lines().filter(line -> line.startsWith("nft '")).toList();
            assertEquals(3, commands.size(), warning);
            for (String command : commands) {
                net.in(net.a, "nft " + command.substring(5, command.length() - 1));
            }
            assertSilent(7000);
            assertSilent(7001);
            assertRefused(7002);
        } finally {
            net.in(net.a, "nft flush ruleset");
        }
    }

    @Test
    void withoutRawSocketsTheErrorTellsTheCapability() throws Exception {
        Path log = directory.resolve("log");
        List<String> noRaw = List.of("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw");
        try (LinkProcess process =
                new LinkProcess(
                        net.a, noRaw, NATIVE_ACCESS, log, Namespaces.A_ADDRESS, "7000", "7000")) {
            String state = process.state();
            assertTrue(state.contains("CAP_NET_RAW") && state.contains("setpriv"), state);
        }
    }

    private static Socket boundSocket() throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(Namespaces.B_ADDRESS, 7123));
        return socket;
    }

    private static void assertRefused(int port) {
        ConnectException refusal = assertThrows(ConnectException.class, () -> connect(port));
        assertEquals("Connection refused", refusal.getMessage());
    }

    private static void assertSilent(int port) {
        assertThrows(SocketTimeoutException.class, () -> connect(port));
    }

    private static void connect(int port) throws Exception {
        net.call(
                net.b,
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(
                                new InetSocketAddress(Namespaces.A_ADDRESS, port), RST_WAIT_MILLIS);
                        throw new IOException("connected to " + port);
                    }
                });
    }
}
