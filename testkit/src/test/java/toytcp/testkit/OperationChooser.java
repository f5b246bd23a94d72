package toytcp.testkit;

import toytcp.codec.IcmpError;
import toytcp.stack.tcp.CoreProbe;
import toytcp.stack.tcp.TcpState;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Chooses the next step of a schedule by chance: segments as a good peer sends them, others that are
/// wrong by a little or altogether, the user's calls, time, and errors from routers.
///
/// It looks at the connection, because most numbers that are not near its own end at the first check.
final class OperationChooser {
    private static final String[] SYN_OPTIONS = {
        "", "mss 1000", "mss 1460,sackOK,TS,wscale 7", "mss 0,wscale 15", "mss 64,sackOK", "TS"
    };
    private static final String[] FLAGS = {"S", "F", "R", "P", "U", "E", "W", "e", "."};
    private static final int[] WINDOWS = {0, 1, 500, 4000, 65535, -1, -1, -1, -1};
    private static final int[] MTUS = {0, 1, 67, 68, 552, 576, 1280, 1499, 1500, 65535};
    private static final long[] WAITS = {
        0, 1, 1_000_000, 10_000_000, 40_000_000, 200_000_000, 1_000_000_000, 60_000_000_000L
    };

    private final SplittableRandom random;
    private final int iss;
    private final int irs;

    OperationChooser(SplittableRandom random, int iss, int irs) {
        this.random = random;
        this.iss = iss;
        this.irs = irs;
    }

    Operation next(TcpScript tcp, CoreProbe probe) {
        return switch (random.nextInt(24)) {
            case 0, 1, 2 -> write();
            case 3 -> new Operation.Read(random.nextInt(3000));
            case 4 -> Operation.Call.READ_ALL;
            case 5 -> call();
            case 6, 7, 8 -> new Operation.Wait(time(tcp));
            case 9 -> new Operation.Configure(anyOf(Setting.values()));
            case 10 -> icmp(probe);
            default -> arrival(tcp.endpoint().state(), probe);
        };
    }

    private Operation write() {
        int octets = random.nextInt(1 << 1 + random.nextInt(14));
        return new Operation.Write(octets, random.nextInt(8) == 0);
    }

    private Operation call() {
        return switch (random.nextInt(16)) {
            case 0 -> Operation.Call.ABORT;
            case 1, 2 -> Operation.Call.CLOSE;
            case 3 -> Operation.Call.SHUTDOWN_INPUT;
            case 4, 5, 6, 7 -> Operation.Call.SHUTDOWN;
            case 8 -> Operation.Call.REJECT;
            case 9, 10, 11 -> Operation.Call.ACCEPT;
            default -> Operation.Call.OPEN;
        };
    }

    /// Often up to a deadline, or just before it.
    private long time(TcpScript tcp) {
        long deadline = tcp.endpoint().nextDeadlineNanos();
        boolean any = deadline == Long.MAX_VALUE || random.nextInt(3) == 0;
        if (any) {
            return random.nextInt(20) == 0
                    ? random.nextLong(4_000_000_000_000L)
                    : WAITS[random.nextInt(WAITS.length)];
        }
        return Math.max(0, deadline - tcp.nowNanos() - (random.nextInt(4) == 0 ? 1 : 0));
    }

    private Operation icmp(CoreProbe probe) {
        int seq = random.nextInt(4) == 0 ? near(probe.sendNext()) : probe.unacknowledged();
        if (random.nextBoolean()) {
            int mtu = MTUS[random.nextInt(MTUS.length)];
            return new Operation.TooBig(seq - iss, mtu, 40 + random.nextInt(1500));
        }
        int type = random.nextBoolean() ? IcmpError.UNREACHABLE : IcmpError.TIME_EXCEEDED;
        return new Operation.Icmp(type, random.nextInt(16), seq - iss);
    }

    private Operation arrival(TcpState state, CoreProbe probe) {
        int count = random.nextInt(5) == 0 ? 2 + random.nextInt(4) : 1;
        List<SegmentText> segments = new ArrayList<>();
        int seq = probe.receiveNext(irs);
        for (int i = 0; i < count; i++) {
            SegmentText segment = segment(state, probe, seq);
            segments.add(segment);
            seq = irs + segment.seq() + segment.length();
        }
        return new Operation.Arrive(segments);
    }

