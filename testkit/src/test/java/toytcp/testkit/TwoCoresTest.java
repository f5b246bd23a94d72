package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.TcpConfig;
import toytcp.testkit.WorldPlan.Call;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Two connections with longer lives than [SmallWorldTest] has time for, on ways chosen by chance: any
/// order of calls, packets and deadlines, with packets that are lost, doubled and overtaken.
///
/// `-Dtoytcp.seed=N` runs one seed, `-Dtoytcp.worldSeeds=N` more of them or fewer. A failure prints the
/// shortest run that fails.
class TwoCoresTest {
    private static final int SEEDS = Integer.getInteger("toytcp.worldSeeds", 1500);
    private static final int MAX_STEPS = 3000;

    @Test
    void onWhateverWayBothSidesEndAsTheyShould() {
        Long only = Long.getLong("toytcp.seed");
        if (only != null) {
            run(only);
            return;
        }
        int steps = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            steps += run(seed);
        }
        int taken = steps;
        assertTrue(steps > 20 * SEEDS, () -> taken + " steps only");
    }

    private static int run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        WorldPlan plan = plan(seed, random);
        SmallWorld world = new SmallWorld(plan);
        List<Integer> path = new ArrayList<>();
        try {
            for (int[] choices = world.choices();
                    choices.length > 0 && path.size() < MAX_STEPS;
                    choices = world.choices()) {
                int choice = choices[random.nextInt(choices.length)];
                path.add(choice);
                world.choose(choice);
            }
        } catch (AssertionError | RuntimeException e) {
            throw failure(seed, plan, path);
        }
        if (new SmallWorld(plan).run(path) != null) {
            throw failure(seed, plan, path);
        }
        world.dispose();
        return path.size();
    }

    private static AssertionError failure(long seed, WorldPlan plan, List<Integer> path) {
        SmallWorld shortest = SmallWorld.shrink(plan, path);
        return new AssertionError(
                "seed %d fails after %d steps; the shortest run has %d:%n%s"
                        .formatted(seed, path.size(), shortest.length(), shortest));
    }

    private static WorldPlan plan(long seed, SplittableRandom random) {
        boolean aborts = random.nextInt(8) == 0;
        boolean crossing = random.nextInt(6) == 0;
        return new WorldPlan(
                "seed " + seed,
                config(random),
                calls(Call.OPEN, aborts ? Call.ABORT : Call.SHUTDOWN, random),
                calls(
                        crossing ? Call.OPEN : Call.LISTEN,
                        random.nextBoolean() ? Call.SHUTDOWN : Call.CLOSE_AFTER_PEER,
                        random),
                random.nextInt(12),
                random.nextInt(8),
                aborts ? WorldPlan.End.AT_REST : WorldPlan.End.GRACEFUL,
                WorldPlan.Wire.GOOD);
    }

    private static List<Call> calls(Call first, Call last, SplittableRandom random) {
        List<Call> calls = new ArrayList<>(List.of(first));
        for (int i = random.nextInt(12); i > 0; i--) {
            calls.add(Call.WRITE);
        }
        calls.add(last);
        return calls;
    }

    private static TcpConfig config(SplittableRandom random) {
        return TcpConfig.DEFAULT.with(
                config -> {
                    for (int i = random.nextInt(6); i > 0; i--) {
                        Setting.values()[random.nextInt(Setting.values().length)].accept(config);
                    }
                    // All that is written fits, and nobody gives up.
                    config.sendBuffer = Math.max(config.sendBuffer, 12 * WorldPlan.OCTETS);
                    config.userTimeoutNanos = 0;
                    config.keepAlive = false;
                    config.giveUpNanos = 1_000_000_000_000_000L;
                    config.synGiveUpNanos = 1_000_000_000_000_000L;
                    config.timeWaitNanos = 10_000_000_000_000L;
                });
    }
}
