package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Runs tests within a test, and looks at what becomes of them.
class NetworkExtensionTest {
    @TempDir private Path folder;

    /// Not found by the build: its tests fail.
    static final class Failing {
        @Test
        void fails(@VirtualNetwork(seed = 77) Network net) {
            Host client = net.host("client");
            net.link(client, net.host("server"));
            Traffic.connect(client, net.find("server"));
            net.run(ofSeconds(3));
            fail("on purpose");
        }

        @Test
        void wrongType(@VirtualNetwork String net) {
            fail(net);
        }

        @Test
        void two(@VirtualNetwork Network one, @VirtualNetwork(seed = 2) Network other) {
            assertNotSame(one, other);
            assertEquals(List.of(1L, 2L), List.of(one.seed(), other.seed()));
        }
    }

    /// As above.
    static final class WithSetUp {
        private Network net;

        @BeforeEach
        void setUp(@VirtualNetwork(seed = 5) Network net) {
            this.net = net;
        }

        @Test
        void fails() {
            net.run(ofSeconds(1));
            fail("on purpose");
        }
    }

    private SummaryGeneratingListener run(Class<?> tests, String method) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectMethod(tests.getName() + "#" + method))
                        .configurationParameter(
                                "junit.jupiter.extensions.autodetection.enabled", "false")
                        .build();
        System.setProperty("toytcp.captures", folder.toString());
        try {
            LauncherFactory.create().execute(request, listener);
        } finally {
            System.clearProperty("toytcp.captures");
        }
        return listener;
    }

    private static Throwable failure(SummaryGeneratingListener listener) {
        return listener.getSummary().getFailures().getFirst().getException();
    }

    @Test
    void aFailureTellsTheSeedAndWritesThePackets() throws IOException {
        Throwable failure = failure(run(Failing.class, "fails(toytcp.testkit.net.Network)"));
        assertEquals("on purpose", failure.getMessage());
        Path file = folder.resolve("Failing.fails.pcapng");
        assertEquals(
                "virtual network: seed 77, after PT3S; the packets are in " + file.toAbsolutePath(),
                failure.getSuppressed()[0].toString());
        assertTrue(Files.size(file) > 200);
    }

    @Test
    void theNetworkMayBeMadeBeforeEachTest() {
        Throwable failure = failure(run(WithSetUp.class, "fails"));
        String report = failure.getSuppressed()[0].toString();
        assertTrue(report.startsWith("virtual network: seed 5, after PT1S"), report);
    }

    @Test
    void anotherTypeIsRefusedWithTheRemedy() {
        Throwable failure = failure(run(Failing.class, "wrongType(java.lang.String)"));
        assertTrue(
                failure.getMessage().contains("parameters of the type toytcp.testkit.net.Network"),
                failure.getMessage());
    }

    @Test
    void eachParameterIsANetworkOfItsOwn() throws IOException {
        String types = "toytcp.testkit.net.Network, toytcp.testkit.net.Network";
        assertEquals(
                1, run(Failing.class, "two(" + types + ")").getSummary().getTestsSucceededCount());
        assertEquals(0, Files.list(folder).count());
    }
}
