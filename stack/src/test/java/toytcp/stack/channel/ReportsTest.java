package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.codec.IcmpCodec;
import toytcp.codec.IcmpError;
import toytcp.testkit.Rfc;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a connection has to tell on the way, and urgent data in both directions (RFC 9293, 3.9.1.8 and
/// 3.8.5).
class ReportsTest {
    private final TwoStacks net = new TwoStacks();
    private final Told child = new Told();
    private final Told client = new Told();

    @AfterEach
    void close() {
        net.close();
    }

    /// Keeps what the pipeline sees, in order: reports, and what is read.
    private static final class Told extends Recorder {
        final List<Object> seen = new ArrayList<>();

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            seen.add(event);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) throws IOException {
            seen.add(((ByteBuf) msg).toString(US_ASCII));
            super.channelRead(ctx, msg);
        }
    }

    private Channel connect(boolean reports) {
        net.listen(net.server(child).childOption(TcpChannelOption.TCP_REPORTS, reports), 40000);
        Channel channel =
                net.connect(
                        net.client(client).option(TcpChannelOption.TCP_REPORTS, reports), 40000);
        net.track(child.channel);
        return channel;
    }

    private static ByteBuf octets(String text) {
        return Unpooled.copiedBuffer(text, US_ASCII);
    }

    // ---- urgent data

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-32")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-33")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-30")
    @Rfc(number = 9293, section = "3.9.1.8", id = "MUST-47")
    @Rfc(number = 9293, section = "3.9.1.8", id = "U-1")
    void urgentDataIsToldBeforeItIsReadInLine() {
        Channel channel = connect(true);
        channel.write(octets("one "));
        assertTrue(channel.writeAndFlush(new UrgentData(octets("stop"))).isSuccess());
        net.run();
        assertEquals(List.of(new TcpReport.UrgentAhead(8), "one stop"), child.seen);
        channel.writeAndFlush(octets(" two"));
        net.run();
        assertEquals(" two", child.seen.getLast());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.8", id = "SHLD-20")
    void whoDidNotAskIsToldNothingAndReadsItAll() {
        Channel channel = connect(false);
        channel.writeAndFlush(new UrgentData(octets("stop")));
        net.run();
        assertEquals(List.of("stop"), child.seen);
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.8", id = "SHLD-20")
    void reportsCanBeSwitchedOnAndOffOnARunningConnection() {
        Channel channel = connect(false);
        child.channel.config().setOption(TcpChannelOption.TCP_REPORTS, true);
        channel.writeAndFlush(new UrgentData(octets("a")));
        net.run();
        child.channel.config().setOption(TcpChannelOption.TCP_REPORTS, false);
        channel.writeAndFlush(new UrgentData(octets("b")));
        net.run();
        assertEquals(List.of(new TcpReport.UrgentAhead(1), "a", "b"), child.seen);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-32")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-33")
    void urgentDataIsToldToAChannelThatDoesNotRead() {
        Channel channel = connect(true);
        child.channel.config().setAutoRead(false);
        net.run();
        channel.writeAndFlush(octets("0123456789"));
        channel.writeAndFlush(new UrgentData(octets("stop")));
        net.run();
        channel.writeAndFlush(octets("behind"));
        net.run();
        assertEquals(List.of(new TcpReport.UrgentAhead(14)), child.seen);
        assertEquals(14, ((TcpChannel) child.channel).tcpInfo().getNow().rcvUrgent());
        child.channel.config().setAutoRead(true);
        net.run();
        assertEquals(0, ((TcpChannel) child.channel).tcpInfo().getNow().rcvUrgent());
        assertEquals("0123456789stopbehind", child.text());
    }

    @Test
    void urgentDataThatCameBeforeTheChannelIsToldIt() {
        Channel server =
                net.listen(
                        net.server(child)
                                .option(ChannelOption.AUTO_READ, false)
                                .childOption(TcpChannelOption.TCP_REPORTS, true),
                        40000);
        Channel channel = net.connect(net.client(client), 40000);
        channel.writeAndFlush(new UrgentData(octets("stop")));
        net.run();
        assertEquals(List.of(), child.seen);
        server.read();
        net.run();
        net.track(child.channel);
        assertEquals(List.of(new TcpReport.UrgentAhead(4), "stop"), child.seen);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-30")
    @Rfc(number = 9293, section = "3.8.5", id = "MUST-31")
    void urgentDataOfAnyKindOfBufferAndSizeArrives() {
        Channel channel = connect(true);
        byte[] large = new byte[300_000];
        ByteBuf shared = Unpooled.directBuffer(10).writeZero(10);
        ChannelFuture first = channel.write(new UrgentData(shared.retain()));
        ChannelFuture second = channel.writeAndFlush(new UrgentData(Unpooled.wrappedBuffer(large)));
        net.advance(Duration.ofSeconds(2));
        assertTrue(first.isSuccess() && second.isSuccess());
        assertEquals(300_010, child.received.size());
        assertEquals(1, shared.refCnt());
        shared.release();
        assertInstanceOf(TcpReport.UrgentAhead.class, child.seen.getFirst());
    }

    @Test
    void urgentDataWithoutOctetsFailsItsWrite() {
        Channel channel = connect(true);
        UrgentData none = new UrgentData(Unpooled.directBuffer(4));
        ChannelFuture write = channel.writeAndFlush(none);
        assertInstanceOf(IllegalArgumentException.class, write.cause());
        assertTrue(write.cause().getMessage().contains("at least one octet"));
        assertEquals(0, none.refCnt());
        assertTrue(channel.isActive());
    }

    // ---- soft errors and retransmissions

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "SHLD-25")
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-56")
    @Rfc(number = 9293, section = "3.9.1.8", id = "MUST-47")
    @Rfc(number = 9293, section = "3.9.1.8", id = "U-1")
    void aSoftErrorIsToldAndTheConnectionGoesOn() {
        Channel channel = connect(true);
        refuse(1);
        channel.writeAndFlush(octets("lost"));
        net.run();
        var soft = assertInstanceOf(TcpReport.SoftError.class, client.seen.getFirst());
        assertEquals("10.0.0.254 says: host unreachable", soft.error().toString());
        net.lostFromClient = packet -> false;
        net.advance(Duration.ofSeconds(2));
        assertEquals("lost", child.text());
        assertTrue(channel.isActive());
        assertEquals(List.of(), child.seen.stream().filter(TcpReport.class::isInstance).toList());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.2.2", id = "SHLD-25")
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-56")
    @Rfc(number = 9293, section = "3.9.2.2", id = "MUST-54")
    void anAttemptTellsOfSoftErrorsToo() {
        refuse(0);
        net.client(client).option(TcpChannelOption.TCP_REPORTS, true).connect(TwoStacks.at(40000));
        net.run();
        var soft = assertInstanceOf(TcpReport.SoftError.class, client.seen.getFirst());
        assertEquals("network unreachable", soft.error().text());
        net.track(client.channel);
    }

    @Test
    @Rfc(number = 9293, section = "3.8.3", id = "SHLD-9")
    @Rfc(number = 9293, section = "3.8.3", id = "SHLD-10")
    @Rfc(number = 9293, section = "3.9.1.8", id = "MUST-47")
    @Rfc(number = 9293, section = "3.9.1.8", id = "U-1")
    void threeRetransmissionsAreToldOnceAndTheConnectionGoesOn() {
        Channel channel = connect(true);
        net.lostFromClient = packet -> true;
        channel.writeAndFlush(octets("lost"));
        net.advance(Duration.ofSeconds(30), Duration.ofMillis(10));
        assertEquals(List.of(new TcpReport.Unacknowledged(3)), client.seen);
        net.lostFromClient = packet -> false;
        net.advance(Duration.ofSeconds(60), Duration.ofMillis(10));
        assertEquals("lost", child.text());
        assertTrue(channel.isActive());
    }

    @Test
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-22")
    @Rfc(number = 9293, section = "3.8.3", id = "SHLD-9")
    void aSynThatNobodyAnswersIsTold() {
        net.lostFromClient = packet -> true;
        ChannelFuture attempt =
                net.client(client)
                        .option(TcpChannelOption.TCP_REPORTS, true)
                        .connect(TwoStacks.at(40000));
        net.advance(Duration.ofSeconds(10), Duration.ofMillis(10));
        assertEquals(List.of(new TcpReport.Unacknowledged(3)), client.seen);
        assertFalse(attempt.isDone());
        net.track(attempt.channel());
    }

    @Test
    void aClosedChannelIsToldNothing() {
        Channel channel = connect(true);
        net.lostFromClient = packet -> true;
        channel.writeAndFlush(octets("lost"));
        channel.close();
        net.advance(Duration.ofSeconds(30), Duration.ofMillis(10));
        assertEquals(List.of(), client.seen);
    }

    private void refuse(int code) {
        net.lostFromClient =
                packet -> {
                    ByteBuf error =
                            IcmpCodec.error(
                                    UnpooledByteBufAllocator.DEFAULT,
                                    packet,
                                    0x0a0000fe,
                                    IcmpError.UNREACHABLE,
                                    code,
                                    0);
                    net.clientLink.eventLoop().execute(() -> net.clientLink.writeInbound(error));
                    return true;
                };
    }
}
