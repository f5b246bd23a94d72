package toytcp.stack.tcp.congestion;

/// What one acknowledgement that delivers something tells a [CongestionController].
///
/// The connection has one of these and fills it in anew for each ACK, so that nothing is allocated:
/// an algorithm reads it during [CongestionController#onAck] and keeps no reference to it. The
/// setters are for whoever drives an algorithm, as a test does. What future algorithms need to know
/// comes in here, as one more accessor, and disturbs nobody.
///
/// The fields from [#deliveryRate()] on are the rate sample of draft-ietf-ccwg-bbr, 4.1: how fast the
/// path delivered what was sent in the last round trip. They are filled in only for an algorithm that
/// [CongestionController#usesDeliveryRate] asks for them. All of them speak of one segment: the one that
/// was sent last among those that this ACK delivers.
public final class AckSample {
    /// There is no such round-trip time.
    public static final long NO_RTT = -1;

    /// Nothing is known of the time when the segment was sent that this ACK delivers.
    public static final long NO_PRIOR = -1;

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
    private long deliveryRate;
    private long rateIntervalNanos;
    private int rateDelivered;
    private long priorDelivered = NO_PRIOR;
    private long totalDelivered;
    private long totalLost;
    private int txInFlight;
    private int lostSinceSent;
    private boolean appLimited;

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
    /// Nor must one grow with an ACK that tells of marks (RFC 3168, 6.1.2): then this is `false`, too.
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

    /// How fast the path delivers, in octets a second from 1: [#rateDelivered()] over
    /// [#rateIntervalNanos()]. 0 if this ACK tells nothing reliable. If [#isAppLimited()], the path may be
    /// faster.
    public long deliveryRate() {
        return deliveryRate;
    }

    /// Over what time [#rateDelivered()] was delivered, in nanoseconds: the time it took to send that
    /// much, or the time it took to acknowledge it, whichever is longer; 0 if it is not known.
    public long rateIntervalNanos() {
        return rateIntervalNanos;
    }

    /// Octets that were delivered since the segment was sent; 0 if that is not known.
    public int rateDelivered() {
        return rateDelivered;
    }

    /// What [#totalDelivered()] was when the segment was sent; [#NO_PRIOR] if that is not known. An ACK
    /// for which this is at least what [#totalDelivered()] was at some moment is a round trip later than
    /// that moment.
    public long priorDelivered() {
        return priorDelivered;
    }

    /// Octets that were delivered since the connection began, those of this ACK included. What arrived
    /// twice may count twice.
    public long totalDelivered() {
        return totalDelivered;
    }

    /// Octets that were taken for lost since the connection began.
    public long totalLost() {
        return totalLost;
    }

    /// Octets that were in the network when the segment was sent, its own included.
    public int txInFlight() {
        return txInFlight;
    }

    /// Octets that were taken for lost since the segment was sent.
    public int lostSinceSent() {
        return lostSinceSent;
    }

    /// Whether the application had too little to send at some moment of the round trip that the rate
    /// was measured in, so that the rate is the application's and not the path's.
    public boolean isAppLimited() {
        return appLimited;
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

    /// Sets [#deliveryRate()].
    public AckSample deliveryRate(long octetsPerSecond) {
        deliveryRate = octetsPerSecond;
        return this;
    }

    /// Sets [#rateIntervalNanos()].
    public AckSample rateIntervalNanos(long nanos) {
        rateIntervalNanos = nanos;
        return this;
    }

    /// Sets [#rateDelivered()].
    public AckSample rateDelivered(int octets) {
        rateDelivered = octets;
        return this;
    }

    /// Sets [#priorDelivered()].
    public AckSample priorDelivered(long octets) {
        priorDelivered = octets;
        return this;
    }

    /// Sets [#totalDelivered()].
    public AckSample totalDelivered(long octets) {
        totalDelivered = octets;
        return this;
    }

    /// Sets [#totalLost()].
    public AckSample totalLost(long octets) {
        totalLost = octets;
        return this;
    }

    /// Sets [#txInFlight()].
    public AckSample txInFlight(int octets) {
        txInFlight = octets;
        return this;
    }

    /// Sets [#lostSinceSent()].
    public AckSample lostSinceSent(int octets) {
        lostSinceSent = octets;
        return this;
    }

    /// Sets [#isAppLimited()].
    public AckSample appLimited(boolean value) {
        appLimited = value;
        return this;
    }
}
