package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.ADDRESS1;
import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;
import static toytcp.lab.Lab.ROUTER;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
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
import toytcp.stack.tcp.EcnPolicy;
import toytcp.stack.tcp.TcpInfo;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// ECN with the kernel at the other end (sysctl `tcp_ecn` 1), and a router that marks one of fifty packets
/// which say that it may.
@ExtendWith(InLab.class)
@Timeout(120)
class EcnNamespaceTest {
    private static final int OCTETS = 3_000_000;
    private static final int SNAPSHOT = 100;
    private static final int DSCP = 0xb8;
    private static final int ECT_0 = 2;
    private static final int CE = 3;
    private static final int SYN = 0x02;
    private static final int ECE = 0x40;
    private static final int CWR = 0x80;
    private static final int ECN_OPTIONS = TcpInfo.OPTION_ECN | TcpInfo.OPTION_ECN_SEEN;

    /// What tshark tells of a packet.
    private record Packet(boolean ours, int trafficClass, int flags, int length) {
        static Packet of(String[] field) {
            return new Packet(
                    field[0].equals(ADDRESS1),
                    Integer.decode(field[1]),
                    Integer.decode(field[2]),
                    Integer.parseInt(field[3]));
        }

        boolean has(int bits) {
            return (flags & bits) == bits;
        }

        int ecn() {
            return trafficClass & 3;
        }
    }

