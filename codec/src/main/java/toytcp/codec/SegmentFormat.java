package toytcp.codec;

/// CONTRACT STUB.
public final class SegmentFormat {
    private SegmentFormat() {}

    public static String format(TcpSegment segment, int seqBase, int ackBase) {
        throw new UnsupportedOperationException();
    }
}
