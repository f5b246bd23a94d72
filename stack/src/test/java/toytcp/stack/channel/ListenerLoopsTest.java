package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

/// A listener and its children on event loops that come and go.
class ListenerLoopsTest {
    private final ClosingNet net = new ClosingNet();
    private final List<Channel> accepted = new ArrayList<>();
    private Watch watch;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatComesInBetweenIsAcceptedOnTheNextLoop(boolean autoRead) {
        Channel listener = net.server.stack.newServerSocketChannel();
        listener.config().setOption(ChannelOption.AUTO_READ, autoRead);
        VirtualLoop[] running = {net.server.linkLoop};
        listener.pipeline()
                .addLast(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext ctx, Object message) {
                                assertTrue(running[0].inEventLoop());
                                accepted.add((Channel) message);
                            }
                        });
        net.server.linkLoop.register(listener);
        net.run();
        listener.bind(net.serverAddress());
        listener.read();
        net.run();

        listener.deregister();
        net.run();
        Channel client = connect();
        assertEquals(List.of(), accepted);

        running[0] = net.server.otherLoop;
        net.server.otherLoop.register(listener);
        net.run();
        assertEquals(1, accepted.size());
        assertSame(net.server.otherLoop, listener.eventLoop());

        net.server.otherLoop.register(accepted.getFirst());
        net.run();
        client.close();
        net.advance(10 * ClosingNet.MILLI);
        assertFalse(accepted.getFirst().isOpen());
        listener.close();
        net.settle();
        net.assertNothingLeft(0);
    }

    @Test
    void whatNoLoopTakesIsReset() {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(net.server.linkLoop, net.server.otherLoop)
                        .channelFactory(net.server.stack::newServerSocketChannel)
                        .childHandler(new Watch())
                        .bind(net.serverAddress());
        net.run();
        net.server.otherLoop.shutDown();
        Channel client = connect();
        assertFalse(client.isOpen());
        assertEquals(Watch.End.RST, watch.end());
        bound.channel().close();
        net.settle();
        net.assertNothingLeft(0);
    }

    @Test
    void whatNoLoopAcceptsTakesNoPlace() {
        Channel listener = net.server.stack.newServerSocketChannel();
        listener.config().setOption(ChannelOption.SO_BACKLOG, 1);
        net.server.otherLoop.register(listener);
        net.run();
        listener.bind(net.serverAddress());
        net.run();
        listener.deregister();
        net.run();
        net.server.otherLoop.shutDown();
        for (int i = 0; i < 3; i++) {
            assertFalse(connect().isOpen());
        }
        net.server.link.close();
        net.settle();
    }

    private Channel connect() {
        watch = new Watch();
        Channel client =
                net.keep(
                                "connect",
                                new Bootstrap()
                                        .group(net.client.linkLoop)
                                        .disableResolver()
                                        .channelFactory(net.client.stack::newSocketChannel)
                                        .handler(watch)
                                        .connect(net.serverAddress()))
                        .channel();
        net.advance(10 * ClosingNet.MILLI);
        assertTrue(watch.active);
        return client;
    }
}
