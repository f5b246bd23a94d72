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

import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;
import toytcp.stack.channel.TcpChannel;
import toytcp.stack.channel.TcpChannelOption;
import toytcp.stack.tcp.TcpInfo;

import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;

/// Options of our channels as the other host sees them, and our [TcpInfo] beside the kernel's of the
/// same connection.
@ExtendWith(InLab.class)
@Timeout(120)
class OptionsNamespaceTest {
    private static final int SNAPSHOT = 100;
    private static final int SYN = 2;

    /// What tshark tells of a packet.
    private record Packet(boolean ours, int ttl, int trafficClass, int flags, String mss) {
        static Packet of(String[] field) {
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
        try (LabStack ours = LabStack.open(lab, HOST1);
                ServerSocket kernel = lab.listen(HOST2, 42031);
                Capture capture = new Capture(lab, 42031, SNAPSHOT)) {
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
                compare(info, lab.connections(HOST2, 42031));
                channel.close().sync();
                assertEquals(-1, accepted.getInputStream().read());
            }
            List<Packet> packets = packets(capture);
            check(packets, 9);
            assertEquals("500", packets.getFirst().mss);
        }
    }

    @Test
    void theKernelSeesTheHeaderOfOurListenerFromTheSynAckOn(Lab lab) throws Exception {
        try (LabStack ours = LabStack.open(lab, HOST1);
                Capture capture = new Capture(lab, 42032, SNAPSHOT)) {
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
            List<Packet> packets = packets(capture);
            check(packets, 7);
            Packet synAck = packets.get(1);
            assertTrue(synAck.ours && (synAck.flags & SYN) != 0, synAck::toString);
            assertEquals("600", synAck.mss);
        }
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

    private static List<Packet> packets(Capture capture) throws Exception {
        return capture
                .packets("ip.src", "ip.ttl", "ip.dsfield", "tcp.flags", "tcp.options.mss_val")
                .stream()
                .map(Packet::of)
                .toList();
    }
}
