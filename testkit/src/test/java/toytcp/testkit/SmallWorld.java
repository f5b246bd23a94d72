package toytcp.testkit;

import io.netty.buffer.UnpooledByteBufAllocator;

import org.jspecify.annotations.Nullable;

import toytcp.stack.tcp.CoreProbe;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Two connections, the packets between them, and a clock: all that can happen next is a list of choices,
/// and the same choices lead to the same world.
///
/// A choice is a call of a user, the arrival, the loss or the doubling of one packet, or the next deadline.
/// Only deadlines take time. What overtakes others on the way is a fault, as is what is lost or doubled.
final class SmallWorld {
    /// A packet on the way; the text has all there is to it, see [OctetPattern].
    private record Packet(boolean toB, String text) {}

    /// Where the streams begin: one wraps around at once, the other's sign changes.
    static final int ISS_A = -50;

    private static final int ISS_B = Integer.MAX_VALUE - 50;

    private enum Kind {
        CALL_A,
        CALL_B,
        TIMER,
        DELIVER,
        OVERTAKE,
        LOSE,
        REPEAT
    }

    private static final int KIND_SHIFT = 16;
    private static final int MAX_PACKETS = 64;
    private static final int MAX_STEPS = 20_000;

    /// No packet and no user takes longer.
    private static final long LONGEST_WAIT_NANOS = 30_000_000_000L;

    private final WorldPlan plan;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    private final List<Packet> packets = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private final WorldSide a;
    private final WorldSide b;
    private @Nullable String failure;
    private long now;
    private int faults;
    private int earlyTimers;
    private int resets;

    SmallWorld(WorldPlan plan) {
        this.plan = plan;
        faults = plan.faults();
        earlyTimers = plan.earlyTimers();
        a = side("a", plan.a(), ISS_A, ISS_B, WorldPlan.Wire.GOOD, true);
        b = side("b", plan.b(), ISS_B, ISS_A, plan.wire(), false);
        // Both are there before the first packet is.
        call(b);
        call(a);
    }

    private WorldSide side(
            String name,
            List<WorldPlan.Call> calls,
            int iss,
            int irs,
            WorldPlan.Wire wire,
            boolean toB) {
        return new WorldSide(
                name, plan.config(), calls, iss, irs, allocator, wire, text -> send(toB, text));
    }

    private void send(boolean toB, String text) {
        packets.add(new Packet(toB, text));
        log.add("    " + (toB ? "a > " : "b > ") + text);
        resets += text.startsWith("R") ? 1 : 0;
        if (packets.size() > MAX_PACKETS) {
            throw new AssertionError("ever more packets are on the way");
        }
    }

    WorldSide a() {
        return a;
    }

    WorldSide b() {
        return b;
    }

    /// What can happen now; empty at the end of the world.
    int[] choices() {
        List<Integer> choices = new ArrayList<>();
        if (a.mayCall()) {
            choices.add(choice(Kind.CALL_A, 0));
        }
        if (b.mayCall()) {
            choices.add(choice(Kind.CALL_B, 0));
        }
        boolean nextIsKnown = false;
        boolean nextToBIsKnown = false;
        for (int i = 0; i < packets.size(); i++) {
            Packet packet = packets.get(i);
            boolean overtakes = packet.toB() ? nextToBIsKnown : nextIsKnown;
            nextToBIsKnown |= packet.toB();
            nextIsKnown |= !packet.toB();
            if (!overtakes) {
                choices.add(choice(Kind.DELIVER, i));
            } else if (faults > 0) {
                choices.add(choice(Kind.OVERTAKE, i));
            }
            if (faults > 0) {
                choices.add(choice(Kind.LOSE, i));
                choices.add(choice(Kind.REPEAT, i));
            }
        }
        boolean soon = earlyTimers > 0 && deadline() - now <= LONGEST_WAIT_NANOS;
        if (deadline() != Long.MAX_VALUE && (choices.isEmpty() || soon)) {
            choices.add(choice(Kind.TIMER, 0));
        }
        return choices.stream().mapToInt(Integer::intValue).toArray();
    }

    /// Makes it happen.
    ///
    /// @throws AssertionError if that breaks a rule
    void choose(int choice) {
        Kind kind = Kind.values()[choice >>> KIND_SHIFT];
        int index = choice & (1 << KIND_SHIFT) - 1;
        switch (kind) {
            case CALL_A -> call(a);
            case CALL_B -> call(b);
            case TIMER -> passTime();
            case DELIVER -> deliver(packets.remove(index));
            case OVERTAKE -> {
                faults--;
                deliver(packets.remove(index));
            }
            case LOSE -> {
                faults--;
                log.add("is lost: " + packets.remove(index).text());
            }
            case REPEAT -> {
                faults--;
                packets.add(packets.get(index));
                log.add("is doubled: " + packets.get(index).text());
            }
        }
    }

