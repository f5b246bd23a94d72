package toytcp.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// Ports by double hashing (RFC 6056, 3.3.4).
class EphemeralPortsTest {
    @Test
    void allPortsOfTheRangeAreHandedOutAndThenNone() {
        EphemeralPorts ports = ports(6056, 50_000, 50_099);
        Set<Integer> used = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            int port = next(ports, 80, used);
            assertTrue(port >= 50_000 && port <= 50_099, "port " + port);
            assertTrue(used.add(port));
        }
        assertEquals(-1, next(ports, 80, used));
        used.remove(50_042);
        assertEquals(50_042, next(ports, 80, used));
    }

    @Test
    void portsTowardsOneEndIncreaseSoThatNoneIsReusedSoon() {
        EphemeralPorts ports = ports(1, 1024, 65_535);
        int port = next(ports, 80, Set.of());
        for (int i = 0; i < 100_000; i++) {
            int following = next(ports, 80, Set.of());
            assertEquals(port == 65_535 ? 1024 : port + 1, following);
            port = following;
        }
    }

    @Test
    void eachRemoteEndHasASequenceOfItsOwn() {
        EphemeralPorts ports = ports(2, 32_768, 60_999);
        Set<Integer> firsts = new HashSet<>();
        for (int remotePort = 1; remotePort <= 1000; remotePort++) {
            firsts.add(next(ports, remotePort, Set.of()));
        }
        // 1000 random picks of 28,232 ports give about 983 different ones.
        assertTrue(firsts.size() > 950, "only " + firsts.size());
    }

    @Test
    void everyPartOfTheAddressesCounts() {
        Set<Integer> different = new HashSet<>();
        long[][] addresses = {{1, 2, 3, 4}, {9, 2, 3, 4}, {1, 9, 3, 4}, {1, 2, 9, 4}, {1, 2, 3, 9}};
        for (long[] address : addresses) {
            different.add(
                    ports(3, 1024, 65_535)
                            .next(
                                    address[0],
                                    address[1],
                                    address[2],
                                    address[3],
                                    80,
                                    port -> false));
        }
        assertEquals(addresses.length, different.size());
    }

    @Test
    void anotherSecretGivesOtherPorts() {
        assertNotEquals(
                next(ports(4, 1024, 65_535), 80, Set.of()),
                next(ports(5, 1024, 65_535), 80, Set.of()));
    }

    @Test
    void aRangeOfOnePortIsEnough() {
        EphemeralPorts ports = ports(6, 5000, 5000);
        assertEquals(5000, next(ports, 80, Set.of()));
        assertEquals(5000, next(ports, 80, Set.of()));
        assertEquals(-1, next(ports, 80, Set.of(5000)));
    }

    /// The counters start anywhere, so they overflow some day: no port may be passed over then.
    @Test
    void aCounterThatOverflowsFindsTheLastFreePort() {
        for (int free = 5000; free < 5003; free++) {
            EphemeralPorts ports = new EphemeralPorts(() -> -1);
            ports.add(5000, 5002);
            Set<Integer> used = new HashSet<>(Set.of(5000, 5001, 5002));
            used.remove(free);
            assertEquals(free, next(ports, 80, used));
        }
    }

    @Test
    void beforeTheFirstRangeThereIsNone() {
        assertEquals(-1, next(new EphemeralPorts(new Random(8)::nextLong), 80, Set.of()));
    }

    @Test
    void severalRangesAreHandedOutAsIfTheyWereOne() {
        EphemeralPorts ports = ports(9, 60_000, 60_009);
        ports.add(20_000, 20_019);
        ports.add(30_000, 30_000);
        assertEquals(31, ports.count());
        List<Integer> order = new ArrayList<>();
        for (int port = 60_000; port <= 60_009; port++) {
            order.add(port);
        }
        for (int port = 20_000; port <= 20_019; port++) {
            order.add(port);
        }
        order.add(30_000);
        int at = order.indexOf(next(ports, 80, Set.of()));
        for (int i = 1; i <= 100; i++) {
            assertEquals(order.get((at + i) % 31), next(ports, 80, Set.of()));
        }
        Set<Integer> used = new HashSet<>(order);
        assertEquals(-1, next(ports, 80, used));
        used.remove(20_019);
        assertEquals(20_019, next(ports, 80, used));
    }

    /// RFC 6056, 3.1: from the whole range, for whoever counts on the first ports alone.
    @Test
    void afterAnotherRangeCameEachPortIsAsLikelyAsBefore() {
        EphemeralPorts ports = ports(10, 61_000, 61_511);
        for (int remotePort = 1; remotePort <= 1000; remotePort++) {
            next(ports, remotePort, Set.of());
        }
        ports.add(20_000, 21_535);
        int low = 0;
        for (int remotePort = 1; remotePort <= 20_000; remotePort++) {
            low += next(ports, remotePort, Set.of()) < 30_000 ? 1 : 0;
        }
        // 1536 of 2048 ports: 15,000, give or take four times the standard deviation of 61 and
        // more, as ends that share a counter are not independent.
        assertTrue(low > 14_500 && low < 15_500, low + " of 20000");
    }

    @Test
    void aPortCannotBeAddedTwice() {
        EphemeralPorts ports = ports(11, 5000, 5099);
        ports.add(5200, 5299);
        for (int first : new int[] {4950, 5000, 5099, 5150, 5250}) {
            assertThrows(IllegalArgumentException.class, () -> ports.add(first, first + 60));
        }
        ports.add(5100, 5199);
        assertEquals(300, ports.count());
    }

    @ParameterizedTest
    @CsvSource({"0, 100", "-1, 100", "1, 65536", "101, 100"})
    void aRangeThatIsNoneIsRefused(int first, int last) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> ports(7, first, last))
                        .getMessage();
        assertTrue(message.contains("1 to 65535"), message);
        assertTrue(message.contains(first + " to " + last), message);
    }

    private static EphemeralPorts ports(int seed, int first, int last) {
        EphemeralPorts ports = new EphemeralPorts(new Random(seed)::nextLong);
        ports.add(first, last);
        return ports;
    }

    private static int next(EphemeralPorts ports, int remotePort, Set<Integer> used) {
        return ports.next(0, 1, 0, 2, remotePort, used::contains);
    }
}
