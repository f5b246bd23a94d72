package toytcp.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;

import org.junit.jupiter.api.Test;

import toytcp.stack.channel.TcpChannel;
import toytcp.stack.tcp.TcpConfig;
import toytcp.stack.tcp.TcpInfo;

import java.time.Duration;

/// Two connections between the same hosts, one after the other (RFC 9040, 6).
class PathMetricsNetworkTest {
    private static final int OCTETS = 10_000_000;

    /// What the second connection begins with.
    private static TcpInfo second(boolean enabled, Duration pause) {
        TcpConfig config = TcpConfig.DEFAULT.with(draft -> draft.pathMetrics = enabled);
        try (var network = new VirtualNetwork(1)) {
            VirtualHost server = network.host("10.0.1.1");
            VirtualHost client = network.host("10.0.0.1", stack -> stack.config(config));
            LinkFaults line = LinkFaults.NONE.delay(Duration.ofMillis(20));
            network.connect(client, server, line.rate(20_000_000, 40_000), line);
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
