package toytcp.stack.tcp.congestion;

/// What one acknowledgement that delivers something tells a [CongestionController].
///
/// The connection has one of these and fills it in anew for each ACK, so that nothing is allocated:
/// an algorithm reads it during [CongestionController#onAck] and keeps no reference to it. The
/// setters are for whoever drives an algorithm, as a test does. What future algorithms need to know
/// comes in here, as one more accessor, and disturbs nobody.
public final class AckSample {
    /// There is no such round-trip time.
    public static final long NO_RTT = -1;

    private int acked;
    private int delivered;
    private int lost;
    private int marked;
    private int flightSize;
    private int inFlight;
    private boolean windowLimited;
    private long rttNanos = NO_RTT;
    private long smoothedRttNanos = NO_RTT;
    private long nowNanos;

    /// A sample in which nothing was acknowledged.
    public AckSample() {}

    /// Octets by which this ACK moved SND.UNA, from 0.
    public int acked() {
        return acked;
    }

    /// Octets that arrived, as far as this ACK is the first to tell: acknowledged and not reported
    /// before, or newly reported by SACK; from 1.
    public int delivered() {
        return delivered;
    }

    /// Octets that were taken for lost since the last sample.
    public int lost() {
        return lost;
    }

    /// Octets of [#delivered()] that arrived with a mark of congestion (RFC 3168), as far as the peer
    /// tells.
    public int marked() {
        return marked;
    }

    /// Octets that were outstanding before this ACK, at least [#acked()].
    public int flightSize() {
        return flightSize;
    }

    /// Octets that are in the network after this ACK: sent, not delivered, and not taken for lost.
    public int inFlight() {
        return inFlight;
    }

    /// Whether the sender was held back by the congestion window since the last ACK. A window that was
    /// not used up proves nothing, and must not grow.
    public boolean isWindowLimited() {
        return windowLimited;
    }

    /// The round-trip time that this ACK measured, in nanoseconds from 0; [#NO_RTT] if it measured none.
    /// If it comes from a timestamp it is a whole number of milliseconds.
    public long rttNanos() {
        return rttNanos;
    }

    /// The smoothed round-trip time (RFC 6298), in nanoseconds; [#NO_RTT] before the first sample.
    public long smoothedRttNanos() {
        return smoothedRttNanos;
    }

    /// When the ACK arrived, in nanoseconds on the connection's clock, which may start anywhere.
    public long nowNanos() {
        return nowNanos;
    }

    /// Sets [#acked()].
    public AckSample acked(int octets) {
        acked = octets;
        return this;
    }

    /// Sets [#delivered()].
    public AckSample delivered(int octets) {
        delivered = octets;
        return this;
    }

    /// Sets [#lost()].
    public AckSample lost(int octets) {
        lost = octets;
        return this;
    }

    /// Sets [#marked()].
    public AckSample marked(int octets) {
        marked = octets;
        return this;
    }

    /// Sets [#inFlight()].
    public AckSample inFlight(int octets) {
        inFlight = octets;
        return this;
    }

    /// Sets [#flightSize()].
    public AckSample flightSize(int octets) {
        flightSize = octets;
        return this;
    }

    /// Sets [#isWindowLimited()].
    public AckSample windowLimited(boolean value) {
        windowLimited = value;
        return this;
    }

    /// Sets [#rttNanos()].
    public AckSample rttNanos(long nanos) {
        rttNanos = nanos;
        return this;
    }

    /// Sets [#smoothedRttNanos()].
    public AckSample smoothedRttNanos(long nanos) {
        smoothedRttNanos = nanos;
        return this;
    }

    /// Sets [#nowNanos()].
    public AckSample nowNanos(long nanos) {
        nowNanos = nanos;
        return this;
    }
}
