package toytcp.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCounted;

/// One TCP segment: header, options and payload as one flat record of primitives.
///
/// A segment is filled by its maker through the chained setters and only read from then on. Names
/// are those of RFC 9293: `SEG.SEQ` is [#seq()], `SEG.WND` is [#window()] and so on. Options that
/// are not present read as [#ABSENT] or `false`; unknown options never reach a segment.
///
/// The segment owns its payload: releasing the segment releases the payload.
public final class TcpSegment implements ReferenceCounted {
    /// The value of [#mss()] and [#windowScale()] when the option is not there.
    public static final int ABSENT = -1;

    /// The most SACK blocks that fit into a header (RFC 2018, 3).
    public static final int MAX_SACK_BLOCKS = 4;

    /// The most fields in an AccECN option.
    public static final int MAX_ACC_ECN_FIELDS = 3;

    private static final int[] NO_SACK = {};

    private static final int COUNTER_BITS = 0xffffff;

    private long srcHigh;
    private long srcLow;
    private long dstHigh;
    private long dstLow;
    private int srcPort;
    private int dstPort;
    private int seq;
    private int ack;
    private int flags;
    private int window;
    private int urgentPointer;
    private int mss = ABSENT;
    private int windowScale = ABSENT;
    private boolean sackPermitted;
    private boolean timestamps;
    private int tsVal;
    private int tsEcr;
    private int[] sack = NO_SACK;

    /// The fields of the AccECN option, and its order.
    private byte accEcnFields = ABSENT;

    private boolean accEcnOrder1;
    private int accEcnFirst;
    private int accEcnCe;
    private int accEcnLast;
    private int trafficClass;
    private int ttl;
    private ByteBuf payload = Unpooled.EMPTY_BUFFER;

    /// An empty segment: no flags, no options, no payload.
    public TcpSegment() {}

    /// Upper half of the source address, see [IpAddresses].
    public long srcHigh() {
        return srcHigh;
    }

    /// Lower half of the source address.
    public long srcLow() {
        return srcLow;
    }

    /// Upper half of the destination address.
    public long dstHigh() {
        return dstHigh;
    }

    /// Lower half of the destination address.
    public long dstLow() {
        return dstLow;
    }

    /// Source port, 0 to 65535.
    public int srcPort() {
        return srcPort;
    }

    /// Destination port, 0 to 65535.
    public int dstPort() {
        return dstPort;
    }

    /// Sets source address and port.
    public TcpSegment from(long high, long low, int port) {
        srcHigh = high;
        srcLow = low;
        srcPort = port;
        return this;
    }

    /// Sets destination address and port.
    public TcpSegment to(long high, long low, int port) {
        dstHigh = high;
        dstLow = low;
        dstPort = port;
        return this;
    }

    /// SEG.SEQ.
    public int seq() {
        return seq;
    }

    /// Sets SEG.SEQ.
    public TcpSegment seq(int value) {
        seq = value;
        return this;
    }

    /// SEG.ACK; meaningful only with the ACK flag.
    public int ack() {
        return ack;
    }

    /// Sets SEG.ACK and the ACK flag.
    public TcpSegment ack(int value) {
        ack = value;
        flags |= TcpFlags.ACK;
        return this;
    }

    /// The control bits, see [TcpFlags].
    public int flags() {
        return flags;
    }

    /// Adds control bits.
    public TcpSegment flag(int bits) {
        flags |= bits;
        return this;
    }

    /// Whether all of `bits` are set.
    public boolean has(int bits) {
        return (flags & bits) == bits;
    }

    /// The window field as it stands in the header, unscaled, 0 to 65535.
    public int window() {
        return window;
    }

    /// Sets the window field, 0 to 65535, already scaled down.
    public TcpSegment window(int value) {
        window = value;
        return this;
    }

    /// The urgent pointer, 0 to 65535; meaningful only with the URG flag.
    public int urgentPointer() {
        return urgentPointer;
    }

