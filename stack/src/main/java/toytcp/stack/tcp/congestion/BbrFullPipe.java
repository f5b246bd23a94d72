package toytcp.stack.tcp.congestion;

/// Whether sending faster still makes delivery faster (draft-ietf-ccwg-bbr, 5.3.1.2): after three rounds
/// in which it did not, by a quarter at least, the pipe is full.
final class BbrFullPipe {
    private static final double GROWTH = 1.25;
    private static final int ROUNDS = 3;

    private double baseline;
    private int rounds;
    private boolean now;

    /// ResetFullBW (): the search begins anew, from `baseline` octets a second.
    void reset(double baseline) {
        this.baseline = baseline;
        rounds = 0;
        now = false;
    }

    /// CheckFullBWReached (). An ACK without a reliable rate says nothing.
    ///
    /// @return whether the pipe is found full with this ACK
    boolean onAck(AckSample sample, boolean roundStarts, boolean appLimited) {
        if (now || !roundStarts || appLimited || sample.deliveryRate() == 0) {
            return false;
        }
        if (sample.deliveryRate() >= baseline * GROWTH) {
            reset(sample.deliveryRate());
            return false;
        }
        now = ++rounds >= ROUNDS;
        return now;
    }

    /// BBR.full_bw_now.
    boolean isFull() {
        return now;
    }
}
