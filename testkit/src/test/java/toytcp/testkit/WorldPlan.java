package toytcp.testkit;

import org.jspecify.annotations.Nullable;

import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.CloseReason;
import toytcp.stack.tcp.TcpConfig;

import java.util.List;

/// What happens in a [SmallWorld]: two users with a list of calls each, and how much may go wrong.
///
/// @param name for messages
/// @param config of both connections
/// @param a the calls of the first user, in their order; the first one is made at the beginning
/// @param b those of the second
/// @param faults how many packets may be lost, doubled or overtaken in all
/// @param earlyTimers how often a deadline may be met while packets are on the way
/// @param end what must be true when nothing can happen any more
/// @param wire stands between the second host and the wire, and may change what it sends
record WorldPlan(
        String name,
        TcpConfig config,
        List<Call> a,
        List<Call> b,
        int faults,
        int earlyTimers,
        End end,
        Wire wire) {

    /// Sends this many octets at a time.
    static final int OCTETS = 100;

    enum Call {
        LISTEN,
        OPEN,
        /// Sends [#OCTETS] octets, as soon as there is a connection.
        WRITE,
        SHUTDOWN,
        CLOSE,
        /// Closes when the peer has.
        CLOSE_AFTER_PEER,
        ABORT
    }

    /// Judges a world in which nothing can happen any more.
    @FunctionalInterface
    interface End {
        /// Both sides ended in good order, and everything arrived.
        End GRACEFUL =
                world -> {
                    String wrong = graceful(world.a(), world.b());
                    return wrong == null ? graceful(world.b(), world.a()) : wrong;
                };

        /// Both sides are at rest: closed, or established without anything under way, as a peer that
        /// lost its RST leaves one (RFC 9293, 3.5.1).
        End AT_REST =
                world -> {
                    String wrong = atRest(world.a());
                    return wrong == null ? atRest(world.b()) : wrong;
                };

        /// What is wrong, or `null`.
        @Nullable String violation(SmallWorld world);

        private static @Nullable String graceful(WorldSide side, WorldSide peer) {
            boolean right =
                    side.closeReason() == CloseReason.NORMAL && side.received() == peer.written();
            return right
                    ? null
                    : "%s ended %s and received %d of %d octets"
                            .formatted(side, side.closeReason(), side.received(), peer.written());
        }

        private static @Nullable String atRest(WorldSide side) {
            boolean rests =
                    switch (side.state()) {
                        case CLOSED, LISTEN -> true;
                        case ESTABLISHED, CLOSE_WAIT, FIN_WAIT_2 -> side.unacknowledged() == 0;
                        default -> false;
                    };
            return rests ? null : side + " is not at rest";
        }
    }

    /// A place to plant a bug.
    @FunctionalInterface
    interface Wire {
        Wire GOOD = _ -> {};

        /// A segment leaves.
        void pass(TcpSegment segment);
    }

    WorldPlan faults(int count) {
        return new WorldPlan(name, config, a, b, count, earlyTimers, end, wire);
    }

    WorldPlan earlyTimers(int count) {
        return new WorldPlan(name, config, a, b, faults, count, end, wire);
    }

    WorldPlan wire(Wire newWire) {
        return new WorldPlan(name, config, a, b, faults, earlyTimers, end, newWire);
    }
}