    /// Sets the urgent pointer and the URG flag.
    public TcpSegment urgentPointer(int value) {
        urgentPointer = value;
        flags |= TcpFlags.URG;
        return this;
    }

    /// The maximum segment size option, 0 to 65535, or [#ABSENT].
    public int mss() {
        return mss;
    }

    /// Sets the maximum segment size option.
    public TcpSegment mss(int value) {
        mss = value;
        return this;
    }

    /// The shift count of the window scale option, 0 to 255, or [#ABSENT] (RFC 7323, 2.2).
    public int windowScale() {
        return windowScale;
    }

    /// Sets the window scale option.
    public TcpSegment windowScale(int shift) {
        windowScale = shift;
        return this;
    }

    /// Whether the SACK-permitted option is there (RFC 2018, 2).
    public boolean sackPermitted() {
        return sackPermitted;
    }

    /// Adds the SACK-permitted option.
    public TcpSegment sackPermitted(boolean value) {
        sackPermitted = value;
        return this;
    }

    /// Whether the timestamps option is there (RFC 7323, 3.2).
    public boolean hasTimestamps() {
        return timestamps;
    }

    /// SEG.TSval; meaningful only if [#hasTimestamps()].
    public int tsVal() {
        return tsVal;
    }

    /// SEG.TSecr; meaningful only if [#hasTimestamps()].
    public int tsEcr() {
        return tsEcr;
    }

    /// Adds the timestamps option.
    public TcpSegment timestamps(int val, int ecr) {
        timestamps = true;
        tsVal = val;
        tsEcr = ecr;
        return this;
    }

    /// How many SACK blocks there are, 0 to [#MAX_SACK_BLOCKS].
    public int sackCount() {
        return sack.length / 2;
    }

    /// The left edge of SACK block `index`: the first sequence number of the block.
    public int sackLeft(int index) {
        return sack[2 * index];
    }

    /// The right edge of SACK block `index`: the sequence number just after the block.
    public int sackRight(int index) {
        return sack[2 * index + 1];
    }

    /// Sets the SACK blocks: left and right edges in turn; the array is kept, not copied.
    ///
    /// @throws IllegalArgumentException if there are edges without a partner or too many blocks
    public TcpSegment sack(int... edges) {
        if (edges.length % 2 != 0 || edges.length > 2 * MAX_SACK_BLOCKS) {
            throw new IllegalArgumentException(
                    "SACK takes 0 to 4 pairs of edges, got " + edges.length + " edges");
        }
        sack = edges;
        return this;
    }

    /// How many fields the AccECN option has, 0 to 3; [#ABSENT] without the option (RFC 9768, 3.2.3).
    public int accEcnFields() {
        return accEcnFields;
    }

    /// Whether the fields of the AccECN option are in order 1 (`EE1B`, `ECEB`, `EE0B`) and not in
    /// order 0 (`EE0B`, `ECEB`, `EE1B`).
    public boolean isAccEcnOrder1() {
        return accEcnOrder1;
    }

    /// Field `index` of the AccECN option in its own order, from 0: 24 bits of a counter of octets.
    public int accEcnField(int index) {
        return switch (index) {
            case 0 -> accEcnFirst;
            case 1 -> accEcnCe;
            default -> accEcnLast;
        };
    }

    /// `EE0B` of the AccECN option, the octets that arrived with ECT(0): 24 bits, or [#ABSENT].
    public int ee0b() {
        return accEcnOrder1 ? accEcnIf(MAX_ACC_ECN_FIELDS, accEcnLast) : accEcnIf(1, accEcnFirst);
    }

    /// `ECEB`, the octets that arrived with CE: 24 bits, or [#ABSENT].
    public int eceb() {
        return accEcnIf(2, accEcnCe);
    }

    /// `EE1B`, the octets that arrived with ECT(1): 24 bits, or [#ABSENT].
    public int ee1b() {
        return accEcnOrder1 ? accEcnIf(1, accEcnFirst) : accEcnIf(MAX_ACC_ECN_FIELDS, accEcnLast);
    }

