package toytcp.stack.tcp;

import toytcp.codec.EcnField;
import toytcp.codec.TcpSegment;

/// The Data Receiver of AccECN: counts what arrives with which codepoint, and tells it in the ACE field and
/// the AccECN option (RFC 9768, 3.2.1 to 3.2.3).
final class AccurateReceiver {
    private static final int FIRST_ECT_OCTETS = 1;

    private static final int OPTION_SPACE = 40;
    private static final int PREFERRED_SACK_BLOCKS = 2;

    /// r.cep, r.ceb, r.e0b and r.e1b.
    private int cep = AccurateEcn.FIRST_PACKETS;

    private int ceb;
    private int e0b = FIRST_ECT_OCTETS;
    private int e1b = FIRST_ECT_OCTETS;

    /// Whether a counter has ever changed.
    private boolean cebUsed;

    private boolean e0bUsed;
    private boolean e1bUsed;

    /// Whether the mark of the SYN,ACK is in `cep`.
    private boolean synAckCounted;

    /// Whether a counter changed since an option left.
    private boolean news;

    /// Whether the next segments carry an option although no counter changed (3.2.3.2.1).
    private boolean testsPath;

    /// The option of the first SYN,ACK: all counters, so that the peer can see whether they arrive.
    static void addInitialOption(TcpSegment synAck) {
        synAck.accEcn0(TcpSegment.MAX_ACC_ECN_FIELDS, FIRST_ECT_OCTETS, 0, FIRST_ECT_OCTETS);
    }

    /// The SYN,ACK arrived with CE: counted once, however often it comes (3.2.2.2).
    void synAckMarked() {
        cep += synAckCounted ? 0 : 1;
        synAckCounted = true;
    }

    /// "the TCP Client SHOULD also include an AccECN Option on the first data segment it sends"
    /// (3.2.3.2.1), and in its first ACK.
    void testPath() {
        testsPath = true;
    }

    /// A segment arrived.
    ///
    /// @param packets how many packets it was on the path
    void arrived(int codepoint, int octets, int packets) {
        switch (codepoint) {
            case EcnField.CE -> {
                cep += packets;
                ceb += octets;
                cebUsed |= octets > 0;
            }
            case EcnField.ECT_0 -> {
                e0b += octets;
                e0bUsed |= octets > 0;
            }
            case EcnField.ECT_1 -> {
                e1b += octets;
                e1bUsed |= octets > 0;
            }
            default -> {
                return;
            }
        }
        news |= octets > 0;
    }

    /// r.cep; the ACE field has its lower three bits.
    int cep() {
        return cep;
    }

    /// Adds an option, if there is something to tell and room for all that ever changed: "If there is
    /// insufficient space [...], then the entire AccECN TCP option MUST be omitted" (3.2.3.3).
    ///
    /// @param room octets that data leave for options beside timestamps
    void addOption(TcpSegment segment, int room) {
        if (!news && !testsPath) {
            return;
        }
        boolean order1 = e1bUsed && !e0bUsed;
        int fields = cebUsed ? 2 : 1;
        if (e0bUsed && e1bUsed || !news) {
            fields = TcpSegment.MAX_ACC_ECN_FIELDS;
        }
        if (TcpSegment.accEcnLength(fields) > Math.min(room, roomBesideOthers(segment))) {
            return;
        }
        if (order1) {
            segment.accEcn1(fields, e1b, ceb, e0b);
        } else {
            segment.accEcn0(fields, e0b, ceb, e1b);
        }
        news = false;
        testsPath &= !segment.payload().isReadable();
    }

    /// "the Data Receiver MUST give precedence to the SACK option", as far as two blocks go (3.2.3.3).
    private static int roomBesideOthers(TcpSegment segment) {
        int room = OPTION_SPACE - (segment.hasTimestamps() ? Timestamps.OCTETS : 0);
        return room - sackOctets(Math.min(segment.sackCount(), PREFERRED_SACK_BLOCKS));
    }

    /// What so many SACK blocks take, with kind, length and padding (RFC 2018, 3).
    static int sackOctets(int blocks) {
        return blocks == 0 ? 0 : 4 + 8 * blocks;
    }
}
