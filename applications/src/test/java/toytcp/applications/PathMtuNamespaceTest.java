package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;
import static toytcp.lab.Lab.ROUTER;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.codec.DropReason;
import toytcp.lab.Child;
import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;
import toytcp.stack.channel.TcpChannel;
import toytcp.stack.tcp.TcpInfo;

import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Through a router whose far interface takes 1280 octets only, to the kernel.
@ExtendWith(InLab.class)
@Timeout(60)
class PathMtuNamespaceTest {
    private static final String FAR = "router-veth2";

    /// 1280 octets without headers and timestamps.
    private static final int MSS = 1228;

    private static final String PORT = "41101";

    private Lab lab;

    @BeforeEach
    void narrow(Lab lab) throws Exception {
        this.lab = lab;
        run(ROUTER, "ip", "link", "set", FAR, "mtu", "1280");
    }

    @AfterEach
    void widen() throws Exception {
        run(ROUTER, "ip", "link", "set", FAR, "mtu", "1500");
    }

    @Test
    void whatTheRouterSaysIsHeardAtOnce() throws Exception {
        try (LabStack ours = LabStack.open(lab, HOST1)) {
            TcpInfo info = send(ours);
            assertEquals(MSS, info.sndMss());
            assertEquals(1460, info.advmss());
            // The first flight went again, and nothing else was lost.
            assertTrue(info.totalRetrans() <= 15, info::toString);
            // A burst of segments that are too large gets an error for each.
            long errors = ours.stack().drops().get(DropReason.ICMP_MTU);
            assertTrue(errors > 0);
            assertEquals(MSS, send(ours).sndMss());
            assertEquals(errors, ours.stack().drops().get(DropReason.ICMP_MTU), "it was known");
        }
    }

    @Test
    void whereTheRouterIsSilentProbesFindOut() throws Exception {
        String[] drop = {"nft", "add rule ip pmtu output icmp type destination-unreachable drop"};
        run(ROUTER, "nft", "add table ip pmtu");
        run(ROUTER, "nft", "add chain ip pmtu output { type filter hook output priority 0; }");
        try (LabStack ours = LabStack.open(lab, HOST1)) {
            run(ROUTER, drop);
            TcpInfo info = send(ours);
            assertTrue(info.sndMss() > 1024 && info.sndMss() <= MSS, info::toString);
            assertEquals(0, ours.stack().drops().total(), ours.stack().drops()::toString);
        } finally {
            run(ROUTER, "nft", "delete table ip pmtu");
        }
    }

    @Test
    void aFilterThatRejectsEndsAnAttemptAtOnce() throws Exception {
        run(ROUTER, "nft", "add table ip pmtu");
        try (LabStack ours = LabStack.open(lab, HOST1)) {
            run(
                    ROUTER,
                    "nft",
                    "add chain ip pmtu forward { type filter hook forward priority 0; }");
            run(ROUTER, "nft", "add rule ip pmtu forward tcp dport 41102 reject");
            var attempt =
                    ours.client()
                            .handler(new ChannelInboundHandlerAdapter())
                            .connect(ADDRESS2, 41102)
                            .await();
            assertTrue(attempt.cause() instanceof ConnectException, () -> "" + attempt.cause());
            String message = attempt.cause().getMessage();
            assertTrue(message.contains("10.0.0.254 says: port unreachable"), message);
        } finally {
            run(ROUTER, "nft", "delete table ip pmtu");
        }
    }

    /// Half a mebibyte to `nc`.
    private TcpInfo send(LabStack ours) throws Exception {
        Path file = lab.randomFile(1 << 19);
        try (Child nc = lab.listen(HOST2, null, PORT)) {
            var channel =
                    (TcpChannel)
                            ours.client()
                                    .handler(new ChannelInboundHandlerAdapter())
                                    .connect(ADDRESS2, Integer.parseInt(PORT))
                                    .sync()
                                    .channel();
            channel.writeAndFlush(Unpooled.wrappedBuffer(Files.readAllBytes(file)));
            TcpInfo info = channel.tcpInfo().sync().getNow();
            while (info.bytesAcked() < Files.size(file)) {
                ours.group().schedule(() -> {}, 10, TimeUnit.MILLISECONDS).sync();
                info = channel.tcpInfo().sync().getNow();
            }
            channel.close().sync();
            nc.succeeds();
            Lab.assertSame(file, nc.outputFile());
            return info;
        }
    }

    private void run(String host, String... command) throws Exception {
        lab.start(host, command).succeeds().close();
    }
}
