package toytcp.codec;

/// The ECN field of an IP header: the lower two bits of the traffic class (RFC 3168, 5).
public final class EcnField {
    /// The bits of the field.
    public static final int MASK = 0b11;

    /// The sender cannot do with marks.
    public static final int NOT_ECT = 0b00;

    /// The sender can, and wants the marks of a low-latency queue (RFC 9331).
    public static final int ECT_1 = 0b01;

    /// The sender can.
    public static final int ECT_0 = 0b10;

    /// Congestion was experienced: the mark.
    public static final int CE = 0b11;

    private static final String[] NAMES = {"Not-ECT", "ECT1", "ECT0", "CE"};

    private EcnField() {}

    /// The name of a codepoint as in the text form of a segment: `Not-ECT`, `ECT1`, `ECT0` or `CE`.
    ///
    /// @param codepoint 0 to 3
    public static String nameOf(int codepoint) {
        return NAMES[codepoint];
    }

    /// The codepoint of a name, or -1.
    static int parse(String name) {
        for (int codepoint = 0; codepoint < NAMES.length; codepoint++) {
            if (NAMES[codepoint].equals(name)) {
                return codepoint;
            }
        }
        return -1;
    }
}
