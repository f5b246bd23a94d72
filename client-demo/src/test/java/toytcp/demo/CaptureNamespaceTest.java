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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What we put on the wire, as Wireshark judges it at the other end.
@ExtendWith(InLab.class)
@Timeout(180)
class CaptureNamespaceTest {
    private static final int SIZE = 200_000;
    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;

    /// `_ws.expert.severity`: chat and note are below, error is above.
    private static final long WARNING = 0x600000;

    /// `tcp.checksum.status`.
    private static final String GOOD = "1";

    /// A line of tshark.
    private record Packet(boolean ours, int flags, int length, String checksums, String experts) {
        static Packet of(String line) {
            String[] field = line.split("\t", -1);
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
        Path capture = lab.file();
        try (Child tcpdump = capture(lab, capture, "42001")) {
            try (Child nc = lab.listen(HOST2, null, "42001");
                    Child client =
                            lab.toytcp(HOST1, "send-file", ADDRESS2, "42001", input.toString())) {
                client.succeeds();
                nc.succeeds();
                assertArrayEquals(Files.readAllBytes(input), nc.output());
            }
            stop(tcpdump);
        }
        List<Packet> packets = packets(lab, capture);
        assertTrue(packets.getFirst().ours, "the client begins");
        assertClean(packets);
        assertEquals(SIZE, sum(packets, true));
    }

    @Test
    void ourServerAcceptsTalksAndClosesCleanly(Lab lab) throws Exception {
        lab.setup("up").close();
        Path input = lab.randomFile(SIZE);
        Path capture = lab.file();
        try (Child tcpdump = capture(lab, capture, "42002");
                Child server = lab.toytcp(HOST1, "echo-server", ADDRESS1, "42002")) {
            server.line("listening");
            try (Child nc = lab.start(HOST2, input, List.of("nc", "-n", "-N", ADDRESS1, "42002"))) {
                nc.succeeds();
                assertArrayEquals(Files.readAllBytes(input), nc.output());
            }
            server.line("closed after " + SIZE + " bytes");
            stop(tcpdump);
        }
        List<Packet> packets = packets(lab, capture);
        assertFalse(packets.getFirst().ours, "the client begins");
        assertClean(packets);
        assertEquals(SIZE, sum(packets, true));
        assertEquals(SIZE, sum(packets, false));
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

    /// The frame slots of the capture have the size of the snap length: with the default there are
    /// only eight of them, and packets are missing.
    private static Child capture(Lab lab, Path file, String port) throws Exception {
        Child tcpdump =
                lab.start(
                        HOST2,
                        "tcpdump",
                        "-U",
                        "--immediate-mode",
                        "--snapshot-length=2000",
                        "--buffer-size=16384",
                        "-Z",
                        "root",
                        "-i",
                        "host2-veth1",
                        "-w",
                        file.toString(),
                        "tcp port " + port);
        tcpdump.line("listening on");
        return tcpdump;
    }

    private static void stop(Child tcpdump) throws Exception {
        tcpdump.signal("INT");
        tcpdump.succeeds();
        tcpdump.line("0 packets dropped by kernel");
    }

    private static List<Packet> packets(Lab lab, Path capture) throws Exception {
        List<String> command = new ArrayList<>(List.of("tshark", "-o", "tcp.check_checksum:TRUE"));
        command.addAll(List.of("-o", "ip.check_checksum:TRUE", "-r", capture.toString()));
        command.addAll(List.of("-T", "fields", "-e", "ip.src", "-e", "tcp.flags", "-e", "tcp.len"));
        command.addAll(List.of("-e", "ip.checksum.status", "-e", "tcp.checksum.status"));
        command.addAll(List.of("-e", "_ws.expert.severity"));
        try (Child tshark = lab.start(HOST2, null, command)) {
            return new String(tshark.succeeds().output()).lines().map(Packet::of).toList();
        }
    }
}
