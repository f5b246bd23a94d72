package toytcp.testkit;

import toytcp.codec.TcpSegment;

/// How long the IPv4 packet of a segment would be, if it were written.
final class PacketSize {
    private static final int IP_HEADER = 20;
    private static final int TCP_HEADER = 20;

    // RFC 9293, 3.2; RFC 7323, 2.2 and appendix A; RFC 2018, 2 and 3; each with its padding.
    private static final int MAXIMUM_SEGMENT_SIZE = 4;
    private static final int WINDOW_SCALE = 4;
    private static final int SACK_PERMITTED = 4;
    private static final int TIMESTAMPS = 12;
    private static final int SACK = 4;
    private static final int SACK_BLOCK = 8;

    private PacketSize() {}

    static int of(TcpSegment segment) {
        int octets = overhead(segment.hasTimestamps()) + segment.payload().readableBytes();
        octets += segment.mss() == TcpSegment.ABSENT ? 0 : MAXIMUM_SEGMENT_SIZE;
        octets += segment.windowScale() == TcpSegment.ABSENT ? 0 : WINDOW_SCALE;
        octets += segment.sackPermitted() ? SACK_PERMITTED : 0;
        int blocks = segment.sackCount();
        return octets + (blocks == 0 ? 0 : SACK + SACK_BLOCK * blocks);
    }

    /// Headers of an ordinary segment.
    static int overhead(boolean timestamps) {
        return IP_HEADER + TCP_HEADER + (timestamps ? TIMESTAMPS : 0);
    }
}
