package toytcp.testkit;

import toytcp.stack.tcp.EcnPolicy;
import toytcp.stack.tcp.TcpConfig;

import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// The settings of a script in the words of Linux: sysctls of the namespace before there is a socket, and
/// options of the socket.
final class KernelSettings {
    private static final int SOL_SOCKET = 1;
    private static final int SO_KEEPALIVE = 9;
    private static final int SO_OOBINLINE = 10;
    private static final int SO_LINGER = 13;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_ERROR = 4;

    private static final int SOL_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int TCP_MAXSEG = 2;
    private static final int TCP_CORK = 3;
    private static final int TCP_KEEPIDLE = 4;
    private static final int TCP_KEEPINTVL = 5;
    private static final int TCP_KEEPCNT = 6;
    private static final int TCP_LINGER2 = 8;
    private static final int TCP_WINDOW_CLAMP = 10;
    private static final int TCP_INFO = 11;
    private static final int TCP_QUICKACK = 12;
    private static final int TCP_CONGESTION = 13;
    private static final int TCP_USER_TIMEOUT = 18;
    private static final int TCP_NOTSENT_LOWAT = 25;

    private static final int ESTABLISHED = 1;
    private static final int CLOSE_WAIT = 8;

    private static final int MIN_MSS = 88;
    private static final int MAX_MSS = 1460;
    private static final int ENOUGH = 8 << 20;

    private final KernelHost host;
    private final AckMode mode;
    private TcpConfig config;

    KernelSettings(KernelHost host, TcpConfig config, AckMode mode) {
        this.host = host;
        this.mode = mode;
        this.config = config;
        refuseWhatLinuxLacks();
    }

    /// Before there is a socket.
    void applyToHost() {
        set("tcp_window_scaling", config.windowScaling() ? 1 : 0);
        set("tcp_timestamps", config.timestamps() ? 1 : 0);
        set("tcp_sack", config.sack() ? 1 : 0);
        set("tcp_ecn", ecn(config.ecn()));
        set("tcp_mtu_probing", config.pathMtuProbing().ordinal());
    }

    /// To a new socket.
    void applyTo(int fd) {
        TcpConfig defaults = TcpConfig.DEFAULT;
        option(fd, SOL_SOCKET, SO_OOBINLINE, 1);
        option(fd, SOL_SOCKET, SO_SNDBUFFORCE, ENOUGH);
        if (config.receiveBuffer() != defaults.receiveBuffer()) {
            option(fd, SOL_SOCKET, SO_RCVBUFFORCE, config.receiveBuffer());
            option(fd, SOL_TCP, TCP_WINDOW_CLAMP, config.receiveBuffer());
        }
        if (config.maximumSegmentSize() != defaults.maximumSegmentSize()) {
            option(fd, SOL_TCP, TCP_MAXSEG, config.maximumSegmentSize());
        }
        host.calls().option(fd, SOL_TCP, TCP_CONGESTION, congestion(config));
        applyChanges(fd, config);
    }

    /// To a socket that is in use.
    void change(int fd, TcpConfig changed) {
        TcpConfig before = config;
        config = changed;
        refuseWhatLinuxLacks();
        applyChanges(fd, before);
    }

    TcpConfig config() {
        return config;
    }

    /// To a connection, again and again, because Linux leaves these modes of its own accord.
    void applyAckMode(int fd) {
        int state = host.calls().intOption(fd, SOL_TCP, TCP_INFO) & 0xff;
        boolean synchronous = state == ESTABLISHED || state == CLOSE_WAIT;
        if (synchronous && (config.quickAck() || mode == AckMode.DELAYED)) {
            host.calls().option(fd, SOL_TCP, TCP_QUICKACK, config.quickAck() ? 1 : 0);
        }
    }

    /// Whether the peer must be one that gets its ACKs at once.
    boolean needsQuickRoute() {
        return mode == AckMode.QUICK || config.delayedAckNanos() == 0;
    }

    /// The next close resets.
    void resetOnClose(int fd) {
        option(fd, SOL_SOCKET, SO_LINGER, 1, 0);
    }

