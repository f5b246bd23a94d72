package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.codec.IpAddresses;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

class FlowTableTest {
    private static FlowDriver entry(int remote, int port) {
        return new FlowDriver(
                null, null, 0, IpAddresses.v4Low(1), 80, 0, IpAddresses.v4Low(remote), port);
    }

    private static FlowEntry find(FlowTable table, int remote, int port) {
        return table.find(0, IpAddresses.v4Low(1), 80, 0, IpAddresses.v4Low(remote), port);
    }

    @Test
    void everyPartOfTheKeyCounts() {
        FlowTable table = new FlowTable(7);
        FlowDriver entry = new FlowDriver(null, null, 1, 2, 3, 4, 5, 6);
        table.put(entry);
        assertSame(entry, table.find(1, 2, 3, 4, 5, 6));
        assertNull(table.find(9, 2, 3, 4, 5, 6));
        assertNull(table.find(1, 9, 3, 4, 5, 6));
        assertNull(table.find(1, 2, 9, 4, 5, 6));
        assertNull(table.find(1, 2, 3, 9, 5, 6));
        assertNull(table.find(1, 2, 3, 4, 9, 6));
        assertNull(table.find(1, 2, 3, 4, 5, 9));
    }

    @Test
    void anEntryWithTheSameKeyIsReplaced() {
        FlowTable table = new FlowTable(7);
        FlowDriver old = entry(5, 6);
        FlowDriver successor = entry(5, 6);
        assertNull(table.put(old));
        assertSame(old, table.put(successor));
        assertEquals(1, table.size());
        assertFalse(table.remove(old), "the successor must not go with its predecessor");
        assertSame(successor, find(table, 5, 6));
        assertTrue(table.remove(successor));
        assertEquals(0, table.size());
    }

    @Test
    void itBehavesLikeAHashMapUnderRandomOperations() {
        for (int seed = 0; seed < 20; seed++) {
            compareWithHashMap(seed);
        }
    }

    private static void compareWithHashMap(int seed) {
        Random random = new Random(seed);
        FlowTable table = new FlowTable(random.nextLong());
        Map<Integer, FlowEntry> model = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            // Few keys, so that runs collide and gaps are closed over the end of the array.
            int key = random.nextInt(200);
            if (random.nextInt(100) < 45 + 10 * (i / 4000 % 2)) {
                FlowDriver added = entry(key % 20, 1 + key / 20);
                assertSame(model.put(key, added), table.put(added), "seed " + seed);
            } else {
                FlowEntry removed = model.remove(key);
                FlowEntry found = find(table, key % 20, 1 + key / 20);
                assertSame(removed, found, "seed " + seed);
                assertTrue(found == null || table.remove(found), "seed " + seed);
            }
            assertEquals(model.size(), table.size());
        }
        Set<FlowEntry> seen = new HashSet<>();
        table.forEach(seen::add);
        assertEquals(new HashSet<>(model.values()), seen, "seed " + seed);
        model.forEach((key, value) -> assertSame(value, find(table, key % 20, 1 + key / 20)));
    }

    @Test
    void theVisitorMayRemoveWhatItSees() {
        FlowTable table = new FlowTable(3);
        for (int i = 1; i <= 1000; i++) {
            table.put(entry(i, i));
        }
        table.forEach(table::remove);
        assertEquals(0, table.size());
    }
}
