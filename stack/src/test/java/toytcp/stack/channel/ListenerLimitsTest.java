package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.DropReason;
import toytcp.codec.SeqNum;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.tcp.TcpConfig;

import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a stack does not let itself be made to do: floods, answers without end, early accepts.
class ListenerLimitsTest {
    private static final int FLOOD = 100_000;

    private final TwoStacks net = new TwoStacks();
    private final HandMade peer = new HandMade(net.serverLink);
    private final List<Channel> accepted = new ArrayList<>();

    @AfterEach
    void close() {
        net.close();
        peer.close();
    }

    private ServerBootstrap server() {
        return net.server(
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.add(net.track(channel));
                    }
                });
    }

    private long dropped(DropReason reason) {
        return net.serverStack.drops().get(reason);
    }

    private TcpStackHandler stack() {
        try {
            return net.serverStack.handler("test");
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }

    /// 100,000 SYNs in two seconds, which is more than the queue can turn over in that time.
    @Test
    void aFloodOfSynsStopsNoHonestClient() {
        net.listen(server(), 40000);
        Listener listener = stack().listeners().getFirst();
        List<ChannelFuture> honest = new ArrayList<>();
        net.lostFromServer = packet -> packet.getByte(packet.readerIndex() + 16) == (byte) 198;
        for (int i = 0; i < FLOOD; i++) {
            peer.deliver(HandMade.syn(i >>> 14, 1 + (i & 0x3fff), TwoStacks.SERVER, 40000));
            if (i % 50 == 49) {
                net.advance(Duration.ofMillis(1));
            }
            if (i % 10_000 == 9_999) {
                honest.add(net.client(new Recorder()).connect(TwoStacks.at(40000)));
                net.track(honest.getLast().channel());
            }
        }
        assertTrue(listener.synQueueLength() > 16_000 && listener.synQueueLength() <= 16_384);
        long atOnce = honest.stream().filter(ChannelFuture::isSuccess).count();
        assertTrue(atOnce >= 3, "served during the flood: " + atOnce);
        net.advance(Duration.ofSeconds(4));
        assertTrue(honest.stream().allMatch(ChannelFuture::isSuccess));
        assertEquals(10, accepted.size());
        assertEquals(listener.synQueueLength() + 10, stack().flowCount());
        assertTrue(dropped(DropReason.SYN_QUEUE_FULL) >= FLOOD - 16_384);
        net.advance(Duration.ofSeconds(182), Duration.ofMillis(100));
        assertEquals(0, listener.synQueueLength());
        assertEquals(10, stack().flowCount());
    }

    @Test
    void resetsForUnknownFlowsAreLimited() {
        int answered = 0;
        for (int i = 0; i < 5000; i++) {
            answered += peer.deliver(HandMade.syn(1, 1 + i, TwoStacks.SERVER, 81)).size();
        }
        assertTrue(answered >= 500 && answered <= 1500, "answers: " + answered);
        assertEquals(5000 - answered, dropped(DropReason.RESET_RATE_LIMITED));
        assertEquals(5000, dropped(DropReason.NO_FLOW));
        net.advance(Duration.ofSeconds(1), Duration.ofMillis(100));
        TcpSegment syn = HandMade.syn(1, 1, TwoStacks.SERVER, 81);
        assertEquals(TcpFlags.RST | TcpFlags.ACK, peer.deliver(syn).getFirst().flags());
    }

    @Test
    void challengesOfHalfOpenConnectionsAreLimited() {
        net.listen(server(), 40000);
        peer.deliver(HandMade.syn(1, 1, TwoStacks.SERVER, 40000));
        int answered = 0;
        for (int i = 0; i < 5000; i++) {
            TcpSegment blind =
                    HandMade.segment(1, 1, TwoStacks.SERVER, 40000).seq(1_000_000).ack(5);
            answered += peer.deliver(blind).size();
        }
        assertTrue(answered >= 500 && answered <= 1500, "answers: " + answered);
        assertEquals(5000 - answered, dropped(DropReason.CHALLENGE_RATE_LIMITED));
    }

    @Test
    void resetsOfHalfOpenConnectionsCountAmongTheOthers() {
        net.listen(server(), 40000);
        peer.deliver(HandMade.syn(1, 1, TwoStacks.SERVER, 40000));
        int answered = 0;
        for (int i = 0; i < 5000; i++) {
            TcpSegment guess = HandMade.segment(1, 1, TwoStacks.SERVER, 40000).seq(1).ack(1 + i);
            for (TcpSegment answer : peer.deliver(guess)) {
                assertEquals(TcpFlags.RST, answer.flags());
                assertEquals(1 + i, answer.seq());
                answered++;
            }
        }
        assertTrue(answered >= 500 && answered <= 1500, "answers: " + answered);
        assertEquals(5000 - answered, dropped(DropReason.RESET_RATE_LIMITED));
    }

    @Test
    void aDeferredAcceptWaitsForData() {
        net.listen(server().option(TcpChannelOption.TCP_DEFER_ACCEPT, 5), 40000);
        ChannelFuture connected = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.advance(Duration.ofSeconds(2));
        Channel client = net.track(TwoStacks.success(connected));
        assertTrue(accepted.isEmpty());
        assertEquals(1, dropped(DropReason.ACCEPT_DEFERRED));
        client.writeAndFlush(Unpooled.wrappedBuffer(new byte[3]));
        net.run();
        assertEquals(1, accepted.size());
    }

    /// 5 seconds are rounded up to the timeouts at 1, 3 and 7 seconds, as in Linux.
    @Test
    void aDeferredAcceptEndsWithoutDataWhenItsTimeIsOver() {
        net.listen(server().option(TcpChannelOption.TCP_DEFER_ACCEPT, 5), 40000);
        ChannelFuture connected = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.advance(Duration.ofMillis(6_999));
        net.track(TwoStacks.success(connected));
        assertTrue(accepted.isEmpty());
        net.advance(Duration.ofMillis(20));
        assertEquals(1, accepted.size());
    }

    @ParameterizedTest
    @CsvSource({
        "TCP_DEFER_ACCEPT,-1,0 to 32767",
        "TCP_DEFER_ACCEPT,32768,0 to 32767",
        "TCP_MAX_SYN_BACKLOG,0,1 to 1048576",
        "TCP_MAX_SYN_BACKLOG,1048577,1 to 1048576",
        "TCP_PENDING_ACCEPT_MILLIS,-1,0 to 3600000",
        "TCP_PENDING_ACCEPT_MILLIS,3600001,0 to 3600000",
    })
    void optionsOutOfRangeAreRefusedWithTheRange(String name, int value, String range) {
        Channel server = net.serverStack.newServerSocketChannel();
        ChannelOption<Integer> option = ChannelOption.valueOf(TcpChannelOption.class, name);
        Integer before = server.config().getOption(option);
        Exception refusal =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> server.config().setOption(option, value));
        assertTrue(refusal.getMessage().contains(name + " must lie within " + range));
        assertEquals(before, server.config().getOption(option));
        assertTrue(server.config().getOptions().containsKey(option));
    }

    @Test
    void theEpollTransportsNameOfAnOptionIsUnderstood() {
        ChannelOption<Integer> epolls =
                ChannelOption.valueOf("io.netty.channel.epoll.EpollChannelOption#TCP_DEFER_ACCEPT");
        Channel server = net.serverStack.newServerSocketChannel();
        assertTrue(server.config().setOption(epolls, 5));
        assertEquals(5, server.config().getOption(TcpChannelOption.TCP_DEFER_ACCEPT));
        assertEquals(5, server.config().getOption(epolls));
    }

    /// RFC 9293, 3.6.1, MAY-2 (1). At more than 250 kB/s a connection outruns the clock of the
    /// initial sequence numbers.
    ///
    /// Where the SYN queue is full at first, TIME-WAIT must not end for nothing.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionThatReopensATimeWaitBeginsBeyondAllThatTheOldOneSent(boolean full) {
        TcpConfig patient = TcpConfig.DEFAULT.with(draft -> draft.timeWaitNanos = 60_000_000_000L);
        try (TwoStacks two = new TwoStacks(patient)) {
            List<Recorder> children = new ArrayList<>();
            two.listen(two.server(children).option(TcpChannelOption.TCP_MAX_SYN_BACKLOG, 1), 40000);
            int[] iss = new int[2];
            int[] beyond = {0};
            two.lostFromServer =
                    packet -> {
                        int tcp = packet.readerIndex() + 20;
                        int seq = packet.getInt(tcp + 4);
                        int octets =
                                packet.readableBytes() - 20 - (packet.getByte(tcp + 12) >> 4) * 4;
                        if ((packet.getByte(tcp + 13) & 2) != 0) {
                            iss[0] = iss[1];
                            iss[1] = seq;
                        } else {
                            beyond[0] = seq + octets;
                        }
                        return false;
                    };
            InetSocketAddress local = new InetSocketAddress("10.0.0.1", 5555);
            Channel first =
                    two.client(new Recorder()).connect(TwoStacks.at(40000), local).channel();
            two.run();
            Channel child = children.getFirst().channel;
            child.writeAndFlush(Unpooled.wrappedBuffer(new byte[3_000_000]));
            two.advance(Duration.ofMillis(20));
            child.close();
            two.run();
            assertFalse(first.isOpen());
            two.advance(Duration.ofMillis(100));
            int used = beyond[0];
            if (full) {
                TcpSegment syn = HandMade.syn(1, 1, TwoStacks.SERVER, 40000);
                try (HandMade other = new HandMade(two.serverLink)) {
                    assertEquals(1, other.deliver(syn).size());
                }
            }
            ChannelFuture again = two.client(new Recorder()).connect(TwoStacks.at(40000), local);
            two.run();
            assertEquals(!full, again.isDone());
            two.advance(Duration.ofMillis(1100));
            two.track(TwoStacks.success(again));
            assertTrue(SeqNum.gt(used - 1, iss[0] + 2_999_999), "all was sent");
            assertTrue(SeqNum.gt(iss[1], used), "ISS " + iss[1] + " against " + used);
        }
    }
}
