package toytcp.stack.tcp;

import io.netty.buffer.ByteBuf;

import toytcp.codec.SeqNum;
import toytcp.codec.TcpSegment;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;

/// Text that arrived ahead of a gap: the blocks that RFC 2018 reports, each with its buffers.
///
/// Octets that are already held win over later copies of them. Memory is bounded by the receive
/// window; and small segments are bounded in number, so that a peer who sends many tiny ones cannot
/// make us hold an object for each octet.
final class Assembler {
    /// Blocks beyond which a small segment begins no other one.
    static final int MAX_BLOCKS = 256;

    static final int MAX_SMALL = 8192;

    /// A segment of fewer octets is small.
    static final int SMALL = 512;

    private static final int RECENT = TcpSegment.MAX_SACK_BLOCKS;

    private static final class Block {
        final ArrayDeque<ByteBuf> buffers = new ArrayDeque<>(2);
        int start;
        int end;

        /// When a segment last fell into this block: RFC 2018 reports the newest first.
        long age;

        Block(int start, int end, ByteBuf data) {
            this.start = start;
            this.end = end;
            buffers.add(data);
        }
    }

    private final ArrayList<Block> blocks = new ArrayList<>(2);
    private int smallCount;
    private int octets;
    private long clock;

    /// The blocks that changed last, the newest first: what is reported, without a look at the others.
    private final Block[] recent = new Block[RECENT];

    private int recentCount;

    boolean isEmpty() {
        return blocks.isEmpty();
    }

    /// Octets that are held.
    int octets() {
        return octets;
    }

    /// The sequence number after the last octet that is held; there is one.
    int end() {
        return blocks.getLast().end;
    }

    /// Holds `data`, which starts at `seq`; owns it from here on.
    ///
    /// @return whether it was taken; `false` if there is no room for more objects
    boolean insert(int seq, ByteBuf data) {
        int end = seq + data.readableBytes();
        int index = firstThatReaches(seq);
        boolean isNew = index == blocks.size() || SeqNum.lt(end, blocks.get(index).start);
        boolean full = smallCount >= MAX_SMALL || isNew && blocks.size() >= MAX_BLOCKS;
        if (full && data.readableBytes() < SMALL) {
            data.release();
            return false;
        }
        if (isNew) {
            count(data, 1);
            octets += data.readableBytes();
            blocks.add(index, new Block(seq, end, data));
        } else {
            merge(index, seq, end, data);
        }
        changed(blocks.get(index));
        return true;
    }

    /// The next buffer that continues at `nxt`, its old octets cut off; `null` if there is a gap.
    /// The caller owns it.
    ByteBuf poll(int nxt) {
        while (!blocks.isEmpty() && SeqNum.leq(blocks.getFirst().start, nxt)) {
            Block block = blocks.getFirst();
            ByteBuf buffer = block.buffers.remove();
            count(buffer, -1);
            octets -= buffer.readableBytes();
            int old = SeqNum.distance(block.start, nxt);
            block.start += buffer.readableBytes();
            if (block.buffers.isEmpty()) {
                blocks.removeFirst();
                forget(block);
            }
            if (old < buffer.readableBytes()) {
                return buffer.skipBytes(old);
            }
            buffer.release();
        }
        return null;
    }

    /// Notes the first octets from `from` up to `to` that are held already.
    void noteDuplicate(int from, int to, DuplicateReport duplicate) {
        int index = firstThatReaches(from + 1);
        if (index < blocks.size()) {
            Block block = blocks.get(index);
            duplicate.note(SeqNum.max(from, block.start), SeqNum.min(to, block.end));
        }
    }

    /// Adds up to `max` SACK blocks to `segment`: what arrived twice (RFC 2883, 4), then the most
    /// recently changed one first (RFC 2018, 4).
    void report(TcpSegment segment, int max, DuplicateReport duplicate) {
        int first = duplicate.isPending() ? 1 : 0;
        int count = Math.min(max, first + blocks.size());
        if (count == 0) {
            return;
        }
        int[] edges = new int[2 * count];
        if (first == 1) {
            edges[0] = duplicate.start();
            edges[1] = duplicate.end();
            duplicate.clear();
        }
        long newerThan = Long.MAX_VALUE;
        for (int i = first; i < count; i++) {
            int rank = i - first;
            Block newest = rank < recentCount ? recent[rank] : newestBefore(newerThan);
            edges[2 * i] = newest.start;
            edges[2 * i + 1] = newest.end;
            newerThan = newest.age;
        }
        segment.sack(edges);
    }

    void release() {
        for (Block block : blocks) {
            block.buffers.forEach(ByteBuf::release);
        }
        blocks.clear();
        Arrays.fill(recent, null);
        recentCount = 0;
        smallCount = 0;
        octets = 0;
    }

    /// The index of the first block that ends at or after `seq`.
    private int firstThatReaches(int seq) {
        int low = 0;
        int high = blocks.size();
        while (low < high) {
            int middle = low + high >>> 1;
            if (SeqNum.geq(blocks.get(middle).end, seq)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void changed(Block block) {
        block.age = ++clock;
        forget(block);
        int last = Math.min(recentCount, RECENT - 1);
        System.arraycopy(recent, 0, recent, 1, last);
        recent[0] = block;
        recentCount = last + 1;
    }

    private void forget(Block block) {
        for (int i = 0; i < recentCount; i++) {
            if (recent[i] == block) {
                System.arraycopy(recent, i + 1, recent, i, recentCount - i - 1);
                recent[--recentCount] = null;
                return;
            }
        }
    }

    private void count(ByteBuf buffer, int sign) {
        smallCount += buffer.readableBytes() < SMALL ? sign : 0;
    }

    /// Fills the block at `index`, which `[seq, end)` touches, with what it does not hold yet.
    private void merge(int index, int seq, int end, ByteBuf data) {
        Block block = blocks.get(index);
        if (SeqNum.lt(seq, block.start)) {
            block.buffers.addFirst(cut(data, seq, seq, block.start));
            block.start = seq;
        }
        while (SeqNum.gt(end, block.end)) {
            Block next = index + 1 < blocks.size() ? blocks.get(index + 1) : null;
            int until = next == null ? end : SeqNum.min(end, next.start);
            if (SeqNum.gt(until, block.end)) {
                block.buffers.addLast(cut(data, seq, block.end, until));
                block.end = until;
            }
            if (next == null || block.end != next.start) {
                break;
            }
            block.buffers.addAll(next.buffers);
            block.end = next.end;
            blocks.remove(index + 1);
            forget(next);
        }
        data.release();
    }

    private ByteBuf cut(ByteBuf data, int seq, int from, int until) {
        int offset = data.readerIndex() + SeqNum.distance(seq, from);
        ByteBuf piece = data.retainedSlice(offset, SeqNum.distance(from, until));
        count(piece, 1);
        octets += piece.readableBytes();
        return piece;
    }

    private Block newestBefore(long age) {
        Block newest = null;
        for (Block block : blocks) {
            if (block.age < age && (newest == null || block.age > newest.age)) {
                newest = block;
            }
        }
        return newest;
    }
}