    /// Octets that an AccECN option takes in a header, with the padding behind it.
    ///
    /// @param fields 0 to [#MAX_ACC_ECN_FIELDS]
    public static int accEcnLength(int fields) {
        return 2 + 3 * fields + 3 & ~3;
    }

    private int accEcnIf(int fields, int value) {
        return accEcnFields >= fields ? value : ABSENT;
    }

    /// Adds an AccECN option of order 0 with the first `fields` of three counters, of which the lower
    /// 24 bits count. Not for a SYN without ACK.
    ///
    /// @param fields 0 to [#MAX_ACC_ECN_FIELDS]
    /// @throws IllegalArgumentException if there are more or less
    public TcpSegment accEcn0(int fields, int e0b, int ceb, int e1b) {
        return accEcn(fields, false, e0b, ceb, e1b);
    }

    /// Adds an AccECN option of order 1, likewise.
    ///
    /// @param fields 0 to [#MAX_ACC_ECN_FIELDS]
    /// @throws IllegalArgumentException if there are more or less
    public TcpSegment accEcn1(int fields, int e1b, int ceb, int e0b) {
        return accEcn(fields, true, e1b, ceb, e0b);
    }

    private TcpSegment accEcn(int fields, boolean order1, int first, int ce, int last) {
        if (fields < 0 || fields > MAX_ACC_ECN_FIELDS) {
            throw new IllegalArgumentException("AccECN takes 0 to 3 fields, got " + fields);
        }
        accEcnFields = (byte) fields;
        accEcnOrder1 = order1;
        accEcnFirst = first & COUNTER_BITS;
        accEcnCe = ce & COUNTER_BITS;
        accEcnLast = last & COUNTER_BITS;
        return this;
    }

    /// The ECN bits of the packet, see [EcnField].
    public int ecn() {
        return trafficClass & EcnField.MASK;
    }

    /// Sets the ECN bits and leaves the DS field as it is.
    public TcpSegment ecn(int codepoint) {
        trafficClass = trafficClass & ~EcnField.MASK | codepoint;
        return this;
    }

    /// DS field and ECN bits of the packet, 0 to 255.
    public int trafficClass() {
        return trafficClass;
    }

    /// Sets DS field and ECN bits.
    public TcpSegment trafficClass(int value) {
        trafficClass = value;
        return this;
    }

    /// Time to live of the packet; 0 when sending means: the default of the IP layer.
    public int ttl() {
        return ttl;
    }

    /// Sets the time to live, 1 to 255.
    public TcpSegment ttl(int value) {
        ttl = value;
        return this;
    }

    /// The data octets; empty if there are none, never `null`.
    public ByteBuf payload() {
        return payload;
    }

    /// Sets the data octets; the segment owns the buffer from here on.
    public TcpSegment payload(ByteBuf value) {
        payload = value;
        return this;
    }

    /// SEG.LEN: the octets of sequence space that the segment takes, SYN and FIN counted.
    public int length() {
        return payload.readableBytes() + (flags & TcpFlags.FIN) + ((flags & TcpFlags.SYN) >> 1);
    }

    /// The sequence number just after the segment: SEG.SEQ + SEG.LEN.
    public int end() {
        return seq + length();
    }

    /// The one-line text form with absolute sequence numbers, see [SegmentFormat].
    @Override
    public String toString() {
        return SegmentFormat.format(this, 0, 0);
    }

    @Override
    public int refCnt() {
        return payload.refCnt();
    }

    @Override
    public TcpSegment retain() {
        payload.retain();
        return this;
    }

    @Override
    public TcpSegment retain(int increment) {
        payload.retain(increment);
        return this;
    }

    @Override
    public TcpSegment touch() {
        payload.touch();
        return this;
    }

    @Override
    public TcpSegment touch(Object hint) {
        payload.touch(hint);
        return this;
    }

    @Override
    public boolean release() {
        return payload.release();
    }

    @Override
    public boolean release(int decrement) {
        return payload.release(decrement);
    }
}
