package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.testkit.WorldPlan.Call.ABORT;
import static toytcp.testkit.WorldPlan.Call.CLOSE;
import static toytcp.testkit.WorldPlan.Call.CLOSE_AFTER_PEER;
import static toytcp.testkit.WorldPlan.Call.LISTEN;
import static toytcp.testkit.WorldPlan.Call.OPEN;
import static toytcp.testkit.WorldPlan.Call.SHUTDOWN;
import static toytcp.testkit.WorldPlan.Call.WRITE;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import toytcp.codec.TcpFlags;
import toytcp.stack.tcp.EcnPolicy;
import toytcp.stack.tcp.TcpConfig;

import java.util.List;

/// Everything that can happen to two connections in a small world, in every order.
///
/// `-Dtoytcp.worldFaults=2 -Dtoytcp.worldTimers=2` explores larger worlds than the build has time for.
class SmallWorldTest {
    private static final Integer FAULTS = Integer.getInteger("toytcp.worldFaults");
    private static final int TIMERS = Integer.getInteger("toytcp.worldTimers", 0);

    /// Without options, so that less is different from state to state.
    private static final TcpConfig PLAIN =
            TcpConfig.DEFAULT.with(
                    config -> {
                        config.maximumSegmentSize = 1000;
                        config.sack = false;
                        config.timestamps = false;
                        config.windowScaling = false;
                        config.ecn = EcnPolicy.OFF;
                    });

    enum World {
        TRANSFER(List.of(OPEN, WRITE, SHUTDOWN), List.of(LISTEN, WRITE, SHUTDOWN)),
        BOTH_OPEN(List.of(OPEN, WRITE, SHUTDOWN), List.of(OPEN, SHUTDOWN)),
        ONE_WAY(List.of(OPEN, WRITE, WRITE, CLOSE), List.of(LISTEN, CLOSE_AFTER_PEER)),
        ABORTED(List.of(OPEN, WRITE, ABORT), List.of(LISTEN, WRITE, CLOSE_AFTER_PEER));

        private final List<WorldPlan.Call> a;
        private final List<WorldPlan.Call> b;

        World(List<WorldPlan.Call> a, List<WorldPlan.Call> b) {
            this.a = a;
            this.b = b;
        }

        WorldPlan plan(TcpConfig config) {
            WorldPlan.End end = this == ABORTED ? WorldPlan.End.AT_REST : WorldPlan.End.GRACEFUL;
            return new WorldPlan(name(), config, a, b, 1, 0, end, WorldPlan.Wire.GOOD);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whateverTheOrderBothSidesEndAsTheyShould(World world) {
        WorldPlan plan = world.plan(PLAIN);
        if (FAULTS != null) {
            explore(plan.faults(FAULTS).earlyTimers(TIMERS));
            return;
        }
        explore(plan.faults(0));
        explore(plan);
        explore(plan.faults(0).earlyTimers(1));
        if (world == World.ONE_WAY || world == World.ABORTED) {
            explore(plan.earlyTimers(1));
        }
    }

    private static void explore(WorldPlan plan) {
        long start = System.nanoTime();
        Explorer.Report report = Explorer.explore(plan);
        System.out.printf(
                "%s: %d states, %d steps, %d ends, the longest after %d, %d ms%n",
                plan.name(),
                report.states(),
                report.steps(),
                report.ends(),
                report.longest(),
                (System.nanoTime() - start) / 1_000_000);
        assertNull(report.failure(), report::failure);
    }

    /// A bug planted on purpose, to show that the exploration sees one.
    @Test
    @Rfc(number = 9293, section = "3.10.7.4")
    void anAcknowledgementOfTheFinThatIsOneTooLowIsFound() {
        int right = SmallWorld.ISS_A + 1 + WorldPlan.OCTETS + 1;
        WorldPlan plan =
                World.TRANSFER
                        .plan(PLAIN)
                        .faults(0)
                        .wire(
                                segment -> {
                                    if (segment.has(TcpFlags.ACK) && segment.ack() == right) {
                                        segment.ack(right - 1);
                                    }
                                });
        Explorer.Report report = Explorer.explore(plan);
        assertNotNull(report.failure());
        SmallWorld shortest = SmallWorld.shrink(plan, report.path());
        assertEquals(
                "a reset, although nothing went wrong", shortest.failure(), shortest::toString);
        assertTrue(shortest.length() <= 60, shortest::toString);
    }
}
