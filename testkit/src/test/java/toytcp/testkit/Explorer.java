package toytcp.testkit;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Visits every state that a [SmallWorld] can come to, whatever order things happen in.
///
/// Depth first. A world cannot be copied, but the same choices lead to the same world, so a branch begins
/// with running its first choices again; of two paths to the same state only one goes on.
final class Explorer {
    private static final int MAX_DEPTH = 400;

    private final WorldPlan plan;
    private final Set<Long> visited = new HashSet<>();
    private final List<Integer> path = new ArrayList<>();
    private long steps;
    private long ends;
    private int longest;
    private @Nullable String failure;

    private Explorer(WorldPlan plan) {
        this.plan = plan;
    }

    /// What an exploration came to.
    ///
    /// @param states how many different ones were seen
    /// @param steps from one state to the next
    /// @param ends how often nothing more could happen
    /// @param longest the most steps to an end
    /// @param failure what went wrong first, with all that happened before; or `null`
    /// @param path the choices that lead there
    record Report(
            int states,
            long steps,
            long ends,
            int longest,
            @Nullable String failure,
            List<Integer> path) {}

    static Report explore(WorldPlan plan) {
        Explorer explorer = new Explorer(plan);
        explorer.visit(new SmallWorld(plan));
        return new Report(
                explorer.visited.size(),
                explorer.steps,
                explorer.ends,
                explorer.longest,
                explorer.failure,
                List.copyOf(explorer.path));
    }

    /// Leaves [#path] as it is if something fails.
    private void visit(SmallWorld world) {
        int[] choices = world.choices();
        if (choices.length == 0 || !visited.add(world.digest())) {
            leave(world, choices.length == 0);
            return;
        }
        if (path.size() > MAX_DEPTH) {
            failure = "no end after " + MAX_DEPTH + " steps\n" + world;
            return;
        }
        SmallWorld next = world;
        for (int choice : choices) {
            if (next == null) {
                next = replay();
            }
            path.add(choice);
            if (!isTaken(next, choice)) {
                return;
            }
            visit(next);
            if (failure != null) {
                return;
            }
            path.removeLast();
            next = null;
        }
    }

    private boolean isTaken(SmallWorld world, int choice) {
        steps++;
        try {
            world.choose(choice);
            return true;
        } catch (AssertionError | RuntimeException e) {
            failure = e + System.lineSeparator() + world;
            return false;
        }
    }

    private void leave(SmallWorld world, boolean atEnd) {
        try {
            if (atEnd) {
                ends++;
                longest = Math.max(longest, path.size());
                world.checkEnd();
            }
            world.dispose();
        } catch (AssertionError e) {
            failure = e.getMessage() + System.lineSeparator() + world;
        }
    }

    private SmallWorld replay() {
        SmallWorld world = new SmallWorld(plan);
        for (int choice : path) {
            world.choose(choice);
        }
        return world;
    }
}
