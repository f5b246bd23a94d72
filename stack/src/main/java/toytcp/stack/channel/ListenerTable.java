package toytcp.stack.channel;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.LongObjectHashMap;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IpAddresses;
import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink.PortRange;

import java.util.Arrays;

/// Finds the listener of a segment that belongs to no flow, without allocating: one hash lookup for each
/// length that any listener's prefix has, the longest first, and a search among the ports there.
///
/// A listener on one address is one on a prefix of full length. Those on the wildcard address, which
/// stands for the stack's own addresses, come right before the prefix of length 0.
final class ListenerTable {
    /// Where a prefix of length 0 of IPv4 stands among the 128 bits of [IpAddresses].
    private static final int ANY_V4 = 96;

    /// By length, longest first.
    private Level[] levels = {};

    private final IntObjectHashMap<Listener> wildcards = new IntObjectHashMap<>();

    /// The listener for segments to this address and port.
    ///
    /// @param own whether the address is one of the stack's own
    @Nullable Listener find(long high, long low, int port, boolean own) {
        int any = IpAddresses.isV4(high, low) ? ANY_V4 : 0;
        boolean wildcardsPassed = !own;
        for (Level level : levels) {
            if (level.length <= any && !wildcardsPassed) {
                wildcardsPassed = true;
                Listener wildcard = wildcards.get(port);
                if (wildcard != null) {
                    return wildcard;
                }
            }
            Network network = level.find(high, low);
            Listener found = network == null ? null : network.ports.get(port);
            if (found != null) {
                return found;
            }
        }
        return wildcardsPassed ? null : wildcards.get(port);
    }

    /// Whether any listener's prefix holds the address, whatever the port.
    boolean covers(long high, long low) {
        for (Level level : levels) {
            if (level.find(high, low) != null) {
                return true;
            }
        }
        return false;
    }

    /// The listener that excludes another one on this prefix and these ports.
    @Nullable Listener conflict(IpPrefix prefix, PortRange ports) {
        for (Level level : levels) {
            if (level.length == prefix.mappedLength()) {
                Network network = level.find(high(prefix), low(prefix));
                return network == null ? null : network.ports.conflict(ports);
            }
        }
        return null;
    }

    /// Adds a listener without a [#conflict].
    ///
    /// @param prefix without host bits
    void add(IpPrefix prefix, PortRange ports, Listener listener) {
        level(prefix.mappedLength()).network(high(prefix), low(prefix)).ports.add(ports, listener);
    }

    void remove(IpPrefix prefix, PortRange ports, Listener listener) {
        for (Level level : levels) {
            if (level.length != prefix.mappedLength()) {
                continue;
            }
            Network network = level.find(high(prefix), low(prefix));
            if (network != null) {
                network.ports.remove(ports, listener);
                level.removeIfUnused(network);
            }
            if (level.networks.isEmpty()) {
                levels =
                        Arrays.stream(levels).filter(other -> other != level).toArray(Level[]::new);
            }
        }
    }

    void addWildcard(int port, Listener listener) {
        wildcards.put(port, listener);
    }

    void removeWildcard(int port, Listener listener) {
        wildcards.remove(port, listener);
    }

    private Level level(int length) {
        int index = 0;
        while (index < levels.length && levels[index].length > length) {
            index++;
        }
        if (index == levels.length || levels[index].length != length) {
            Level[] more = Arrays.copyOf(levels, levels.length + 1);
            System.arraycopy(levels, index, more, index + 1, levels.length - index);
            more[index] = new Level(length);
            levels = more;
        }
        return levels[index];
    }

    private static long high(IpPrefix prefix) {
        return IpAddresses.high(prefix.address());
    }

    private static long low(IpPrefix prefix) {
        return IpAddresses.low(prefix.address());
    }

    /// All prefixes of one length.
    private static final class Level {
        private final int length;
        private final long highMask;
        private final long lowMask;
        private final LongObjectHashMap<Network> networks = new LongObjectHashMap<>(2);

        private Level(int length) {
            this.length = length;
            highMask = IpPrefix.highMask(length);
            lowMask = IpPrefix.lowMask(length);
        }

        private @Nullable Network find(long high, long low) {
            long networkHigh = high & highMask;
            long networkLow = low & lowMask;
            Network network = networks.get(key(networkHigh, networkLow));
            while (network != null && !network.is(networkHigh, networkLow)) {
                network = network.next;
            }
            return network;
        }

        private Network network(long high, long low) {
            Network network = find(high, low);
            if (network == null) {
                network = new Network(high, low);
                network.next = networks.put(key(high, low), network);
            }
            return network;
        }

        private void removeIfUnused(Network network) {
            if (!network.ports.isEmpty()) {
                return;
            }
            long key = key(network.high, network.low);
            Network previous = networks.get(key);
            if (previous == network) {
                if (network.next == null) {
                    networks.remove(key);
                } else {
                    networks.put(key, network.next);
                }
                return;
            }
            while (previous.next != network) {
                previous = previous.next;
            }
            previous.next = network.next;
        }

        /// Different for any two IPv4 networks.
        private static long key(long high, long low) {
            return low ^ high * 0x9e3779b97f4a7c15L;
        }
    }

    /// One prefix.
    private static final class Network {
        private final long high;
        private final long low;
        private final PortOwners<Listener> ports = new PortOwners<>();
        private @Nullable Network next;

        private Network(long high, long low) {
            this.high = high;
            this.low = low;
        }

        private boolean is(long high, long low) {
            return this.low == low && this.high == high;
        }
    }
}
