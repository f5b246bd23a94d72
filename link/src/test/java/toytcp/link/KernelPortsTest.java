package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.ip.PacketLink.PortRange;

class KernelPortsTest {
    @Test
    void theKernelsDefaultLeavesThePortsAboveIt() {
        assertEquals(
                new PortRange(61000, 65535),
                KernelPorts.outside(KernelPorts.parse("32768\t60999\n")));
    }

    @Test
    void aRangeUpToTheEndLeavesThePortsBelowIt() {
        assertEquals(new PortRange(1024, 32767), KernelPorts.outside(new PortRange(32768, 65535)));
    }

    @Test
    void aFewPortsAboveAreNotPreferred() {
        assertEquals(new PortRange(1024, 32767), KernelPorts.outside(new PortRange(32768, 65500)));
    }

    @Test
    void aFewPortsAboveAreBetterThanFewerBelow() {
        assertEquals(new PortRange(65400, 65535), KernelPorts.outside(new PortRange(1030, 65399)));
    }

    @Test
    void portsBelow1024AreNeverUsed() {
        assertEquals(new PortRange(1101, 65535), KernelPorts.outside(new PortRange(100, 1100)));
        assertThrows(
                IllegalStateException.class, () -> KernelPorts.outside(new PortRange(500, 65535)));
    }

    @Test
    void aKernelThatTakesAllPortsIsAnErrorWithItsRemedy() {
        IllegalStateException error =
                assertThrows(
                        IllegalStateException.class,
                        () -> KernelPorts.outside(new PortRange(1024, 65535)));
        assertTrue(error.getMessage().contains("sysctl -w net.ipv4.ip_local_port_range"));
    }

    @Test
    void otherTextIsNoRange() {
        assertThrows(IllegalArgumentException.class, () -> KernelPorts.parse(""));
        assertThrows(IllegalArgumentException.class, () -> KernelPorts.parse("1024"));
        assertThrows(IllegalArgumentException.class, () -> KernelPorts.parse("a b"));
        assertThrows(IllegalArgumentException.class, () -> KernelPorts.parse("2 1"));
    }

    @Test
    void theRangeOfTheThreadsNamespaceCounts() throws Exception {
        try (Namespaces net = Namespaces.create()) {
            net.in(net.a, "sysctl -qw net.ipv4.ip_local_port_range=20000\t30000");
            assertEquals(new PortRange(30001, 65535), net.call(net.a, KernelPorts::unused));
            assertEquals(new PortRange(61000, 65535), net.call(net.b, KernelPorts::unused));
        }
    }
}
