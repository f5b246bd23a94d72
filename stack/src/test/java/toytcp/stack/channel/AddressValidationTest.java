package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.codec.DropReason;
import toytcp.codec.IpAddresses;
import toytcp.codec.TcpSegment;
import toytcp.testkit.Rfc;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;

/// Addresses that name no single host are no end of a connection (RFC 9293, 3.9.2.3 and 3.9.1.1).
class AddressValidationTest {
    private final TwoStacks net = new TwoStacks();
    private final HandMade peer = new HandMade(net.serverLink);

    @AfterEach
    void close() {
        net.close();
        peer.close();
    }

    private static TcpSegment syn(String from, String to) {
        return from(from, HandMade.syn(1, 5000, to, 40000));
    }

    private static TcpSegment from(String address, TcpSegment segment) {
        long low = IpAddresses.low(InetAddress.ofLiteral(address));
        return segment.from(IpAddresses.V4_HIGH, low, 5000);
    }

    private void listen() {
        ChannelFuture bound =
                net.server(new Recorder()).bind(new InetSocketAddress("0.0.0.0", 40000));
        net.run();
        net.track(TwoStacks.success(bound));
    }

    private int flows() {
        return net.serverStack.flows().getNow().size();
    }

    @Rfc(number = 9293, section = "3.9.2.3", id = "MUST-57")
    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1", "239.255.255.250", "255.255.255.255", "10.0.1.255"})
    @Rfc(number = 9293, section = "3.9.2.3", id = "MUST-57")
    void aSynToAGroupOrABroadcastIsDroppedInSilence(String to) {
        listen();
        assertTrue(peer.deliver(syn("10.0.1.7", to)).isEmpty());
        assertEquals(1, flows(), "the listener alone");
        assertEquals(1, net.serverStack.drops().get(DropReason.IP_DESTINATION));
        assertEquals(1, peer.deliver(syn("10.0.1.7", TwoStacks.SERVER)).size());
    }

    @Rfc(number = 9293, section = "3.9.2.3", id = "MUST-63")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "224.0.0.1",
                "255.255.255.255",
                "0.0.0.0",
                "0.1.2.3",
                "127.0.0.1",
                "10.0.1.255"
            })
    @Rfc(number = 9293, section = "3.9.2.3", id = "MUST-63")
    void aSynFromWhatIsNoHostIsDroppedInSilence(String from) {
        listen();
        assertTrue(peer.deliver(syn(from, TwoStacks.SERVER)).isEmpty());
        assertEquals(1, flows(), "the listener alone");
        assertEquals(1, net.serverStack.drops().get(DropReason.IP_SOURCE));
    }

    @Test
    void nobodyIsResetAtABroadcastAddress() {
        TcpSegment ack = HandMade.segment(1, 5000, TwoStacks.SERVER, 40000).ack(7);
        ack = from("10.0.1.255", ack);
        assertTrue(peer.deliver(ack).isEmpty());
        assertEquals(1, net.serverStack.drops().get(DropReason.IP_SOURCE));
    }

    @Rfc(number = 9293, section = "3.9.1.1", id = "MUST-46")
    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1", "255.255.255.255", "0.0.0.0", "10.0.0.255"})
    @Rfc(number = 9293, section = "3.9.1.1", id = "MUST-46")
    void anOpenToAGroupOrABroadcastIsAnError(String to) {
        ChannelFuture attempt =
                net.client(new Recorder()).connect(new InetSocketAddress(to, 40000));
        net.run();
        assertInstanceOf(NoRouteToHostException.class, attempt.cause());
        assertTrue(attempt.cause().getMessage().contains(to), attempt.cause()::getMessage);
        assertEquals(0, net.clientStack.counters().outSegs());
    }

    @Test
    void theLastAddressOfAnotherNetworkMayBeAHost() {
        ChannelFuture attempt =
                net.client(new Recorder()).connect(new InetSocketAddress("10.0.7.255", 40000));
        net.run();
        assertEquals(1, net.clientStack.counters().outSegs());
        net.track(attempt.channel());
    }
}
