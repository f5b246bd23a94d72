package toytcp.testkit.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.BlockingOperationException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;

import org.junit.jupiter.api.Test;

import toytcp.stack.channel.TcpChannelOption;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

class NetworkTest {
    private static final Duration DAY = Duration.ofDays(1);

    private static Link pair(Network net) {
        return net.link(net.host("client"), net.host("server"));
    }

    private static Host client(Network net) {
        return net.find("client");
    }

    private static Host server(Network net) {
        return net.find("server");
    }

    @Test
    void timeMovesToWhatIsDueNextAndNoFurther(@VirtualNetwork Network net) {
        pair(net).delay(ofMillis(20));
        var traffic = new Traffic(net, server(net));
        assertEquals(Duration.ZERO, net.now());
        net.await(Traffic.connect(client(net), server(net)));
        assertEquals(ofMillis(40), net.now());
        traffic.send(client(net), server(net), 10);
        net.runUntil(() -> traffic.received == 10);
        assertEquals(ofMillis(100), net.now());
    }

    @Test
    void aRunEndsAtItsTimeAlsoIfNothingIsDue(@VirtualNetwork Network net) {
        net.run(ofMinutes(3));
        net.run(ofSeconds(1));
        assertEquals(ofSeconds(181), net.now());
    }

    @Test
    void anEndedNetworkComesToRest(@VirtualNetwork Network net) {
        pair(net);
        var traffic = new Traffic(net, server(net));
        traffic.send(client(net), server(net), 100_000);
        net.run();
        assertEquals(100_000, traffic.received);
        assertEquals("  nothing", net.alive());
    }

    @Test
    void whatKeepsARunAliveIsNamed(@VirtualNetwork(seed = 9) Network net) {
        Link link = pair(net);
        var traffic = new Traffic(net, server(net));
        var connecting =
                client(net)
                        .bootstrap()
                        .handler(new ChannelInboundHandlerAdapter())
                        .option(ChannelOption.SO_KEEPALIVE, true)
                        .option(TcpChannelOption.TCP_KEEPIDLE, 60);
        net.await(connecting.connect(server(net).at(Traffic.PORT)));
        server(net).group().next().scheduleAtFixedRate(new Ticking(), 1, 1, TimeUnit.HOURS);
        net.at(DAY.multipliedBy(2)).up(link);
        var error = assertThrows(AssertionError.class, net::run);
        String text = error.getMessage();
        assertTrue(text.startsWith("seed 9, "), text);
        assertTrue(text.contains("the network did not come to rest within PT24H"), text);
        assertTrue(text.contains("client: ESTABLISHED"), text);
        assertTrue(text.contains("timer:(keep_alive:"), text);
        assertTrue(text.contains("$Ticking due in"), text);
        assertTrue(text.contains("again and again"), text);
        assertTrue(text.contains("net.at(..): 1 actions"), text);
        assertEquals(0, traffic.received);
    }

    /// A task that does nothing, often.
    private static final class Ticking implements Runnable {
        @Override
        public void run() {}
    }

    @Test
    void aTaskThatRepeatsItselfAtOnceIsFoundOut(@VirtualNetwork Network net) {
        Host host = net.host("busy");
        var loop = host.group().next();
        loop.execute(
                new Runnable() {
                    @Override
                    public void run() {
                        loop.execute(this);
                    }
                });
        var error = assertThrows(AssertionError.class, () -> net.run(ofSeconds(1)));
        assertTrue(error.getMessage().contains("time stands still: the last of 5,000,000 tasks"));
        assertTrue(error.getMessage().contains(NetworkTest.class.getName()), error.getMessage());
    }

    @Test
    void actionsThatFollowEachOtherAtOneTimeAreFoundOut(@VirtualNetwork Network net) {
        net.at(ofSeconds(1)).run(new Again(net));
        var error = assertThrows(AssertionError.class, () -> net.run(ofSeconds(2)));
        String text = error.getMessage();
        assertTrue(text.startsWith("seed 1, PT1S: time stands still: more than 5,000,000"), text);
    }

