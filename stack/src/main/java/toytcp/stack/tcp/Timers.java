package toytcp.stack.tcp;

import java.util.Arrays;
import java.util.Locale;

/// The deadlines of one connection: a table, so that arming a timer is one store.
final class Timers {
    /// What can expire.
    enum Kind {
        /// RFC 6298.
        RETRANSMISSION,
        /// How long what was reordered may still arrive (RFC 8985, 6.2, step 5).
        REORDER,
        /// RFC 8985, 7.2.
        LOSS_PROBE,
        /// Zero-window probes and the override of silly window avoidance (RFC 9293, 3.8.6.1).
        PERSIST,
        /// RFC 9293, 3.8.6.3.
        DELAYED_ACK,
        /// The next quantum of a sender that paces.
        PACING,
        /// The end of the patience of TCP_CORK.
        CORK,
        /// RFC 9293, 3.8.4.
        KEEP_ALIVE,
        /// R2 or the user timeout (RFC 9293, 3.8.3).
        GIVE_UP,
        /// 2 MSL, and the end of a FIN-WAIT-2 that nobody can read from.
        TIME_WAIT
    }

    static final long NEVER = Long.MAX_VALUE;

    private static final int KINDS = Kind.values().length;

    private final long[] deadlines = new long[KINDS];

    Timers() {
        Arrays.fill(deadlines, NEVER);
    }

    void arm(Kind kind, long deadlineNanos) {
        deadlines[kind.ordinal()] = deadlineNanos;
    }

    /// Moves a deadline that is later than this one; the timer is armed.
    void bringForward(Kind kind, long deadlineNanos) {
        arm(kind, Math.min(deadlines[kind.ordinal()], deadlineNanos));
    }

    /// Moves the deadline of a timer by `nanos`, which may be negative; if it is not armed it stays so.
    void postpone(Kind kind, long nanos) {
        if (isArmed(kind)) {
            deadlines[kind.ordinal()] += nanos;
        }
    }

    void stop(Kind kind) {
        deadlines[kind.ordinal()] = NEVER;
    }

    void stopAll() {
        Arrays.fill(deadlines, NEVER);
    }

    boolean isArmed(Kind kind) {
        return deadlines[kind.ordinal()] != NEVER;
    }

    /// When the timer expires, or [#NEVER].
    long deadline(Kind kind) {
        return deadlines[kind.ordinal()];
    }

    /// Whether the timer is due; a due timer is stopped by asking.
    boolean expire(Kind kind, long nowNanos) {
        if (deadlines[kind.ordinal()] > nowNanos) {
            return false;
        }
        stop(kind);
        return true;
    }

    /// Whether something is due that takes the peer's silence for a loss or for its end.
    boolean isSilenceDue(long nowNanos) {
        return deadline(Kind.RETRANSMISSION) <= nowNanos
                || deadline(Kind.REORDER) <= nowNanos
                || deadline(Kind.LOSS_PROBE) <= nowNanos
                || deadline(Kind.KEEP_ALIVE) <= nowNanos
                || deadline(Kind.GIVE_UP) <= nowNanos;
    }

    /// What is armed, and in how many milliseconds it is due: `retransmission:200ms,keep_alive:7200000ms`.
    String text(long nowNanos) {
        StringBuilder text = new StringBuilder();
        for (Kind kind : Kind.values()) {
            if (isArmed(kind)) {
                text.append(text.isEmpty() ? "" : ",");
                text.append(kind.name().toLowerCase(Locale.ROOT)).append(':');
                text.append((deadline(kind) - nowNanos) / 1_000_000).append("ms");
            }
        }
        return text.toString();
    }

    /// The earliest deadline, or [#NEVER].
    long next() {
        long earliest = NEVER;
        for (long deadline : deadlines) {
            earliest = Math.min(earliest, deadline);
        }
        return earliest;
    }
}
