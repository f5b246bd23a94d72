package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
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
            assertTrue(comments.contains("\0\1\0\4lost"));
            assertTrue(run.took.toSeconds() >= 2 * (Http2Run.REQUESTS - 1));
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

    /// What it takes: how many runs, from 2. By the wall clock, and by the time of the processor that the thread had.
    static void main(String[] args) {
        int runs = Integer.parseInt(args[0]);
        double[] wall = new double[runs];
        double[] processor = new double[runs];
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Http2Run first = null;
        for (int i = 0; i < runs; i++) {
            long begin = System.nanoTime();
            long cpuBegin = threads.getCurrentThreadCpuTime();
            Http2Run run = new Http2Run(42);
            wall[i] = (double) run.took.toNanos() / (System.nanoTime() - begin);
            processor[i] =
                    (double) run.took.toNanos() / (threads.getCurrentThreadCpuTime() - cpuBegin);
            first = first == null ? run : first;
            if (!Arrays.equals(first.capture, run.capture) || run.complete != Http2Run.REQUESTS) {
                throw new AssertionError("run " + i + " differs");
            }
        }
        System.out.printf(
                "%d runs of seed 42, the same to the octet (%,d in the capture), each %.1f s of"
                        + " virtual time%n",
                runs, first.capture.length, first.took.toMillis() / 1000.0);
        print("wall clock", wall);
        print("processor", processor);
    }

    private static void print(String clock, double[] times) {
        double first = times[0];
        Arrays.sort(times);
        System.out.printf(
                "faster than real time, by the %s: the first run, of a cold JVM, %.0f times, all"
                        + " others at least %.0f, the median %.0f%n",
                clock, first, times[1], times[times.length / 2]);
    }
}
