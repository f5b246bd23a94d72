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
    ///
    /// @throws IllegalArgumentException if they are not a range within 1 to 65535
    public EphemeralPorts(EntropySource entropy, int first, int last) {
        if (first < 1 || last > 65535 || first > last) {
            throw new IllegalArgumentException(
                    "ephemeral ports must be a range within 1 to 65535, got "
                            + first
                            + " to "
                            + last);
        }
        this.first = first;
        count = last - first + 1;
        offsetHash = new SipHash(entropy.nextLong(), entropy.nextLong());
        indexHash = new SipHash(entropy.nextLong(), entropy.nextLong());
        for (int i = 0; i < TABLE; i++) {
            next[i] = (int) Math.floorMod(entropy.nextLong(), (long) count);
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
        int start = (int) Math.floorMod(offset, (long) count);
        long index = indexHash.hash(localHigh, localLow, remoteHigh, remoteLow, remotePort);
        int slot = (int) Math.floorMod(index, (long) TABLE);
        for (int i = 0; i < count; i++) {
            int port = first + Math.floorMod(start + next[slot], count);
            next[slot] = (next[slot] + 1) % count;
            if (!inUse.test(port)) {
                return port;
            }
        }
        return -1;
    }
}
