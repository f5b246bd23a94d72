package toytcp.testkit;

import toytcp.stack.tcp.TcpConnection;
import toytcp.stack.tcp.TcpInfo;

/// Counts how often a sender repairs losses, and how long that takes: from the first segment that is
/// sent again until all that was out then is acknowledged.
public final class RecoveryWatch {
    private TcpInfo.CaState state = TcpInfo.CaState.OPEN;
    private long retransmitted;
    private long beganAtNanos;
    private long totalNanos;
    private int count;
    private int timeouts;

    RecoveryWatch() {}

    /// Recoveries that are over.
    public int count() {
        return count;
    }

    /// Losses that only a timeout found.
    public int timeouts() {
        return timeouts;
    }

    /// How long a recovery took in the mean; 0 if there was none.
    public long meanNanos() {
        return count == 0 ? 0 : totalNanos / count;
    }

    /// To be called whenever the connection may have changed. Nearly always there is nothing to do, so
    /// a snapshot, which is large, is taken only then.
    void look(TcpConnection connection, long nowNanos) {
        long again = connection.retransmittedSegments();
        if (again == retransmitted && !isRepairing(state)) {
            return;
        }
        retransmitted = again;
        TcpInfo.CaState before = state;
        state = connection.info(nowNanos).caState();
        if (state == TcpInfo.CaState.LOSS && before != TcpInfo.CaState.LOSS) {
            timeouts++;
        }
        if (isRepairing(state) && !isRepairing(before)) {
            beganAtNanos = nowNanos;
        } else if (isRepairing(before) && !isRepairing(state)) {
            totalNanos += nowNanos - beganAtNanos;
            count++;
        }
    }

    private static boolean isRepairing(TcpInfo.CaState state) {
        return state == TcpInfo.CaState.RECOVERY || state == TcpInfo.CaState.LOSS;
    }
}
