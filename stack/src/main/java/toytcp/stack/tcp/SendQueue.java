package toytcp.stack.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;

import toytcp.codec.SeqNum;

import java.util.Arrays;

/// The user's octets from SND.UNA on: unacknowledged ones, then unsent ones.
///
/// The user's buffers are held as they are, and segments are retained slices of them. Only small
/// writes are gathered by copying: a chain of tiny buffers would cost more than the copy.
final class SendQueue {
    /// Writes below this size are gathered.
    private static final int SMALL = 256;

    private static final int GATHER_CAPACITY = 2048;

    private final ByteBufAllocator allocator;
    private ByteBuf[] buffers = new ByteBuf[2];
    private int[] starts = new int[2];
    private int head;
    private int count;

    /// The sequence number of the first octet that is held.
    private int start;

    /// The sequence number after the last octet.
    private int end;

    /// The buffer at the tail if it is ours to append to.
    private ByteBuf gather;

    /// Where the last slice ended, so that sending in order does not search.
    private int hint;

    SendQueue(ByteBufAllocator allocator, int firstSeq) {
        this.allocator = allocator;
        start = firstSeq;
        end = firstSeq;
    }

    int size() {
        return SeqNum.distance(start, end);
    }

    boolean isEmpty() {
        return start == end;
    }

    /// The sequence number after the last queued octet.
    int end() {
        return end;
    }

    /// Appends; owns `data` from here on.
    void append(ByteBuf data) {
        int length = data.readableBytes();
        if (length == 0) {
            data.release();
        } else if (length >= SMALL) {
            closeGather();
            add(data);
        } else {
            gather(data);
        }
        end += length;
    }

    /// The octets from `seq` on, as a retained slice.
    ByteBuf slice(int seq, int length) {
        if (length == 0) {
            return Unpooled.EMPTY_BUFFER;
        }
        int index = find(seq);
        ByteBuf first = at(index);
        int offset = SeqNum.distance(startAt(index), seq);
        int available = first.readableBytes() - offset;
        if (available >= length) {
            hint = available == length ? index + 1 : index;
            return first.retainedSlice(first.readerIndex() + offset, length);
        }
        return gatherSlices(index, offset, length);
    }

    /// Releases everything before `seq`.
    void acknowledge(int seq) {
        start = seq;
        while (count > 0 && SeqNum.leq(startAt(0) + at(0).readableBytes(), seq)) {
            removeFirst();
        }
    }

    void release() {
        while (count > 0) {
            removeFirst();
        }
        start = end;
    }

    private ByteBuf gatherSlices(int firstIndex, int firstOffset, int length) {
        CompositeByteBuf whole = allocator.compositeDirectBuffer(Math.max(16, count));
        int index = firstIndex;
        int offset = firstOffset;
        int left = length;
        while (left > 0) {
            ByteBuf buffer = at(index);
            int part = Math.min(left, buffer.readableBytes() - offset);
            whole.addComponent(true, buffer.retainedSlice(buffer.readerIndex() + offset, part));
            left -= part;
            offset = 0;
            index++;
        }
        hint = index - 1;
        return whole;
    }

    private int find(int seq) {
        int index = hint < count && SeqNum.leq(startAt(hint), seq) ? hint : 0;
        while (SeqNum.leq(startAt(index) + at(index).readableBytes(), seq)) {
            index++;
        }
        return index;
    }

    /// A small buffer that larger ones follow keeps what it has, not the room that it was made with.
    private void closeGather() {
        if (gather == null || gather.readableBytes() > GATHER_CAPACITY / 2) {
            gather = null;
            return;
        }
        int slot = head + count - 1 & buffers.length - 1;
        buffers[slot] = allocator.directBuffer(gather.readableBytes()).writeBytes(gather);
        gather.release();
        gather = null;
    }

    private void gather(ByteBuf data) {
        if (gather == null || gather.writableBytes() < data.readableBytes()) {
            gather = allocator.directBuffer(GATHER_CAPACITY, GATHER_CAPACITY);
            add(gather);
        }
        gather.writeBytes(data);
        data.release();
    }

    private void add(ByteBuf buffer) {
        if (count == buffers.length) {
            grow();
        }
        int slot = head + count & buffers.length - 1;
        buffers[slot] = buffer;
        starts[slot] = end;
        count++;
    }

    private void removeFirst() {
        ByteBuf buffer = buffers[head];
        if (buffer == gather) {
            gather = null;
        }
        buffers[head] = null;
        head = head + 1 & buffers.length - 1;
        count--;
        hint = Math.max(0, hint - 1);
        buffer.release();
    }

    private void grow() {
        int length = buffers.length;
        ByteBuf[] moreBuffers = Arrays.copyOf(buffers, 2 * length);
        int[] moreStarts = Arrays.copyOf(starts, 2 * length);
        for (int i = 0; i < length; i++) {
            moreBuffers[i] = at(i);
            moreStarts[i] = startAt(i);
        }
        buffers = moreBuffers;
        starts = moreStarts;
        head = 0;
    }

    private ByteBuf at(int index) {
        return buffers[head + index & buffers.length - 1];
    }

    private int startAt(int index) {
        return starts[head + index & starts.length - 1];
    }
}
