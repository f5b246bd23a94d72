package toytcp.stack.tcp;

import java.util.function.IntPredicate;

/// Ephemeral ports by double hashing (RFC 6056, 3.3.4, algorithm 4): hard to guess from outside, yet
/// increasing towards each remote end, so that a port is not reused soon.
public final class EphemeralPorts {
    private static final int TABLE = 1024;

    private final int first;
    private final int count;
    private final SipHash offsetHash;
    private final SipHash indexHash;
    private final int[] next = new int[TABLE];

    /// Hands out ports from `first` to `last`, both included.
    public EphemeralPorts(EntropySource entropy, int first, int last) {
        this.first = first;
        count = last - first + 1;
        offsetHash = new SipHash(entropy.nextLong(), entropy.nextLong());
        indexHash = new SipHash(entropy.nextLong(), entropy.nextLong());
        for (int i = 0; i < TABLE; i++) {
            next[i] = (int) (entropy.nextLong() >>> 33);
        }
    }

    /// A port for a connection to the remote end, or -1 if all are in use.
    ///
    /// @param inUse whether a port cannot be taken for this very connection
    public int next(
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            IntPredicate inUse) {
        long offset = offsetHash.hash(localHigh, localLow, remoteHigh, remoteLow, remotePort);
        long index = indexHash.hash(localHigh, localLow, remoteHigh, remoteLow, remotePort);
        int slot = (int) Math.floorMod(index, (long) TABLE);
        for (int i = 0; i < count; i++) {
            int port = first + (int) Math.floorMod(offset + next[slot]++, (long) count);
            if (!inUse.test(port)) {
                return port;
            }
        }
        return -1;
    }
}
