package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;
import toytcp.codec.SeqNum;

import java.util.concurrent.TimeUnit;

/// How large the segments of a connection may be, as far as that depends on its path: what routers say of
/// it (RFC 1191), believed with the caution of RFC 5927, 7.2, and what probes find out ([PathMtuProber]).
/// SND.MSS follows.
///
/// Other than in the RFCs all sizes here are octets of text in a segment; [#headers()] more make the packet.
final class PathMtu {
    /// An IPv4 and a TCP header without options.
    private static final int HEADERS = 40;

    /// "Official minimum MTU" (RFC 791).
    private static final int LEAST_MTU = 68;

    /// RFC 1191, 6.3: "on the order of 10 minutes".
    private static final long LIFETIME_NANOS = TimeUnit.MINUTES.toNanos(10);

    private static final long NEVER = Long.MAX_VALUE;

    private final Tcb tcb;
    private final SendSequence snd;

    /// What the interface and the peer's MSS option allow.
    private int most;

    /// What other connections know of the path, as an MTU; 0 for nothing.
    private int known;

    /// `maxsizesent`: the largest since SND.MSS last fell.
    private int largestSent;

    /// `maxsizeacked`: so much has certainly arrived in one segment.
    private int proven;

    /// Where a larger segment ends that is out, and its size; 0 for none. RFC 5927, 7.2, takes all that one
    /// ACK acknowledges for one packet, and says itself that this is wrong.
    private int proofEnd;

    private int proofSize;

    /// The size that a router claimed, while it is not certain that it may be believed; 0 for none.
    private int claim;

    private int claimSeq;

    /// When what was learnt is too old.
    private long expiresAt = NEVER;

    private @Nullable PathMtuProber prober;

    PathMtu(Tcb tcb) {
        this.tcb = tcb;
        snd = tcb.snd;
    }

    /// What is around the text of a segment in its packet. Other options than timestamps take their room from
    /// the text.
    int headers() {
        return HEADERS + tcb.timestamps.octets();
    }

    /// The largest packet that may be sent now.
    int mtu() {
        return snd.mss + headers();
    }

    /// The largest segment that the interface and the peer allow.
    int most() {
        return most;
    }

    /// The peer's SYN is known.
    ///
    /// @param most what the interface and the peer's MSS option allow
    void start(int most, long nowNanos) {
        this.most = most;
        snd.mss = most;
        if (known > 0) {
            snd.mss = Math.min(most, bounded(known));
            expiresAt = snd.mss < most ? nowNanos + LIFETIME_NANOS : NEVER;
        }
        if (tcb.config.pathMtuProbing() == PathMtuProbing.ALWAYS) {
            prober = new PathMtuProber(tcb, this);
            snd.mss = Math.min(snd.mss, PathMtuProber.BASE_MTU - headers());
            prober.restart(snd.mss);
        }
    }

    /// Other connections to the same host have learnt the MTU of the path. Not believed if this one knows
    /// better; and nothing is sent again, since nothing is known to be lost (RFC 1191, 6.2).
    void onKnown(int mtu, long nowNanos) {
        known = mtu;
        if (most == 0) {
            return;
        }
        int size = bounded(mtu);
        if (size < snd.mss && size >= proven) {
            lower(size, nowNanos);
        }
    }

    /// A segment leaves.
    void onSent(int seq, int length, boolean isNew) {
        if (length > largestSent) {
            largestSent = length;
        }
        if (isNew) {
            if (length > proven && length > proofSize) {
                proofEnd = seq + length;
                proofSize = length;
            }
            return;
        }
        if (length < proofSize && SeqNum.lt(seq, proofEnd)) {
            // It goes again in pieces, and its acknowledgement proves nothing.
            proofSize = 0;
        }
        if (prober != null) {
            prober.onSentAgain(seq + length);
        }
    }

    /// SND.UNA moved.
    void onAcked() {
        if (proofSize > 0 && SeqNum.geq(snd.una, proofEnd)) {
            proven = Math.max(proven, proofSize);
            proofSize = 0;
        }
        if (claim > 0 && SeqNum.gt(snd.una, claimSeq)) {
            // "if there is progress on the connection, the ICMP "Packet Too Big" errors must be a
            // false claim" (RFC 5927, 7.2).
            claim = 0;
        }
        if (prober != null) {
            prober.onAcked(proven);
        }
    }

