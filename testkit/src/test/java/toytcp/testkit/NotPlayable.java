package toytcp.testkit;

/// A script asks for something that a kernel does not have: from here on it cannot be played.
final class NotPlayable extends UnsupportedOperationException {
    private static final long serialVersionUID = 1;

    /// @param what the script asks for: "waits 60 s"
    NotPlayable(String what) {
        super(what);
    }
}
