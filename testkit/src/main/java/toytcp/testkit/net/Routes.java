package toytcp.testkit.net;

import io.netty.util.collection.IntObjectHashMap;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IpAddresses;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The shortest ways through a network, counted in links; of equal ones the one whose links were made first.
/// Hosts do not forward, and send what has no way to a router, which says so. A link that is down stays part of its ways: an outage is no change of routes.
final class Routes {
    private final List<Node> nodes;
    private final IntObjectHashMap<Node> byAddress = new IntObjectHashMap<>();

    /// For each destination that was asked for: by which of its links each node sends.
    private final IntObjectHashMap<LinkEnd[]> ways = new IntObjectHashMap<>();

    Routes(List<Node> nodes) {
        this.nodes = nodes;
    }

    void add(Node node) {
        byAddress.put(node.ipv4(), node);
        ways.clear();
    }

    /// The node that has the address, or null.
    @Nullable Node find(InetAddress address) {
        return byAddress.get(IpAddresses.toV4(IpAddresses.low(address)));
    }

    void changed() {
        ways.clear();
    }

    /// The end of a link by which `from` sends what is for `destination`, or null if there is no way.
    @Nullable LinkEnd next(Node from, int destination) {
        LinkEnd[] toThere = ways.get(destination);
        if (toThere == null) {
            Node node = byAddress.get(destination);
            if (node == null) {
                return byDefault(from);
            }
            toThere = waysTo(node);
            ways.put(destination, toThere);
        }
        LinkEnd way = toThere[from.index];
        return way == null ? byDefault(from) : way;
    }

    /// A host asks its first router about what it does not know.
    private static @Nullable LinkEnd byDefault(Node from) {
        if (from instanceof Host) {
            for (LinkEnd end : from.ends) {
                if (end.peer instanceof Router) {
                    return end;
                }
            }
        }
        return null;
    }

    /// Breadth first, from the destination backwards.
    private LinkEnd[] waysTo(Node destination) {
        LinkEnd[] found = new LinkEnd[nodes.size()];
        Deque<Node> reached = new ArrayDeque<>();
        reached.add(destination);
        for (Node node; (node = reached.poll()) != null; ) {
            for (LinkEnd end : node.ends) {
                Node before = end.peer;
                if (before != destination && found[before.index] == null) {
                    found[before.index] = end.link.endAt(before);
                    if (before instanceof Router) {
                        reached.add(before);
                    }
                }
            }
        }
        return found;
    }
}
