package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.lab.Lab.ADDRESS1;
import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;
import toytcp.stack.channel.TcpChannelOption;
import toytcp.stack.channel.TcpReport;
import toytcp.stack.channel.UrgentData;
import toytcp.testkit.Rfc;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// Urgent data between our channels and the kernel's sockets, whose last octet is out of band there unless
/// they want it in line (RFC 6093, 3.1 and 3.2).
@ExtendWith(InLab.class)
@Timeout(60)
class UrgentNamespaceTest {
    /// What a channel of ours saw: a character for each octet, `^` and a number for each report.
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

    @ParameterizedTest
    @CsvSource({"true, abcd", "false, abd"})
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-30")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-62")
    void theKernelFindsTheUrgentOctet(boolean inLine, String stream, Lab lab) throws Exception {
        try (LabStack ours = LabStack.open(lab, HOST1);
                ServerSocket kernel =
                        lab.namespace(HOST2)
                                .call(
                                        () ->
                                                new ServerSocket(
                                                        42041,
                                                        1,
                                                        InetAddress.getByName(ADDRESS2)))) {
            Channel channel =
                    ours.client()
                            .handler(new ChannelInboundHandlerAdapter())
                            .connect(ADDRESS2, 42041)
                            .sync()
                            .channel();
            try (Socket accepted = kernel.accept()) {
                accepted.setOOBInline(inLine);
                channel.write(octets("ab"));
                channel.write(new UrgentData(octets("c")));
                channel.writeAndFlush(octets("d")).sync();
                channel.close().sync();
                assertEquals(
                        stream, new String(accepted.getInputStream().readAllBytes(), US_ASCII));
            }
        }
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-32")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-33")
    void weAreToldOfTheKernelsUrgentOctetAndReadItInLine(Lab lab) throws Exception {
        try (LabStack ours = LabStack.open(lab, HOST1)) {
            Channel server =
                    ours.server()
                            .childOption(TcpChannelOption.TCP_REPORTS, true)
                            .childHandler(new Seen())
                            .bind(42042)
                            .sync()
                            .channel();
            lab.namespace(HOST2)
                    .call(
                            () -> {
                                try (Socket socket = new Socket(ADDRESS1, 42042)) {
                                    socket.getOutputStream().write("ab".getBytes(US_ASCII));
                                    assertEquals("a", seen.take());
                                    assertEquals("b", seen.take());
                                    socket.sendUrgentData('!');
                                    assertEquals("^1", seen.take());
                                    assertEquals("!", seen.take());
                                    socket.getOutputStream().write('c');
                                    assertEquals("c", seen.take());
                                    socket.shutdownOutput();
                                    return socket.getInputStream().read();
                                }
                            });
            server.close().sync();
        }
    }

    private final class Seen extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof TcpReport.UrgentAhead urgent) {
                seen.add("^" + urgent.octets());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            String text = ((ByteBuf) msg).toString(US_ASCII);
            text.chars().forEach(octet -> seen.add(Character.toString(octet)));
            ReferenceCountUtil.release(msg);
        }
    }

    private static ByteBuf octets(String text) {
        return Unpooled.copiedBuffer(text, US_ASCII);
    }
}
