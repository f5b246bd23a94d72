package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.PathMtuProbing;
import toytcp.stack.tcp.TcpConfig;

import java.time.Duration;

/// Over hops that take less than the ends believe: with routers that say so, and with silent ones.
class PathMtuNetworkTest {
    private static final int OCTETS = 1_000_000;

    /// An RTT of 20 ms at 100 Mbit/s: the transfer takes 200 ms or so.
    private static final LinkFaults LINE =
            LinkFaults.NONE.delay(Duration.ofMillis(10)).rate(100_000_000, 250_000);

    private static CoreHost transfer(CoreNetwork network, TcpConfig config, LinkFaults there) {
        CoreHost client = network.host("client", config);
        CoreHost server = network.host("server", config);
        network.connect(client, server, there, LINE);
        BulkTransfer received = BulkTransfer.of(0).waitsForPeer();
        client.application(BulkTransfer.of(OCTETS));
        server.application(received);
        server.listen();
        client.open();
        network.run();
        if (received.received() != OCTETS) {
            throw network.failure("only " + received.received() + " octets arrived");
        }
        return client;
    }

    @ParameterizedTest
    @CsvSource({
        "1280, true, 1",
        "552, true, 1",
        "1006, true, 1",
        "1280, false, 6",
        "1100, false, 6",
        "600, false, 15"
    })
    void everythingArrives(int mtu, boolean tells, int seconds) {
        for (boolean selective : new boolean[] {true, false}) {
            try (var network = new CoreNetwork(mtu)) {
                TcpConfig config = TcpConfig.DEFAULT.with(draft -> draft.sack = selective);
                CoreHost client = transfer(network, config, LINE.mtu(mtu, tells));
                int learnt = client.connection().pathMtu();
                assertTrue(learnt <= mtu && learnt >= mtu - mtu / 10, () -> "" + learnt);
                // Without the minute of TIME-WAIT.
                long took = network.clock().nanoTime() - 60_000_000_000L;
                assertTrue(took < seconds * 1_000_000_000L, () -> took + " ns" + network);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1500", "1492", "1400", "1280", "1100"})
    void whoAlwaysProbesFindsTheMtuWithoutATimeout(int mtu) {
        for (boolean selective : new boolean[] {true, false}) {
            try (var network = new CoreNetwork(mtu)) {
                TcpConfig config =
                        TcpConfig.DEFAULT.with(
                                draft -> {
                                    draft.sack = selective;
                                    draft.pathMtuProbing = PathMtuProbing.ALWAYS;
                                });
                CoreHost client = transfer(network, config, LINE.mtu(mtu, false));
                int learnt = client.connection().pathMtu();
                assertTrue(learnt <= mtu && learnt >= mtu - mtu / 10, () -> "" + learnt + network);
                long took = network.clock().nanoTime() - 60_000_000_000L;
                assertTrue(took < 1_000_000_000L, () -> took + " ns" + network);
            }
        }
    }

    @Test
    void withoutProbingABlackHoleIsTheEnd() {
        try (var network = new CoreNetwork(1)) {
            TcpConfig config =
                    TcpConfig.DEFAULT.with(draft -> draft.pathMtuProbing = PathMtuProbing.OFF);
            CoreHost client = network.host("client", config);
            CoreHost server = network.host("server", config);
            network.connect(client, server, LINE.mtu(1280, false), LINE);
            client.application(
                    (event, host) -> {
                        if (event == TcpEvent.ESTABLISHED) {
                            ByteBuf data = host.allocator().buffer(3000).writeZero(3000);
                            host.connection().send(data, host.nowNanos());
                        }
                    });
            server.listen();
            client.open();
            network.run();
            assertEquals(CloseReason.TIMED_OUT, client.closeReason());
        }
    }
}
