package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.stack.ip.PacketLink.PortRange;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class PortOwnersTest {
    private final PortOwners<PortRange> owners = new PortOwners<>();

    private PortRange add(int first, int last) {
        PortRange ports = new PortRange(first, last);
        assertNull(owners.conflict(ports));
        owners.add(ports, ports);
        return ports;
    }

    @Test
    void theSmallestRangeWins() {
        PortRange all = add(1, 65535);
        PortRange range = add(8000, 8999);
        PortRange inner = add(8000, 8009);
        PortRange one = add(8005, 8005);
        assertEquals(one, owners.get(8005));
        assertEquals(inner, owners.get(8000));
        assertEquals(inner, owners.get(8009));
        assertEquals(range, owners.get(8010));
        assertEquals(range, owners.get(8999));
        assertEquals(all, owners.get(7999));
        assertEquals(all, owners.get(9000));
        assertEquals(all, owners.get(1));
        assertEquals(all, owners.get(65535));
        owners.remove(one, one);
        owners.remove(range, range);
        assertEquals(inner, owners.get(8005));
        assertEquals(all, owners.get(8010));
        owners.remove(all, all);
        assertNull(owners.get(8010));
        owners.remove(inner, inner);
        assertTrue(owners.isEmpty());
        assertNull(owners.get(8005));
    }

    @Test
    void equalAndCrossingRangesExcludeEachOther() {
        add(100, 200);
        add(300, 300);
        for (PortRange other :
                List.of(
                        new PortRange(100, 200),
                        new PortRange(50, 150),
                        new PortRange(150, 250),
                        new PortRange(200, 201),
                        new PortRange(300, 300))) {
            assertNotNull(owners.conflict(other), other::toString);
        }
        for (PortRange other :
                List.of(
                        new PortRange(1, 99),
                        new PortRange(201, 300),
                        new PortRange(100, 199),
                        new PortRange(100, 201),
                        new PortRange(200, 200),
                        new PortRange(299, 301))) {
            assertNull(owners.conflict(other), other::toString);
        }
    }

    /// Against a walk over all ranges.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whateverIsAddedAndRemovedTheSmallestRangeWins(long seed) {
        Random random = new Random(seed);
        List<PortRange> ranges = new ArrayList<>();
        for (int step = 0; step < 400; step++) {
            int first = 1 + random.nextInt(60);
            PortRange ports = new PortRange(first, first + random.nextInt(8) * random.nextInt(8));
            if (random.nextInt(3) == 0 && !ranges.isEmpty()) {
                PortRange removed = ranges.remove(random.nextInt(ranges.size()));
                owners.remove(removed, removed);
            } else if (owners.conflict(ports) == null) {
                ranges.add(ports);
                owners.add(ports, ports);
            }
            for (int port = 1; port < 120; port++) {
                assertEquals(smallest(ranges, port), owners.get(port), "seed " + seed);
            }
        }
    }

    private static PortRange smallest(List<PortRange> ranges, int port) {
        PortRange smallest = null;
        for (PortRange range : ranges) {
            if (range.contains(port) && (smallest == null || range.size() < smallest.size())) {
                smallest = range;
            }
        }
        return smallest;
    }
}
