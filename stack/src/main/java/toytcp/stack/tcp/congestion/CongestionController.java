package toytcp.stack.tcp.congestion;

/// A congestion control algorithm for one connection: events in, a window out.
///
/// The object knows nothing of the connection. Loss *detection* and the choice of what to
/// retransmit live elsewhere; an algorithm only answers how much may be in flight. All amounts are
/// octets, all times nanoseconds on the connection's clock. Called on one thread.
public interface CongestionController {
    /// The congestion window, `cwnd`: at least one segment.
    int window();

    /// The slow start threshold, `ssthresh`; `Integer.MAX_VALUE` while none is known.
    int slowStartThreshold();

    /// New data was acknowledged outside of loss recovery.
    ///
    /// @param acked octets that this ACK newly acknowledged
    /// @param flightSize octets that were outstanding before this ACK
    /// @param windowLimited whether the sender was held back by `cwnd` since the last ACK
    /// @param nowNanos when
    void onAck(int acked, int flightSize, boolean windowLimited, long nowNanos);

    /// Loss was detected by duplicate ACKs and a recovery episode begins (RFC 5681, 3.2).
    ///
    /// @param flightSize octets outstanding
    /// @param nowNanos when
    void onLoss(int flightSize, long nowNanos);

    /// The recovery episode that [#onLoss] began is over.
    ///
    /// @param flightSize octets outstanding
    /// @param nowNanos when
    void onRecovered(int flightSize, long nowNanos);

    /// The retransmission timer expired.
    ///
    /// @param flightSize octets outstanding
    /// @param first whether this is the first timeout for the oldest outstanding octet
    /// @param nowNanos when
    void onRetransmissionTimeout(int flightSize, boolean first, long nowNanos);

    /// The connection sends again after it was idle for longer than the RTO (RFC 5681, 4.1).
    void onRestartAfterIdle();

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
