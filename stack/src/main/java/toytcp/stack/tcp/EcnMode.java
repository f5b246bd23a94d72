package toytcp.stack.tcp;

/// How the two sides tell each other of marks.
enum EcnMode {
    /// Not at all.
    NONE,
    /// RFC 3168.
    CLASSIC,
    /// RFC 9768.
    ACCURATE
}
