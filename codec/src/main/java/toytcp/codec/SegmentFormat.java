package toytcp.codec;

/// The one-line text form of a segment, in the manner of tcpdump and packetdrill:
///
/// ```
/// [[ECN]] FLAGS [SEQ:END] [ack N] [win N] [urg N] [<OPTIONS>]
///
/// S 0:0 win 65535 <mss 1460,sackOK,TS val 1 ecr 0,wscale 7>
/// S. 0:0 ack 1 win 65535
/// P. 3001:4001 ack 1 win 502
/// . 1:1 ack 1 win 502 <sack 3:4 7:9>
/// R 5:5 win 0
/// [CE] P. 1:11 ack 1 win 502
/// ```
///
/// - `[ECN]`: the ECN bits of the IP header, `[ECT0]`, `[ECT1]` or `[CE]`; `[Not-ECT]` can be read, and is
///   not written.
/// - `FLAGS`: letters of `SFRPUEWe` in this order (SYN, FIN, RST, PSH, URG, ECE, CWR, AE), then `.`
///   for ACK; `-` if no flag is set.
/// - `SEQ:END`: the sequence number, and behind the colon the same plus the octets of payload. SYN
///   and FIN are not counted. Relative to a base, usually the initial sequence number of the sender.
/// - `ack N`, only with the ACK flag, relative to the initial sequence number of the receiver.
/// - `win N`: the window as it stands in the header; `urg N`, only with the URG flag: the urgent
///   pointer.
/// - `OPTIONS`, separated by commas: `mss N`, `sackOK`, `TS val N ecr N`, `wscale N`, and
///   `sack L:R L:R` with edges relative to the same base as `ack`. `ECN` with up to three of `e0b N`,
///   `ceb N` and `e1b N` is the AccECN option: in this order that of kind 172, else of kind 174.
///
/// All numbers are decimal and unsigned; sequence numbers run from 0 to 4294967295.
public final class SegmentFormat {
    /// The letters of the flags in their order in the text; [#bit] has what they stand for.
    static final String LETTERS = "SFRPUEWe";

    /// The fields of the AccECN option in either order.
    static final String[] ACC_ECN_0 = {"e0b", "ceb", "e1b"};

    static final String[] ACC_ECN_1 = {"e1b", "ceb", "e0b"};

    private static final int[] BITS = {
        TcpFlags.SYN,
        TcpFlags.FIN,
        TcpFlags.RST,
        TcpFlags.PSH,
        TcpFlags.URG,
        TcpFlags.ECE,
        TcpFlags.CWR,
        TcpFlags.AE
    };

    private SegmentFormat() {}

    /// The text form of `segment`; SEQ:END and win are always there.
    ///
    /// @param seqBase what to print as sequence number 0
    /// @param ackBase what to print as acknowledgement number 0
    public static String format(TcpSegment segment, int seqBase, int ackBase) {
        StringBuilder text = new StringBuilder(64);
        if (segment.ecn() != EcnField.NOT_ECT) {
            text.append('[').append(EcnField.nameOf(segment.ecn())).append("] ");
        }
        formatFlags(text, segment.flags());
        int seq = segment.seq() - seqBase;
        text.append(' ');
        number(text, seq).append(':');
        number(text, seq + segment.payload().readableBytes());
        if (segment.has(TcpFlags.ACK)) {
            number(text.append(" ack "), segment.ack() - ackBase);
        }
        text.append(" win ").append(segment.window());
        if (segment.has(TcpFlags.URG)) {
            text.append(" urg ").append(segment.urgentPointer());
        }
        formatOptions(text, segment, ackBase);
        return text.toString();
    }

    /// Reads a text of the form above. Of the parts after the flags any may be missing, and the result
    /// tells which: a test takes those for "whatever it is".
    ///
    /// @param seqBase the sequence number that the text calls 0
    /// @param ackBase the acknowledgement number that the text calls 0
    /// @throws IllegalArgumentException if the text has another form; the message shows where, and
    ///     what was expected there
    public static Parsed parse(String text, int seqBase, int ackBase) {
        return new SegmentParser(text, seqBase, ackBase).parse();
    }

    /// What a text says about a segment.
    ///
    /// @param segment the fields that the text mentions, with absolute numbers; the others have the
    ///     values of a new segment. It has no payload, ports or addresses
    /// @param payloadLength octets of payload that the text gives the segment, 0 to 65535
    /// @param sequence whether SEQ:END is there, and with it `payloadLength`
    /// @param ack whether `ack N` is there
    /// @param window whether `win N` is there
    /// @param urgent whether `urg N` is there
    /// @param options whether `<OPTIONS>` is there; `<>` says that there are none
    /// @param ecn whether `[ECN]` is there
    public record Parsed(
            TcpSegment segment,
            int payloadLength,
            boolean sequence,
            boolean ack,
            boolean window,
            boolean urgent,
            boolean options,
            boolean ecn) {}

    /// The flag that the letter at `index` of [#LETTERS] stands for.
    static int bit(int index) {
        return BITS[index];
    }

    private static void formatFlags(StringBuilder text, int flags) {
        int before = text.length();
        for (int i = 0; i < BITS.length; i++) {
            if ((flags & BITS[i]) != 0) {
                text.append(LETTERS.charAt(i));
            }
        }
        if ((flags & TcpFlags.ACK) != 0) {
            text.append('.');
        }
        if (text.length() == before) {
            text.append('-');
        }
    }

    private static void formatOptions(StringBuilder text, TcpSegment segment, int ackBase) {
        int before = text.length();
        if (segment.mss() != TcpSegment.ABSENT) {
            text.append(",mss ").append(segment.mss());
        }
        if (segment.sackPermitted()) {
            text.append(",sackOK");
        }
        if (segment.hasTimestamps()) {
            number(text.append(",TS val "), segment.tsVal());
            number(text.append(" ecr "), segment.tsEcr());
        }
        if (segment.windowScale() != TcpSegment.ABSENT) {
            text.append(",wscale ").append(segment.windowScale());
        }
        if (segment.sackCount() > 0) {
            text.append(",sack");
            for (int i = 0; i < segment.sackCount(); i++) {
                number(text.append(' '), segment.sackLeft(i) - ackBase);
                number(text.append(':'), segment.sackRight(i) - ackBase);
            }
        }
        if (segment.accEcnFields() != TcpSegment.ABSENT) {
            formatAccEcn(text.append(",ECN"), segment);
        }
        if (text.length() > before) {
            text.replace(before, before + 1, " <").append('>');
        }
    }

    private static void formatAccEcn(StringBuilder text, TcpSegment segment) {
        String[] names = segment.isAccEcnOrder1() ? ACC_ECN_1 : ACC_ECN_0;
        for (int i = 0; i < segment.accEcnFields(); i++) {
            text.append(' ').append(names[i]).append(' ').append(segment.accEcnField(i));
        }
    }

    private static StringBuilder number(StringBuilder text, int value) {
        return text.append(Integer.toUnsignedLong(value));
    }
}
