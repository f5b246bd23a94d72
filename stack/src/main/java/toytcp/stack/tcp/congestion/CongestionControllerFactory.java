package toytcp.stack.tcp.congestion;

/// Makes the [CongestionController] of a new connection.
@FunctionalInterface
public interface CongestionControllerFactory {
    /// A controller in its initial state.
    ///
    /// @param maximumSegmentSize data octets of a full-sized segment
    CongestionController create(int maximumSegmentSize);
}