    private record Again(Network net) implements Runnable {
        @Override
        public void run() {
            net.after(Duration.ZERO).run(this);
        }
    }

    @Test
    void whatCanNeverHappenIsAFailureAtOnce(@VirtualNetwork(seed = 5) Network net) {
        pair(net);
        var error = assertThrows(AssertionError.class, () -> net.runUntil(() -> false));
        assertTrue(error.getMessage().startsWith("seed 5, PT0S: what was waited for"));
        assertTrue(error.getMessage().contains("nothing is left that could bring it about"));
    }

    @Test
    void aRefusedConnectionFailsItsFuture(@VirtualNetwork Network net) {
        pair(net);
        var refused = Traffic.connect(client(net), server(net));
        var error = assertThrows(AssertionError.class, () -> net.await(refused));
        assertInstanceOf(ConnectException.class, error.getCause());
    }

    @Test
    void waitingWithoutTimeIsRefusedByNetty(@VirtualNetwork Network net) {
        pair(net);
        var connecting = Traffic.connect(client(net), server(net));
        assertThrows(BlockingOperationException.class, connecting::sync);
    }

    private static ChannelFuture connect(Network net, String name) {
        var bootstrap = client(net).bootstrap().handler(new ChannelInboundHandlerAdapter());
        return bootstrap.connect(name, Traffic.PORT);
    }

    @Test
    void hostsAreFoundByTheirNames(@VirtualNetwork Network net) {
        pair(net);
        var traffic = new Traffic(net, server(net));
        net.await(connect(net, "server"));
        net.await(connect(net, "10.0.0.2"));
        var unknown = connect(net, "nobody");
        var error = assertThrows(AssertionError.class, () -> net.await(unknown));
        assertInstanceOf(UnknownHostException.class, error.getCause());
        assertTrue(error.getMessage().contains("there are [client, server]"), error.getMessage());
        assertEquals(0, traffic.received);
    }

    @Test
    void anOutageLosesWhatIsSentInIt(@VirtualNetwork Network net) {
        Link link = pair(net);
        var traffic = new Traffic(net, server(net));
        net.at(ofSeconds(5)).down(link).at(ofSeconds(9)).up(link);
        net.at(ofSeconds(6)).run(() -> traffic.send(client(net), server(net), 1000));
        net.run(ofSeconds(8));
        assertTrue(link.isDown());
        assertEquals(0, traffic.received);
        net.run(ofSeconds(20));
        assertFalse(link.isDown());
        assertEquals(1000, traffic.received);
        assertTrue(net.log().contains("+5.000000000 link client-server: down"));
    }

    @Test
    void whatHasPassedCannotBePlanned(@VirtualNetwork Network net) {
        net.run(ofSeconds(2));
        var error = assertThrows(IllegalArgumentException.class, () -> net.at(ofSeconds(1)));
        assertTrue(error.getMessage().contains("net.after(..)"));
    }

    @Test
    void anActionThatFailsFailsTheRun(@VirtualNetwork Network net) {
        net.at(ofSeconds(1)).run(() -> assertEquals(1, 2));
        assertThrows(AssertionError.class, () -> net.run(ofSeconds(2)));
    }

    @Test
    void timeDoesNotPassWithinAnAction(@VirtualNetwork Network net) {
        net.at(ofSeconds(1)).run(() -> net.run(ofSeconds(1)));
        assertThrows(IllegalStateException.class, () -> net.run(ofSeconds(2)));
    }

