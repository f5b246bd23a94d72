package toytcp.testkit;

import toytcp.stack.tcp.EcnPolicy;
import toytcp.stack.tcp.PathMtuProbing;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.congestion.CongestionControllers;

import java.util.function.Consumer;

/// A change of the settings of a connection that knows its own source text.
enum Setting implements Consumer<TcpConfig.Draft> {
    NO_DELAY("noDelay = true", config -> config.noDelay = true),
    NAGLE("noDelay = false", config -> config.noDelay = false),
    CORK("cork = true", config -> config.cork = true),
    NO_CORK("cork = false", config -> config.cork = false),
    QUICK_ACK("quickAck = true", config -> config.quickAck = true),
    NO_DELAYED_ACK("delayedAckNanos = 0", config -> config.delayedAckNanos = 0),
    LOW_WATER("notSentLowWater = 1000", config -> config.notSentLowWater = 1000),
    SMALL_SEGMENTS("maximumSegmentSize = 100", config -> config.maximumSegmentSize = 100),
    ROUND_SEGMENTS("maximumSegmentSize = 1000", config -> config.maximumSegmentSize = 1000),
    NO_SACK("sack = false", config -> config.sack = false),
    NO_TIMESTAMPS("timestamps = false", config -> config.timestamps = false),
    NO_SCALING("windowScaling = false", config -> config.windowScaling = false),
    TINY_RECEIVE_BUFFER("receiveBuffer = 1", config -> config.receiveBuffer = 1),
    SMALL_RECEIVE_BUFFER("receiveBuffer = 3000", config -> config.receiveBuffer = 3000),
    LARGE_RECEIVE_BUFFER("receiveBuffer = 1 << 30", config -> config.receiveBuffer = 1 << 30),
    FIXED_RECEIVE_BUFFER("tuneReceiveBuffer = false", config -> config.tuneReceiveBuffer = false),
    SMALL_SEND_BUFFER("sendBuffer = 2000", config -> config.sendBuffer = 2000),
    FIXED_SEND_BUFFER("tuneSendBuffer = false", config -> config.tuneSendBuffer = false),
    KEEP_ALIVE("keepAlive = true", config -> config.keepAlive = true),
    SHORT_KEEP_ALIVE(
            "keepAliveIdleNanos = 1_000_000_000L",
            config -> config.keepAliveIdleNanos = 1_000_000_000L),
    USER_TIMEOUT(
            "userTimeoutNanos = 5_000_000_000L",
            config -> config.userTimeoutNanos = 5_000_000_000L),
    NO_USER_TIMEOUT("userTimeoutNanos = 0", config -> config.userTimeoutNanos = 0),
    NO_TIME_WAIT("timeWaitNanos = 0", config -> config.timeWaitNanos = 0),
    PACING("pacing = true", config -> config.pacing = true),
    NEW_RENO(
            "congestion = CongestionControllers.of(\"newreno\")",
            config -> config.congestion = CongestionControllers.of("newreno")),
    BBR(
            "congestion = CongestionControllers.of(\"bbr\")",
            config -> config.congestion = CongestionControllers.of("bbr")),
    ACCURATE_ECN("ecn = EcnPolicy.ACCURATE", config -> config.ecn = EcnPolicy.ACCURATE),
    PROBING(
            "pathMtuProbing = PathMtuProbing.ALWAYS",
            config -> config.pathMtuProbing = PathMtuProbing.ALWAYS);

    private final String text;
    private final Consumer<TcpConfig.Draft> change;

    Setting(String text, Consumer<TcpConfig.Draft> change) {
        this.text = text;
        this.change = change;
    }

    @Override
    public void accept(TcpConfig.Draft config) {
        change.accept(config);
    }

    @Override
    public String toString() {
        return text;
    }
}
