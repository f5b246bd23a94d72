package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.testkit.Rfc;

import java.util.Random;

/// What both codecs write, both codecs read: with every combination of options, and byte for byte.
class RoundTripTest {
    private static final int MSS = 1;
    private static final int WINDOW_SCALE = 2;
    private static final int SACK_PERMITTED = 4;
    private static final int TIMESTAMPS = 8;

    private final DropCounters counters = new DropCounters();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new Ipv4Codec(counters), new TcpSegmentCodec(counters, false));

    @AfterEach
    void close() {
        assertEquals("none", counters.toString());
        channel.finishAndReleaseAll();
    }

    @Test
    @Rfc(number = 9293, section = "3.1", id = "MUST-68")
    @Rfc(number = 9293, section = "3.1", id = "MUST-69")
    void everyCombinationOfOptionsComesBackAsItWasWritten() {
        Random random = new Random(7323);
        for (int options = 0; options < 16; options++) {
            for (int blocks = 0; blocks <= TcpSegment.MAX_SACK_BLOCKS; blocks++) {
                boolean synOnly = (options & ~TIMESTAMPS) != 0;
                int flags = synOnly ? TcpFlags.SYN : randomFlags(random);
                roundTrip(random, flags, options, blocks);
            }
        }
    }

    /// In both orders, with each number of fields, beside each other option that a segment after the SYN can
    /// have.
    @Test
    void everyAccEcnOptionComesBackAsItWasWritten() {
        for (int fields = 0; fields <= TcpSegment.MAX_ACC_ECN_FIELDS; fields++) {
            for (int blocks = 0; blocks <= 1; blocks++) {
                for (int kind = 0; kind < 4; kind++) {
                    TcpSegment segment = ack().ecn(kind);
                    if ((kind & 1) == 0) {
                        // Without timestamps there is room for both in full.
                        segment =
                                new TcpSegment()
                                        .from(0, IpAddresses.v4Low(0x0a000001), 1)
                                        .to(0, IpAddresses.v4Low(0x0a000002), 2)
                                        .ack(7);
                    }
                    int[] edges = blocks == 0 ? new int[0] : new int[] {10, 20};
                    segment.sack(edges);
                    if (kind < 2) {
                        segment.accEcn0(fields, 1, 0xffffff, 0x800000);
                    } else {
                        segment.accEcn1(fields, 0x7fffff, 2, 0);
                    }
                    comesBack(segment);
                }
            }
        }
    }

    private void comesBack(TcpSegment segment) {
        String text = segment.toString();
        channel.writeOutbound(segment);
        ByteBuf packet = channel.readOutbound();
        byte[] octets = ByteBufUtil.getBytes(packet);
        channel.writeInbound(packet);
        TcpSegment read = channel.readInbound();
        assertEquals(text, read.toString());
        assertEquals(text, SegmentFormat.parse(text, 0, 0).segment().toString());
        channel.writeOutbound(read);
        ByteBuf again = channel.readOutbound();
        assertArrayEquals(octets, ByteBufUtil.getBytes(again), text);
        again.release();
    }

    @Test
    void randomSegmentsComeBackAsTheyWereWritten() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            int flags = randomFlags(random);
            int options = random.nextInt(16);
            if ((flags & TcpFlags.SYN) == 0) {
                options &= TIMESTAMPS;
            }
            int blocks = random.nextInt(TcpSegment.MAX_SACK_BLOCKS + 1);
            try {
                roundTrip(random, flags, options, blocks);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", segment " + i, e);
            }
        }
    }

    private void roundTrip(Random random, int flags, int options, int blocks) {
        ByteBuf payload = payload(random);
        byte[] data = ByteBufUtil.getBytes(payload);
        TcpSegment segment = segment(random, flags, options, blocks).payload(payload);
        int room = 40 - lengthWithoutSack(options);
        int fitting = Math.min(blocks, (room - 4) / 8);
        String text = segment.sack(edges(segment, fitting)).toString();
        channel.writeOutbound(segment);
        ByteBuf packet = channel.readOutbound();
        byte[] octets = ByteBufUtil.getBytes(packet);
        int sackLength = fitting == 0 ? 0 : 4 + 8 * fitting;
        assertEquals(
                40 + lengthWithoutSack(options) + sackLength + data.length, octets.length, text);
        walkOptions(octets, octets.length - data.length, text);

        channel.writeInbound(packet);
        TcpSegment read = channel.readInbound();
        assertEquals(text, read.toString());
        assertEquals(segment.srcHigh(), read.srcHigh());
        assertEquals(segment.srcLow(), read.srcLow());
        assertEquals(segment.dstHigh(), read.dstHigh());
        assertEquals(segment.dstLow(), read.dstLow());
        assertEquals(segment.srcPort(), read.srcPort());
        assertEquals(segment.dstPort(), read.dstPort());
        assertEquals(segment.ttl(), read.ttl());
        assertEquals(segment.trafficClass(), read.trafficClass());
        assertArrayEquals(data, ByteBufUtil.getBytes(read.payload()));

        channel.writeOutbound(read);
        ByteBuf again = channel.readOutbound();
        assertArrayEquals(octets, ByteBufUtil.getBytes(again), text);
        again.release();
    }

    /// Each option but No-Operation and End of Option List has a length and ends within the header; behind
    /// the end of the list there is nothing but zeros.
    private static void walkOptions(byte[] packet, int end, String text) {
        int at = 40;
        while (at < end && packet[at] != 0) {
            at += packet[at] == 1 ? 1 : Math.max(2, packet[at + 1] & 0xff);
        }
        while (at < end) {
            assertEquals(0, packet[at++], text);
        }
        assertEquals(end, at, text);
    }

    private static int lengthWithoutSack(int options) {
        int length = (options & MSS) != 0 ? 4 : 0;
        length += (options & WINDOW_SCALE) != 0 ? 4 : 0;
        if ((options & TIMESTAMPS) != 0) {
            return length + 12;
        }
        return (options & SACK_PERMITTED) != 0 ? length + 4 : length;
    }

    private static int[] edges(TcpSegment segment, int blocks) {
        int[] edges = new int[2 * blocks];
        for (int i = 0; i < blocks; i++) {
            edges[2 * i] = segment.sackLeft(i);
            edges[2 * i + 1] = segment.sackRight(i);
        }
        return edges;
    }

    private static TcpSegment segment(Random random, int flags, int options, int blocks) {
        TcpSegment segment =
                new TcpSegment()
                        .from(0, IpAddresses.v4Low(0x0a000001 + random.nextInt(1000)), port(random))
                        .to(0, IpAddresses.v4Low(random.nextInt()), port(random))
                        .seq(random.nextInt())
                        .flag(flags)
                        .window(random.nextInt(65536))
                        .ttl(1 + random.nextInt(255))
                        .trafficClass(random.nextInt(256));
        if (segment.has(TcpFlags.ACK)) {
            segment.ack(random.nextInt());
        }
        if (segment.has(TcpFlags.URG)) {
            segment.urgentPointer(random.nextInt(65536));
        }
        if ((options & MSS) != 0) {
            segment.mss(random.nextInt(65536));
        }
        if ((options & WINDOW_SCALE) != 0) {
            segment.windowScale(random.nextInt(256));
        }
        segment.sackPermitted((options & SACK_PERMITTED) != 0);
        if ((options & TIMESTAMPS) != 0) {
            segment.timestamps(random.nextInt(), random.nextInt());
        }
        return segment.sack(random.ints(2L * blocks).toArray());
    }

    private static int port(Random random) {
        return 1 + random.nextInt(65535);
    }

    private static int randomFlags(Random random) {
        int flags = random.nextInt(0x200);
        return (flags & TcpFlags.SYN) != 0 ? flags & ~(TcpFlags.FIN | TcpFlags.RST) : flags;
    }

    /// Nothing, a heap buffer, a slice of a direct one, or a composite with odd and empty parts.
    private static ByteBuf payload(Random random) {
        byte[] data = new byte[random.nextInt(3000)];
        random.nextBytes(data);
        switch (random.nextInt(4)) {
            case 0:
                return Unpooled.EMPTY_BUFFER;
            case 1:
                return Unpooled.wrappedBuffer(data);
            case 2:
                ByteBuf direct = PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(data);
                return direct.skipBytes(random.nextInt(data.length + 1));
            default:
                CompositeByteBuf composite = PooledByteBufAllocator.DEFAULT.compositeBuffer();
                int from = 0;
                while (from < data.length) {
                    int length = Math.min(random.nextInt(700), data.length - from);
                    ByteBuf part = PooledByteBufAllocator.DEFAULT.directBuffer();
                    composite.addComponent(true, part.writeBytes(data, from, length));
                    from += length;
                }
                return composite;
        }
    }

    @Test
    void aSegmentWithoutDataLeavesAsOneContiguousBuffer() {
        channel.writeOutbound(ack());
        ByteBuf packet = channel.readOutbound();
        assertEquals(1, packet.nioBufferCount());
        assertEquals(1, packet.refCnt());
        assertEquals(52, packet.readableBytes());
        packet.release();
    }

    @Test
    void dataIsNotCopiedAndCompositesAreNotNested() {
        ByteBuf first = PooledByteBufAllocator.DEFAULT.directBuffer().writeZero(101);
        ByteBuf second = PooledByteBufAllocator.DEFAULT.directBuffer().writeZero(57);
        CompositeByteBuf data = PooledByteBufAllocator.DEFAULT.compositeBuffer();
        data.addComponents(true, first, second);
        channel.writeOutbound(ack().payload(data.retain()));
        assertEquals(2, data.refCnt() + first.refCnt() - 1);

        ByteBuf packet = channel.readOutbound();
        CompositeByteBuf whole = assertInstanceOf(CompositeByteBuf.class, packet);
        assertEquals(3, whole.numComponents());
        assertEquals(52 + 158, whole.readableBytes());
        assertEquals(3, whole.nioBufferCount());
        first.setByte(100, 42);
        assertEquals(42, whole.getByte(52 + 100));

        whole.release();
        assertEquals(1, first.refCnt());
        assertEquals(1, second.refCnt());
        data.release();
    }

    private static TcpSegment ack() {
        return new TcpSegment()
                .from(0, IpAddresses.v4Low(0x0a000001), 40000)
                .to(0, IpAddresses.v4Low(0x0a000101), 80)
                .seq(1)
                .ack(2)
                .timestamps(3, 4);
    }
}
