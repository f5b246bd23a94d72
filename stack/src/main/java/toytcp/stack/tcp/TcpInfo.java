package toytcp.stack.tcp;

/// What is known of one connection at one moment, by the names and in the units of Linux's `tcp_info`,
/// as in Netty's `EpollTcpInfo`.
///
/// Linux counts windows in segments; so do the components that it has, and those that end in `Bytes` tell
/// the same in octets, which is how this stack counts. Text means octets of the user; SYN and FIN do not
/// count as octets anywhere here. Segments are counted as the link carries them: a super-segment that a
/// local peer's offload made is one. For an accepted connection the count begins with the segment that
/// completed the handshake.
///
/// Left out, because this stack does not have what they tell of: `fackets` (forward acknowledgement, which
/// Linux has given up too) and `rcvSsthresh` (the window opens to the whole buffer at once). Pacing and
/// delivery rates are no part of `EpollTcpInfo`.
///
/// @param state the state
/// @param caState what the sender makes of the path
/// @param congestionControl the name of the congestion control algorithm
/// @param retransmits timeouts since something new was acknowledged
/// @param probes unanswered probes of a closed window, and keep-alive probes
/// @param backoff how often the RTO is doubled now
/// @param options what was negotiated: a sum of [#OPTION_TIMESTAMPS], [#OPTION_SACK], [#OPTION_WSCALE],
///     [#OPTION_ECN] and [#OPTION_ECN_SEEN]
/// @param sndWscale the shift of the window that the peer offers
/// @param rcvWscale the shift of the window that we offer
/// @param rto the retransmission timeout in microseconds, backed off
/// @param ato how long an ACK may be delayed, in microseconds
/// @param sndMss octets of data in a full-sized segment of ours; 0 before the peer's SYN is known
/// @param rcvMss octets of data in the largest segment that arrived; 1 before any did, and 0 before the
///     peer's SYN is known
/// @param advmss the maximum segment size that our SYN announced
/// @param pmtu the largest packet that is sent now, headers included; 0 before the peer's SYN is known
/// @param unacked what is sent and unacknowledged, in segments of `sndMss`, rounded up
/// @param unackedBytes the same in octets of sequence space, SYN and FIN included
/// @param sacked what the peer holds of it although something before it is missing, in segments of
///     `sndMss`, rounded up
/// @param lost what is taken for lost of it, likewise; after a timeout all that is not `sacked`
/// @param retrans what was sent again of it and is not `sacked`, likewise
/// @param notsentBytes text that was never sent
/// @param lastDataSent milliseconds since we sent text; -1 if never
/// @param lastAckSent milliseconds since we sent an ACK; -1 if never
/// @param lastDataRecv milliseconds since text arrived; -1 if never
/// @param lastAckRecv milliseconds since an ACK arrived; -1 if never
/// @param rtt the smoothed round-trip time in microseconds; 0 before the first sample
/// @param rttvar its variation in microseconds
/// @param minRtt the least round-trip time of the last five to ten minutes, in microseconds; 0 before the
///     first sample
/// @param sndSsthresh the slow start threshold in segments; 2147483647 while none is known
/// @param sndSsthreshBytes the same in octets
/// @param sndCwnd the congestion window in whole segments; 0 before the peer's SYN is known
/// @param sndCwndBytes the same in octets
/// @param reordering how many duplicate ACKs are taken as a loss
/// @param sndWnd the window that the peer offers, in octets
/// @param rcvWnd the window that we offer, in octets
/// @param rcvRtt the round trip by which the receive buffer is tuned, in microseconds; 0 while none is known
/// @param rcvSpace the most octets that the user consumed in such a round trip; 0 while there is nothing to tune
/// @param totalRetrans segments that were sent again
/// @param bytesSent text in all segments that we sent
/// @param bytesRetrans the part of it that had been sent before
/// @param bytesAcked text that the peer acknowledged
/// @param bytesReceived text that arrived in order, once
/// @param segsOut segments sent
/// @param segsIn segments that arrived, dropped ones included
/// @param dataSegsOut segments with text that were sent
/// @param dataSegsIn segments with text that arrived
/// @param deliveredCe segments that the peer received with a mark of congestion, as far as it tells
/// @param deliveredCeBytes text in them
/// @param receivedCe segments that arrived with a mark of congestion, if ECN is in use
/// @param receivedCeBytes text in them
/// @param rcvOoopack segments that arrived ahead of a gap
/// @param rcvUrgent octets that the connection has not handed over yet, to the end of the peer's urgent
///     data (RFC 9293, 3.8.5, MUST-33); 0 if nothing is urgent. Not in `tcp_info`
public record TcpInfo(
        TcpState state,
        CaState caState,
        String congestionControl,
        int retransmits,
        int probes,
        int backoff,
        int options,
        int sndWscale,
        int rcvWscale,
        long rto,
        long ato,
        int sndMss,
        int rcvMss,
        int advmss,
        int pmtu,
        int unacked,
        int unackedBytes,
        int sacked,
        int lost,
        int retrans,
        int notsentBytes,
        long lastDataSent,
        long lastAckSent,
        long lastDataRecv,
        long lastAckRecv,
        long rtt,
        long rttvar,
        long minRtt,
        int sndSsthresh,
        int sndSsthreshBytes,
        int sndCwnd,
        int sndCwndBytes,
        int reordering,
        int sndWnd,
        int rcvWnd,
        long rcvRtt,
        long rcvSpace,
        long totalRetrans,
        long bytesSent,
        long bytesRetrans,
        long bytesAcked,
        long bytesReceived,
        long segsOut,
        long segsIn,
        long dataSegsOut,
        long dataSegsIn,
        long deliveredCe,
        long deliveredCeBytes,
        long receivedCe,
        long receivedCeBytes,
        long rcvOoopack,
        int rcvUrgent) {
    /// In [#options]: timestamps are in use (RFC 7323, 3).
    public static final int OPTION_TIMESTAMPS = 1;

    /// In [#options]: both sides understand selective acknowledgements (RFC 2018).
    public static final int OPTION_SACK = 2;

    /// In [#options]: windows are scaled (RFC 7323, 2).
    public static final int OPTION_WSCALE = 4;

    /// In [#options]: explicit congestion notification is in use (RFC 3168, RFC 9768).
    public static final int OPTION_ECN = 8;

    /// In [#options]: a packet arrived that a router may mark.
    public static final int OPTION_ECN_SEEN = 16;

    /// What the sender makes of the path; the ordinals are Linux's.
    public enum CaState {
        /// Nothing is wrong.
        OPEN,
        /// The peer tells of a gap, which is no loss as yet.
        DISORDER,
        /// The window was reduced within this round trip, for a mark of congestion.
        CWR,
        /// A loss was found by acknowledgements and is being repaired.
        RECOVERY,
        /// The retransmission timer expired, and not all that was out then is acknowledged.
        LOSS
    }

    static TcpInfo of(Tcb tcb, String congestionControl, long nowNanos) {
        FlowCounters counters = tcb.counters;
        SendSequence snd = tcb.snd;
        boolean synKnown = tcb.rcv != null;
        int ssthresh = synKnown ? tcb.congestion.slowStartThreshold() : Integer.MAX_VALUE;
        int cwnd = synKnown ? tcb.congestion.window() : 0;
        return new TcpInfo(
                tcb.state,
                synKnown ? state(tcb) : CaState.OPEN,
                congestionControl,
                tcb.retransmissions,
                tcb.unansweredProbes + tcb.keepAliveProbes,
                tcb.rtt.backoffs(),
                synKnown ? options(tcb) : 0,
                snd.shift,
                synKnown ? tcb.rcv.shift : 0,
                tcb.rtt.rto() / 1000,
                ackDelayMicros(tcb),
                snd.mss,
                synKnown ? tcb.rcv.mss : 0,
                tcb.offered.maximumSegmentSize(),
                synKnown ? tcb.path.mtu() : 0,
                segments(snd.flightSize() + snd.mss - 1, snd.mss, snd.flightSize()),
                snd.flightSize(),
                synKnown ? segmentsUp(tcb.recovery.sacked(), snd.mss) : 0,
                synKnown ? segmentsUp(tcb.recovery.lost(), snd.mss) : 0,
                synKnown ? segmentsUp(tcb.recovery.retransmitted(), snd.mss) : 0,
                tcb.unsent(),
                FlowCounters.millisSince(counters.dataSentAt, nowNanos),
                FlowCounters.millisSince(counters.ackSentAt, nowNanos),
                FlowCounters.millisSince(counters.dataReceivedAt, nowNanos),
                FlowCounters.millisSince(counters.ackReceivedAt, nowNanos),
                Math.max(0, tcb.rtt.srtt()) / 1000,
                tcb.rtt.rttvar() / 1000,
                tcb.rtt.minimum() / 1000,
                ssthresh == Integer.MAX_VALUE ? ssthresh : segments(ssthresh, snd.mss, 0),
                ssthresh,
                segments(cwnd, snd.mss, 0),
                cwnd,
                LossRecovery.DUPLICATE_THRESHOLD,
                snd.wnd,
                synKnown ? tcb.rcv.wnd : 0,
                Math.max(0, tcb.memory.receiveRtt()) / 1000,
                tcb.memory.consumedInRoundTrip(),
                counters.totalRetrans,
                counters.bytesSent,
                counters.bytesRetrans,
                counters.bytesAcked,
                counters.bytesReceived,
                counters.segsOut,
                counters.segsIn,
                counters.dataSegsOut,
                counters.dataSegsIn,
                tcb.ecn == null ? 0 : tcb.ecn.deliveredCe,
                tcb.ecn == null ? 0 : tcb.ecn.deliveredCeBytes,
                tcb.ecn == null ? 0 : tcb.ecn.receivedCe,
                tcb.ecn == null ? 0 : tcb.ecn.receivedCeBytes,
                counters.outOfOrder,
                synKnown ? tcb.urgent() : 0);
    }

    private static CaState state(Tcb tcb) {
        CaState state = tcb.recovery.state();
        boolean reducing = tcb.ecn != null && tcb.ecn.isReducing();
        return reducing && state.ordinal() < CaState.CWR.ordinal() ? CaState.CWR : state;
    }

    private static long ackDelayMicros(Tcb tcb) {
        return tcb.config.quickAck() ? 0 : tcb.config.delayedAckNanos() / 1000;
    }

    private static int options(Tcb tcb) {
        // A shift of 0 may be scaling too; it makes no difference.
        boolean scaled = tcb.snd.shift > 0 || tcb.rcv.shift > 0;
        return (tcb.timestamps.enabled() ? OPTION_TIMESTAMPS : 0)
                | (tcb.sackPermitted ? OPTION_SACK : 0)
                | (scaled ? OPTION_WSCALE : 0)
                | (tcb.ecn != null ? OPTION_ECN : 0)
                | (tcb.ecn != null && tcb.ecn.seen ? OPTION_ECN_SEEN : 0);
    }

    private static int segmentsUp(int octets, int segment) {
        return (octets + segment - 1) / segment;
    }

    /// @param unknown the answer while no segment size is known
    private static int segments(int octets, int segment, int unknown) {
        return segment == 0 ? unknown : octets / segment;
    }
}
