package toytcp.testkit;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.CoreProbe;
import toytcp.stack.tcp.TcpState;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A beginning and the steps after it, for one connection against a peer that need not be a good one.
record Schedule(ScheduleSetup setup, List<Operation> steps) {

    /// What a run came to.
    ///
    /// @param done the schedule of the steps that meant something
    /// @param failure what went wrong, or `null`
    /// @param reached the states that were seen between steps
    record Outcome(Schedule done, @Nullable Throwable failure, List<TcpState> reached) {
        /// What failed, without the numbers in it: so that the shrunken schedule fails for the same reason.
        String kind() {
            if (failure instanceof AssertionError) {
                String text = String.valueOf(failure.getMessage());
                return text.lines().findFirst().orElse("").replaceAll("-?[0-9]+", "#");
            }
            return failure == null ? "" : failure.getClass() + " " + failure.getStackTrace()[0];
        }

        boolean isLike(Outcome other) {
            return failure != null && kind().equals(other.kind());
        }
    }

    /// Judges the connection after each step, besides all that always must hold.
    @FunctionalInterface
    interface Rule {
        /// What is wrong, or `null`.
        @Nullable String violation(TcpScript tcp);
    }

    private static final Rule NONE = _ -> null;

    private interface Source {
        @Nullable Operation next(TcpScript tcp, CoreProbe probe);
    }

    /// A new schedule by chance, as long as it does not fail.
    static Outcome random(long seed, int length) {
        return random(seed, length, NONE);
    }

    static Outcome random(long seed, int length, Rule rule) {
        SplittableRandom random = new SplittableRandom(seed);
        ScheduleSetup setup = ScheduleSetup.random(random);
        OperationChooser chooser = new OperationChooser(random, setup.iss(), setup.irs());
        int[] left = {length};
        return run(setup, (tcp, probe) -> left[0]-- > 0 ? chooser.next(tcp, probe) : null, rule);
    }

    Outcome run() {
        return run(NONE);
    }

    Outcome run(Rule rule) {
        var rest = steps.iterator();
        return run(setup, (_, _) -> rest.hasNext() ? rest.next() : null, rule);
    }

    /// The shortest schedule found that fails as `outcome` did.
    static Schedule shrink(Outcome outcome, Rule rule) {
        Schedule failing = outcome.done();
        ScheduleSetup setup = failing.setup();
        List<Operation> steps = failing.steps();
        boolean found = true;
        while (found) {
            ScheduleSetup current = setup;
            steps =
                    Shrinker.shrink(
                            steps,
                            fewer -> new Schedule(current, fewer).run(rule).isLike(outcome),
                            Operation.Shrinking.OF_OPERATIONS);
            List<Operation> rest = steps;
            found = false;
            for (ScheduleSetup simpler : setup.simpler()) {
                if (new Schedule(simpler, rest).run(rule).isLike(outcome)) {
                    setup = simpler;
                    found = true;
                    break;
                }
            }
        }
        return new Schedule(setup, steps);
    }

    /// A failure that shows the seed, the shrunken schedule as a script, and what it does.
    static AssertionError report(long seed, Outcome outcome) {
        Schedule shrunken = shrink(outcome, NONE);
        Throwable failure = shrunken.run().failure();
        return new AssertionError(
                "seed %d fails; of its %d steps these are left:%n%s%n%s"
                        .formatted(seed, outcome.done().steps().size(), shrunken, failure),
                failure);
    }

    /// The source text of a test.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("var tcp = ").append(setup).append(";\n");
        steps.forEach(step -> text.append("tcp.").append(step).append(";\n"));
        return text.toString();
    }

    private static Outcome run(ScheduleSetup setup, Source source, Rule rule) {
        List<Operation> done = new ArrayList<>();
        List<TcpState> reached = new ArrayList<>();
        CoreProbe probe = new CoreProbe();
        SentAudit audit = new SentAudit(setup.iss());
        Throwable failure = null;
        TcpScript tcp = null;
        try {
            tcp = setup.begin();
            check(tcp, probe, audit, rule);
            for (Operation step = source.next(tcp, probe);
                    step != null;
                    step = source.next(tcp, probe)) {
                done.add(step);
                if (!step.applyTo(tcp)) {
                    done.removeLast();
                }
                reached.add(tcp.endpoint().state());
                check(tcp, probe, audit, rule);
            }
            end(tcp);
        } catch (AssertionError | RuntimeException e) {
            failure = e;
        }
        return new Outcome(new Schedule(setup, done), finish(tcp, failure), reached);
    }

    private static void check(TcpScript tcp, CoreProbe probe, SentAudit audit, Rule rule) {
        String wrong = probe.violation(tcp.connection());
        if (wrong == null) {
            wrong = audit.check(tcp.recorder().segments(), probe.receiveShift());
        }
        if (wrong == null) {
            wrong = rule.violation(tcp);
        }
        if (wrong != null) {
            throw new AssertionError(wrong + System.lineSeparator() + tcp);
        }
    }

    /// Whatever was before: once the user has closed and the peer is silent, the connection ends.
    private static void end(TcpScript tcp) {
        boolean open =
                switch (tcp.endpoint().state()) {
                    case CLOSED, LISTEN -> false;
                    default -> tcp.connection().state() != TcpState.CLOSED;
                };
        if (open) {
            tcp.readAll().close().after(Duration.ofHours(1)).state(TcpState.CLOSED).noTimers();
        }
    }

    private static @Nullable Throwable finish(
            @Nullable TcpScript tcp, @Nullable Throwable failure) {
        if (tcp == null) {
            TcpScript.finishAll();
            return failure;
        }
        try {
            tcp.finish();
        } catch (AssertionError | RuntimeException e) {
            return failure == null ? e : failure;
        }
        return failure;
    }
}
