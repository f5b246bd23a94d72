package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.stack.tcp.TcpInfo;
import toytcp.stack.tcp.TcpState;

import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.List;

/// What a stack tells of its connections, and counts over all of them.
class FlowsTest {
    private final TwoStacks net = new TwoStacks();
    private final TcpCounters client = net.clientStack.counters();
    private final TcpCounters server = net.serverStack.counters();
    private final Recorder child = new Recorder();

    @AfterEach
    void close() {
        net.close();
    }

    private static List<FlowSnapshot> flows(TcpStack stack) {
        Future<List<FlowSnapshot>> future = stack.flows();
        assertTrue(future.isSuccess());
        return future.getNow();
    }

    private static FlowSnapshot only(TcpStack stack) {
        List<FlowSnapshot> all = flows(stack);
        assertEquals(1, all.size(), all::toString);
        return all.getFirst();
    }

    private static TcpInfo info(Channel channel) {
        Future<TcpInfo> future = ((TcpChannel) channel).tcpInfo();
        assertTrue(future.isSuccess(), () -> "" + future.cause());
        return future.getNow();
    }

    private static ChannelFuture write(Channel channel, int octets) {
        return channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[octets]));
    }

    // ---- one connection

    @Test
    void aChannelTellsOfItsConnection() {
        net.listen(net.server(child), 40000);
        Channel channel = net.connect(net.client(new Recorder()), 40000);
        net.track(child.channel);
        write(channel, 5000);
        net.advance(Duration.ofMillis(50));
        TcpInfo info = info(channel);
        assertEquals(TcpState.ESTABLISHED, info.state());
        assertEquals(5000, info.bytesAcked());
        assertEquals(5000, info(child.channel).bytesReceived());
        assertEquals(1448, info.sndMss());
        assertEquals(1460, info.advmss());
    }

    @Test
    void aConnectionAttemptIsTold() {
        net.lostFromClient = packet -> true;
        ChannelFuture connecting = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.advance(Duration.ofSeconds(4), Duration.ofMillis(10));
        TcpInfo info = info(connecting.channel());
        assertEquals(TcpState.SYN_SENT, info.state());
        assertEquals(2, info.retransmits());
        assertEquals(2, client.retransSegs());
        assertEquals(1, client.outSegs());
        connecting.cancel(false);
        net.run();
    }

    @Test
    void withoutAConnectionThereIsNothingToTell() {
        TcpChannel unregistered = net.clientStack.newSocketChannel();
        assertInstanceOf(NotYetConnectedException.class, unregistered.tcpInfo().cause());
        net.listen(net.server(child), 40000);
        TcpChannel channel = (TcpChannel) net.connect(net.client(new Recorder()), 40000);
        net.track(child.channel);
        channel.close();
        net.run();
        assertInstanceOf(ClosedChannelException.class, channel.tcpInfo().cause());
    }

    // ---- all of them

    @Test
    void aStackWithoutALinkHasNoFlows() {
        TcpStack stack = TcpStack.builder().address("10.0.0.1").build();
        assertEquals(List.of(), flows(stack));
        net.clientLink.close();
        net.run();
        assertEquals(List.of(), flows(net.clientStack));
    }

    @Test
    void aListenerShowsItsQueues() {
        net.listen(
                net.server(child)
                        .option(ChannelOption.SO_BACKLOG, 5)
                        .option(ChannelOption.AUTO_READ, false),
                40000);
        for (int i = 0; i < 3; i++) {
            net.connect(net.client(new Recorder()), 40000);
        }
        net.lostFromServer = packet -> true;
        net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        FlowSnapshot listener = flows(net.serverStack).getFirst();
        assertEquals(TcpState.LISTEN, listener.state());
        assertEquals(TwoStacks.at(40000), listener.local());
        assertNull(listener.remote());
        assertNull(listener.info());
        assertEquals(3, listener.receiveQueue());
        assertEquals(5, listener.sendQueue());
        assertEquals(1, listener.halfOpen());
        assertEquals("LISTEN 3 5 10.0.1.1:40000 syns:1", listener.toString());
        assertEquals(5, flows(net.serverStack).size());
        assertEquals(3, server.currEstab());
    }

    @Test
    void aListenerOnANetworkShowsWhereItListens() {
        ListenAddress network = ListenAddress.of("10.5.0.0/16", 8000, 8999);
        Channel listening = net.server(child).bind(network).channel();
        net.run();
        FlowSnapshot listener = only(net.serverStack);
        assertEquals(network, listener.listenAddress());
        assertEquals(listening.localAddress(), listener.local());
        assertTrue(listener.toString().endsWith(" " + network), listener::toString);
        listening.close();
        net.run();
        assertEquals(List.of(), flows(net.serverStack));
    }

    @Test
    void aHalfOpenConnectionIsListed() {
        Channel listening = net.listen(net.server(child), 40000);
        net.lostFromServer = packet -> true;
        ChannelFuture connecting = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        FlowSnapshot halfOpen = flows(net.serverStack).getLast();
        assertEquals(TcpState.SYN_RECEIVED, halfOpen.state());
        assertEquals(connecting.channel().localAddress(), halfOpen.remote());
        assertNull(halfOpen.info());
        assertEquals(1, server.passiveOpens());
        assertEquals(0, server.attemptFails());
        listening.close();
        net.run();
        assertEquals(1, server.attemptFails());
        assertEquals(1, server.outRsts());
    }

    @Test
    void theQueuesOfAConnectionAreThoseOfItsApplication() {
        net.listen(net.server(child).childOption(ChannelOption.AUTO_READ, false), 40000);
        Channel channel = net.connect(net.client(new Recorder()), 40000);
        net.track(child.channel);
        write(channel, 3000);
        net.advance(Duration.ofMillis(50));
        FlowSnapshot receiving = flows(net.serverStack).getLast();
        assertEquals(3000, receiving.receiveQueue());
        net.lostFromClient = packet -> true;
        write(channel, 700);
        net.run();
        FlowSnapshot sending = only(net.clientStack);
        assertTrue(sending.timers().startsWith("retransmission:"), sending::timers);
        assertEquals(700, sending.sendQueue());
        assertEquals(channel.localAddress(), sending.local());
        assertEquals(channel.remoteAddress(), sending.remote());
        assertNotNull(sending.info());
        assertEquals(700, sending.info().unackedBytes());
        String text = sending.toString();
        assertTrue(text.startsWith("ESTABLISHED 0 700 10.0.0.1:"), text);
        assertTrue(text.contains(" -> 10.0.1.1:40000 cubic wscale:7,7 rto:"), text);
        assertTrue(text.contains(" mss:1448 cwnd:10 bytes_sent:3700 bytes_acked:3000"), text);
    }

    @Test
    void aClosedChannelsConnectionIsListedUntilTheEndOfTimeWait() {
        net.listen(net.server(child), 40000);
        Channel channel = net.connect(net.client(new Recorder()), 40000);
        net.track(child.channel);
        channel.close();
        net.run();
        assertEquals(TcpState.TIME_WAIT, only(net.clientStack).state());
        assertEquals(0, client.currEstab());
        assertEquals(0, client.estabResets());
        net.advance(Duration.ofSeconds(61), Duration.ofSeconds(1));
        assertEquals(List.of(), flows(net.clientStack));
    }

    // ---- counters

    @Test
    void opensAndSegmentsAreCounted() {
        net.listen(net.server(new Echo()), 40000);
        Channel channel = net.connect(net.client(new Recorder()), 40000);
        write(channel, 100);
        net.advance(Duration.ofMillis(50));
        assertEquals(1, client.activeOpens());
        assertEquals(0, client.passiveOpens());
        assertEquals(0, server.activeOpens());
        assertEquals(1, server.passiveOpens());
        assertEquals(1, client.currEstab());
        assertEquals(1, server.currEstab());
        assertEquals(client.outSegs(), server.inSegs());
        assertEquals(server.outSegs(), client.inSegs());
        assertTrue(client.outSegs() >= 4, client::toString);
        assertEquals(0, client.retransSegs() + server.retransSegs());
        channel.close();
        net.run();
        assertEquals(0, client.currEstab() + server.currEstab());
        assertEquals(0, client.estabResets() + server.estabResets());
        assertEquals(0, client.attemptFails() + server.attemptFails());
    }

    @Test
    void aRefusedAttemptIsAFailure() {
        ChannelFuture refused = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        assertFalse(refused.isSuccess());
        assertEquals(1, client.activeOpens());
        assertEquals(1, client.attemptFails());
        assertEquals(1, client.inRsts());
        assertEquals(1, server.outRsts());
        assertEquals(0, server.passiveOpens());
    }

    @Test
    void aResetEndsAnEstablishedConnectionOnBothSides() {
        net.listen(net.server(child), 40000);
        Channel channel =
                net.connect(net.client(new Recorder()).option(ChannelOption.SO_LINGER, 0), 40000);
        channel.close();
        net.run();
        assertEquals(1, client.estabResets());
        assertEquals(1, client.outRsts());
        assertEquals(1, server.estabResets());
        assertEquals(1, server.inRsts());
        assertEquals(0, client.currEstab() + server.currEstab());
    }

    @Test
    void retransmissionsAreCountedApart() {
        net.listen(net.server(child), 40000);
        Channel channel = net.connect(net.client(new Recorder()), 40000);
        net.track(child.channel);
        long before = client.outSegs();
        net.lostFromClient = packet -> true;
        write(channel, 100);
        net.advance(Duration.ofMillis(900));
        // The loss probe after 100 ms, the timer 200 ms and then 400 ms later.
        assertEquals(3, client.retransSegs());
        assertEquals(before + 1, client.outSegs());
    }

    @Test
    void aRepeatedSynAckIsARetransmission() {
        net.listen(net.server(child), 40000);
        int[] lost = {1};
        net.lostFromServer = packet -> lost[0]-- > 0;
        ChannelFuture connected = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.advance(Duration.ofSeconds(3), Duration.ofMillis(10));
        net.track(TwoStacks.success(connected));
        net.track(child.channel);
        // Our timer and the peer's repeated SYN may each have asked for one.
        assertTrue(server.retransSegs() >= 1, server::toString);
        assertEquals(1, server.passiveOpens());
    }

    @Test
    void malformedSegmentsAreErrorsAndArrivedAllTheSame() {
        net.listen(net.server(child), 40000);
        long before = server.inSegs();
        net.lostFromClient =
                packet -> {
                    damage(packet);
                    return false;
                };
        ChannelFuture connecting = net.client(new Recorder()).connect(TwoStacks.at(40000));
        net.run();
        assertEquals(1, net.serverStack.drops().get(DropReason.TCP_CHECKSUM));
        assertEquals(1, server.inErrs());
        assertEquals(before + 1, server.inSegs());
        connecting.cancel(false);
        net.run();
    }

    private static void damage(ByteBuf packet) {
        int last = packet.writerIndex() - 1;
        packet.setByte(last, packet.getByte(last) ^ 0x55);
    }
}