    @Test
    void theKernelEchoesMarksToUsAndHearsThatWeReduced(Lab lab) throws Exception {
        try (Setup _ = new Setup(lab, 42041);
                LabStack ours = LabStack.open(lab, HOST1);
                ServerSocket kernel = lab.listen(HOST2, 42041);
                Capture capture = new Capture(lab, 42041, SNAPSHOT)) {
            Channel channel =
                    ours.client()
                            .handler(new ChannelInboundHandlerAdapter())
                            .option(TcpChannelOption.TCP_ECN, EcnPolicy.CLASSIC)
                            .option(ChannelOption.IP_TOS, DSCP)
                            .connect(ADDRESS2, 42041)
                            .sync()
                            .channel();
            try (Socket accepted = kernel.accept()) {
                channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[OCTETS]));
                accepted.getInputStream().readNBytes(OCTETS);
                String theirs = lab.connections(HOST2, 42041);
                assertTrue(theirs.contains(" ecn ") && theirs.contains(" ecnseen "), theirs);
                TcpInfo info = ((TcpChannel) channel).tcpInfo().sync().getNow();
                assertTrue(info.deliveredCe() > 0, info::toString);
                assertEquals(0, info.totalRetrans(), info::toString);
                assertEquals(TcpInfo.OPTION_ECN, info.options() & TcpInfo.OPTION_ECN);
                channel.close().sync();
            }
            List<Packet> packets = packets(capture);
            assertTrue(packets.get(0).ours && packets.get(0).has(SYN | ECE | CWR), "SYN");
            assertTrue(packets.get(1).has(SYN | ECE) && !packets.get(1).has(CWR), "SYN,ACK");
            checkOurDirection(packets);
        }
    }

    /// Our DS field stays; new data are ECN-capable and nothing else is; ECE is answered by CWR, on data.
    private static void checkOurDirection(List<Packet> packets) {
        int marked = 0;
        int reductions = 0;
        int echoes = 0;
        for (Packet packet : packets.subList(2, packets.size())) {
            if (packet.ours) {
                assertEquals(DSCP, packet.trafficClass & ~3, packet::toString);
                assertEquals(packet.length > 0, packet.ecn() != 0, packet::toString);
                marked += packet.ecn() == CE ? 1 : 0;
                reductions += packet.has(CWR) ? 1 : 0;
                assertFalse(packet.has(CWR) && packet.length == 0, packet::toString);
            } else {
                echoes += packet.has(ECE) ? 1 : 0;
            }
        }
        assertTrue(marked > 10, "marked " + marked);
        assertTrue(echoes > 0 && reductions > 0, echoes + " echoes, " + reductions + " reductions");
        assertTrue(reductions <= marked, "reductions " + reductions + ", marked " + marked);
    }

    @Test
    void weEchoMarksToTheKernelUntilItHasReduced(Lab lab) throws Exception {
        var received = new CompletableFuture<TcpInfo>();
        try (Setup _ = new Setup(lab, 42042);
                LabStack ours = LabStack.open(lab, HOST1);
                Capture capture = new Capture(lab, 42042, SNAPSHOT)) {
            Channel server =
                    ours.server().childHandler(new Sink(received)).bind(42042).sync().channel();
            String theirs =
                    lab.namespace(HOST2)
                            .call(
                                    () -> {
                                        try (Socket socket = new Socket(ADDRESS1, 42042)) {
                                            OutputStream out = socket.getOutputStream();
                                            out.write(new byte[OCTETS]);
                                            assertEquals(0, socket.getInputStream().read());
                                            return lab.connections(HOST2, socket.getLocalPort());
                                        }
                                    });
            assertTrue(theirs.contains(" ecn "), theirs);
            assertTrue(theirs.contains(" delivered_ce:"), theirs);
            TcpInfo info = received.get(60, TimeUnit.SECONDS);
            assertEquals(ECN_OPTIONS, info.options() & ECN_OPTIONS, info::toString);
            assertTrue(info.receivedCe() > 0, info::toString);
            server.close().sync();
            List<Packet> packets = packets(capture);
            assertTrue(packets.get(0).has(SYN | ECE | CWR), "SYN");
            assertTrue(packets.get(1).ours && packets.get(1).has(SYN | ECE), "SYN,ACK");
            assertFalse(packets.get(1).has(CWR), "SYN,ACK");
            List<Packet> rest = packets.subList(2, packets.size());
            assertTrue(rest.stream().anyMatch(packet -> packet.ours && packet.has(ECE)), "ECE");
            assertTrue(rest.stream().anyMatch(packet -> !packet.ours && packet.has(CWR)), "CWR");
            // The last reduction ended the echo, so there are ACKs without it after the first with
            // it.
            boolean echoing = false;
            boolean ended = false;
            for (Packet packet : rest) {
                if (packet.ours) {
                    assertTrue(packet.length > 0 || packet.ecn() == 0, packet::toString);
                    ended |= echoing && !packet.has(ECE);
                    echoing = packet.has(ECE);
                }
            }
            assertTrue(ended, "the echo never ended");
        }
    }

    /// This kernel does not know AccECN, so ACCURATE ends as RFC 3168.
    @Test
    void aRequestForAccurateEcnIsAnsweredByWhatTheKernelKnows(Lab lab) throws Exception {
        try (Setup _ = new Setup(lab, 42043);
                LabStack ours = LabStack.open(lab, HOST1);
                ServerSocket kernel = lab.listen(HOST2, 42043);
                Capture capture = new Capture(lab, 42043, SNAPSHOT)) {
            Channel channel =
                    ours.client()
                            .handler(new ChannelInboundHandlerAdapter())
                            .option(TcpChannelOption.TCP_ECN, EcnPolicy.ACCURATE)
                            .connect(ADDRESS2, 42043)
                            .sync()
                            .channel();
            try (Socket accepted = kernel.accept()) {
                channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1000])).sync();
                accepted.getInputStream().readNBytes(1000);
                TcpInfo info = ((TcpChannel) channel).tcpInfo().sync().getNow();
                assertEquals(TcpInfo.OPTION_ECN, info.options() & TcpInfo.OPTION_ECN);
                channel.close().sync();
            }
            List<Packet> packets = packets(capture);
            assertTrue(packets.get(0).has(SYN | ECE | CWR | 0x100), "SYN");
            assertTrue(packets.get(1).has(SYN | ECE), "SYN,ACK");
            List<Packet> data = packets.stream().filter(packet -> packet.length > 0).toList();
            assertTrue(data.getFirst().ours && data.getFirst().ecn() >= ECT_0, data::toString);
        }
    }

    /// Counts to the end, tells what the connection knows, and answers by an octet.
    private static final class Sink extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<TcpInfo> info;
        private int left = OCTETS;

        Sink(CompletableFuture<TcpInfo> info) {
            this.info = info;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            left -= data.readableBytes();
            data.release();
            if (left == 0) {
                ((TcpChannel) ctx.channel())
                        .tcpInfo()
                        .addListener(future -> info.complete((TcpInfo) future.getNow()));
                ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
            }
        }
    }

    /// The kernel of host2 uses ECN, and the router marks one of fifty packets of a port.
    private static final class Setup implements AutoCloseable {
        private final Lab lab;

        Setup(Lab lab, int port) throws IOException {
            this.lab = lab;
            run(HOST2, "sysctl", "-w", "net.ipv4.tcp_ecn=1");
            String rule = " ip ecn ect0 numgen inc mod 50 == 7 ip ecn set ce";
            run(
                    ROUTER,
                    "nft",
                    "add table ip marker; add chain ip marker through { type filter hook forward"
                            + " priority 0; };"
                            + (" add rule ip marker through tcp dport " + port + rule + ";")
                            + (" add rule ip marker through tcp sport " + port + rule));
        }

        @Override
        public void close() throws IOException {
            run(ROUTER, "nft", "delete table ip marker");
            run(HOST2, "sysctl", "-w", "net.ipv4.tcp_ecn=2");
        }

        private void run(String host, String... command) throws IOException {
            try (Child child = lab.start(host, command)) {
                child.succeeds();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static List<Packet> packets(Capture capture) throws Exception {
        return capture.packets("ip.src", "ip.dsfield", "tcp.flags", "tcp.len").stream()
                .map(Packet::of)
                .toList();
    }
}
