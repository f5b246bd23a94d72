package toytcp.stack.tcp.congestion;

/// DCTCP (RFC 8257): reduces the window in proportion to how much was marked, so that a queue can be kept
/// short without running empty. Growth and losses are NewReno's, as 3.4 and 3.5 have it.
///
/// Only for networks whose routers mark early and whose hosts all use it: beside others it takes more than
/// its share, and a peer that tells of marks as RFC 3168 has it makes it reduce too much. Both sides must
/// be set to it, or use Accurate ECN.
public final class Dctcp extends DelegatingController {
    /// Makes these controllers, and says that they need marks.
    public static final CongestionControllerFactory FACTORY = new Factory();

    /// The estimation gain g (RFC 8257, 4.2).
    static final double GAIN = 1.0 / 16;

    private int maximumSegmentSize;

    /// DCTCP.Alpha: the share of octets that is marked.
    private double alpha = 1;

    /// DCTCP.BytesAcked and DCTCP.BytesMarked.
    private long bytesAcked;

    private long bytesMarked;

    /// Octets from SND.UNA to DCTCP.WindowEnd.
    private long untilWindowEnd;

    /// The state of a new connection.
    ///
    /// @param maximumSegmentSize data octets of a full-sized segment
    public Dctcp(int maximumSegmentSize) {
        super(new NewReno(maximumSegmentSize));
        this.maximumSegmentSize = maximumSegmentSize;
    }

    /// RFC 8257, 3.3, steps 1 to 8.
    @Override
    public void onAck(AckSample sample) {
        bytesAcked += sample.acked();
        bytesMarked += sample.marked();
        untilWindowEnd -= sample.acked();
        if (untilWindowEnd < 0) {
            double m = Math.min(1, (double) bytesMarked / bytesAcked);
            alpha = alpha * (1 - GAIN) + GAIN * m;
            untilWindowEnd = Math.max(0, sample.flightSize() - sample.acked());
            bytesAcked = 0;
            bytesMarked = 0;
        }
        super.onAck(sample);
    }

    /// Step 9: `cwnd = cwnd * (1 - DCTCP.Alpha / 2)`, and two segments at least, as after a loss.
    @Override
    public void onCongestionMark(int flightSize, long nowNanos) {
        int reduced = (int) (window() * (1 - alpha / 2));
        int window = Math.max(reduced, 2 * maximumSegmentSize);
        takeOver(window, window);
    }

    @Override
    public void onMaximumSegmentSize(int maximumSegmentSize) {
        this.maximumSegmentSize = maximumSegmentSize;
        super.onMaximumSegmentSize(maximumSegmentSize);
    }

    @Override
    public String name() {
        return "dctcp";
    }

    /// DCTCP.Alpha, for tests.
    double alpha() {
        return alpha;
    }

    private static final class Factory implements CongestionControllerFactory {
        @Override
        public CongestionController create(int maximumSegmentSize) {
            return new Dctcp(maximumSegmentSize);
        }

        @Override
        public boolean needsMarks() {
            return true;
        }
    }
}
