package toytcp.stack.channel;

import io.netty.util.collection.IntObjectHashMap;

import org.jspecify.annotations.Nullable;

import toytcp.stack.ip.PacketLink.PortRange;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Whose a port is, where owners have single ports or ranges, and the smallest range wins.
///
/// Ranges lie within each other or apart, so each port has one innermost range, and the ports fall
/// into steps with the same answer: a search among their first ports finds it, however many there are.
///
/// @param <T> the owners
final class PortOwners<T> {
    private record Entry<T>(PortRange ports, T owner) {}

    /// Outer ranges before the inner ones that begin with them.
    private static final Comparator<Entry<?>> OUTER_FIRST =
            Comparator.<Entry<?>>comparingInt(entry -> entry.ports().first())
                    .thenComparingInt(entry -> -entry.ports().last());

    private final IntObjectHashMap<T> single = new IntObjectHashMap<>(2);
    private final List<Entry<T>> ranges = new ArrayList<>(0);

    /// The steps: the owner, or null, of the ports from one of `starts` up to the next.
    private int[] starts = {};

    private final List<@Nullable T> owners = new ArrayList<>(0);

    boolean isEmpty() {
        return single.isEmpty() && ranges.isEmpty();
    }

    /// The owner of the smallest range that holds `port`.
    @Nullable T get(int port) {
        T exact = single.get(port);
        if (exact != null || starts.length == 0) {
            return exact;
        }
        int step = Arrays.binarySearch(starts, port);
        int index = step >= 0 ? step : -step - 2;
        return index < 0 ? null : owners.get(index);
    }

    /// Who stands in the way of an owner of `ports`: one with the same range, or with one that
    /// overlaps it so that none of them lies within the other.
    @Nullable T conflict(PortRange ports) {
        if (ports.size() == 1) {
            return single.get(ports.first());
        }
        for (Entry<T> entry : ranges) {
            PortRange other = entry.ports;
            boolean apart = other.last() < ports.first() || ports.last() < other.first();
            boolean nested = isWithin(other, ports) ^ isWithin(ports, other);
            if (!apart && !nested) {
                return entry.owner;
            }
        }
        return null;
    }

    /// Adds an owner without a [#conflict].
    void add(PortRange ports, T owner) {
        if (ports.size() == 1) {
            single.put(ports.first(), owner);
        } else {
            ranges.add(new Entry<>(ports, owner));
            ranges.sort(OUTER_FIRST);
            layOutSteps();
        }
    }

    void remove(PortRange ports, T owner) {
        if (ports.size() == 1) {
            single.remove(ports.first(), owner);
        } else {
            ranges.removeIf(entry -> entry.owner == owner);
            layOutSteps();
        }
    }

    private static boolean isWithin(PortRange inner, PortRange outer) {
        return outer.first() <= inner.first() && inner.last() <= outer.last();
    }

    private void layOutSteps() {
        starts = new int[2 * ranges.size()];
        owners.clear();
        ArrayDeque<Entry<T>> open = new ArrayDeque<>();
        for (Entry<T> entry : ranges) {
            endBefore(entry.ports.first(), open);
            open.push(entry);
            step(entry.ports.first(), entry.owner);
        }
        endBefore(Integer.MAX_VALUE, open);
        starts = Arrays.copyOf(starts, owners.size());
    }

    /// Ends the ranges whose last port lies before `port`: the one around each goes on.
    private void endBefore(int port, ArrayDeque<Entry<T>> open) {
        while (!open.isEmpty() && open.peek().ports.last() < port) {
            int next = open.pop().ports.last() + 1;
            step(next, open.isEmpty() ? null : open.peek().owner);
        }
    }

    /// A later step from the same port replaces the earlier one.
    private void step(int start, @Nullable T owner) {
        int size = owners.size();
        if (size > 0 && starts[size - 1] == start) {
            owners.set(size - 1, owner);
        } else {
            starts[size] = start;
            owners.add(owner);
        }
    }
}
