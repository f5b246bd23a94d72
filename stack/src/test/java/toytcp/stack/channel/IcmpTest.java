package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.codec.IcmpCodec;
import toytcp.codec.IcmpError;
import toytcp.stack.tcp.TcpInfo;
import toytcp.testkit.Rfc;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// ICMP errors on their way through the link's pipeline to the connections (RFC 9293, 3.9.2.2, MUST-54).
class IcmpTest {
    private static final int HEADERS = 52;

    private final TwoStacks net = new TwoStacks();
    private final Sink child = new Sink();

    /// Octets of each packet that the client sent, and of those the ones that a router dropped.
    private final List<Integer> sent = new ArrayList<>();

    private int refused;

    @AfterEach
    void close() {
        net.close();
    }

    /// A router drops what `code` and `mtu` say, and tells the client.
    private void route(int code, int mtu) {
        net.lostFromClient =
                packet -> {
                    sent.add(packet.readableBytes());
                    boolean lost = packet.readableBytes() > mtu;
                    if (lost) {
                        refused++;
                        tell(packet, code, mtu);
                    }
                    return lost;
                };
    }

    private void tell(ByteBuf packet, int code, int mtu) {
        tell(net.clientLink, packet, code, mtu);
    }

    private static void tell(EmbeddedChannel link, ByteBuf packet, int code, int mtu) {
        ByteBuf error =
                IcmpCodec.error(
                        UnpooledByteBufAllocator.DEFAULT,
                        packet,
                        0x0a0000fe,
                        IcmpError.UNREACHABLE,
                        code,
                        mtu);
        link.eventLoop().execute(() -> link.writeInbound(error));
    }

    private Throwable refusal(int code) {
        route(code, 0);
        ChannelFuture attempt = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        assertTrue(attempt.isDone());
        return attempt.cause();
    }

    @Test
    void anUnreachablePortIsARefusedConnection() {
        Throwable cause = refusal(IcmpError.PORT);
        assertInstanceOf(ConnectException.class, cause);
        assertTrue(cause.getMessage().startsWith("Connection refused: "), cause.getMessage());
        assertTrue(cause.getMessage().contains("10.0.0.254 says: port unreachable"));
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-54")
    void aProhibitedHostIsNoRoute() {
        Throwable cause = refusal(13);
        assertInstanceOf(NoRouteToHostException.class, cause);
        assertTrue(cause.getMessage().contains("prohibited by a filter"), cause.getMessage());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-54")
    @Rfc(number = 9293, section = "3.9.2.2", id = "SHLD-25")
    void theErrorOfAnAttemptThatTimesOutSaysWhatARouterSaid() {
        route(1, 0);
        ChannelFuture attempt =
                net.client(new Recorder())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .connect(TwoStacks.at(40000));
        net.advance(Duration.ofSeconds(200), Duration.ofMillis(100));
        String message = attempt.cause().getMessage();
        assertTrue(message.contains("10.0.0.254 says: host unreachable"), message);
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-54")
    void anErrorReachesTheConnectionThatItIsAboutAndNoOther() {
        net.listen(net.server(child), 40001);
        net.lostFromClient =
                packet -> {
                    boolean refused = packet.getUnsignedShort(22) == 40000;
                    if (refused) {
                        tell(packet, IcmpError.PORT, 0);
                    }
                    return refused;
                };
        ChannelFuture other = net.client(new Recorder()).connect(TwoStacks.at(40001));
        ChannelFuture attempt = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        assertInstanceOf(ConnectException.class, attempt.cause());
        assertTrue(net.track(TwoStacks.success(other)).isActive());
    }

    @Test
    void whatOneConnectionLearnsOthersToTheSameHostKnow() {
        net.listen(net.server(child), 40000);
        route(IcmpError.FRAGMENTATION_NEEDED, 1280);
        Channel first = net.connect(net.client(new Recorder()), 40000);
        Channel standing = net.connect(net.client(new Recorder()), 40000);
        first.writeAndFlush(Unpooled.wrappedBuffer(new byte[1448]));
        net.run();
        assertEquals(1, refused);
        Channel second = net.connect(net.client(new Recorder()), 40000);
        second.writeAndFlush(Unpooled.wrappedBuffer(new byte[3000]));
        standing.writeAndFlush(Unpooled.wrappedBuffer(new byte[3000]));
        net.run();
        assertEquals(1, refused, "the others know it");
        assertEquals(1280 - HEADERS, info(second).sndMss());
        assertEquals(1460, info(second).advmss(), "the MSS option is that of the interface");
        net.advance(Duration.ofMinutes(11), Duration.ofMillis(500));
        Channel third = net.connect(net.client(new Recorder()), 40000);
        assertEquals(1448, info(third).sndMss(), "RFC 1191, 6.3");
    }

    /// One forged message must not hold up all connections of the next minutes.
    @Test
    void whatEndsAtTheFloorIsForTheOneThatHeardItAlone() {
        net.listen(net.server(child), 40000);
        Channel first = net.connect(net.client(new Recorder()), 40000);
        route(IcmpError.FRAGMENTATION_NEEDED, 552);
        first.writeAndFlush(Unpooled.wrappedBuffer(new byte[1448]));
        net.run();
        assertEquals(552 - HEADERS, info(first).sndMss());
        net.lostFromClient = packet -> false;
        assertEquals(1448, info(net.connect(net.client(new Recorder()), 40000)).sndMss());
    }

    /// The cause, and what to do about it.
    @Test
    void theErrorOfAConnectionThatTimesOutSaysWhatARouterSaid() {
        net.listen(net.server(child), 40000);
        Recorder told = new Recorder();
        Channel channel =
                net.connect(
                        net.client(told).option(TcpChannelOption.TCP_USER_TIMEOUT, 5000), 40000);
        route(1, 0);
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
        net.advance(Duration.ofSeconds(6), Duration.ofMillis(10));
        String message = told.exceptions.getFirst().getMessage();
        String end =
                ": the peer acknowledged nothing for 5000 ms; 10.0.0.254 says: host unreachable;"
                        + " mend that, or allow more time by TCP_USER_TIMEOUT";
        assertTrue(message.endsWith(end), message);
    }

    @Test
    void errorsAboutUnknownSegmentsAreCounted() {
        net.listen(net.server(child), 40000);
        Channel channel = net.connect(net.client(new Recorder()), 40000);
        long before = net.clientStack.drops().get(DropReason.ICMP_NO_FLOW);
        ByteBuf packet = Unpooled.buffer(48).writeZero(48);
        packet.setByte(0, 0x45).setShort(2, 48).setByte(9, 6).setInt(12, 0x0a000001);
        packet.setShort(20, 1).setShort(22, 2);
        tell(packet, IcmpError.PORT, 0);
        packet.release();
        net.run();
        assertEquals(before + 1, net.clientStack.drops().get(DropReason.ICMP_NO_FLOW));
        assertTrue(channel.isActive());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-54")
    void aHalfOpenConnectionEndsWithAHardErrorAboutItsSynAck() {
        net.listen(net.server(child), 40000);
        net.lostFromServer =
                packet -> {
                    tell(net.serverLink, packet, IcmpError.PORT, 0);
                    return true;
                };
        net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        assertEquals(1, net.serverStack.flows().getNow().size(), "the listener alone");
        assertEquals(1, net.serverStack.counters().attemptFails());
    }

    @Sharable
    private static final class Sink extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ReferenceCountUtil.release(msg);
        }
    }

    private static TcpInfo info(Channel channel) {
        return ((TcpChannel) channel).tcpInfo().getNow();
    }
}
