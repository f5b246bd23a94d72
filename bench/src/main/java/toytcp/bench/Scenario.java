package toytcp.bench;

import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.congestion.CongestionControllers;
import toytcp.stack.tcp.congestion.FixedWindow;

/// What the sender is, and what happens to it.
///
/// @param sender `newreno` alone, or with one of `sack` (and RACK), `timestamps` and `cubic` (in its place), or `full`
///     for all three
/// @param window segments in flight, as many as the peer's window has room for
/// @param loss share of the segments that do not arrive, 0 to 1. The congestion window is fixed then, or
///     little would be in flight.
/// @param bursts whether the application writes a window whenever all is acknowledged, so that most ACKs let
///     nothing out; else it always has more
record Scenario(String sender, int window, double loss, boolean bursts) {
    static final int MSS = 1460;

    /// By the parameters of the benchmarks.
    ///
    /// @param path `bulk`, `bursts` or `loss`
    static Scenario of(String sender, int window, String path) {
        double loss = path.equals("loss") ? 0.01 : 0;
        return new Scenario(sender, window, loss, path.equals("bursts"));
    }

    TcpConfig config() {
        return TcpConfig.DEFAULT.with(
                draft -> {
                    draft.maximumSegmentSize = MSS;
                    draft.sendBuffer = 1 << 26;
                    // The window is what it is to be from the first moment.
                    draft.tuneSendBuffer = false;
                    draft.tuneReceiveBuffer = false;
                    draft.sack = has("sack");
                    draft.timestamps = has("timestamps");
                    draft.congestion =
                            loss > 0
                                    ? FixedWindow.of(octets())
                                    : CongestionControllers.of(has("cubic") ? "cubic" : "newreno");
                });
    }

    TcpConfig receiver() {
        return config().with(draft -> draft.receiveBuffer = octets());
    }

    /// What the application writes whenever all is acknowledged; 0 for a send buffer that is never empty.
    int burst() {
        return bursts ? octets() : 0;
    }

    /// Octets in flight.
    int octets() {
        return window * MSS;
    }

    private boolean has(String part) {
        return sender.equals(part) || sender.equals("full");
    }
}
