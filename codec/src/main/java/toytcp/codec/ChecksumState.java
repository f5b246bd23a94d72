package toytcp.codec;

/// What is known of a packet's transport checksum.
public enum ChecksumState {
    /// Nobody looked yet: the TCP decoder computes it and drops the segment if it is wrong.
    UNVERIFIED,
    /// The link vouches for the packet: the field is not looked at.
    VERIFIED
}
