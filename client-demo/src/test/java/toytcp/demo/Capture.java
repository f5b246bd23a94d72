package toytcp.demo;

import static toytcp.lab.Lab.HOST2;

import toytcp.lab.Child;
import toytcp.lab.Lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What goes through a port at the second host, from the time when this is made: caught by tcpdump, read by
/// tshark.
final class Capture implements AutoCloseable {
    private final Lab lab;
    private final Path file;
    private final Child tcpdump;

    /// @param octets how much of each packet is kept: the frame slots have that size, and with the default
    ///     there are only eight of them, so that packets are missing
    Capture(Lab lab, int port, int octets) throws IOException, InterruptedException {
        this.lab = lab;
        file = lab.file();
        tcpdump =
                lab.start(
                        HOST2,
                        "tcpdump",
                        "-U",
                        "--immediate-mode",
                        "--snapshot-length=" + octets,
                        "--buffer-size=32768",
                        "-Z",
                        "root",
                        "-i",
                        "host2-veth1",
                        "-w",
                        file.toString(),
                        "tcp port " + port);
        tcpdump.line("listening on");
    }

    /// The packets in the order of time, each with these fields; this ends the capture, which must have
    /// everything.
    List<String[]> packets(String... fields) throws IOException, InterruptedException {
        tcpdump.signal("INT");
        tcpdump.succeeds();
        tcpdump.line("0 packets dropped by kernel");
        List<String> command = new ArrayList<>(List.of("tshark", "-r", file.toString()));
        command.addAll(List.of("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"));
        command.addAll(List.of("-T", "fields"));
        for (String field : fields) {
            command.addAll(List.of("-e", field));
        }
        try (Child tshark = lab.start(HOST2, null, command)) {
            String lines = new String(tshark.succeeds().output());
            return lines.lines().map(line -> line.split("\t", -1)).toList();
        }
    }

    @Override
    public void close() throws IOException {
        tcpdump.close();
    }
}
