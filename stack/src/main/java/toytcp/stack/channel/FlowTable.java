package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

import toytcp.codec.IcmpError;

import java.util.function.Consumer;

/// Finds the entry of a segment by its addresses and ports, without allocating.
///
/// Open addressing with linear probing: one array of hashes, one of entries, which carry their own
/// keys. A probe compares hashes and follows a reference only where they agree. The hash is keyed
/// by a secret, since whoever chooses addresses and ports could otherwise fill one run of slots.
/// Removal shifts the entries behind the gap back, so the table never fills with tombstones.
final class FlowTable {
    private static final int INITIAL_CAPACITY = 16;

    private final long secret;
    private int[] hashes = new int[INITIAL_CAPACITY];
    private @Nullable FlowEntry[] entries = new FlowEntry[INITIAL_CAPACITY];
    private int size;

    FlowTable(long secret) {
        this.secret = secret;
    }

    int size() {
        return size;
    }

    @Nullable FlowEntry find(
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort) {
        int hash = hash(localHigh, localLow, localPort, remoteHigh, remoteLow, remotePort);
        int mask = entries.length - 1;
        for (int slot = hash & mask; ; slot = slot + 1 & mask) {
            FlowEntry entry = entries[slot];
            if (entry == null) {
                return null;
            }
            if (hashes[slot] == hash
                    && entry.matches(
                            localHigh, localLow, localPort, remoteHigh, remoteLow, remotePort)) {
                return entry;
            }
        }
    }

    /// The entry of the segment that an ICMP error quotes; it is ours, so its source is the local end.
    @Nullable FlowEntry find(IcmpError error) {
        return find(
                error.srcHigh(),
                error.srcLow(),
                error.srcPort(),
                error.dstHigh(),
                error.dstLow(),
                error.dstPort());
    }

    /// Adds an entry, in place of the one that has the same addresses and ports, if there is one.
    ///
    /// @return the entry that was replaced
    @Nullable FlowEntry put(FlowEntry added) {
        int hash = hash(added);
        int mask = entries.length - 1;
        int slot = hash & mask;
        for (FlowEntry entry; (entry = entries[slot]) != null; slot = slot + 1 & mask) {
            if (hashes[slot] == hash && sameKey(entry, added)) {
                entries[slot] = added;
                return entry;
            }
        }
        hashes[slot] = hash;
        entries[slot] = added;
        if (++size > entries.length >>> 1) {
            grow();
        }
        return null;
    }

    /// Removes exactly this entry; another one with the same key stays.
    ///
    /// @return whether it was there
    boolean remove(FlowEntry removed) {
        int mask = entries.length - 1;
        int slot = hash(removed) & mask;
        while (entries[slot] != removed) {
            if (entries[slot] == null) {
                return false;
            }
            slot = slot + 1 & mask;
        }
        size--;
        closeGap(slot, mask);
        return true;
    }

    /// Shows every entry to `visitor`, which may remove the one it sees, and add none.
    void forEach(Consumer<FlowEntry> visitor) {
        // A copy, because a removal moves entries to slots that were visited already.
        for (FlowEntry entry : entries.clone()) {
            if (entry != null) {
                visitor.accept(entry);
            }
        }
    }

    private void closeGap(int gap, int mask) {
        int slot = gap;
        for (int next = slot + 1 & mask; entries[next] != null; next = next + 1 & mask) {
            int home = hashes[next] & mask;
            // Movable if its home does not lie cyclically within (slot, next].
            if ((next - home & mask) >= (next - slot & mask)) {
                entries[slot] = entries[next];
                hashes[slot] = hashes[next];
                slot = next;
            }
        }
        entries[slot] = null;
    }

    private void grow() {
        int[] oldHashes = hashes;
        FlowEntry[] oldEntries = entries;
        int mask = oldEntries.length * 2 - 1;
        hashes = new int[mask + 1];
        entries = new FlowEntry[mask + 1];
        for (int i = 0; i < oldEntries.length; i++) {
            if (oldEntries[i] != null) {
                int slot = oldHashes[i] & mask;
                while (entries[slot] != null) {
                    slot = slot + 1 & mask;
                }
                hashes[slot] = oldHashes[i];
                entries[slot] = oldEntries[i];
            }
        }
    }

    private static boolean sameKey(FlowEntry a, FlowEntry b) {
        return a.matches(
                b.localHigh, b.localLow, b.localPort, b.remoteHigh, b.remoteLow, b.remotePort);
    }

    private int hash(FlowEntry entry) {
        return hash(
                entry.localHigh,
                entry.localLow,
                entry.localPort,
                entry.remoteHigh,
                entry.remoteLow,
                entry.remotePort);
    }

    private int hash(
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort) {
        long h = mix(secret ^ remoteLow);
        h = mix(h ^ remoteHigh);
        h = mix(h ^ localLow);
        h = mix(h ^ localHigh);
        h = mix(h ^ ((long) localPort << 16 | remotePort));
        return (int) (h >>> 32);
    }

    /// The finalizer of MurmurHash3: every input bit reaches every output bit.
    private static long mix(long value) {
        long h = value;
        h = (h ^ h >>> 33) * 0xff51afd7ed558ccdL;
        h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
        return h ^ h >>> 33;
    }
}
