package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

class Http2OutageTest {
    @Test
    void clientAndServerSurviveAnOutageAndLoss() {
        for (long seed = 1; seed <= 10; seed++) {
            Http2Run run = new Http2Run(seed);
            assertEquals(Http2Run.REQUESTS, run.complete, "seed " + seed);
            String comments = new String(run.capture, StandardCharsets.US_ASCII);
            assertTrue(comments.contains("lost: the link is down"));
            assertTrue(comments.contains("lost\0\0\0\0\0"));
            assertTrue(run.took.toSeconds() >= Http2Run.REQUESTS - 1);
        }
    }

    /// `-Dtoytcp.http2.runs=1000` for more of them; see testkit/network.sh.
    @Test
    void theSameSeedGivesTheSameOctetsEachTime() {
        Http2Run first = new Http2Run(42);
        for (int i = Integer.getInteger("toytcp.http2.runs", 20); i > 1; i--) {
            Http2Run again = new Http2Run(42);
            assertArrayEquals(first.capture, again.capture);
            assertEquals(first.fingerprint, again.fingerprint);
            assertEquals(first.took, again.took);
        }
    }

    @Test
    void anotherSeedGivesAnotherRun() {
        assertNotEquals(new Http2Run(1).fingerprint, new Http2Run(2).fingerprint);
    }

    /// Not a test: what it takes, for docs/testkit.md.
    static void main(String[] args) {
        int runs = Integer.parseInt(args[0]);
        Http2Run first = new Http2Run(42);
        double[] times = new double[runs];
        for (int i = 0; i < runs; i++) {
            long begin = System.nanoTime();
            Http2Run run = new Http2Run(42);
            long nanos = System.nanoTime() - begin;
            if (!Arrays.equals(first.capture, run.capture) || run.complete != Http2Run.REQUESTS) {
                throw new AssertionError("run " + i + " differs");
            }
            times[i] = (double) run.took.toNanos() / nanos;
        }
        System.out.printf(
                "%d runs of seed 42, the same to the octet (%,d in the capture), each %.1f s of"
                        + " virtual time%n",
                runs, first.capture.length, first.took.toMillis() / 1000.0);
        System.out.printf("the first run was %.0f times faster than real time%n", times[0]);
        Arrays.sort(times);
        System.out.printf(
                "the slowest %.0f, the 1st percentile %.0f, the median %.0f times%n",
                times[0], times[runs / 100], times[runs / 2]);
    }
}
