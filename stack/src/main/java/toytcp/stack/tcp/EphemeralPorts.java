package toytcp.stack.tcp;

import java.util.function.IntPredicate;

/// CONTRACT STUB (core author writes it): RFC 6056 algorithm 4 (double hash).
public final class EphemeralPorts {
    public EphemeralPorts(EntropySource entropy, int first, int last) {}

    /// A free port for a flow to the remote end, or -1 if all are in use.
    public int next(
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            IntPredicate inUse) {
        throw new UnsupportedOperationException();
    }
}
