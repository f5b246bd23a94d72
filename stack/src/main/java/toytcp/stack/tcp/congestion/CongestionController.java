package toytcp.stack.tcp.congestion;

/// A congestion control algorithm for one connection: events in, a window and a pacing rate out.
///
/// This is what to implement for an algorithm of one's own. The object knows nothing of the
/// connection and has no other way to touch it. Loss *detection*, the choice of what to retransmit,
/// and the temporary inflation of the window by duplicate ACKs live elsewhere; an algorithm only
/// answers how much may be in flight, and how fast it may leave.
///
/// The order of events:
///
/// 1. The factory makes the controller when the size of the segments is known; [#takeOver] follows if
///    it replaces another one.
/// 2. [#onAck] for each ACK that delivers something, during recovery too.
/// 3. [#onLoss] begins an episode of recovery; [#onRecovered], [#onRetransmissionTimeout] or
///    [#onSpuriousLoss] ends it. There is at most one such episode at a time.
/// 4. [#onSpuriousLoss] at most once after [#onLoss] or the first [#onRetransmissionTimeout], as long as
///    nothing else was told of a loss since.
/// 5. [#onCongestionMark] at most once a round trip, not during an episode.
/// 6. [#onRestartAfterIdle] before the first segment after a pause, [#onMaximumSegmentSize] at any
///    time.
///
/// [#window()] is read before each segment, so it returns a field. All amounts are octets, all times
/// nanoseconds on the connection's clock. Everything is called on one thread, nothing may block, and
/// nothing should allocate. There is a controller of its own for each connection.
///
/// An algorithm that is another one but for an event or two extends [DelegatingController].
///
/// To be chosen by name, a factory is named in `META-INF/services` or a module's `provides`, see
/// [CongestionControllers]; without that it can still be given to `TcpConfig`.
public interface CongestionController {
    /// The [#pacingRate()] of an algorithm that does not pace.
    long NO_PACING = Long.MAX_VALUE;

    /// The congestion window, `cwnd`: at least one segment.
    int window();

    /// The slow start threshold, `ssthresh`; `Integer.MAX_VALUE` while none is known. Below it a window of more
    /// than twenty segments is spread over the round trip, unless [#pacingRate()] names a rate.
    int slowStartThreshold();

    /// How fast segments should leave, in octets a second, from 1. [#NO_PACING], the default, lets
    /// them leave as fast as the windows allow; but see [#slowStartThreshold()].
    default long pacingRate() {
        return NO_PACING;
    }

    /// Whether [#window()] counts during recovery too. If not, as most algorithms have it, the connection
    /// leads what is in flight to [#slowStartThreshold()] by proportional rate reduction (RFC 9937).
    default boolean governsRecovery() {
        return false;
    }

    /// Whether the algorithm wants the rate sample in an [AckSample], [#onSegmentLost] and
    /// [#onTransmitStart]; the answer never changes. It costs some octets and a few instructions for each
    /// segment, so by default the connection spares itself that.
    default boolean usesDeliveryRate() {
        return false;
    }

    /// Data was newly delivered: acknowledged, or reported by SACK.
    ///
    /// @param sample what the ACK tells; valid during this call only
    void onAck(AckSample sample);

    /// A segment was taken for lost; called only if [#usesDeliveryRate], for each one, before the [#onLoss],
    /// [#onRetransmissionTimeout] or [#onAck] that follows from it.
    ///
    /// @param sample [AckSample#lost()] is the size of the segment; [AckSample#txInFlight()],
    ///     [AckSample#lostSinceSent()] (its own octets included) and [AckSample#isAppLimited()] tell of the
    ///     time when it was sent last, and are 0 and `false` if that is not known;
    ///     [AckSample#totalDelivered()], [AckSample#totalLost()] and [AckSample#nowNanos()] tell of now.
    ///     Nothing else is set. Valid during this call only
    default void onSegmentLost(AckSample sample) {}

    /// A segment is about to leave, and nothing is in flight because the application had nothing to
    /// send; called only if [#usesDeliveryRate].
    ///
    /// @param nowNanos when
    default void onTransmitStart(long nowNanos) {}

    /// Loss was detected by acknowledgements and a recovery episode begins (RFC 5681, 3.2).
    ///
    /// @param flightSize octets outstanding
    /// @param nowNanos when
    void onLoss(int flightSize, long nowNanos);

    /// The recovery episode that [#onLoss] began is over.
    ///
    /// @param most the window that lets out no burst, from two segments; `Integer.MAX_VALUE` if the recovery
    ///     has seen to that
    /// @param nowNanos when
    void onRecovered(int most, long nowNanos);

    /// What [#onLoss] or [#onRetransmissionTimeout] told last was no loss: the segments were only late. An
    /// algorithm takes back what it did (RFC 4015, 3.3). By default nothing is taken back.
    ///
    /// @param flightSize octets outstanding
    /// @param nowNanos when
    default void onSpuriousLoss(int flightSize, long nowNanos) {
        onRecovered(Integer.MAX_VALUE, nowNanos);
    }

    /// The network marked packets instead of dropping them. "the sender should treat it like a packet drop"
    /// of a single segment (RFC 3168, 6.1.2), which is what this does by default.
    ///
    /// @param flightSize octets outstanding
    /// @param nowNanos when
    default void onCongestionMark(int flightSize, long nowNanos) {
        onLoss(flightSize, nowNanos);
        onRecovered(Integer.MAX_VALUE, nowNanos);
    }

    /// The retransmission timer expired.
    ///
    /// @param flightSize octets outstanding; 0 if it was a SYN that was lost
    /// @param first whether this is the first timeout for the oldest outstanding octet
    /// @param nowNanos when
    void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos);

    /// The connection sends again after it sent nothing for longer than the RTO, and nothing is
    /// outstanding (RFC 5681, 4.1).
    ///
    /// @param idleNanos how long it sent nothing
    /// @param nowNanos when
    void onRestartAfterIdle(long idleNanos, long nowNanos);

    /// The largest segment changed.
    ///
    /// @param maximumSegmentSize data octets of a full-sized segment
    void onMaximumSegmentSize(int maximumSegmentSize);

    /// Takes the place of another controller in a connection that is under way; called before any
    /// event. What the other one knew of the path goes on.
    ///
    /// @param window the congestion window, at least one segment
    /// @param slowStartThreshold the slow start threshold; `Integer.MAX_VALUE` while none is known
    void takeOver(int window, int slowStartThreshold);

    /// The name by which users choose the algorithm, in lower case: `newreno`.
    String name();
}
