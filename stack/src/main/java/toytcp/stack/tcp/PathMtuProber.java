package toytcp.stack.tcp;

import toytcp.codec.SeqNum;

import java.util.concurrent.TimeUnit;

/// Finds out how large segments may be, by sending larger ones (RFC 4821). Only flows that do so have one.
///
/// A probe is a segment of the stream that is larger than SND.MSS, without overlapping (10.1). If it arrives,
/// SND.MSS grows; if it alone is lost, that is no sign of congestion, and its octets go again in segments of
/// the usual size. If nothing arrives any more ("black hole"), SND.MSS falls.
///
/// All sizes are octets of text, as in [PathMtu].
///
/// Deviation: RFC 4821, 7.8, would like it verified that a larger SND.MSS does not cause loss, where packets
/// of one flow take several paths. Here only standing still counts (7.7), as in Linux.
final class PathMtuProber {
    /// Where the search begins: "1024 bytes is probably safe enough" (RFC 4821, 7.2).
    static final int BASE_MTU = 1024;

    /// "at least Tcprexmtthresh additional segments" (RFC 4821, 7.4), so that its loss is found without a
    /// timeout.
    private static final int FOLLOWERS = LossRecovery.DUPLICATE_THRESHOLD;

    /// RFC 4821, 7.3: "recommended to be 10 minutes".
    private static final long CONVERGED_NANOS = TimeUnit.MINUTES.toNanos(10);

    /// The search has converged when less than one part in so many is still to be gained.
    private static final int WORTHWHILE = 32;

    /// RFC 4821, 7.6.3: "five times the non-timeout failure case".
    private static final int TIMEOUT_FACTOR = 5;

    /// Packet sizes that are probable: tunnels, Ethernet, FDDI, jumbo frames, Token Ring, loopback.
    private static final int[] LIKELY = {1280, 1400, 1500, 4352, 9000, 17914, 32000};

    private static final long NEVER = Long.MAX_VALUE;

    private final Tcb tcb;
    private final PathMtu path;

    /// `search_low`: this fits.
    private int low;

    /// `search_high`: more than this does not.
    private int high;

    /// The probe that is out; its size is 0 if there is none.
    private int probeSeq;

    private int probeSize;

    /// The size of the one before, as long as it is known to be lost and not all of it was sent again.
    private int failedSize;

    /// When the next probe may be sent.
    private long nextAt;

    /// When the search begins anew, after it has converged.
    private long restartAt = NEVER;

    PathMtuProber(Tcb tcb, PathMtu path) {
        this.tcb = tcb;
        this.path = path;
        low = PathMtuProber.BASE_MTU - path.headers();
        high = path.most();
    }

    /// The search begins anew, from a size that fits.
    void restart(int fits) {
        low = fits;
        high = path.most();
        restartAt = NEVER;
    }

    /// A router says that more does not fit.
    void limit(int size) {
        high = size;
        low = Math.min(low, size);
    }

    /// Whether a probe with this sequence number is out.
    boolean isProbe(int seq) {
        return probeSize > 0 && seq == probeSeq;
    }

    /// The size of a probe that is to be sent next, see [PathMtu#probe].
    int probe(int queued, int allowed, long nowNanos) {
        if (probeSize > 0 || nowNanos < nextAt || !mayProbe()) {
            return 0;
        }
        int size = next(nowNanos);
        int needed = size + FOLLOWERS * tcb.snd.mss;
        boolean windows = tcb.snd.wnd >= needed && tcb.congestion.window() >= needed;
        if (size == 0 || queued < needed || !windows) {
            return 0;
        }
        if (allowed < size) {
            // "the returning ACKs can be used to prevent the window from falling by more than the
            // amount of data needed for the probe" (RFC 4821, 7.4).
            return tcb.snd.una == tcb.snd.nxt ? 0 : -1;
        }
        probeSeq = tcb.snd.nxt;
        probeSize = size;
        failedSize = 0;
        return size;
    }

