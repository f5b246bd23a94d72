package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;

import org.junit.jupiter.api.Test;

import toytcp.stack.channel.TcpChannel;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpInfo;
import toytcp.testkit.net.Host;
import toytcp.testkit.net.Link;
import toytcp.testkit.net.LinkQueue;
import toytcp.testkit.net.Network;

import java.time.Duration;

/// Two connections between the same hosts, one after the other (RFC 9040, 6).
class PathMetricsNetworkTest {
    private static final int OCTETS = 10_000_000;

    /// What the second connection begins with.
    private static TcpInfo second(boolean enabled, Duration pause) {
        TcpConfig config = TcpConfig.DEFAULT.with(draft -> draft.pathMetrics = enabled);
        try (var network = Network.create(1)) {
            Host server = network.host("server");
            Host client = network.host("client", stack -> stack.config(config));
            Link link = network.link(client, server).delay(Duration.ofMillis(20));
            link.from(client).rate("20mbit").queue(LinkQueue.octets(40_000));
            var sink = new OctetCounter();
            network.await(server.serverBootstrap().childHandler(sink).bind(server.at(7)));
            Channel first = network.await(client.bootstrap().handler(sink).connect(server.at(7)));
            first.writeAndFlush(first.alloc().directBuffer(OCTETS).writeZero(OCTETS))
                    .addListener(ChannelFutureListener.CLOSE);
            network.runUntil(() -> sink.octets() == OCTETS);
            network.run(pause);
            Channel again = network.await(client.bootstrap().handler(sink).connect(server.at(7)));
            return network.await(((TcpChannel) again).tcpInfo());
        }
    }

    @Test
    @Rfc(number = 9040, section = "6.1")
    void theSecondKnowsWhereSlowStartEnds() {
        TcpInfo info = second(true, Duration.ofSeconds(10));
        assertTrue(info.sndSsthreshBytes() < 1_000_000, info::toString);
        assertTrue(info.sndSsthreshBytes() >= info.sndCwndBytes(), info::toString);
        assertEquals(10, info.sndCwnd());
    }

    @Test
    void anHourLaterItDoesNot() {
        TcpInfo info = second(true, Duration.ofHours(2));
        assertEquals(Integer.MAX_VALUE, info.sndSsthreshBytes());
    }

    @Test
    void switchedOffItDoesNotEither() {
        TcpInfo info = second(false, Duration.ofSeconds(10));
        assertEquals(Integer.MAX_VALUE, info.sndSsthreshBytes());
    }
}
