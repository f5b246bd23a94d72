package toytcp.stack.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.TcpConfig;

class CongestionControllersTest {
    @Test
    void everyNameMakesAControllerThatHasIt() {
        assertTrue(CongestionControllers.names().contains("newreno"));
        for (String name : CongestionControllers.names()) {
            CongestionControllerFactory factory = CongestionControllers.of(name);
            assertEquals(name, factory.create(1000).name());
            assertEquals(name, CongestionControllers.nameOf(factory));
        }
    }

    @Test
    void anUnknownNameIsRefusedWithThoseThatAreKnown() {
        IllegalArgumentException refusal =
                assertThrows(
                        IllegalArgumentException.class, () -> CongestionControllers.of("vegas"));
        assertTrue(refusal.getMessage().contains("vegas"), refusal::getMessage);
        for (String name : CongestionControllers.names()) {
            assertTrue(refusal.getMessage().contains(name), refusal::getMessage);
        }
    }

    @Test
    void theDefaultIsTheFirst() {
        String name = CongestionControllers.nameOf(TcpConfig.DEFAULT.congestion());
        assertEquals(CongestionControllers.names().getFirst(), name);
    }

    @Test
    void everyAlgorithmGoesOnWhereAnotherOneWas() {
        for (String name : CongestionControllers.names()) {
            CongestionController controller = CongestionControllers.of(name).create(1000);
            controller.takeOver(54321, 12345);
            assertEquals(54321, controller.window(), name);
            assertEquals(12345, controller.slowStartThreshold(), name);
        }
    }
}