    /// RFC 4821, 7.4: "no outstanding probes or losses".
    private boolean mayProbe() {
        return tcb.config.pathMtuProbing() != PathMtuProbing.OFF
                && tcb.snd.cursor == tcb.snd.nxt
                && tcb.recovery.state() == TcpInfo.CaState.OPEN;
    }

    /// The size to try next; 0 if it is not worth it.
    private int next(long nowNanos) {
        if (restartAt != NEVER) {
            if (nowNanos < restartAt) {
                return 0;
            }
            restart(low);
        }
        for (int mtu : LIKELY) {
            int size = mtu - path.headers();
            if (size > low && size <= high) {
                return size;
            }
        }
        if (high - low <= low / WORTHWHILE) {
            restartAt = nowNanos + CONVERGED_NANOS;
            if (low < path.most()) {
                path.found();
            }
            return 0;
        }
        return high == path.most() ? high : low + (high - low + 1) / 2;
    }

    /// SND.UNA moved.
    ///
    /// @param proven a segment of this size has arrived
    void onAcked(int proven) {
        if (probeSize > 0 && SeqNum.geq(tcb.snd.una, probeSeq + probeSize)) {
            probeSize = 0;
        }
        // Also by an ordinary segment: "an "implicit probe"" (RFC 4821, 7.1).
        if (proven > low) {
            low = Math.min(proven, path.most());
            high = Math.max(high, low);
            if (low > tcb.snd.mss) {
                path.set(low);
            }
        }
    }

    /// Whether a loss that was found is that of the probe, and of nothing else (RFC 4821, 7.6.2).
    boolean explainsLoss(LossRecovery recovery, long nowNanos) {
        if (probeSize > 0 && recovery.isOnlyLoss(probeSeq, probeSeq + probeSize)) {
            fail(probeSize - 1, nowNanos);
            return true;
        }
        return failedSize > 0 && recovery.isOnlyLoss(probeSeq, probeSeq + failedSize);
    }

    /// Something was sent again, up to `end`.
    void onSentAgain(int end) {
        if (failedSize > 0 && SeqNum.geq(end, probeSeq + failedSize)) {
            failedSize = 0;
        }
    }

    /// A router dropped the probe, and says why.
    ///
    /// @return whether that can be
    boolean onTooBig(int claimed, long nowNanos) {
        if (claimed >= probeSize || claimed < low) {
            return false;
        }
        fail(claimed, nowNanos);
        return true;
    }

    /// The retransmission timer expired.
    void onTimeout(long nowNanos) {
        if (probeSize > 0 && probeSeq == tcb.snd.una) {
            // RFC 4821, 7.6.3.
            high = Math.max(low, probeSize - 1);
            postpone(TIMEOUT_FACTOR, nowNanos);
        }
        // Else it was lost among others, which tells nothing (7.6.4).
        probeSize = 0;
        failedSize = 0;
    }

    private void fail(int fits, long nowNanos) {
        high = Math.max(low, fits);
        tcb.recovery.resendProbe(probeSeq, probeSeq + probeSize);
        failedSize = probeSize;
        probeSize = 0;
        postpone(1, nowNanos);
    }

    private void postpone(int factor, long nowNanos) {
        // "the same number of round trips as the current congestion window in packets" (7.6.2).
        int roundTrips = Math.max(1, tcb.congestion.window() / tcb.snd.mss);
        nextAt = nowNanos + factor * roundTrips * Math.max(0, tcb.rtt.srtt());
    }

    /// Nothing came back for long (RFC 4821, 7.7), and perhaps segments are too large.
    void onBlackHole() {
        SendSequence snd = tcb.snd;
        int base = BASE_MTU - path.headers();
        int floor = Math.min(tcb.config.minimumPathMtu(), BASE_MTU) - path.headers();
        int size = snd.mss > base ? base : Math.max(floor, snd.mss / 2);
        if (size >= Math.min(snd.mss, snd.flightSize())) {
            // What is outstanding is small enough.
            return;
        }
        path.forget();
        path.set(size);
        low = size;
        high = path.most();
        restartAt = NEVER;
        nextAt = 0;
    }
}
