package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

import org.junit.jupiter.api.Test;

import toytcp.codec.DropReason;
import toytcp.codec.IpAddresses;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;
import toytcp.testkit.Rfc;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;

class PacketLinkTest extends KernelLinkTests {
    /// With the ephemeral ports claimed by a first active open.
    ///
    /// @return the port of that
    private int openAndConnect() {
        open(TcpStack.builder(), false);
        connect("198.51.100.1");
        return sent().getFirst().srcPort();
    }

    /// RFC 9293, 3.8.3 (b), once the SYN has been sent three times again.
    @Test
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-20")
    @Rfc(number = 9293, section = "3.8.3", id = "MUST-22")
    void theLinkIsAdvisedOfAPeerThatDoesNotAnswer() {
        open(TcpStack.builder(), false);
        connect("198.51.100.1");
        seconds(6);
        assertEquals(List.of(), link.silent);
        seconds(50);
        assertEquals(List.of(InetAddress.ofLiteral("198.51.100.1")), link.silent);
    }

    private void seconds(int count) {
        for (int i = 0; i < count; i++) {
            link.advanceTimeBy(1, TimeUnit.SECONDS);
            link.runScheduledPendingTasks();
            link.runPendingTasks();
        }
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.1", id = "MUST-44")
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-67")
    void theRouteGivesSourceAndSegmentSize() {
        open(TcpStack.builder(), false);
        connect("198.51.100.1");
        TcpSegment syn = sent().getFirst();
        assertEquals(IpAddresses.low(OURS), syn.srcLow());
        assertEquals(1260, syn.mss());
        assertTrue(syn.srcPort() >= 61000 && syn.srcPort() <= 61999);
        assertEquals(List.of("+0.0.0.0:61000-61999"), claims);
    }

    @Test
    @Rfc(number = 9293, section = "3.7.3", id = "SHLD-6")
    void aConfiguredMtuCannotExceedTheRoutes() {
        open(TcpStack.builder().mtu(9000), false);
        connect("198.51.100.1");
        assertEquals(1260, sent().getFirst().mss());
    }

    @Test
    @Rfc(number = 9293, section = "3.9.1.1", id = "MUST-43")
    void aConfiguredAddressGoesBeforeTheRoutes() {
        open(TcpStack.builder().address("192.0.2.9/24").mtu(1000), false);
        connect("198.51.100.1");
        TcpSegment syn = sent().getFirst();
        assertEquals(IpAddresses.low(InetAddress.ofLiteral("192.0.2.9")), syn.srcLow());
        assertEquals(960, syn.mss());
        assertEquals(List.of("+192.0.2.9:61000-61999"), claims);
    }

    @Test
    void aMissingRouteFailsTheConnect() {
        open(TcpStack.builder(), false);
        Throwable cause = connect("203.0.113.1").cause();
        assertInstanceOf(NoRouteToHostException.class, cause);
        assertEquals("No route to host: add a route to 203.0.113.1", cause.getMessage());
    }

    @Test
    void aPortOfTheKernelCannotBeBound() {
        open(TcpStack.builder(), false);
        Throwable cause = listen(22).cause();
        assertInstanceOf(BindException.class, cause);
        assertEquals("Address already in use: the kernel has port 22", cause.getMessage());
    }

    @Test
    void aLinkThatServesNoPortsExplainsItself() {
        open(TcpStack.builder(), true);
        Throwable cause = connect("198.51.100.1").cause();
        assertInstanceOf(IOException.class, cause);
        assertTrue(cause.getMessage().contains("apt install nftables"), cause::getMessage);
    }

    @Test
    void aListeningPortIsClaimedUntilItsLastConnectionIsGone() {
        open(TcpStack.builder(), false);
        claims.clear();
        Channel server = TwoStacks.success(listen(80));
        assertEquals(List.of("+0.0.0.0:80-80"), claims);
        deliver(toPort(80).flag(TcpFlags.SYN).seq(99));
        int iss = sent().getFirst().seq();
        deliver(toPort(80).seq(100).ack(iss + 1));
        server.close();
        link.runPendingTasks();
        assertEquals(List.of("+0.0.0.0:80-80"), claims, "the connection needs the port");
        deliver(toPort(80).seq(100).flag(TcpFlags.RST));
        assertEquals(List.of("+0.0.0.0:80-80", "-0.0.0.0:80-80"), claims);
    }

    @Test
    void whoOnlyListensClaimsNoEphemeralPorts() {
        open(TcpStack.builder(), false);
        TwoStacks.success(listen(80));
        assertEquals(List.of("+0.0.0.0:80-80"), claims);
    }

    @Test
    void aListenerWithinTheEphemeralRangeNeedsNoClaimOfItsOwn() {
        openAndConnect();
        TwoStacks.success(listen(61500)).close();
        link.runPendingTasks();
        assertEquals(List.of("+0.0.0.0:61000-61999"), claims);
    }

    @Test
    void onlyOurPortsAreReset() {
        int ours = openAndConnect();
        deliver(toPort(22).flag(TcpFlags.SYN));
        assertTrue(sent().isEmpty(), "that port is the kernel's to answer");
        deliver(toPort(ours == 61001 ? 61002 : 61001).flag(TcpFlags.SYN));
        assertTrue(sent().isEmpty(), "a program may have taken that port since");
        deliver(toPort(ours).flag(TcpFlags.SYN));
        assertEquals(TcpFlags.RST | TcpFlags.ACK, sent().getFirst().flags());
        assertEquals(3, stack.drops().get(DropReason.NO_FLOW));
    }

    @Test
    void aListenAddressIsInterceptedUntilItsLastConnectionIsGone() {
        open(TcpStack.builder().address("192.0.2.1/24"), false);
        Channel server = TwoStacks.success(listen(ListenAddress.of("10.5.0.9/16", 80, 90)));
        assertEquals(List.of("+10.5.0.0/16:80-90"), claims);
        InetAddress destination = InetAddress.ofLiteral("10.5.1.2");
        deliver(toPort(85).to(0, IpAddresses.low(destination), 85).flag(TcpFlags.SYN).seq(99));
        TcpSegment synAck = sent().getFirst();
        assertEquals(IpAddresses.low(destination), synAck.srcLow());
        deliver(toPort(85).to(0, IpAddresses.low(destination), 85).seq(100).ack(synAck.seq() + 1));
        server.close();
        link.runPendingTasks();
        assertEquals(1, claims.size(), "the connection needs its packets");
        deliver(toPort(85).to(0, IpAddresses.low(destination), 86).flag(TcpFlags.SYN));
        assertEquals(TcpFlags.RST | TcpFlags.ACK, sent().getFirst().flags());
        deliver(toPort(85).to(0, IpAddresses.low(destination), 91).flag(TcpFlags.SYN));
        assertTrue(sent().isEmpty(), "not ours to answer");
        deliver(toPort(85).to(0, IpAddresses.low(destination), 85).seq(100).flag(TcpFlags.RST));
        assertEquals(List.of("+10.5.0.0/16:80-90", "-10.5.0.0/16:80-90"), claims);
    }

    @Test
    void aListenerOnAnAddressThatOnlyAnotherListenerHasNeedsAClaimOfItsOwn() {
        open(TcpStack.builder().address("192.0.2.1/24"), false);
        connect("198.51.100.1");
        sent();
        TwoStacks.success(listen(ListenAddress.of("10.5.0.0/16")));
        TwoStacks.success(listen(new InetSocketAddress("192.0.2.1", 61500)));
        TwoStacks.success(listen(new InetSocketAddress("10.5.0.2", 61500)));
        assertEquals(
                List.of("+192.0.2.1:61000-61999", "+10.5.0.0/16:1-65535", "+10.5.0.2:61500-61500"),
                claims);
    }

    @Test
    void aLinkThatServesNoNetworksSaysSo() {
        open(TcpStack.builder(), true);
        Throwable cause = listen(ListenAddress.any()).cause();
        assertInstanceOf(BindException.class, cause);
        assertTrue(cause.getMessage().contains("serves single addresses only"), cause::getMessage);
    }

    @Test
    void theRouteToAPeerIsAskedForOnceInAFewSeconds() {
        open(TcpStack.builder(), false);
        link.freezeTime();
        TwoStacks.success(listen(80));
        for (int i = 0; i < 10; i++) {
            deliver(toPort(80).from(0, toPort(80).srcLow(), 1000 + i).flag(TcpFlags.SYN));
            assertEquals(1260, sent().getFirst().mss());
        }
        assertEquals(1, link.questions);
        deliver(toPort(80).from(0, toPort(80).srcLow() + 1, 1000).flag(TcpFlags.SYN));
        assertEquals(2, link.questions);
        link.advanceTimeBy(5, TimeUnit.SECONDS);
        deliver(toPort(80).from(0, toPort(80).srcLow(), 2000).flag(TcpFlags.SYN));
        assertEquals(3, link.questions);
        link.pipeline().fireExceptionCaught(new IOException("Message too long"));
        deliver(toPort(80).from(0, toPort(80).srcLow(), 2001).flag(TcpFlags.SYN));
        assertEquals(4, link.questions);
        sent();
    }

    @Test
    void theClaimsAreTakenBackWithTheLink() {
        openAndConnect();
        TwoStacks.success(listen(80));
        link.close();
        link.runPendingTasks();
        assertTrue(claims.contains("-0.0.0.0:80-80"), claims::toString);
        assertTrue(claims.contains("-0.0.0.0:61000-61999"), claims::toString);
    }

    @Test
    void partialChecksumsAreAcceptedWhereTheLinkSaysSo() {
        int ours = openAndConnect();
        ByteBuf packet = packet(toPort(ours).flag(TcpFlags.SYN));
        int start = packet.readerIndex();
        int length = packet.readableBytes() - 20;
        // The sum over the pseudo-header only, as offloading senders leave it.
        long sum = 6 + length;
        for (int i = 12; i < 20; i += 2) {
            sum += packet.getUnsignedShort(start + i);
        }
        packet.setShort(start + 36, (int) ((sum & 0xffff) + (sum >>> 16)));
        link.writeInbound(packet);
        assertEquals(0, stack.drops().get(DropReason.TCP_CHECKSUM));
        assertEquals(1, stack.drops().get(DropReason.NO_FLOW));
        assertEquals(1, sent().size());
    }
}
