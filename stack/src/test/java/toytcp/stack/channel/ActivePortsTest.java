package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;

import org.junit.jupiter.api.Test;

import toytcp.codec.IpAddresses;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.stack.ip.PacketLink.PortRange;
import toytcp.testkit.Rfc;

import java.net.BindException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Active opens take more and more ports of a link that shares its address with a kernel.
class ActivePortsTest extends KernelLinkTests {
    private static TcpSegment fromServer() {
        return new TcpSegment()
                .from(0, IpAddresses.low(InetAddress.ofLiteral("198.51.100.1")), 80)
                .to(0, IpAddresses.low(OURS), 61000)
                .window(1000);
    }

    /// Takes ports towards one remote end until there is none.
    ///
    /// @return those that were taken, in the order of time
    private List<Integer> exhaust() {
        List<Integer> ports = new ArrayList<>();
        ChannelFuture last = connect("198.51.100.1");
        while (last.cause() == null) {
            ports.add(sent().getFirst().srcPort());
            last = connect("198.51.100.1");
        }
        assertInstanceOf(BindException.class, last.cause());
        return ports;
    }

    private void openWith(PortRange... ranges) {
        open(TcpStack.builder(), false);
        link.freezeTime();
        link.left.clear();
        link.left.addAll(List.of(ranges));
    }

    @Test
    void moreEphemeralPortsAreTakenWhenAllAreInUse() {
        openWith(
                new PortRange(61000, 61009),
                new PortRange(30000, 30599),
                new PortRange(61010, 61012));
        List<Integer> ports = exhaust();
        assertEquals(613, Set.copyOf(ports).size());
        assertTrue(ports.subList(0, 10).stream().allMatch(port -> port >= 61000));
        assertTrue(ports.subList(10, 610).stream().allMatch(port -> port < 30600));
        assertEquals(List.of(512, 512, 610, 613), link.wishes);
        assertEquals(
                List.of("+0.0.0.0:61000-61009", "+0.0.0.0:30000-30599", "+0.0.0.0:61010-61012"),
                claims);
        // To another end all of them are free.
        connect("198.51.100.2");
        assertTrue(ports.contains(sent().getFirst().srcPort()));
        assertEquals(4, link.wishes.size());
    }

    @Test
    void whenNoneAreLeftTheErrorSaysWhyAndWhatToDo() {
        openWith(new PortRange(61000, 61001), new PortRange(30000, 30001));
        exhaust();
        assertEquals(
                "No free port: all 4 ports from 30000 to 30001 and from 61000 to 61001 are in use"
                        + " for 192.0.2.1 -> 198.51.100.1:80; close connections, or widen the range"
                        + " by TcpStack.builder().ephemeralPorts(first, last); there are no more"
                        + " because other stacks have the rest; end one of them",
                connect("198.51.100.1").cause().getMessage());
    }

    @Test
    void aLinkThatHadNoMoreIsAskedAgainASecondLater() {
        openWith(new PortRange(61000, 61001));
        exhaust();
        int asked = link.wishes.size();
        link.left.add(new PortRange(61002, 61003));
        link.advanceTimeBy(999, TimeUnit.MILLISECONDS);
        assertInstanceOf(BindException.class, connect("198.51.100.1").cause());
        assertEquals(asked, link.wishes.size());
        link.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        assertEquals(2, exhaust().size());
    }

    @Test
    void aLinkThatGivesTheSamePortsAgainHasNoMore() {
        openWith(
                new PortRange(61000, 61001),
                new PortRange(61000, 61001),
                new PortRange(60990, 61000));
        assertEquals(2, exhaust().size());
        assertInstanceOf(BindException.class, connect("198.51.100.1").cause());
        assertEquals(List.of("+0.0.0.0:61000-61001"), claims);
    }

    @Test
    void portsThatTheLinkCannotServeAreGivenBack() {
        openWith(
                new PortRange(61000, 61001),
                new PortRange(KernelLink.UNSERVED, 20_511),
                new PortRange(61002, 61002));
        for (int i = 0; i < 2; i++) {
            connect("198.51.100.1");
            sent();
        }
        Throwable cause = connect("198.51.100.1").cause();
        assertTrue(cause.getMessage().contains("apt install nftables"), cause::getMessage);
        assertEquals(List.of("+0.0.0.0:61000-61001", "back 20000-20511"), claims);
        assertEquals(List.of(61002), exhaust());
    }

    @Test
    void portsThatTheBuilderChoseAreAllThereAre() {
        open(TcpStack.builder().ephemeralPorts(5000, 5003), false);
        assertEquals(4, exhaust().size());
        link.close();
        link.runPendingTasks();
        assertEquals(List.of(), link.wishes);
        assertEquals(List.of("+0.0.0.0:5000-5003", "-0.0.0.0:5000-5003"), claims);
    }

    @Test
    @Rfc(number = 9293, section = "3.6.1", id = "SHLD-4")
    void aTimeWaitThatMayBeReplacedGoesBeforeMorePorts() {
        openWith(new PortRange(61000, 61000), new PortRange(61001, 61001));
        Channel first = connect("198.51.100.1").channel();
        TcpSegment syn = sent().getFirst();
        deliver(
                fromServer()
                        .flag(TcpFlags.SYN)
                        .seq(99)
                        .ack(syn.seq() + 1)
                        .timestamps(1, syn.tsVal()));
        first.close();
        int fin = sent().getLast().seq();
        deliver(fromServer().flag(TcpFlags.FIN).seq(100).ack(fin + 1).timestamps(2, syn.tsVal()));
        sent();
        link.advanceTimeBy(2, TimeUnit.SECONDS);
        connect("198.51.100.1");
        assertEquals(61000, sent().getLast().srcPort());
        assertEquals(1, link.wishes.size());
    }

    @Test
    void portsOfMoreThanOneRangeAreServedAndGivenBack() {
        openWith(new PortRange(61000, 61000), new PortRange(30000, 30000));
        exhaust();
        TwoStacks.success(listen(0).channel().close());
        claims.clear();
        deliver(toPort(30000).flag(TcpFlags.SYN));
        assertEquals(TcpFlags.RST | TcpFlags.ACK, sent().getFirst().flags());
        link.close();
        link.runPendingTasks();
        assertEquals(
                List.of(
                        "-0.0.0.0:61000-61000",
                        "back 61000-61000",
                        "-0.0.0.0:30000-30000",
                        "back 30000-30000"),
                claims);
    }
}
