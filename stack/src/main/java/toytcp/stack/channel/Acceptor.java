package toytcp.stack.channel;

/// The server channel as its [Listener] sees it; called on the link's event loop.
interface Acceptor {
    /// An established connection waits to be accepted; [Listener#taken] ends its wait.
    void accepted(FlowDriver flow);

    /// The listener is gone because the link is.
    void linkClosed();
}
