package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

/// The server channel as its [Listener] sees it; called on the link's event loop.
interface Acceptor {
    /// An established connection waits to be accepted; [Listener#taken] ends its wait.
    ///
    /// @return false if nobody will ever accept it
    boolean accepted(FlowDriver flow);

    /// A connection attempt whose fate the application decides.
    ///
    /// @param deadlineNanos when it expires
    /// @return what the application gets; null if it cannot be asked any more
    @Nullable PendingAttempt pending(HalfOpenEntry entry, long deadlineNanos);

    /// The listener is gone because the link is.
    void linkClosed();
}
