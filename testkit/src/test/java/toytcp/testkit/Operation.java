package toytcp.testkit;

import toytcp.codec.IcmpError;
import toytcp.stack.tcp.TcpState;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// One step of a schedule for a [TcpScript]: pure data, so that a schedule can be run again, cut, and
/// printed as a script.
sealed interface Operation {
    /// Runs the step.
    ///
    /// @return whether it means anything now; if not, nothing was done
    boolean applyTo(TcpScript tcp);

    /// Simpler steps that may do as well.
    default List<Operation> simpler() {
        return List.of();
    }

    /// Octets of the peer's sequence space that the step uses.
    default int arriving() {
        return 0;
    }

    /// Octets that the step makes the connection send.
    default int leaving() {
        return 0;
    }

    /// The same step after so many octets more have arrived and left.
    default Operation shifted(int arriving, int leaving) {
        return this;
    }

    /// Knows that later numbers depend on how much was sent earlier.
    enum Shrinking implements Shrinker.Knowledge<Operation> {
        OF_OPERATIONS;

        @Override
        public List<Operation> simpler(Operation step) {
            return step.simpler();
        }

        @Override
        public List<Operation> adapted(
                List<Operation> rest, List<Operation> dropped, List<Operation> by) {
            int arriving = arriving(by) - arriving(dropped);
            int leaving = leaving(by) - leaving(dropped);
            return rest.stream().map(step -> step.shifted(arriving, leaving)).toList();
        }

        private static int arriving(List<Operation> steps) {
            return steps.stream().mapToInt(Operation::arriving).sum();
        }

        private static int leaving(List<Operation> steps) {
            return steps.stream().mapToInt(Operation::leaving).sum();
        }
    }

    /// Whether the user has a connection to call.
    private static boolean hasConnection(TcpScript tcp) {
        return tcp.endpoint().state() != TcpState.LISTEN
                && tcp.connection().state() == tcp.endpoint().state();
    }

    /// Segments arrive in one turn of the event loop.
    record Arrive(List<SegmentText> segments) implements Operation {
        @Override
        public boolean applyTo(TcpScript tcp) {
            tcp.batch(segments.stream().map(SegmentText::toString).toArray(String[]::new));
            return true;
        }

        @Override
        public int arriving() {
            return segments.stream().mapToInt(SegmentText::space).sum();
        }

        @Override
        public Operation shifted(int arriving, int leaving) {
            return new Arrive(segments.stream().map(s -> s.shifted(arriving, leaving)).toList());
        }

        @Override
        public List<Operation> simpler() {
            List<Operation> simpler = new ArrayList<>();
            for (int i = 0; i < segments.size() && segments.size() > 1; i++) {
                simpler.add(new Arrive(List.of(segments.get(i))));
            }
            for (int i = 0; i < segments.size(); i++) {
                List<SegmentText> fewer = new ArrayList<>(segments);
                fewer.remove(i);
                if (!fewer.isEmpty()) {
                    simpler.add(new Arrive(fewer));
                }
                for (SegmentText segment : segments.get(i).simpler()) {
                    List<SegmentText> changed = new ArrayList<>(segments);
                    changed.set(i, segment);
                    simpler.add(new Arrive(changed));
                }
            }
            return simpler;
        }

        @Override
        public String toString() {
            String list =
                    segments.stream().map("\"%s\""::formatted).collect(Collectors.joining(", "));
            return (segments.size() == 1 ? "in(" : "batch(") + list + ")";
        }
    }

    /// Time passes.
    record Wait(long nanos) implements Operation {
        private static final long MILLI = 1_000_000;

        @Override
        public boolean applyTo(TcpScript tcp) {
            tcp.after(Duration.ofNanos(nanos));
            return true;
        }

        @Override
        public List<Operation> simpler() {
            long rounded = nanos / MILLI * MILLI;
            return rounded == nanos
                    ? List.of()
                    : List.of(new Wait(rounded), new Wait(rounded + MILLI));
        }

        @Override
        public String toString() {
            return nanos % MILLI == 0
                    ? "afterMillis(" + nanos / MILLI + ")"
                    : "after(Duration.ofNanos(" + nanos + "L))";
        }
    }

