package toytcp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.ip.PacketLink.PortRange;

import java.util.List;

class KernelPortsTest {
    @Test
    void theKernelsDefaultLeavesThePortsAboveItAndThenThoseBelow() {
        List<PortRange> blocks = outside("32768\t60999\n", "");
        assertEquals(new PortRange(61184, 61439), blocks.getFirst());
        assertEquals(new PortRange(65280, 65535), blocks.get(16));
        assertEquals(new PortRange(32512, 32767), blocks.get(17));
        assertEquals(new PortRange(16384, 16639), blocks.getLast());
        assertEquals(20_736, blocks.size() * KernelPorts.BLOCK);
    }

    @Test
    void aRangeUpToTheEndLeavesThePortsBelowIt() {
        List<PortRange> blocks = outside("30000 65535", "");
        assertEquals(new PortRange(29696, 29951), blocks.getFirst());
        assertEquals(new PortRange(16384, 16639), blocks.getLast());
    }

    @Test
    void aRangeFromTheLowestPortLeavesThePortsAboveIt() {
        List<PortRange> blocks = outside("500 1100", "");
        assertEquals(new PortRange(16384, 16639), blocks.getFirst());
        assertEquals(new PortRange(65280, 65535), blocks.getLast());
    }

    @Test
    void portsThatServicesAreKnownByAreUsedOnlyIfThereAreFewOthers() {
        assertEquals(new PortRange(15104, 15359), outside("15360 65535", "").getFirst());
        assertEquals(new PortRange(1024, 1279), outside("15360 65535", "").getLast());
        assertEquals(new PortRange(17408, 17663), outside("17664 65535", "").getFirst());
        assertEquals(new PortRange(16384, 16639), outside("17664 65535", "").getLast());
    }

    @Test
    void thereAreOnlyWholeBlocksAndNoneBelow1024() {
        assertEquals(List.of(new PortRange(1024, 1279)), outside("1280 65400", ""));
        assertEquals(List.of(new PortRange(1024, 1279)), outside("1535 65400", ""));
        assertEquals(List.of(), outside("1279 65280", ""));
        assertEquals(List.of(), outside("500 65535", ""));
    }

    @Test
    void aBlockWithAReservedPortIsLeftAlone() {
        List<PortRange> all = outside("32768 60999", "");
        List<PortRange> blocks = outside("32768 60999", "8080,20000,30000-32511,61439-61440\n");
        assertEquals(new PortRange(61696, 61951), blocks.getFirst());
        assertEquals(new PortRange(32512, 32767), blocks.get(15));
        assertEquals(new PortRange(29696, 29951), blocks.get(16));
        assertEquals(all.size() - 2 - 10 - 1, blocks.size());
        assertFalse(blocks.contains(new PortRange(19968, 20223)));
        assertTrue(all.containsAll(blocks));
    }

    @Test
    void reservedPortsAreReadAsTheKernelWritesThem() {
        assertEquals(List.of(), KernelPorts.parseReserved("\n"));
        assertEquals(
                List.of(new PortRange(1, 7), new PortRange(8080, 8080), new PortRange(9, 10)),
                KernelPorts.parseReserved("0-7,8080,9-10\n"));
        assertEquals(List.of(), KernelPorts.parseReserved("0\n"));
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
            net.in(net.a, "sysctl -qw net.ipv4.ip_local_reserved_ports=30300,40000");
            assertEquals(
                    outside("20000 30000", "30300,40000"), net.call(net.a, KernelPorts::unused));
            assertEquals(outside("32768 60999", ""), net.call(net.b, KernelPorts::unused));
        }
    }

    private static List<PortRange> outside(String kernel, String reserved) {
        return KernelPorts.outside(KernelPorts.parse(kernel), KernelPorts.parseReserved(reserved));
    }
}
