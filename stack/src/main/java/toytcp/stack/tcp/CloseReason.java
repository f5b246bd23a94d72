package toytcp.stack.tcp;

/// Why a connection came to its end.
public enum CloseReason {
    /// Both sides closed, everything was acknowledged.
    NORMAL,
    /// The peer sent RST on a synchronized connection: "connection reset" (RFC 9293, 3.10.7.4).
    RESET,
    /// The peer answered the SYN with RST: "connection refused".
    REFUSED,
    /// An ICMP error said, before the connection was established, that it cannot be (RFC 9293, 3.9.2.2).
    UNREACHABLE,
    /// R2 or the user timeout passed without an acknowledgement (RFC 9293, 3.8.3).
    TIMED_OUT,
    /// The peer did not answer any keep-alive probe (RFC 9293, 3.8.4).
    KEEP_ALIVE_TIMED_OUT,
    /// The user aborted, or closed with data unread.
    ABORTED
}
