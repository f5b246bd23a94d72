package toytcp.stack.tcp;

/// Initial sequence numbers: a clock plus a keyed hash of the connection's addresses and ports
/// (RFC 9293, 3.4.1; RFC 6528, 3). Timestamp offsets come from the same function under another key
/// (RFC 7323, 7.1).
public final class IsnGenerator {
    /// RFC 9293, 3.4.1: the clock increments "roughly every 4 microseconds".
    private static final int TICK_NANOS = 4000;

    private final SipHash isnHash;
    private final SipHash timestampHash;

    /// Draws the two secrets.
    public IsnGenerator(EntropySource entropy) {
        isnHash = new SipHash(entropy.nextLong(), entropy.nextLong());
        timestampHash = new SipHash(entropy.nextLong(), entropy.nextLong());
    }

    /// `ISN = M + F(localip, localport, remoteip, remoteport, secretkey)`; addresses as in
    /// [toytcp.codec.IpAddresses].
    public int iss(
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            long nowNanos) {
        long ports = (long) localPort << 16 | remotePort;
        long hash = isnHash.hash(localHigh, localLow, remoteHigh, remoteLow, ports);
        return (int) (nowNanos / TICK_NANOS) + (int) hash;
    }

    /// Where the timestamp clock starts towards a peer: the same for all its connections, so that PAWS
    /// and TIME-WAIT keep working between incarnations.
    public int timestampOffset(long localHigh, long localLow, long remoteHigh, long remoteLow) {
        return (int) timestampHash.hash(localHigh, localLow, remoteHigh, remoteLow);
    }
}
