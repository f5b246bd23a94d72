package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;

import java.time.Duration;

class CoreNetworkTest {
    @Test
    void theSameSeedGivesTheSameExchangeAndAnotherSeedAnother() {
        LinkFaults faults = LinkFaults.NONE.delay(Duration.ofMillis(10)).drop(0.1).corrupt(0.1);
        assertEquals(exchange(1, faults), exchange(1, faults));
        assertNotEquals(exchange(1, faults), exchange(2, faults));
    }

    @Test
    void theExchangeShowsWhatBothHostsSawAndWhatTheLineDid() {
        String exchange = exchange(1, LinkFaults.NONE.delay(Duration.ofMillis(10)).duplicate(1));
        assertTrue(exchange.contains("+0.000 client > S 0:0 win 65535"), exchange);
        assertTrue(exchange.contains("(twice)"), exchange);
        assertTrue(exchange.contains("+0.010 server < S 0:0 win 65535"), exchange);
        assertTrue(exchange.contains("client # SYN-SENT -> ESTABLISHED"), exchange);
        assertTrue(exchange.contains("client # closed: NORMAL"), exchange);
    }

    @Test
    void aDamagedPacketEndsAtTheChecksums() {
        try (var network = new CoreNetwork(3)) {
            CoreHost client = network.host("client", TcpConfig.DEFAULT);
            CoreHost server = network.host("server", TcpConfig.DEFAULT);
            network.connect(client, server, LinkFaults.NONE.corrupt(1), LinkFaults.NONE);
            server.listen();
            client.open();
            network.run();
            assertEquals(CloseReason.TIMED_OUT, client.closeReason());
            long byChecksum =
                    server.drops().get(DropReason.IP_CHECKSUM)
                            + server.drops().get(DropReason.TCP_CHECKSUM);
            assertTrue(byChecksum > 0);
            assertTrue(server.drops().total() > 5, server.drops().toString());
        }
    }

    @Test
    void aFailureNamesTheSeedAndShowsTheExchange() {
        try (var network = new CoreNetwork(42)) {
            CoreHost client = network.host("client", TcpConfig.DEFAULT);
            CoreHost server = network.host("server", TcpConfig.DEFAULT);
            network.connect(client, server, LinkFaults.NONE);
            client.application(
                    (event, host) -> {
                        throw new IllegalStateException("the application is broken");
                    });
            server.listen();
            client.open();
            var error = assertThrows(AssertionError.class, network::run);
            String message = error.getMessage();
            assertTrue(message.startsWith("seed 42: "), message);
            assertTrue(message.contains("the application is broken"), message);
            assertTrue(message.contains("client > S 0:0"), message);
        }
    }

    @Test
    void wrongContentIsAFailure() {
        try (var network = new CoreNetwork(5)) {
            CoreHost client = network.host("client", TcpConfig.DEFAULT);
            CoreHost server = network.host("server", TcpConfig.DEFAULT);
            network.connect(client, server, LinkFaults.NONE);
            client.application(BulkTransfer.of(0));
            server.application(CoreNetworkTest::sendZeros);
            server.listen();
            client.open();
            var error = assertThrows(AssertionError.class, network::run);
            assertTrue(error.getMessage().contains("is not what was written"), error.getMessage());
        }
    }

    @Test
    void aCoarseClockWakesAHostOnlyAtItsTicks() {
        try (var network = new CoreNetwork(1)) {
            CoreHost client = network.host("client", TcpConfig.DEFAULT).granularity(15_000_000);
            CoreHost server = network.host("server", TcpConfig.DEFAULT);
            network.connect(client, server, LinkFaults.NONE.drop(1));
            network.clock().runUntil(7_000_000);
            client.open();
            assertEquals(0, client.nowNanos());
            network.clock().runUntil(1_004_999_999);
            assertEquals(1, lines(network, "client > S 0:0"));
            network.clock().runUntil(1_005_000_000);
            assertEquals(2, lines(network, "client > S 0:0"));
            assertTrue(network.toString().contains("+1.005 client > S"), network.toString());
        }
    }

    @Test
    void aBufferThatStaysBehindIsFoundAtTheEnd() {
        var network = new CoreNetwork(1);
        ByteBuf held = network.host("client", TcpConfig.DEFAULT).allocator().heapBuffer(100);
        assertThrows(AssertionError.class, network::close);
        held.release();
    }

    private static void sendZeros(TcpEvent event, CoreHost host) {
        if (event == TcpEvent.ESTABLISHED) {
            host.connection().send(host.allocator().heapBuffer(9).writeZero(9), host.nowNanos());
        }
    }

    private static long lines(CoreNetwork network, String part) {
        return network.toString().lines().filter(line -> line.contains(part)).count();
    }

    private static String exchange(long seed, LinkFaults faults) {
        try (var network = new CoreNetwork(seed, 10_000)) {
            CoreHost client = network.host("client", TcpConfig.DEFAULT);
            CoreHost server = network.host("server", TcpConfig.DEFAULT);
            network.connect(client, server, faults);
            client.application(BulkTransfer.of(50_000));
            server.application(BulkTransfer.of(50_000));
            server.listen();
            client.open();
            network.run();
            return network.toString();
        }
    }
}