    /// The error that the socket reports, which this clears.
    int error(int fd) {
        return host.calls().intOption(fd, SOL_SOCKET, SO_ERROR);
    }

    private void applyChanges(int fd, TcpConfig before) {
        option(fd, SOL_TCP, TCP_NODELAY, config.noDelay() ? 1 : 0);
        if (config.cork() != before.cork() || config.cork()) {
            option(fd, SOL_TCP, TCP_CORK, config.cork() ? 1 : 0);
        }
        option(fd, SOL_TCP, TCP_USER_TIMEOUT, millis(config.userTimeoutNanos()));
        option(fd, SOL_TCP, TCP_NOTSENT_LOWAT, lowWater(config.notSentLowWater()));
        option(fd, SOL_TCP, TCP_KEEPIDLE, seconds("keepAliveIdle", config.keepAliveIdleNanos()));
        option(
                fd,
                SOL_TCP,
                TCP_KEEPINTVL,
                seconds("keepAliveInterval", config.keepAliveIntervalNanos()));
        option(fd, SOL_TCP, TCP_KEEPCNT, config.keepAliveProbes());
        option(fd, SOL_SOCKET, SO_KEEPALIVE, config.keepAlive() ? 1 : 0);
        option(fd, SOL_TCP, TCP_LINGER2, seconds("finWait2", config.finWait2Nanos()));
    }

    private void refuseWhatLinuxLacks() {
        TcpConfig defaults = TcpConfig.DEFAULT;
        int mss = config.maximumSegmentSize();
        refuse(mss < MIN_MSS || mss > MAX_MSS, "maximumSegmentSize " + mss);
        refuse(config.initialRtoNanos() != defaults.initialRtoNanos(), "initialRto");
        refuse(config.minimumRtoNanos() != defaults.minimumRtoNanos(), "minimumRto");
        refuse(config.maximumRtoNanos() != defaults.maximumRtoNanos(), "maximumRto");
        refuse(config.retransmissionsR1() != defaults.retransmissionsR1(), "retransmissionsR1");
        refuse(config.giveUpNanos() != defaults.giveUpNanos(), "giveUp");
        refuse(config.synGiveUpNanos() != defaults.synGiveUpNanos(), "synGiveUp");
        refuse(config.timeWaitNanos() != defaults.timeWaitNanos(), "timeWait");
        refuse(config.sendBuffer() != defaults.sendBuffer(), "sendBuffer");
        refuse(config.pacing(), "pacing");
        long delay = config.delayedAckNanos();
        refuse(delay != 0 && delay != defaults.delayedAckNanos(), "delayedAck");
        congestion(config);
    }

    private static void refuse(boolean when, String name) {
        if (when) {
            throw new NotPlayable("sets " + name);
        }
    }

    private static String congestion(TcpConfig config) {
        String name = config.congestion().create(MAX_MSS).name();
        return switch (name) {
            case "cubic" -> name;
            case "newreno" -> "reno";
            default -> throw new NotPlayable("sets congestion control " + name);
        };
    }

    private static int ecn(EcnPolicy policy) {
        return switch (policy) {
            case OFF -> 0;
            case CLASSIC -> 1;
            case PASSIVE -> 2;
            case ACCURATE -> 3;
        };
    }

    private void set(String sysctl, int value) {
        host.set("ipv4/" + sysctl, Integer.toString(value));
    }

    private void option(int fd, int level, int name, int... values) {
        int result = host.calls().option(fd, level, name, values);
        if (result < 0) {
            throw new NotPlayable(
                    "needs socket option %d/%d = %s (errno %d)"
                            .formatted(level, name, Objects.toString(values[0]), -result));
        }
    }

    private static int seconds(String name, long nanos) {
        long second = TimeUnit.SECONDS.toNanos(1);
        refuse(nanos % second != 0 || nanos < second, name + " in parts of a second");
        return (int) (nanos / second);
    }

    private static int millis(long nanos) {
        return (int) TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private static int lowWater(long octets) {
        return octets == 0 ? -1 : (int) octets;
    }
}
