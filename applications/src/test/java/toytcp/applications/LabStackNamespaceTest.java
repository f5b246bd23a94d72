package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;
import toytcp.lab.NetworkNamespace;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;

/// The ground that the other tests stand on: one JVM in several namespaces.
@ExtendWith(InLab.class)
@Timeout(60)
class LabStackNamespaceTest {
    @Test
    void aThreadSeesTheNetworkOfItsNamespace(Lab lab) throws Exception {
        for (String host : new String[] {HOST1, HOST2}) {
            InetAddress address = InetAddress.getByName(Lab.address(host));
            boolean found =
                    lab.namespace(host)
                            .call(() -> NetworkInterface.getByInetAddress(address) != null);
            assertTrue(found, host);
        }
        InetAddress ofHost1 = InetAddress.getByName(Lab.address(HOST1));
        assertEquals(null, NetworkInterface.getByInetAddress(ofHost1), "the test's own thread");
    }

    @Test
    void aNamespaceThatIsNotThereIsSaidAtOnce() {
        var nowhere = new NetworkNamespace("toytcp-nowhere");
        var error = assertThrows(IllegalStateException.class, nowhere::threads);
        assertTrue(error.getMessage().contains("toytcp-nowhere"), error.getMessage());
    }

    @Test
    void aKernelSocketInOneHostTalksToOurStackInTheOther(Lab lab) throws Exception {
        try (LabStack ours = LabStack.open(lab, HOST1)) {
            Channel server = ours.server().childHandler(new Echo()).bind(42001).sync().channel();
            lab.namespace(HOST2)
                    .call(
                            () -> {
                                try (Socket socket = new Socket(ours.address(), 42001)) {
                                    socket.getOutputStream().write(42);
                                    assertEquals(42, socket.getInputStream().read());
                                }
                                return null;
                            });
            server.close().sync();
        }
    }

    @Test
    void aConnectionThatNobodyEndsIsReported(Lab lab) throws Exception {
        try (LabStack ours = LabStack.open(lab, HOST1);
                ServerSocket kernel = lab.listen(HOST2, 42002)) {
            Channel client =
                    ours.client()
                            .handler(new ChannelInboundHandlerAdapter())
                            .connect(Lab.address(HOST2), 42002)
                            .sync()
                            .channel();
            var error = assertThrows(AssertionError.class, () -> ours.awaitNoFlows(100));
            assertTrue(error.getMessage().contains("ESTABLISHED"), error.getMessage());
            client.close().sync();
            kernel.accept().close();
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }
    }
}
