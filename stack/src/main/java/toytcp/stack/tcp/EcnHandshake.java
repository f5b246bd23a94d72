package toytcp.stack.tcp;

import toytcp.codec.EcnField;
import toytcp.codec.TcpFlags;

/// What the flags AE, CWR and ECE mean in a handshake (RFC 3168, 6.1.1; RFC 9768, 3.1 and Tables 2 to 4).
/// Functions only.
final class EcnHandshake {
    /// The three flags, which are the ACE field later.
    static final int FLAGS = TcpFlags.AE | TcpFlags.CWR | TcpFlags.ECE;

    static final int CLASSIC_SYN = TcpFlags.CWR | TcpFlags.ECE;
    static final int CLASSIC_SYN_ACK = TcpFlags.ECE;
    static final int ACCURATE_SYN = FLAGS;

    /// The shift of the ACE field within the flags.
    private static final int ACE = 6;

    private EcnHandshake() {}

    /// What an active opener asks for.
    static EcnMode asked(TcpConfig config) {
        return switch (config.ecn()) {
            case OFF -> EcnMode.NONE;
            case PASSIVE -> config.congestion().needsMarks() ? EcnMode.CLASSIC : EcnMode.NONE;
            case CLASSIC -> EcnMode.CLASSIC;
            case ACCURATE -> EcnMode.ACCURATE;
        };
    }

    /// The flags of our SYN, which fall back to none when it seems that they are why nobody answers: at
    /// the second retransmission if we ask for AccECN (RFC 9768, 3.1.4.1), else at the first (RFC 3168,
    /// 6.1.1.1), as in Linux.
    ///
    /// Deviation: that this was of use is not remembered for other connections, as RFC 9768, 3.1.4.1, wants.
    ///
    /// @param timeouts how often the SYN was sent before
    static int synFlags(EcnMode asked, int timeouts) {
        return switch (asked) {
            case NONE -> 0;
            case CLASSIC -> timeouts > 0 ? 0 : CLASSIC_SYN;
            case ACCURATE -> timeouts > 1 ? 0 : ACCURATE_SYN;
        };
    }

    /// The mode that the receiver of a SYN enters.
    ///
    /// @param flags of the SYN
    static EcnMode ofSyn(int flags, EcnPolicy policy) {
        int ecn = flags & FLAGS;
        boolean classic = (ecn & CLASSIC_SYN) == CLASSIC_SYN;
        return switch (policy) {
            case OFF -> EcnMode.NONE;
            // AE means nothing to it: a request for AccECN is one for RFC 3168, too.
            case CLASSIC -> classic ? EcnMode.CLASSIC : EcnMode.NONE;
            case PASSIVE, ACCURATE -> {
                if (ecn == 0) {
                    yield EcnMode.NONE;
                }
                // RFC 9768, 3.1.3: all others "as if the three flags had been set to (1,1,1)".
                yield ecn == CLASSIC_SYN ? EcnMode.CLASSIC : EcnMode.ACCURATE;
            }
        };
    }

    /// The mode that the active opener enters.
    ///
    /// @param flags of the SYN,ACK
    static EcnMode ofSynAck(int flags, EcnMode asked) {
        int ecn = flags & FLAGS;
        return switch (asked) {
            case NONE -> EcnMode.NONE;
            case CLASSIC -> (ecn & CLASSIC_SYN) == TcpFlags.ECE ? EcnMode.CLASSIC : EcnMode.NONE;
            case ACCURATE -> {
                if (ecn == CLASSIC_SYN_ACK) {
                    yield EcnMode.CLASSIC;
                }
                // All flags: the server only reflects ours.
                yield ecn == 0 || ecn == FLAGS ? EcnMode.NONE : EcnMode.ACCURATE;
            }
        };
    }

    /// The flags that tell which codepoint a SYN or a SYN,ACK arrived with.
    static int echo(int codepoint) {
        return switch (codepoint) {
            case EcnField.ECT_1 -> TcpFlags.CWR | TcpFlags.ECE;
            case EcnField.ECT_0 -> TcpFlags.AE;
            case EcnField.CE -> TcpFlags.AE | TcpFlags.CWR;
            default -> TcpFlags.CWR;
        };
    }

    /// The codepoint that such flags tell of.
    ///
    /// @param sent the one that it left with, which flags without a meaning stand for
    static int echoed(int flags, int sent) {
        return switch (flags & FLAGS) {
            case TcpFlags.CWR -> EcnField.NOT_ECT;
            case TcpFlags.CWR | TcpFlags.ECE -> EcnField.ECT_1;
            case TcpFlags.AE -> EcnField.ECT_0;
            case TcpFlags.AE | TcpFlags.CWR -> EcnField.CE;
            default -> sent;
        };
    }

    /// Whether a packet that left with `sent` may arrive with `seen`. From a host's point of view a mark
    /// may be lost by ECT turning into Not-ECT, so that is no less wrong than the others (RFC 9768,
    /// 3.2.2.3).
    static boolean isValid(int sent, int seen) {
        return seen == sent || sent != EcnField.NOT_ECT && seen == EcnField.CE;
    }

    /// The ACE field of a segment without SYN, 0 to 7.
    static int ace(int flags) {
        return (flags & FLAGS) >> ACE;
    }

    /// The flags that stand for the lower three bits of a counter.
    static int flagsOf(int counter) {
        return counter << ACE & FLAGS;
    }
}
