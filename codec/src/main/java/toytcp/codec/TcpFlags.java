package toytcp.codec;

/// The control bits of a TCP header, as they stand in its 13th and 14th octet (RFC 9293, 3.1).
public final class TcpFlags {
    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;

    /// The AE bit of RFC 9768, formerly NS.
    public static final int AE = 0x100;

    private TcpFlags() {}
}
