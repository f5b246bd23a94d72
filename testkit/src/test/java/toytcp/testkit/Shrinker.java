package toytcp.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Makes a failing schedule short: delta debugging first, then each step as simple as it can be.
///
/// @param <T> a step
final class Shrinker<T> {
    private static final int MAX_TRIES = 3000;

    /// What is known of the steps.
    interface Knowledge<T> {
        /// Simpler variants of one step.
        List<? extends T> simpler(T step);

        /// `rest` as it goes on after `by` instead of `dropped`: with other sequence numbers, say.
        List<T> adapted(List<T> rest, List<T> dropped, List<T> by);
    }

    private final Predicate<List<T>> fails;
    private final Knowledge<T> knowledge;
    private List<T> best;
    private int tries;

    private Shrinker(List<T> steps, Predicate<List<T>> fails, Knowledge<T> knowledge) {
        best = steps;
        this.fails = fails;
        this.knowledge = knowledge;
    }

    /// The shortest list found that still fails.
    ///
    /// @param fails whether a list fails as the first one did
    static <T> List<T> shrink(List<T> steps, Predicate<List<T>> fails, Knowledge<T> knowledge) {
        Shrinker<T> shrinker = new Shrinker<>(steps, fails, knowledge);
        List<T> before;
        do {
            before = shrinker.best;
            shrinker.drop();
            shrinker.simplify();
        } while (!shrinker.best.equals(before) && shrinker.tries < MAX_TRIES);
        return shrinker.best;
    }

    private void drop() {
        for (int chunk = Math.max(1, best.size() / 2); chunk > 0; chunk /= 2) {
            // From the end: what comes late depends on what came early.
            for (int from = best.size() - chunk; from > -chunk; from -= chunk) {
                int first = Math.max(0, from);
                isReplaced(first, Math.min(best.size(), from + chunk), List.of());
            }
        }
    }

    private void simplify() {
        for (int i = 0; i < best.size(); i++) {
            boolean found = true;
            while (found) {
                found = false;
                for (T variant : knowledge.simpler(best.get(i))) {
                    if (!variant.equals(best.get(i)) && isReplaced(i, i + 1, List.of(variant))) {
                        found = true;
                        break;
                    }
                }
            }
        }
    }

    /// Tries to put `by` in the place of some steps.
    private boolean isReplaced(int from, int to, List<T> by) {
        List<T> rest = best.subList(to, best.size());
        List<T> adapted = knowledge.adapted(rest, best.subList(from, to), by);
        return isKept(from, by, adapted) || !adapted.equals(rest) && isKept(from, by, rest);
    }

    private boolean isKept(int from, List<T> by, List<T> rest) {
        List<T> candidate = new ArrayList<>(best.subList(0, from));
        candidate.addAll(by);
        candidate.addAll(rest);
        if (tries >= MAX_TRIES) {
            return false;
        }
        tries++;
        if (!fails.test(candidate)) {
            return false;
        }
        best = candidate;
        return true;
    }
}
