package toytcp.stack.tcp.congestion;

/// The window of a new connection: `min (10*MSS, max (2*MSS, 14600))` (RFC 6928, 2).
final class InitialWindow {
    private static final int SEGMENTS = 10;
    private static final int OCTETS = 14600;

    private InitialWindow() {}

    /// @param maximumSegmentSize data octets of a full-sized segment
    /// @return octets
    static int of(int maximumSegmentSize) {
        return Math.min(SEGMENTS * maximumSegmentSize, Math.max(2 * maximumSegmentSize, OCTETS));
    }
}
