package toytcp.stack.tcp;

/// Whether a connection finds out by itself how large the packets may be that its path carries (RFC 4821),
/// beside what routers tell it (RFC 1191). The order is that of Linux's sysctl `tcp_mtu_probing`.
public enum PathMtuProbing {
    /// Never: if routers are silent, a connection whose segments are too large ends by timeout.
    OFF,
    /// Once a connection has stood still for some timeouts, as it does behind a router that says nothing (an
    /// "ICMP black hole"): it goes on with smaller segments, then tries larger ones.
    ON_BLACK_HOLE,
    /// From the beginning: a connection begins with small segments and tries larger ones.
    ALWAYS
}
