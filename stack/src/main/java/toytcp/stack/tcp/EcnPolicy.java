package toytcp.stack.tcp;

/// Whether a connection uses explicit congestion notification: routers mark packets then, where they
/// would drop them.
///
/// An algorithm that lives on marks, as `dctcp` does, asks for them by itself: with [#PASSIVE] the
/// connection then opens as with [#CLASSIC]. Linux would do that against [#OFF] too, which is its
/// `tcp_ecn` of 0; here the word of the user counts more.
public enum EcnPolicy {
    /// Never.
    OFF,
    /// If the peer asks for it, and what the peer asks for: Linux's `tcp_ecn` of 2, its default.
    PASSIVE,
    /// As RFC 3168 has it, and nothing later: one congestion signal in a round trip. Linux's `tcp_ecn` of
    /// 1.
    CLASSIC,
    /// Accurate ECN (RFC 9768), where the peer counts what was marked; or RFC 3168 with peers that know
    /// no more.
    ACCURATE
}