    @Test
    void shuttingTheGroupDownClosesTheChannelsInOrder(@VirtualNetwork Network net) {
        pair(net);
        List<String> seen = new ArrayList<>();
        Channel listening =
                net.await(
                        server(net)
                                .serverBootstrap()
                                .childHandler(
                                        new ChannelInboundHandlerAdapter() {
                                            @Override
                                            public void channelInactive(ChannelHandlerContext ctx) {
                                                seen.add("closed at " + net.now());
                                            }

                                            @Override
                                            public void exceptionCaught(
                                                    ChannelHandlerContext ctx, Throwable cause) {
                                                seen.add(cause.toString());
                                            }
                                        })
                                .bind(server(net).at(Traffic.PORT)));
        Channel channel = net.await(Traffic.connect(client(net), server(net)));
        net.run(ofSeconds(1));
        Future<?> ended = client(net).group().shutdownGracefully();
        net.runUntil(ended);
        net.run();
        assertFalse(channel.isOpen());
        assertTrue(listening.isOpen());
        assertEquals(List.of("closed at PT1.003S"), seen);
        assertTrue(client(net).group().isTerminated());
    }

    /// The test class is checked for leaks.
    @Test
    void closingReleasesWhatIsUnderWay(@VirtualNetwork Network net) {
        Link link = pair(net).rate("1mbit").delay(ofMillis(100)).duplicate(0.5);
        var traffic = new Traffic(net, server(net));
        traffic.send(client(net), server(net), 1_000_000);
        net.run(ofSeconds(2));
        assertTrue(link.from(client(net)).queuedPackets() > 0);
        assertTrue(link.packets() > link.from(client(net)).queuedPackets() + 1);
        net.close();
        assertEquals(0, link.packets());
        assertThrows(IllegalStateException.class, net::run);
    }

    @Test
    void aTestWithATimeoutMayRunOnAnotherThread(@VirtualNetwork Network net) {
        int received =
                assertTimeoutPreemptively(
                        ofMinutes(1),
                        () -> {
                            pair(net);
                            var traffic = new Traffic(net, server(net));
                            traffic.send(client(net), server(net), 1000);
                            net.run();
                            return traffic.received;
                        });
        assertEquals(1000, received);
    }

    @Test
    void whatOtherThreadsExecuteIsHeard(@VirtualNetwork Network net) throws InterruptedException {
        Host host = net.host("host");
        List<Boolean> inLoop = new ArrayList<>();
        Thread other =
                Thread.ofVirtual()
                        .start(
                                () ->
                                        host.group()
                                                .execute(
                                                        () ->
                                                                inLoop.add(
                                                                        host.group()
                                                                                .next()
                                                                                .inEventLoop())));
        other.join();
        net.run();
        assertEquals(List.of(true), inLoop);
    }

    @Test
    void aCoarseClockRunsTasksAtItsStepsOnly(@VirtualNetwork Network net) {
        Host host = net.host("host").clockGranularity(ofMillis(15));
        List<Duration> times = new ArrayList<>();
        host.group().schedule(() -> times.add(net.now()), 20, TimeUnit.MILLISECONDS);
        net.run();
        assertEquals(List.of(ofMillis(30)), times);
    }

    @Test
    void aCancelledTaskDoesNotMoveTheTime(@VirtualNetwork Network net) {
        ScheduledFuture<?> task = net.host("host").group().schedule(() -> {}, 1, TimeUnit.HOURS);
        net.run(ofSeconds(1));
        task.cancel(false);
        net.run();
        assertEquals(ofSeconds(1), net.now());
    }

    @Test
    void theSameSeedGivesTheSameLogAndAnotherOneAnother() {
        assertEquals(Exchange.log(3), Exchange.log(3));
        assertNotEquals(Exchange.log(3), Exchange.log(4));
    }

    @Test
    void namesAndAddressesAreUnique(@VirtualNetwork Network net) {
        Host first = net.host("one", "192.0.2.1");
        assertEquals("192.0.2.1", first.address().getHostAddress());
        net.host("taken", "10.0.0.3");
        assertEquals("10.0.0.4", net.host("next").address().getHostAddress());
        assertThrows(IllegalArgumentException.class, () -> net.host("one"));
        var error =
                assertThrows(IllegalArgumentException.class, () -> net.host("two", "192.0.2.1"));
        assertEquals(
                "one has the address 192.0.2.1 already: choose another one for two",
                error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> net.link(first, first));
    }
}