    /// A router says that an outstanding segment was too large (RFC 5927, 7.4).
    ///
    /// @return whether that can be
    boolean onTooBig(IcmpError error, long nowNanos) {
        int mtu = error.mtu() > 0 ? error.mtu() : Plateaus.below(error, mtu());
        if (mtu < LEAST_MTU) {
            return false;
        }
        int claimed = bounded(mtu);
        if (prober != null && prober.isProbe(error.seq())) {
            return prober.onTooBig(claimed, nowNanos);
        }
        if (claimed > largestSent || claimed >= snd.mss) {
            // RFC 1191, 6.4: the others of a burst of oversized segments say the same once more.
            return false;
        }
        if (claimed < proven) {
            claim = claimed;
            claimSeq = error.seq();
            return true;
        }
        tcb.recovery.onTooLarge(claimed, nowNanos);
        lower(claimed, nowNanos);
        found();
        return true;
    }

    /// Whether a loss is that of a probe and no other: then it is no sign of congestion (RFC 4821, 7.6.2).
    boolean explainsLoss(LossRecovery recovery, long nowNanos) {
        PathMtuProber current = prober;
        return current != null && current.explainsLoss(recovery, nowNanos);
    }

    /// The retransmission timer expired, and everything goes again after this.
    void onTimeout(long nowNanos) {
        if (prober != null) {
            prober.onTimeout(nowNanos);
        }
        if (claim > 0) {
            // MAXSEGRTO is 1.
            lower(claim, nowNanos);
            found();
        } else if (isBlackHole()) {
            if (prober == null) {
                prober = new PathMtuProber(tcb, this);
            }
            prober.onBlackHole();
        }
    }

    /// RFC 4821, 7.7: nothing came back until R1. An ICMP message that tells of another reason does not count:
    /// it may be long past.
    private boolean isBlackHole() {
        return tcb.config.pathMtuProbing() != PathMtuProbing.OFF
                && tcb.retransmissions >= tcb.config.retransmissionsR1();
    }

    /// Forgets what is too old: the whole discovery takes place again (RFC 1191, 6.3).
    void refresh(long nowNanos) {
        if (nowNanos < expiresAt) {
            return;
        }
        expiresAt = NEVER;
        if (prober == null) {
            set(most);
        } else {
            prober.restart(snd.mss);
        }
    }

    /// The size of a probe that is to be sent in place of the next segment.
    ///
    /// @param queued octets that can be sent next
    /// @param allowed how many of them the windows allow
    /// @return 0 for none; -1 to send nothing until more is allowed, which an ACK will bring
    int probe(int queued, int allowed, long nowNanos) {
        PathMtuProber current = prober;
        return current == null ? 0 : current.probe(queued, allowed, nowNanos);
    }

    /// What is known to fit, or might, is `size` now.
    void set(int size) {
        if (size == snd.mss) {
            return;
        }
        if (size < snd.mss) {
            largestSent = 0;
            tcb.recovery.segments.cut(size);
        }
        snd.mss = size;
        tcb.congestion.onMaximumSegmentSize(size);
    }

    /// What had arrived once does not tell of the path as it is now.
    void forget() {
        proven = 0;
        proofSize = 0;
        claim = 0;
    }

    /// The search came to its end below what would be possible; other connections want to know. Not if it ended
    /// at the floor: no such path is known, so the claim was false or the path is dead, and one forged message
    /// must not hold up all that begins in the next minutes. If there is such a path, each finds it by itself.
    void found() {
        if (mtu() > tcb.config.minimumPathMtu()) {
            tcb.output.pathMtu(mtu());
        }
    }

    /// The path takes no more than this, as it seems.
    private void lower(int size, long nowNanos) {
        proven = Math.min(proven, size);
        proofSize = 0;
        claim = 0;
        set(size);
        expiresAt = nowNanos + LIFETIME_NANOS;
        if (prober != null) {
            prober.limit(size);
        }
    }

    /// The text of a packet of `mtu` octets, but never less than the floor allows.
    ///
    /// Deviation: RFC 1191, 3, lets routers say as little as 68, so that each segment would carry 16 octets.
    /// We go no lower than [TcpConfig#minimumPathMtu], as Linux does (`min_pmtu`). Linux then sends packets that
    /// may be fragmented; ours never may, so over a path that is smaller indeed nothing gets through, and the
    /// connection ends by timeout. No such path is known.
    private int bounded(int mtu) {
        return Math.max(mtu, tcb.config.minimumPathMtu()) - headers();
    }
}