    /// The user sends.
    record Write(int octets, boolean urgent) implements Operation {
        @Override
        public boolean applyTo(TcpScript tcp) {
            boolean may =
                    switch (tcp.endpoint().state()) {
                        case SYN_SENT, ESTABLISHED, CLOSE_WAIT -> true;
                        default -> false;
                    };
            int held = tcp.connection().unacknowledgedBytes();
            boolean fits = may && octets <= tcp.connection().config().sendBuffer() - held;
            if (fits) {
                write(tcp);
            }
            return fits;
        }

        private void write(TcpScript tcp) {
            if (urgent) {
                tcp.writeUrgent(octets);
            } else {
                tcp.write(octets);
            }
        }

        @Override
        public int leaving() {
            return octets;
        }

        @Override
        public List<Operation> simpler() {
            return octets <= 1
                    ? List.of()
                    : List.of(
                            new Write(octets, false),
                            new Write(1, urgent),
                            new Write(octets / 2, urgent),
                            new Write(octets - 1, urgent));
        }

        @Override
        public String toString() {
            return (urgent ? "writeUrgent(" : "write(") + octets + ")";
        }
    }

    /// The user reads.
    record Read(int octets) implements Operation {
        @Override
        public boolean applyTo(TcpScript tcp) {
            if (hasConnection(tcp)) {
                tcp.read(octets);
            }
            return hasConnection(tcp);
        }

        @Override
        public List<Operation> simpler() {
            return octets <= 1 ? List.of() : List.of(new Read(octets / 2));
        }

        @Override
        public String toString() {
            return "read(" + octets + ")";
        }
    }

    /// A call of the user without arguments.
    enum Call implements Operation {
        OPEN("open"),
        ACCEPT("accept"),
        REJECT("reject"),
        READ_ALL("readAll"),
        SHUTDOWN("shutdown"),
        SHUTDOWN_INPUT("shutdownInput"),
        CLOSE("close"),
        ABORT("abort");

        private final String method;

        Call(String method) {
            this.method = method;
        }

        @Override
        public boolean applyTo(TcpScript tcp) {
            boolean decides = tcp.endpoint().isUndecided();
            boolean may =
                    switch (this) {
                        case OPEN ->
                                hasConnection(tcp)
                                        && tcp.recorder().closeReason() == null
                                        && tcp.endpoint().state() == TcpState.CLOSED;
                        case ACCEPT, REJECT -> decides;
                        default -> hasConnection(tcp);
                    };
            if (may) {
                call(tcp);
            }
            return may;
        }

        private void call(TcpScript tcp) {
            switch (this) {
                case OPEN -> tcp.open();
                case ACCEPT -> tcp.accept();
                case REJECT -> tcp.reject();
                case READ_ALL -> tcp.readAll();
                case SHUTDOWN -> tcp.shutdown();
                case SHUTDOWN_INPUT -> tcp.shutdownInput();
                case CLOSE -> tcp.close();
                case ABORT -> tcp.abort();
            }
        }

        @Override
        public String toString() {
            return method + "()";
        }
    }

    /// The user changes a setting.
    record Configure(Setting setting) implements Operation {
        @Override
        public boolean applyTo(TcpScript tcp) {
            if (hasConnection(tcp)) {
                tcp.configure(setting);
            }
            return hasConnection(tcp);
        }

        @Override
        public String toString() {
            return "configure(config -> config." + setting + ")";
        }
    }

    /// A router says that a segment did not arrive.
    record Icmp(int type, int code, int seq) implements Operation {
        @Override
        public boolean applyTo(TcpScript tcp) {
            tcp.icmp(type, code, seq);
            return true;
        }

        @Override
        public String toString() {
            return "icmp(" + type + ", " + code + ", " + seq + ")";
        }
    }

    /// A router says that a segment was too large.
    record TooBig(int seq, int mtu, int length) implements Operation {
        @Override
        public boolean applyTo(TcpScript tcp) {
            tcp.tooBig(seq, mtu, length);
            return true;
        }

        @Override
        public List<Operation> simpler() {
            return List.of(
                    new Icmp(IcmpError.UNREACHABLE, IcmpError.FRAGMENTATION_NEEDED, seq),
                    new TooBig(seq, mtu, 1500));
        }

        @Override
        public String toString() {
            return "tooBig(" + seq + ", " + mtu + ", " + length + ")";
        }
    }
}