    private SegmentText segment(TcpState state, CoreProbe probe, int next) {
        boolean opens =
                switch (state) {
                    case CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED -> random.nextInt(3) > 0;
                    default -> false;
                };
        if (opens) {
            return opening(state, probe);
        }
        return switch (random.nextInt(5)) {
            case 0 -> nearlyRight(probe);
            case 1 -> random.nextInt(3) == 0 ? wrong(probe) : nearlyRight(probe);
            default -> right(probe, next);
        };
    }

    private SegmentText opening(TcpState state, CoreProbe probe) {
        boolean answers = state == TcpState.SYN_SENT && random.nextInt(4) > 0;
        String options = anyOf(SYN_OPTIONS);
        int length = random.nextInt(4) == 0 ? random.nextInt(100) : 0;
        int ack = probe.sendNext() - iss;
        if (state == TcpState.SYN_RECEIVED && random.nextBoolean()) {
            return new SegmentText("", ".", 1, length, 1, window(), 0, "");
        }
        String ecn = anyOf(new String[] {"", "", "E", "EW", "EWe", "We"});
        return new SegmentText(
                "", "S" + ecn + (answers ? "." : ""), 0, length, ack, window(), 0, options);
    }

    /// What a good peer sends: the next octets, or later ones.
    private SegmentText right(CoreProbe probe, int next) {
        int length = random.nextInt(3) == 0 ? 0 : random.nextInt(1 << 1 + random.nextInt(11));
        boolean gap = random.nextInt(5) == 0;
        int seq = gap ? next + random.nextInt(3000) : next;
        String flags = random.nextInt(24) == 0 ? "F." : random.nextInt(3) == 0 ? "P." : ".";
        String ecn = random.nextInt(8) == 0 ? "CE" : "";
        return new SegmentText(ecn, flags, seq - irs, length, ack(probe), window(), 0, sack(probe));
    }

    /// Something beside the numbers that count.
    private SegmentText nearlyRight(CoreProbe probe) {
        int base = random.nextBoolean() ? probe.receiveNext(irs) : probe.receiveEdge(irs);
        int length = random.nextBoolean() ? 0 : random.nextInt(1500);
        int seq = near(base) - (random.nextInt(3) == 0 ? length : 0);
        int ack = near(random.nextBoolean() ? probe.unacknowledged() : probe.sendNext()) - iss;
        String flags =
                switch (random.nextInt(12)) {
                    case 0 -> "F.";
                    case 1 -> random.nextInt(4) == 0 ? "R" : ".";
                    case 2 -> "R.";
                    case 3 -> "U.";
                    case 4 -> "";
                    default -> "P.";
                };
        return new SegmentText(
                "", flags, seq - irs, length, ack, window(), random.nextInt(2000), "");
    }

    /// Anything at all.
    private SegmentText wrong(CoreProbe probe) {
        StringBuilder flags = new StringBuilder();
        for (String flag : FLAGS) {
            flags.append(random.nextInt(4) == 0 || flag.equals(".") ? flag : "");
        }
        boolean syn = flags.indexOf("S") >= 0;
        int seq =
                syn
                        ? 0
                        : random.nextBoolean()
                                ? random.nextInt()
                                : near(probe.receiveNext(irs)) - irs;
        int ack = random.nextBoolean() ? random.nextInt() : near(probe.sendNext()) - iss;
        String options =
                syn ? anyOf(SYN_OPTIONS) : anyOf(new String[] {"", "noTS", wildTimestamp()});
        int urgent = random.nextInt(65536);
        return new SegmentText(
                "", flags.toString(), seq, random.nextInt(100), ack, window(), urgent, options);
    }

    private String wildTimestamp() {
        return "TS val %s ecr %s"
                .formatted(
                        Integer.toUnsignedString(random.nextInt()),
                        Integer.toUnsignedString(random.nextInt()));
    }

    private int ack(CoreProbe probe) {
        int flight = Math.max(0, probe.sendNext() - probe.unacknowledged());
        int part =
                switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> random.nextInt(flight + 1);
                    default -> flight;
                };
        return probe.unacknowledged() + part - iss;
    }

    private String sack(CoreProbe probe) {
        int flight = probe.sendNext() - probe.unacknowledged();
        if (flight < 2 || random.nextInt(4) > 0) {
            return "";
        }
        int left = probe.unacknowledged() - iss + random.nextInt(flight);
        int right = left + 1 + random.nextInt(flight);
        return "sack %s:%s"
                .formatted(Integer.toUnsignedString(left), Integer.toUnsignedString(right));
    }

    private int window() {
        return WINDOWS[random.nextInt(WINDOWS.length)];
    }

    private int near(int number) {
        return number + random.nextInt(5) - 2;
    }

    private <T> T anyOf(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
