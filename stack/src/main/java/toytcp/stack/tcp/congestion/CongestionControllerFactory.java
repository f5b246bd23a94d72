package toytcp.stack.tcp.congestion;

/// Makes the [CongestionController] of a new connection.
///
/// A service: an implementation with a public constructor without parameters, named in
/// `META-INF/services/toytcp.stack.tcp.congestion.CongestionControllerFactory` or in a module's
/// `provides`, can be chosen by the name of its controllers, see [CongestionControllers].
@FunctionalInterface
public interface CongestionControllerFactory {
    /// A controller in its initial state.
    ///
    /// @param maximumSegmentSize data octets of a full-sized segment
    CongestionController create(int maximumSegmentSize);

    /// Whether the algorithm lives on marks of congestion, as DCTCP does, and needs to know how many there
    /// are. A connection with such an algorithm asks its peer for ECN, unless its settings forbid that,
    /// and echoes the marks that itself receives one by one (RFC 8257, 3.2).
    default boolean needsMarks() {
        return false;
    }
}
