package toytcp.stack.tcp;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// Ephemeral ports by double hashing (RFC 6056, 3.3.4, algorithm 4): hard to guess from outside, yet
/// increasing towards each remote end, so that a port is not reused soon.
///
/// They come from one range or several: the algorithm runs over all of them as if they were one.
/// With another range it begins somewhere else, towards each end.
public final class EphemeralPorts {
    private static final int TABLE = 1024;

    /// The first port of each range, and how many it has.
    private int[] firsts = new int[1];

    private int[] sizes = new int[1];
    private int ranges;
    private int count;

    private final SipHash offsetHash;
    private final SipHash indexHash;
    private final int[] next = new int[TABLE];

    /// Hands out none before [#add] is called.
    public EphemeralPorts(EntropySource entropy) {
        offsetHash = new SipHash(entropy.nextLong(), entropy.nextLong());
        indexHash = new SipHash(entropy.nextLong(), entropy.nextLong());
        for (int i = 0; i < TABLE; i++) {
            next[i] = (int) entropy.nextLong();
        }
    }

    /// From now on hands out the ports from `first` to `last`, too, both included.
    ///
    /// @throws IllegalArgumentException if they are not a range within 1 to 65535, or if one of them
    ///     was added before
    public void add(int first, int last) {
        if (first < 1 || last > 65535 || first > last) {
            throw new IllegalArgumentException(
                    "ephemeral ports must be a range within 1 to 65535, got "
                            + first
                            + " to "
                            + last);
        }
        for (int i = 0; i < ranges; i++) {
            if (first < firsts[i] + sizes[i] && firsts[i] <= last) {
                throw new IllegalArgumentException(
                        "a port from " + first + " to " + last + " was added before");
            }
        }
        if (ranges == firsts.length) {
            firsts = Arrays.copyOf(firsts, 2 * ranges);
            sizes = Arrays.copyOf(sizes, 2 * ranges);
        }
        firsts[ranges] = first;
        sizes[ranges++] = last - first + 1;
        count += last - first + 1;
    }

    /// How many ports there are.
    public int count() {
        return count;
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
        if (count == 0) {
            return -1;
        }
        long offset = offsetHash.hash(localHigh, localLow, remoteHigh, remoteLow, remotePort);
        int start = (int) Math.floorMod(offset, (long) count);
        long index = indexHash.hash(localHigh, localLow, remoteHigh, remoteLow, remotePort);
        int slot = (int) Math.floorMod(index, (long) TABLE);
        for (int i = 0; i < count; i++) {
            int counter = Math.floorMod(next[slot], count);
            int port = port((start + counter) % count);
            next[slot] = counter + 1;
            if (!inUse.test(port)) {
                return port;
            }
        }
        return -1;
    }

    /// The port at `index` of all ranges, one behind the other.
    private int port(int index) {
        int range = 0;
        int left = index;
        while (left >= sizes[range]) {
            left -= sizes[range++];
        }
        return firsts[range] + left;
    }
}
