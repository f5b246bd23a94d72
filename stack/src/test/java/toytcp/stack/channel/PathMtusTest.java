package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

import toytcp.codec.IpAddresses;

import java.util.concurrent.TimeUnit;

class PathMtusTest {
    private static final long HIGH = IpAddresses.V4_HIGH;
    private static final long LOW = IpAddresses.v4Low(0x0a000101);
    private static final long LIFETIME = TimeUnit.MINUTES.toNanos(10);

    private final PathMtus paths = new PathMtus();

    @Test
    void nothingIsKnownAtFirst() {
        assertEquals(0, paths.get(HIGH, LOW, 0));
    }

    @Test
    void whatWasLearntIsKnownForTenMinutes() {
        paths.put(HIGH, LOW, 1280, 5);
        assertEquals(1280, paths.get(HIGH, LOW, 5));
        assertEquals(1280, paths.get(HIGH, LOW, LIFETIME + 4));
        assertEquals(0, paths.get(HIGH, LOW, LIFETIME + 5));
        assertEquals(0, paths.get(HIGH, LOW + 1, 5));
        assertEquals(0, paths.get(HIGH + 1, LOW, 5));
    }

    @Test
    void whatIsSuspiciouslySmallIsKnownForTheLeastTime() {
        paths.put(HIGH, LOW, 1279, 5);
        assertEquals(1279, paths.get(HIGH, LOW, LIFETIME / 2 + 4));
        assertEquals(0, paths.get(HIGH, LOW, LIFETIME / 2 + 5));
    }

    @Test
    void whatIsNewTakesThePlaceOfTheOld() {
        int changes = paths.changes();
        paths.put(HIGH, LOW, 1280, 0);
        paths.put(HIGH, LOW, 1400, 0);
        assertEquals(1400, paths.get(HIGH, LOW, 0));
        assertNotEquals(changes, paths.changes());
    }

    @Test
    void aFloodOfAddressesTakesNoMoreRoom() {
        for (int i = 0; i < 100_000; i++) {
            paths.put(HIGH, IpAddresses.v4Low(i), 1280, 0);
        }
        int known = 0;
        for (int i = 0; i < 100_000; i++) {
            known += paths.get(HIGH, IpAddresses.v4Low(i), 0) == 0 ? 0 : 1;
        }
        assertEquals(512, known);
    }
}
