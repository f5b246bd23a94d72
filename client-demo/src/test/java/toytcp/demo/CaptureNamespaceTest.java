package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.ADDRESS1;
import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.Child;
import toytcp.lab.InLab;
import toytcp.lab.Lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// What we put on the wire, as Wireshark judges it at the other end.
@ExtendWith(InLab.class)
@Timeout(180)
class CaptureNamespaceTest {
    private static final int SIZE = 200_000;

    /// Whole packets: their checksums are looked at.
    private static final int SNAPSHOT = 2000;

    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;

    /// `_ws.expert.severity`: chat and note are below, error is above.
    private static final long WARNING = 0x600000;

    /// `tcp.checksum.status`.
    private static final String GOOD = "1";

    /// What tshark tells of a packet.
    private record Packet(boolean ours, int flags, int length, String checksums, String experts) {
        static Packet of(String[] field) {
            return new Packet(
                    field[0].equals(ADDRESS1),
                    Integer.decode(field[1]),
                    Integer.parseInt(field[2]),
                    field[3] + field[4],
                    field[5]);
        }

        boolean has(int bits) {
            return (flags & bits) == bits;
        }
    }

    @Test
    void ourClientOpensTalksAndClosesCleanly(Lab lab) throws Exception {
        lab.setup("up").close();
        Path input = lab.randomFile(SIZE);
        try (Capture capture = new Capture(lab, 42001, SNAPSHOT)) {
            try (Child nc = lab.listen(HOST2, null, "42001");
                    Child client =
                            lab.toytcp(HOST1, "send-file", ADDRESS2, "42001", input.toString())) {
                client.succeeds();
                nc.succeeds();
                assertArrayEquals(Files.readAllBytes(input), nc.output());
            }
            List<Packet> packets = packets(capture);
            assertTrue(packets.getFirst().ours, "the client begins");
            assertClean(packets);
            assertEquals(SIZE, sum(packets, true));
        }
    }

    @Test
    void ourServerAcceptsTalksAndClosesCleanly(Lab lab) throws Exception {
        lab.setup("up").close();
        Path input = lab.randomFile(SIZE);
        try (Capture capture = new Capture(lab, 42002, SNAPSHOT);
                Child server = lab.toytcp(HOST1, "echo-server", ADDRESS1, "42002")) {
            server.line("listening");
            try (Child nc = lab.start(HOST2, input, List.of("nc", "-n", "-N", ADDRESS1, "42002"))) {
                nc.succeeds();
                assertArrayEquals(Files.readAllBytes(input), nc.output());
            }
            server.line("closed after " + SIZE + " bytes");
            List<Packet> packets = packets(capture);
            assertFalse(packets.getFirst().ours, "the client begins");
            assertClean(packets);
            assertEquals(SIZE, sum(packets, true));
            assertEquals(SIZE, sum(packets, false));
        }
    }

    private static void assertClean(List<Packet> packets) {
        assertEquals(SYN, packets.get(0).flags);
        assertEquals(SYN | ACK, packets.get(1).flags);
        assertEquals(ACK, packets.get(2).flags);
        assertEquals(2, packets.stream().filter(packet -> packet.has(SYN)).count());
        assertEquals(1, packets.stream().filter(one -> one.ours && one.has(FIN)).count());
        assertEquals(1, packets.stream().filter(one -> !one.ours && one.has(FIN)).count());
        assertEquals(ACK, packets.getLast().flags, "the last FIN is acknowledged");
        assertTrue(packets.stream().noneMatch(packet -> packet.has(RST)), "no reset");
        for (Packet packet : packets) {
            assertEquals(GOOD + GOOD, packet.checksums, packet::toString);
            assertTrue(
                    Arrays.stream(packet.experts.split(","))
                            .filter(severity -> !severity.isEmpty())
                            .noneMatch(severity -> Long.decode(severity) >= WARNING),
                    packet::toString);
        }
    }

    private static int sum(List<Packet> packets, boolean ours) {
        return packets.stream().filter(one -> one.ours == ours).mapToInt(Packet::length).sum();
    }

    private static List<Packet> packets(Capture capture) throws Exception {
        return capture
                .packets(
                        "ip.src",
                        "tcp.flags",
                        "tcp.len",
                        "ip.checksum.status",
                        "tcp.checksum.status",
                        "_ws.expert.severity")
                .stream()
                .map(Packet::of)
                .toList();
    }
}
