package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.ADDRESS1;
import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.Child;
import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;
import toytcp.stack.channel.TcpChannel;
import toytcp.stack.channel.TcpChannelOption;
import toytcp.stack.tcp.TcpInfo;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Options of our channels as the other host sees them, and our [TcpInfo] beside the kernel's of the
/// same connection.
@ExtendWith(InLab.class)
@Timeout(120)
class OptionsNamespaceTest {
    private static final int SYN = 2;

    /// A line of tshark.
    private record Packet(boolean ours, int ttl, int trafficClass, int flags, String mss) {
        static Packet of(String line) {
            String[] field = line.split("\t", -1);
            return new Packet(
                    field[0].equals(ADDRESS1),
                    Integer.parseInt(field[1]),
                    Integer.decode(field[2]),
                    Integer.decode(field[3]),
                    field[4]);
        }
    }

    @Test
    void theKernelSeesTheHeaderAndTheSegmentSizeOfOurClient(Lab lab) throws Exception {
        Path capture = lab.file();
        try (LabStack ours = LabStack.open(lab, HOST1);
                ServerSocket kernel = serverSocket(lab, 42031);
                Child tcpdump = capture(lab, capture, "42031")) {
            Channel channel =
                    ours.client()
                            .handler(new ChannelInboundHandlerAdapter())
                            .option(TcpChannelOption.IP_TTL, 9)
                            .option(ChannelOption.IP_TOS, 0xb8)
                            .option(TcpChannelOption.TCP_MAXSEG, 500)
                            .connect(ADDRESS2, 42031)
                            .sync()
                            .channel();
            try (Socket accepted = kernel.accept()) {
                channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[2000])).sync();
                accepted.getInputStream().readNBytes(2000);
                accepted.getOutputStream().write(new byte[2000]);
                accepted.getOutputStream().flush();
                TcpInfo info = untilReceived((TcpChannel) channel, 2000);
                compare(info, ss(lab, 42031));
                channel.close().sync();
                assertEquals(-1, accepted.getInputStream().read());
            }
            stop(tcpdump);
        }
        check(packets(lab, capture), 9);
        assertEquals("500", packets(lab, capture).getFirst().mss);
    }

    @Test
    void theKernelSeesTheHeaderOfOurListenerFromTheSynAckOn(Lab lab) throws Exception {
        Path capture = lab.file();
        try (LabStack ours = LabStack.open(lab, HOST1);
                Child tcpdump = capture(lab, capture, "42032")) {
            Channel server =
                    ours.server()
                            .option(TcpChannelOption.IP_TTL, 7)
                            .option(ChannelOption.IP_TOS, 0xb8)
                            .option(TcpChannelOption.TCP_MAXSEG, 600)
                            .childHandler(new ChannelInboundHandlerAdapter())
                            .bind(42032)
                            .sync()
                            .channel();
            lab.namespace(HOST2)
                    .call(
                            () -> {
                                try (Socket socket = new Socket(ADDRESS1, 42032)) {
                                    socket.getOutputStream().write(new byte[3000]);
                                    socket.shutdownOutput();
                                    return socket.getInputStream().read();
                                }
                            });
            server.close().sync();
            stop(tcpdump);
        }
        List<Packet> packets = packets(lab, capture);
        check(packets, 7);
        Packet synAck = packets.get(1);
        assertTrue(synAck.ours && (synAck.flags & SYN) != 0, synAck::toString);
        assertEquals("600", synAck.mss);
    }

    /// The router has counted one off.
    private static void check(List<Packet> packets, int ttl) {
        List<Packet> ours = packets.stream().filter(Packet::ours).toList();
        assertFalse(ours.isEmpty());
        for (Packet packet : ours) {
            assertEquals(ttl - 1, packet.ttl, packet::toString);
            assertEquals(0xb8, packet.trafficClass, packet::toString);
        }
    }

    private static TcpInfo untilReceived(TcpChannel channel, int octets) throws Exception {
        TcpInfo info;
        do {
            info = channel.tcpInfo().sync().getNow();
        } while (info.bytesReceived() < octets);
        return info;
    }

    /// Both ends of one connection tell the same, as far as each of them can know.
    private static void compare(TcpInfo ours, String kernel) {
        assertEquals(ours.sndMss(), number(kernel, " mss:"), kernel);
        assertEquals(ours.bytesSent(), number(kernel, " bytes_received:"), kernel);
        assertEquals(ours.bytesReceived(), number(kernel, " bytes_sent:"), kernel);
        assertEquals(0, ours.bytesRetrans());
        assertTrue(ours.rtt() > 0 && ours.minRtt() <= ours.rtt(), ours::toString);
        String scales = ours.rcvWscale() + "," + ours.sndWscale();
        assertTrue(kernel.contains(" wscale:" + scales + " "), kernel);
    }

    private static long number(String text, String name) {
        int from = text.indexOf(name) + name.length();
        int to = from;
        while (to < text.length() && Character.isDigit(text.charAt(to))) {
            to++;
        }
        assertTrue(to > from && from >= name.length(), () -> name + " is missing: " + text);
        return Long.parseLong(text.substring(from, to));
    }

    private static String ss(Lab lab, int port) throws Exception {
        String filter = "sport = :" + port;
        try (Child ss = lab.start(HOST2, "ss", "-tinOH", "state", "established", filter)) {
            return new String(ss.succeeds().output());
        }
    }

    private static ServerSocket serverSocket(Lab lab, int port) throws Exception {
        return lab.namespace(HOST2)
                .call(() -> new ServerSocket(port, 1, InetAddress.getByName(ADDRESS2)));
    }

    private static Child capture(Lab lab, Path file, String port) throws Exception {
        String[] command =
                ("tcpdump -U --immediate-mode --snapshot-length=2000 --buffer-size=16384 -Z root"
                                + " -i host2-veth1 -w")
                        .split(" ");
        List<String> whole = new ArrayList<>(List.of(command));
        whole.addAll(List.of(file.toString(), "tcp port " + port));
        Child tcpdump = lab.start(HOST2, null, whole);
        tcpdump.line("listening on");
        return tcpdump;
    }

    private static void stop(Child tcpdump) throws Exception {
        tcpdump.signal("INT");
        tcpdump.succeeds();
    }

    private static List<Packet> packets(Lab lab, Path capture) throws Exception {
        List<String> command = new ArrayList<>(List.of("tshark", "-r", capture.toString()));
        command.addAll(List.of("-T", "fields", "-e", "ip.src", "-e", "ip.ttl"));
        command.addAll(List.of("-e", "ip.dsfield", "-e", "tcp.flags"));
        command.addAll(List.of("-e", "tcp.options.mss_val"));
        try (Child tshark = lab.start(HOST2, null, command)) {
            return new String(tshark.succeeds().output()).lines().map(Packet::of).toList();
        }
    }
}
