package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// Seeds of hostile links, see [HostileLink]. All ten thousand of them: `docs/golden/README.md`.
class HostileLinkTest {
    /// As many as take a minute at most.
    private static final int SEEDS = Integer.getInteger("toytcp.hostileSeeds", 1500);

    private static final int FIRST = 1_000_000;

    @Test
    void whatWaitsGoesOnWithinOneTimeoutOnceTheLineHasHealed() {
        Long only = Long.getLong("toytcp.seed");
        if (only != null) {
            HostileLink.run(only);
            return;
        }
        int waiting = 0;
        for (int seed = FIRST; seed < FIRST + SEEDS; seed++) {
            waiting += HostileLink.run(seed);
        }
        int seen = waiting;
        assertTrue(waiting > SEEDS / 2, () -> seen + " sides waited in " + SEEDS + " seeds");
    }
}
