package toytcp.stack.tcp;

/// What a connection counts for its [TcpInfo]: written where it happens, never read by the protocol.
final class FlowCounters {
    private static final long NEVER = -1;

    long segsIn;
    long segsOut;
    long dataSegsIn;
    long dataSegsOut;
    long bytesReceived;
    long bytesSent;
    long bytesAcked;
    long bytesRetrans;
    long totalRetrans;
    long outOfOrder;

    long dataSentAt = NEVER;
    long ackSentAt = NEVER;
    long dataReceivedAt = NEVER;
    long ackReceivedAt = NEVER;

    void arrived(boolean data) {
        segsIn++;
        if (data) {
            dataSegsIn++;
        }
    }

    /// A segment with `octets` of data left.
    ///
    /// @param again how many of the octets were sent before
    void dataSent(int octets, int again, long nowNanos) {
        if (octets > 0) {
            dataSegsOut++;
            bytesSent += octets;
            bytesRetrans += again;
            dataSentAt = nowNanos;
        }
    }

    /// Milliseconds since a moment; -1 if it has not come yet.
    static long millisSince(long atNanos, long nowNanos) {
        return atNanos == NEVER ? NEVER : (nowNanos - atNanos) / 1_000_000;
    }
}
