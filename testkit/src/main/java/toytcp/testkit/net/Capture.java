package toytcp.testkit.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import toytcp.testkit.PacketText;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;

/// What happened in a network: each packet at each end of a link, and what was done to the links. The latest part
/// is kept as it was, of all of it a fingerprint.
final class Capture {
    /// What happened to a packet.
    enum Kind {
        SENT,
        ARRIVED,
        DROPPED,
        NOTE
    }

    /// @param end the number of the end of a link, -1 for none
    /// @param text the fate of the packet, or a note; null for nothing
    record Event(long atNanos, Kind kind, int end, @Nullable String text, byte[] octets) {}

    private static final byte[] NO_OCTETS = {};

    /// What an event costs beside its octets, about.
    private static final int OVERHEAD = 80;

    private final LongSupplier clock;
    private final long limit;
    private final List<LinkEnd> ends = new ArrayList<>();
    private final Deque<Event> events = new ArrayDeque<>();
    private final CRC32C checksum = new CRC32C();
    private long held;
    private long forgotten;
    private long fingerprint;

    /// @param limit about how much memory it may take, in octets
    Capture(LongSupplier clock, long limit) {
        this.clock = clock;
        this.limit = limit;
    }

    void add(LinkEnd end) {
        ends.add(end);
    }

    List<LinkEnd> ends() {
        return ends;
    }

    Iterable<Event> events() {
        return events;
    }

    /// A packet entered a link; `fate` says what will happen to it there, null for nothing.
    void sent(LinkEnd end, ByteBuf packet, @Nullable String fate) {
        add(Kind.SENT, end.number, packet, fate);
    }

    void arrived(LinkEnd end, ByteBuf packet) {
        add(Kind.ARRIVED, end.number, packet, null);
    }

    /// A packet that had entered a link was dropped from its queue.
    void dropped(LinkEnd end, ByteBuf packet, String why) {
        add(Kind.DROPPED, end.number, packet, why);
    }

    void note(String text) {
        add(new Event(clock.getAsLong(), Kind.NOTE, -1, text, NO_OCTETS));
    }

    private void add(Kind kind, int end, ByteBuf packet, @Nullable String text) {
        byte[] octets = new byte[packet.readableBytes()];
        packet.getBytes(packet.readerIndex(), octets);
        add(new Event(clock.getAsLong(), kind, end, text, octets));
    }

    private void add(Event event) {
        checksum.reset();
        checksum.update(event.octets);
        mix(event.atNanos);
        mix((long) event.kind.ordinal() << 32 | event.end & 0xffff_ffffL);
        mix(checksum.getValue() << 24 ^ event.octets.length);
        mix(event.text == null ? 0 : event.text.hashCode());
        events.add(event);
        held += event.octets.length + OVERHEAD;
        while (held > limit && events.size() > 1) {
            held -= events.remove().octets.length + OVERHEAD;
            forgotten++;
        }
    }

    private void mix(long value) {
        fingerprint = (fingerprint ^ value) * 0x9e37_79b9_7f4a_7c15L;
        fingerprint ^= fingerprint >>> 29;
    }

    /// A value that tells whether two runs were the same, from the first event to the last.
    long fingerprint() {
        return fingerprint;
    }

    /// One line for each event that is kept, or for the last `count` of them.
    String text(int count) {
        StringBuilder text = new StringBuilder();
        if (forgotten > 0) {
            text.append("(%,d earlier events are not kept)%n".formatted(forgotten));
        }
        PacketText packets = new PacketText();
        int skip = events.size() - count;
        for (Event event : events) {
            // Also those that are skipped, for their initial sequence numbers.
            String line = line(event, packets);
            if (--skip < 0) {
                text.append(line).append(System.lineSeparator());
            }
        }
        packets.close();
        return text.toString();
    }

    private String line(Event event, PacketText packets) {
        String seconds =
                "+%d.%09d "
                        .formatted(
                                event.atNanos / 1_000_000_000,
                                (int) (event.atNanos % 1_000_000_000));
        if (event.kind == Kind.NOTE) {
            return seconds + event.text;
        }
        LinkEnd end = ends.get(event.end);
        String place = end.node + (event.kind == Kind.ARRIVED ? "<" : ">") + end.peer + " ";
        String fate = event.text == null ? "" : " (" + event.text + ")";
        return seconds + place + packets.of(Unpooled.wrappedBuffer(event.octets)) + fate;
    }
}
