package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import toytcp.stack.tcp.TcpState;

import java.util.EnumSet;
import java.util.Set;

/// One connection against a peer, a user, a clock and routers that do anything, at random: after each
/// step its books are right, what it sends keeps the promises of RFC 9293, and something is left to wake
/// it; at the end no buffer is left.
///
/// `-Dtoytcp.seed=N` runs one seed, `-Dtoytcp.fuzzSeeds=N` more of them or fewer. A failure prints the
/// shortest schedule that fails, as a script.
class HostilePeerTest {
    private static final int SEEDS = Integer.getInteger("toytcp.fuzzSeeds", 4000);
    private static final int STEPS = 60;

    @Test
    void whateverArrivesTheBooksAreRightAndNothingIsKept() {
        Long only = Long.getLong("toytcp.seed");
        if (only != null) {
            run(only);
            return;
        }
        Set<TcpState> reached = EnumSet.noneOf(TcpState.class);
        for (long seed = 0; seed < SEEDS; seed++) {
            reached.addAll(run(seed).reached());
        }
        assertEquals(EnumSet.allOf(TcpState.class), reached);
    }

    private static Schedule.Outcome run(long seed) {
        Schedule.Outcome outcome = Schedule.random(seed, STEPS);
        if (outcome.failure() != null) {
            throw Schedule.report(seed, outcome);
        }
        return outcome;
    }

    @Test
    void aScheduleThatRanIsTheSameWhenItRunsAgain() {
        Schedule.Outcome first = Schedule.random(7, STEPS);
        Schedule.Outcome second = first.done().run();
        assertEquals(first.done(), second.done());
        assertEquals(first.reached().getLast(), second.reached().getLast(), first.done()::toString);
    }

    @Test
    void aFailureShrinksToTheStepsThatMakeIt() {
        Schedule.Rule rule =
                tcp -> tcp.endpoint().state() == TcpState.CLOSING ? "it is in CLOSING" : null;
        for (long seed = 0; ; seed++) {
            Schedule.Outcome outcome = Schedule.random(seed, STEPS, rule);
            if (outcome.failure() != null) {
                assertTrue(outcome.done().steps().size() > 5, outcome.done()::toString);
                Schedule shrunken = Schedule.shrink(outcome, rule);
                assertTrue(shrunken.steps().size() <= 3, shrunken::toString);
                assertNotNull(shrunken.run(rule).failure());
                assertNull(shrunken.run().failure());
                return;
            }
        }
    }
}