    /// Whether this choice is there now, for a schedule from which others were cut.
    boolean has(int choice) {
        for (int possible : choices()) {
            if (possible == choice) {
                return true;
            }
        }
        return false;
    }

    /// A number that two worlds share only if all that follows is the same.
    long digest() {
        StateDigest digest = new StateDigest();
        digest.add(now);
        digest.add(faults);
        digest.add(earlyTimers);
        for (boolean toB : new boolean[] {true, false}) {
            digest.add(toB ? 1 : 0);
            for (Packet packet : packets) {
                if (packet.toB() == toB) {
                    digest.add(packet.text());
                }
            }
        }
        for (WorldSide side : List.of(a, b)) {
            digest.add(side.progress());
            digest.add(side.received());
            digest.add(side.endpoint().halfOpen());
            digest.add(CoreProbe.booksOf(side.endpoint().connection()));
        }
        return digest.value();
    }

    /// Checks what must be true when there is no choice left.
    void checkEnd() {
        String wrong = plan.end().violation(this);
        boolean good = plan.faults() == 0 && plan.earlyTimers() == 0;
        if (wrong == null && good && resets > 0 && plan.end() == WorldPlan.End.GRACEFUL) {
            wrong = "a reset, although nothing went wrong";
        }
        if (wrong != null) {
            throw new AssertionError(wrong);
        }
    }

    /// Ends the world, and checks that nothing of it is kept.
    void dispose() {
        a.dispose(now);
        b.dispose(now);
        long held = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
        if (held != 0) {
            throw new AssertionError("buffers of " + held + " octets were never released");
        }
    }

    /// Makes these choices, those that are there, and then the first one each time until nothing can happen
    /// any more.
    ///
    /// @return what went wrong, without the numbers in it, or `null`
    @Nullable String run(List<Integer> choices) {
        try {
            for (int choice : choices) {
                if (has(choice)) {
                    choose(choice);
                }
            }
            int steps = 0;
            for (int[] next = choices(); next.length > 0; next = choices()) {
                choose(next[0]);
                if (++steps > MAX_STEPS) {
                    throw new AssertionError("it does not end");
                }
            }
            checkEnd();
            dispose();
            return null;
        } catch (AssertionError e) {
            failure = e.getMessage();
        } catch (RuntimeException e) {
            failure = e.toString();
        }
        failure = failure.replaceAll("[0-9]+", "#");
        log.add(failure);
        return failure;
    }

    /// What [#run] returned.
    @Nullable String failure() {
        return failure;
    }

    /// The shortest run that fails as these choices do.
    static SmallWorld shrink(WorldPlan plan, List<Integer> choices) {
        String failure = new SmallWorld(plan).run(choices);
        List<Integer> fewest =
                Shrinker.shrink(
                        choices,
                        fewer -> Objects.equals(failure, new SmallWorld(plan).run(fewer)),
                        new Shrinker.Knowledge<>() {
                            @Override
                            public List<Integer> simpler(Integer choice) {
                                return List.of();
                            }

                            @Override
                            public List<Integer> adapted(
                                    List<Integer> rest, List<Integer> dropped, List<Integer> by) {
                                return rest;
                            }
                        });
        SmallWorld world = new SmallWorld(plan);
        world.run(fewest);
        return world;
    }

    /// How many things happened.
    int length() {
        return (int) log.stream().filter(line -> !line.startsWith(" ")).count();
    }

    /// What happened so far, one line each.
    @Override
    public String toString() {
        return plan.name() + System.lineSeparator() + String.join(System.lineSeparator(), log);
    }

    private void call(WorldSide side) {
        int before = log.size();
        String text = side.call(now);
        log.add(before, text);
    }

    private void deliver(Packet packet) {
        log.add("arrives at " + (packet.toB() ? "b: " : "a: ") + packet.text());
        (packet.toB() ? b : a).arrive(packet.text(), now);
    }

    private void passTime() {
        if (!packets.isEmpty() || a.mayCall() || b.mayCall()) {
            earlyTimers--;
        }
        now = Math.max(now, deadline());
        log.add("it is +" + Exchange.seconds(now));
        a.onDeadline(now);
        b.onDeadline(now);
    }

    private long deadline() {
        return Math.min(a.nextDeadlineNanos(), b.nextDeadlineNanos());
    }

    private static int choice(Kind kind, int index) {
        return kind.ordinal() << KIND_SHIFT | index;
    }
}
