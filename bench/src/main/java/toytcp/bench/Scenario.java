package toytcp.bench;

import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.congestion.CongestionControllers;
import toytcp.stack.tcp.congestion.FixedWindow;

/// What the sender is, and what happens to it.
///
/// @param full whether all of loss recovery is on: SACK, RACK, timestamps, CUBIC; else it is NewReno alone
/// @param window segments in flight, as many as the peer's window has room for
/// @param loss share of the segments that do not arrive, 0 to 1. The congestion window is fixed then, or
///     little would be in flight.
/// @param bursts whether the application writes a window whenever all is acknowledged, so that most ACKs let
///     nothing out; else it always has more
record Scenario(boolean full, int window, double loss, boolean bursts) {
    static final int MSS = 1460;

    /// By the parameters of the benchmarks.
    ///
    /// @param sender `full` or `newreno`
    /// @param path `bulk`, `bursts` or `loss`
    static Scenario of(String sender, int window, String path) {
        double loss = path.equals("loss") ? 0.01 : 0;
        return new Scenario(sender.equals("full"), window, loss, path.equals("bursts"));
    }

    TcpConfig sender() {
        return TcpConfig.DEFAULT.with(
                draft -> {
                    draft.maximumSegmentSize = MSS;
                    draft.sendBuffer = 1 << 26;
                    draft.sack = full;
                    draft.timestamps = full;
                    draft.congestion =
                            loss > 0
                                    ? FixedWindow.of(octets())
                                    : CongestionControllers.of(full ? "cubic" : "newreno");
                });
    }

    TcpConfig receiver() {
        return sender().with(draft -> draft.receiveBuffer = octets());
    }

    /// What the application writes whenever all is acknowledged; 0 for a send buffer that is never empty.
    int burst() {
        return bursts ? octets() : 0;
    }

    /// Octets in flight.
    int octets() {
        return window * MSS;
    }
}
