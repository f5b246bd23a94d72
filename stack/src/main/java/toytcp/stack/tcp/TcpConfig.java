package toytcp.stack.tcp;

import toytcp.stack.tcp.congestion.CongestionControllerFactory;
import toytcp.stack.tcp.congestion.CongestionControllers;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The settings of a connection; immutable, so idle connections share one.
///
/// All times are nanoseconds, all sizes octets. A value out of range is refused by
/// `IllegalArgumentException` with the range in its message.
///
/// @param maximumSegmentSize the MSS option that we send: 64 to 65495 data octets of one segment
/// @param pathMtuProbing whether larger and smaller segments are tried where routers say nothing (RFC 4821)
/// @param minimumPathMtu the least packet that routers can talk us down to: 68 to 1280 octets; see Linux's
///     `min_pmtu`. The interface and the peer may still want smaller ones
/// @param sendBuffer how much unacknowledged and unsent data is held at most: 1 to 2^30 octets
/// @param receiveBuffer the largest receive window: 1 to 2^30 octets
/// @param tuneSendBuffer whether the send buffer begins small and grows with the congestion window, up to
///     `sendBuffer`
/// @param tuneReceiveBuffer whether the receive window begins at 64 KiB and grows with what the user
///     consumes in a round trip, up to `receiveBuffer`
/// @param pathMetrics whether a connection begins with what earlier ones to the same peer learnt of the path, and
///     leaves what it learns (RFC 9040); a driver without a memory for that has nothing to offer
/// @param windowScaling whether to offer window scaling (RFC 7323, 2)
/// @param timestamps whether to offer timestamps (RFC 7323, 3)
/// @param sack whether to offer selective acknowledgements (RFC 2018)
/// @param ecn whether routers may mark packets instead of dropping them, and how the peer tells of it
/// @param noDelay whether the Nagle algorithm is off (RFC 9293, 3.7.4)
/// @param cork whether a segment that is not full waits for more octets, for up to 200 ms
/// @param quickAck whether every batch of text is acknowledged at once, as long as this is set
/// @param notSentLowWater how many octets may wait unsent before [TcpConnection#sendBufferFree] is 0: 0 to
///     2^32 - 1 octets; 0 for as many as the send buffer holds
/// @param delayedAckNanos how long an ACK may wait: less than 500 ms; 0 acknowledges at once
/// @param initialRtoNanos the RTO before any measurement (RFC 6298, 2.1): between the bounds
/// @param minimumRtoNanos the lower bound of the RTO: at least 1 ms
/// @param maximumRtoNanos the upper bound of the RTO and of backed-off probe intervals: 60 s to an hour
/// @param retransmissionsR1 retransmissions of one segment before the user is advised (RFC 9293, 3.8.3):
///     1 to 127
/// @param giveUpNanos R2 in time: an unacknowledged connection is closed after this long; at least 100 s
/// @param synGiveUpNanos R2 for SYN segments: at least 3 minutes (RFC 9293, 3.8.3, MUST-23)
/// @param userTimeoutNanos the user timeout, counted from the oldest unacknowledged octet; 0 for none
/// @param keepAlive whether idle connections are probed (RFC 9293, 3.8.4)
/// @param keepAliveIdleNanos idle time before the first probe: at least 1 ms, two hours by default
/// @param keepAliveIntervalNanos time between probes: at least 1 ms
/// @param keepAliveProbes unanswered probes before the connection is closed: 1 to 127
/// @param timeWaitNanos how long TIME-WAIT lasts; 0 skips it
/// @param finWait2Nanos how long FIN-WAIT-2 may last once the user has closed and cannot read any more
/// @param congestion makes the congestion controller
/// @param pacing whether the segments of a window are spread over the round trip, beyond slow start too,
///     even if the congestion controller names no rate; one that names a rate is always obeyed
public record TcpConfig(
        int maximumSegmentSize,
        PathMtuProbing pathMtuProbing,
        int minimumPathMtu,
        int sendBuffer,
        int receiveBuffer,
        boolean tuneSendBuffer,
        boolean tuneReceiveBuffer,
        boolean pathMetrics,
        boolean windowScaling,
        boolean timestamps,
        boolean sack,
        EcnPolicy ecn,
        boolean noDelay,
        boolean cork,
        boolean quickAck,
        long notSentLowWater,
        long delayedAckNanos,
        long initialRtoNanos,
        long minimumRtoNanos,
        long maximumRtoNanos,
        int retransmissionsR1,
        long giveUpNanos,
        long synGiveUpNanos,
        long userTimeoutNanos,
        boolean keepAlive,
        long keepAliveIdleNanos,
        long keepAliveIntervalNanos,
        int keepAliveProbes,
        long timeWaitNanos,
        long finWait2Nanos,
        CongestionControllerFactory congestion,
        boolean pacing) {

    private static final long MILLIS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECONDS = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_BUFFER = 1 << 30;
    private static final long MAX_MARK = 0xffffffffL;

    /// The defaults.
    ///
    /// Deviation: RFC 6298 (2.4) wants a minimum RTO of 1 second, we take 200 ms as Linux does,
    /// because peers delay ACKs by 40 ms and a second is an age on today's paths. Deviation:
    /// RFC 9293 (3.4.2) sets MSL to 2 minutes, so TIME-WAIT to 4; we take 60 seconds as Linux does,
    /// because no path today holds a segment for minutes and ports are scarce.
    public static final TcpConfig DEFAULT =
            new TcpConfig(
                    1460,
                    PathMtuProbing.ON_BLACK_HOLE,
                    552,
                    4 << 20,
                    6 << 20,
                    true,
                    true,
                    true,
                    true,
                    true,
                    true,
                    EcnPolicy.PASSIVE,
                    false,
                    false,
                    false,
                    0,
                    40 * MILLIS,
                    SECONDS,
                    200 * MILLIS,
                    120 * SECONDS,
                    3,
                    900 * SECONDS,
                    180 * SECONDS,
                    0,
                    false,
                    7200 * SECONDS,
                    75 * SECONDS,
                    9,
                    60 * SECONDS,
                    60 * SECONDS,
                    CongestionControllers.of("cubic"),
                    false);

    /// Checks every range.
    public TcpConfig {
        check("maximumSegmentSize", maximumSegmentSize, 64, 65495);
        check("minimumPathMtu", minimumPathMtu, 68, 1280);
        check("sendBuffer", sendBuffer, 1, MAX_BUFFER);
        check("receiveBuffer", receiveBuffer, 1, MAX_BUFFER);
        check("notSentLowWater", notSentLowWater, 0, MAX_MARK);
        check("delayedAckNanos", delayedAckNanos, 0, 500 * MILLIS - 1);
        // The bound comes first, so that a wrong one is not blamed on what it bounds.
        check("maximumRtoNanos", maximumRtoNanos, 60 * SECONDS, 3600 * SECONDS);
        check("minimumRtoNanos", minimumRtoNanos, MILLIS, maximumRtoNanos);
        check("initialRtoNanos", initialRtoNanos, minimumRtoNanos, maximumRtoNanos);
        check("retransmissionsR1", retransmissionsR1, 1, 127);
        check("giveUpNanos", giveUpNanos, 100 * SECONDS, Long.MAX_VALUE / 4);
        check("synGiveUpNanos", synGiveUpNanos, 180 * SECONDS, Long.MAX_VALUE / 4);
        check("userTimeoutNanos", userTimeoutNanos, 0, Long.MAX_VALUE / 4);
        check("keepAliveIdleNanos", keepAliveIdleNanos, MILLIS, Long.MAX_VALUE / 4);
        check("keepAliveIntervalNanos", keepAliveIntervalNanos, MILLIS, Long.MAX_VALUE / 4);
        check("keepAliveProbes", keepAliveProbes, 1, 127);
        check("timeWaitNanos", timeWaitNanos, 0, Long.MAX_VALUE / 4);
        check("finWait2Nanos", finWait2Nanos, 0, Long.MAX_VALUE / 4);
        if (pathMtuProbing == null) {
            throw new IllegalArgumentException("pathMtuProbing must be a mode, got null");
        }
        if (ecn == null) {
            throw new IllegalArgumentException("ecn must be one of EcnPolicy, got null");
        }
        if (congestion == null) {
            throw new IllegalArgumentException("congestion must name a controller, got null");
        }
    }

    private static void check(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " must lie within " + least + " to " + most + ", got " + value);
        }
    }

    /// How large the send buffer is before the connection is established, in octets.
    public int initialSendBuffer() {
        return tuneSendBuffer ? Math.min(FlowMemory.INITIAL_SEND, sendBuffer) : sendBuffer;
    }

    /// A copy with changes: `config.with(draft -> draft.keepAlive = true)`.
    ///
    /// @throws IllegalArgumentException if a changed value is out of range
    public TcpConfig with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.toConfig();
    }

    /// The components as plain variables, for [#with].
    public static final class Draft {
        public int maximumSegmentSize;
        public PathMtuProbing pathMtuProbing;
        public int minimumPathMtu;
        public int sendBuffer;
        public int receiveBuffer;
        public boolean tuneSendBuffer;
        public boolean tuneReceiveBuffer;
        public boolean pathMetrics;
        public boolean windowScaling;
        public boolean timestamps;
        public boolean sack;
        public EcnPolicy ecn;
        public boolean noDelay;
        public boolean cork;
        public boolean quickAck;
        public long notSentLowWater;
        public long delayedAckNanos;
        public long initialRtoNanos;
        public long minimumRtoNanos;
        public long maximumRtoNanos;
        public int retransmissionsR1;
        public long giveUpNanos;
        public long synGiveUpNanos;
        public long userTimeoutNanos;
        public boolean keepAlive;
        public long keepAliveIdleNanos;
        public long keepAliveIntervalNanos;
        public int keepAliveProbes;
        public long timeWaitNanos;
        public long finWait2Nanos;
        public CongestionControllerFactory congestion;
        public boolean pacing;

        private Draft(TcpConfig from) {
            maximumSegmentSize = from.maximumSegmentSize;
            pathMtuProbing = from.pathMtuProbing;
            minimumPathMtu = from.minimumPathMtu;
            sendBuffer = from.sendBuffer;
            receiveBuffer = from.receiveBuffer;
            tuneSendBuffer = from.tuneSendBuffer;
            tuneReceiveBuffer = from.tuneReceiveBuffer;
            pathMetrics = from.pathMetrics;
            windowScaling = from.windowScaling;
            timestamps = from.timestamps;
            sack = from.sack;
            ecn = from.ecn;
            noDelay = from.noDelay;
            cork = from.cork;
            quickAck = from.quickAck;
            notSentLowWater = from.notSentLowWater;
            delayedAckNanos = from.delayedAckNanos;
            initialRtoNanos = from.initialRtoNanos;
            minimumRtoNanos = from.minimumRtoNanos;
            maximumRtoNanos = from.maximumRtoNanos;
            retransmissionsR1 = from.retransmissionsR1;
            giveUpNanos = from.giveUpNanos;
            synGiveUpNanos = from.synGiveUpNanos;
            userTimeoutNanos = from.userTimeoutNanos;
            keepAlive = from.keepAlive;
            keepAliveIdleNanos = from.keepAliveIdleNanos;
            keepAliveIntervalNanos = from.keepAliveIntervalNanos;
            keepAliveProbes = from.keepAliveProbes;
            timeWaitNanos = from.timeWaitNanos;
            finWait2Nanos = from.finWait2Nanos;
            congestion = from.congestion;
            pacing = from.pacing;
        }

        private TcpConfig toConfig() {
            return new TcpConfig(
                    maximumSegmentSize,
                    pathMtuProbing,
                    minimumPathMtu,
                    sendBuffer,
                    receiveBuffer,
                    tuneSendBuffer,
                    tuneReceiveBuffer,
                    pathMetrics,
                    windowScaling,
                    timestamps,
                    sack,
                    ecn,
                    noDelay,
                    cork,
                    quickAck,
                    notSentLowWater,
                    delayedAckNanos,
                    initialRtoNanos,
                    minimumRtoNanos,
                    maximumRtoNanos,
                    retransmissionsR1,
                    giveUpNanos,
                    synGiveUpNanos,
                    userTimeoutNanos,
                    keepAlive,
                    keepAliveIdleNanos,
                    keepAliveIntervalNanos,
                    keepAliveProbes,
                    timeWaitNanos,
                    finWait2Nanos,
                    congestion,
                    pacing);
        }
    }
}
