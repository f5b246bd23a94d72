package toytcp.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// A million packets that nobody should send: each one is read or counted, and none is kept.
/// `-Dfuzz.seed=N` repeats a run, `-Dfuzz.packets=N` makes it longer or shorter.
class FuzzTest {
    private static final long SEED = Long.getLong("fuzz.seed", System.nanoTime());
    private static final int PACKETS = Integer.getInteger("fuzz.packets", 1_000_000);

    private static final List<byte[]> SAMPLES =
            List.of(
                    Packets.octets(Packets.SYN),
                    Packets.octets(Packets.SYN_ACK),
                    Packets.octets(Packets.ACK),
                    Packets.octets(Packets.DATA),
                    Packets.octets(Packets.RST),
                    Packets.octets(Packets.PARTIAL),
                    Packets.withOptions(
                            Packets.DATA,
                            "0101080a00000001000000020101051200000003000000040000000500000006"),
                    Packets.withIpOptions(Packets.DATA, "018307040a00010944040500"),
                    Packets.withOptions(
                            Packets.DATA, "0101080a0000000100000002ac0b00000100000200000301"),
                    Packets.withOptions(Packets.ACK, "ae0801020304050601010101ac0200"),
                    Packets.icmp(Packets.DATA, 3, 4, 1280),
                    Packets.icmp(Packets.SYN, 3, 1, 0),
                    Packets.icmp(Packets.ACK, 11, 0, 0),
                    Packets.icmp(Packets.DATA, 4, 0, 0));

    /// Named like those of the codec.
    private static final Set<DropReason> OF_STACK =
            EnumSet.of(
                    DropReason.IP_DESTINATION,
                    DropReason.IP_PROTOCOL,
                    DropReason.ICMP_NO_FLOW,
                    DropReason.ICMP_SEQUENCE,
                    DropReason.ICMP_MTU);

    private final Random random = new Random(SEED);
    private final DropCounters counters = new DropCounters();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(
                    new Ipv4Codec(counters),
                    new IcmpCodec(counters),
                    new TcpSegmentCodec(counters, true));
    private int segments;
    private int errors;
    private int others;

    @Test
    void randomAndMutatedPacketsAreReadOrCountedAndNeverKept() {
        int done = 0;
        try {
            while (done < PACKETS) {
                feed(random.nextInt(8) == 0 ? randomOctets() : mutated());
                done++;
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("-Dfuzz.seed=" + SEED + ", packet " + done, e);
        } finally {
            channel.finishAndReleaseAll();
        }
        // The mutations must reach every layer, or the test shows nothing.
        assertTrue(segments > PACKETS / 20 && others > 0, segments + " segments, " + counters);
        assertTrue(errors > PACKETS / 50, errors + " ICMP errors, " + counters);
        for (DropReason reason : DropReason.values()) {
            boolean ofCodec = reason.name().matches("(IP|ICMP|TCP)_.*");
            boolean ofStack = OF_STACK.contains(reason);
            assertEquals(ofCodec && !ofStack, counters.get(reason) > 0, reason + ": " + counters);
        }
    }

    private void feed(byte[] octets) {
        long dropped = counters.total();
        ByteBuf packet = random.nextInt(8) == 0 ? inTwoParts(octets) : Packets.buffer(octets);
        channel.writeInbound(packet);
        Object read = channel.readInbound();
        assertEquals(dropped + (read == null ? 1 : 0), counters.total());
        if (read instanceof TcpSegment segment && random.nextInt(8) == 0) {
            writtenAgain(segment);
        } else {
            if (read instanceof IcmpError error) {
                assertInRange(error);
            }
            ReferenceCountUtil.release(read);
        }
        segments += read instanceof TcpSegment ? 1 : 0;
        errors += read instanceof IcmpError ? 1 : 0;
        others += read instanceof IpPacket ? 1 : 0;
        assertEquals(0, packet.refCnt());
    }

    /// What was read can be written, and is good then; what was written can be written again, octet for octet;
    /// and its text says all that there is.
    private void writtenAgain(TcpSegment segment) {
        String text = segment.toString();
        int blocks = segment.sackCount();
        TcpSegment parsed = SegmentFormat.parse(text, 0, 0).segment();
        int length = segment.payload().readableBytes();
        assertEquals(text, parsed.payload(Unpooled.wrappedBuffer(new byte[length])).toString());
        channel.writeOutbound(segment);
        ByteBuf packet = channel.readOutbound();
        byte[] first = ByteBufUtil.getBytes(packet);
        channel.writeInbound(packet);
        TcpSegment again = channel.readInbound();
        assertNotNull(again, text);
        if (again.sackCount() == blocks) {
            assertEquals(text, again.toString());
        }
        channel.writeOutbound(again);
        ByteBuf second = channel.readOutbound();
        assertArrayEquals(first, ByteBufUtil.getBytes(second), text);
        second.release();
    }

    private static void assertInRange(IcmpError error) {
        boolean right =
                error.code() >= 0
                        && error.code() <= 255
                        && error.mtu() >= 0
                        && error.mtu() <= 65535
                        && error.srcPort() > 0
                        && error.dstPort() > 0
                        && error.headerLength() >= 20
                        && error.headerLength() <= 60
                        && error.length() >= error.headerLength() + 8
                        && error.length() <= 65535;
        assertTrue(right, error::toString);
    }

    private byte[] randomOctets() {
        byte[] octets = new byte[random.nextInt(100)];
        random.nextBytes(octets);
        if (octets.length > 40) {
            octets[0] = (byte) (0x45 + random.nextInt(3));
            octets[2] = 0;
            octets[3] = (byte) octets.length;
            octets[6] &= (byte) 0xc0;
            octets[7] = 0;
            octets[9] = random.nextInt(4) == 0 ? (byte) IpPacket.ICMP : (byte) IpPacket.TCP;
            Packets.repaired(octets);
        }
        return octets;
    }

    /// A good packet, cut or lengthened, with some octets or a word changed, often repaired.
    private byte[] mutated() {
        byte[] sample = SAMPLES.get(random.nextInt(SAMPLES.size()));
        boolean whole = random.nextInt(8) > 0;
        byte[] octets = Arrays.copyOf(sample, whole ? sample.length : random.nextInt(120));
        for (int i = random.nextInt(4); i > 0 && octets.length > 0; i--) {
            int at = random.nextInt(octets.length);
            switch (random.nextInt(3)) {
                case 0 -> octets[at] = (byte) random.nextInt();
                case 1 -> octets[at] ^= 1;
                default ->
                        Arrays.fill(
                                octets, at & ~1, Math.min(octets.length, (at | 1) + 1), (byte) 0);
            }
        }
        if (octets.length >= 20 && random.nextInt(4) > 0) {
            Packets.repaired(octets);
        }
        return octets;
    }

    private ByteBuf inTwoParts(byte[] octets) {
        int cut = random.nextInt(octets.length + 1);
        ByteBuf first = Packets.buffer(Arrays.copyOf(octets, cut));
        ByteBuf second = Packets.buffer(Arrays.copyOfRange(octets, cut, octets.length));
        return Unpooled.compositeBuffer().addComponents(true, first, second);
    }
}
