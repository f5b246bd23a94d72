package toytcp.bench.path;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.InLab;
import toytcp.lab.Lab;

/// `bench/compare-loss.sh` in small, so that it does not rot: both senders once, and bounds that only what is broken
/// exceeds.
@ExtendWith(InLab.class)
@Timeout(120)
class LossNamespaceTest {
    private static final String PREFIX = "t" + ProcessHandle.current().pid() + "-";
    private static final long ONE_WAY_NANOS = 20_000_000L;
    private static final int FLOWS = 4;
    private static final double SECONDS = 3;

    /// The lab has its names from this process.
    @Test
    void bothSendersFillALossyPathWithOctetsThatArriveOnce(Lab lab) throws Exception {
        lab.setup("up").close();
        try (Comparison comparison = new Comparison(PREFIX, ONE_WAY_NANOS, "cubic")) {
            Run ours = comparison.run(true, 0.01, FLOWS, SECONDS, 1);
            Run kernel = comparison.run(false, 0.01, FLOWS, SECONDS, 1);
            String both = "ours " + ours + ", kernel " + kernel;
            assertTrue(ours.megabits() > 0.2 * kernel.megabits(), both);
            assertTrue(ours.arrivedTwice() <= 10 + ours.segments() / 20, both);
        }
    }
}
