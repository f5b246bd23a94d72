package toytcp.stack.tcp;

import toytcp.codec.TcpSegment;

/// The Data Sender of AccECN: follows the peer's counters through the ACE field and the AccECN option
/// (RFC 9768, 3.2.2.5.2, 3.2.3.2 and appendix A).
final class AccurateSender {
    private static final int FIELD = 0xffffff;

    /// Appendix A.2.2.
    private static final int SAFETY_FACTOR = 2;

    /// An average of so many packets to an ACK is not "well below 8" any more (appendix A.2.1).
    private static final int STRETCHED = 4;

    /// The binary places of the average, and of its gain.
    private static final int FRACTION = 3;

    /// s.cep and s.ceb.
    private int cep = AccurateEcn.FIRST_PACKETS;

    private int ceb;

    /// Segments to an ACK, a moving average in eighths.
    private int average;

    /// Octets that were estimated to be marked since s.ceb was told last.
    private int estimated;

    /// Segments that were newly marked since then.
    private int cepSinceOption;

    /// Whether the options of the peer are not to be trusted (3.2.3.2.4).
    private boolean ignoresOptions;

    /// What the last call of [#read] found.
    private int newPackets;

    private int newOctets;
    private boolean inconsistent;

    /// The ACK of our SYN,ACK says that it arrived with CE: "it MUST increment s.cep (from 5 to 6)"
    /// (3.2.2.2).
    void synAckMarked() {
        cep = AccurateEcn.FIRST_PACKETS + 1;
    }

    /// The first option of the peer: "the initial value of the EE0B field or EE1B field in an AccECN Option
    /// (if one exists) ought to be non-zero" (3.2.3.2.4).
    void onFirstOption(TcpSegment segment) {
        ignoresOptions = segment.ee0b() == 0 || segment.ee1b() == 0;
    }

    /// Takes the feedback of an ACK that is not superseded.
    ///
    /// @param delivered octets that it is the first to report
    /// @param segmentSize data octets of a full-sized segment
    /// @param certain whether fewer segments than the ACE field can count were under way
    void read(TcpSegment segment, int delivered, int segmentSize, boolean certain) {
        boolean option = !ignoresOptions && segment.accEcnFields() > 0;
        // A field that is left out has not changed (3.2.3.3).
        boolean told = option && segment.eceb() != TcpSegment.ABSENT;
        int markedOctets = told ? segment.eceb() - ceb & FIELD : 0;
        int least = EcnHandshake.ace(segment.flags()) - cep & AccurateEcn.ACE_CYCLE - 1;
        int acked = (delivered + segmentSize - 1) / segmentSize;
        int safer = safer(acked, least);
        if (option && safer > least && isSafeEnough(least, safer, markedOctets, segmentSize)
                || !option && average >= STRETCHED << FRACTION) {
            safer = least;
        }
        if (acked > 0) {
            average += (acked << FRACTION) - average >> FRACTION;
        }
        cep += safer;
        newPackets = safer;
        cepSinceOption += safer;
        if (told) {
            ceb += markedOctets;
            inconsistent = markedOctets > 0 && cepSinceOption == 0 && certain;
            newOctets = Math.max(0, markedOctets - estimated);
            estimated = 0;
            cepSinceOption = 0;
        } else {
            // Appendix A.3; what is queued in large amounts leaves in full-sized segments.
            newOctets = Math.min(safer * segmentSize, delivered);
            estimated += newOctets;
        }
    }

    /// Segments that are newly known to be marked.
    int newPackets() {
        return newPackets;
    }

    /// Their octets, as far as they are known.
    int newOctets() {
        return newOctets;
    }

    /// Whether octets were marked and no segment, so that something on the path must have changed the
    /// feedback (3.2.3.2.5).
    boolean isInconsistent() {
        return inconsistent;
    }

    /// `dSafer.cep` of appendix A.2.1: the most that the ACE field can mean. If it says more than was
    /// acknowledged, it "SHOULD" be right (3.2.2.5.2).
    static int safer(int acked, int least) {
        return acked < least ? least : acked - (acked - least) % AccurateEcn.ACE_CYCLE;
    }

    /// Appendix A.2.2: `d.cep` can stay if segments would be unlikely small otherwise, and not impossibly
    /// large with it.
    static boolean isSafeEnough(int least, int safer, int markedOctets, int segmentSize) {
        return markedOctets <= segmentSize * least
                && markedOctets / safer < segmentSize / SAFETY_FACTOR;
    }
}
