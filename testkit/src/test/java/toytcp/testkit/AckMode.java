package toytcp.testkit;

/// When a kernel acknowledges. By itself it acknowledges the first segments at once, and finds out later
/// whether that is of use; so a script may meet it in any of these modes.
enum AckMode {
    /// As it likes.
    OWN,
    /// After some time, as `TCP_QUICKACK` of 0 has it.
    DELAYED,
    /// At once, as the metric `quickack` of a route has it.
    QUICK
}
