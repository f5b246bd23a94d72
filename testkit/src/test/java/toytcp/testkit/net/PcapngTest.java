package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofSeconds;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads what was written, block by block, by the draft.
class PcapngTest {
    private record Block(int type, ByteBuffer body) {}

    private static List<Block> blocks(Network net) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        net.writeCapture(out);
        ByteBuffer file = ByteBuffer.wrap(out.toByteArray());
        List<Block> blocks = new ArrayList<>();
        while (file.hasRemaining()) {
            int begin = file.position();
            int type = file.getInt();
            int length = file.getInt();
            assertEquals(0, length % 4);
            blocks.add(new Block(type, file.slice(begin + 8, length - 12)));
            assertEquals(length, file.getInt(begin + length - 4));
            file.position(begin + length);
        }
        return blocks;
    }

    /// Options as `code=text`; numbers in hexadecimal.
    private static List<String> options(ByteBuffer from) {
        List<String> options = new ArrayList<>();
        while (true) {
            int code = from.getShort();
            byte[] value = new byte[from.getShort()];
            if (code == 0) {
                assertEquals(0, from.remaining());
                return options;
            }
            from.get(value);
            from.position(from.position() + (4 - value.length % 4) % 4);
            boolean text = value.length > 4 || value[0] >= ' ';
            String shown =
                    text
                            ? new String(value, StandardCharsets.UTF_8)
                            : Integer.toString(value[value.length - 1]);
            options.add(code + "=" + shown);
        }
    }

    @Test
    void anInterfaceForEachEndAndABlockForEachPacket(@VirtualNetwork(seed = 8) Network net)
            throws IOException {
        Host client = net.host("client");
        Host server = net.host("server");
        Link link = net.link(client, server).duplicate(1);
        new Traffic(net, server);
        net.at(ofSeconds(1)).down(link);
        net.at(ofSeconds(2)).run(() -> Traffic.connect(client, server));
        net.at(ofSeconds(2).plusMillis(500)).up(link);
        net.run(ofSeconds(4));
        List<Block> blocks = blocks(net);

        ByteBuffer section = blocks.getFirst().body;
        assertEquals(0x0a0d0d0a, blocks.getFirst().type);
        assertEquals(0x1a2b3c4d, section.getInt());
        assertEquals(1 << 16, section.getInt());
        assertEquals(-1, section.getLong());
        assertEquals(List.of("4=toytcp testkit, seed 8"), options(section));

        for (int i = 0; i < 2; i++) {
            Block description = blocks.get(1 + i);
            assertEquals(1, description.type);
            assertEquals(101 << 16, description.body.getInt());
            assertEquals(0, description.body.getInt());
            String name = i == 0 ? "client>server" : "server>client";
            assertEquals(List.of("2=" + name, "9=9"), options(description.body));
        }

        List<Block> packets = blocks.subList(3, blocks.size());
        assertTrue(packets.stream().allMatch(block -> block.type == 6));
        ByteBuffer lost = packets.getFirst().body;
        assertEquals(0, lost.getInt());
        assertEquals(2_000_000_000L, lost.getLong());
        int octets = lost.getInt();
        assertEquals(octets, lost.getInt());
        byte[] first = new byte[octets];
        lost.get(first);
        lost.position(lost.position() + (4 - octets % 4) % 4);
        assertArrayEquals(
                new byte[] {0x45, 10, 0, 0, 1}, new byte[] {first[0], first[12], 0, 0, first[15]});
        assertEquals(
                List.of("1=link client-server: down", "1=lost: the link is down", "2=2"),
                options(lost));
        ByteBuffer arrived = packets.get(2).body;
        assertEquals(1, arrived.getInt());
        assertEquals(3_001_000_000L, arrived.getLong());
    }

    @Test
    void onlyTheLatestIsKept() {
        Capture capture = new Capture(() -> 5, 1000);
        for (int i = 0; i < 100; i++) {
            capture.note("note " + i);
        }
        String text = capture.text(3);
        assertTrue(text.startsWith("(88 earlier events are not kept)"), text);
        assertTrue(text.endsWith("+0.000000005 note 99" + System.lineSeparator()), text);
        assertEquals(4, text.lines().count());
    }
}
