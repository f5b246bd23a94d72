package toytcp.stack.tcp;

/// CONTRACT STUB (core author writes it): RFC 6528 ISNs and RFC 7323 timestamp offsets by SipHash.
public final class IsnGenerator {
    public IsnGenerator(EntropySource entropy) {}

    public int iss(
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            long nowNanos) {
        throw new UnsupportedOperationException();
    }

    public int timestampOffset(long localHigh, long localLow, long remoteHigh, long remoteLow) {
        throw new UnsupportedOperationException();
    }
}
