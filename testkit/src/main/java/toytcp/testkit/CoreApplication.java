package toytcp.testkit;

/// What runs on a [CoreHost]: gets the events of the connection and uses it.
@FunctionalInterface
public interface CoreApplication {
    /// Something happened. The application may call `host.connection()` at once; what that sends
    /// leaves at the same virtual time.
    void onEvent(TcpEvent event, CoreHost host);
}
