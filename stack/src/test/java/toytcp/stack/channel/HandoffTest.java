package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.ConnectException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.List;

/// What a channel and its connection, on another event loop, tell each other, and when: in virtual time.
class HandoffTest {
    private final ClosingNet net = new ClosingNet();
    private final Watch child = new Watch();

    private Channel listen() {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(net.server.linkLoop)
                        .channelFactory(net.server.stack::newServerSocketChannel)
                        .childHandler(child)
                        .bind(net.serverAddress());
        net.run();
        return bound.channel();
    }

    private Bootstrap client() {
        return client(net.client.otherLoop);
    }

    private Bootstrap client(EventLoop loop) {
        return new Bootstrap()
                .group(loop)
                .disableResolver()
                .channelFactory(net.client.stack::newSocketChannel)
                .handler(new Watch());
    }

    private Channel connect() {
        Channel client = net.keep("connect", client().connect(net.serverAddress())).channel();
        net.advance(10 * ClosingNet.MILLI);
        assertTrue(child.active);
        return client;
    }

    private ChannelFuture write(Channel channel, int octets) {
        ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[octets]));
        net.run();
        return net.keep("write", written);
    }

    private void end(Channel listener) {
        net.lost = _ -> false;
        listener.close();
        net.settle();
        net.assertNothingLeft(0);
    }

    @Test
    void aCorkCrossesLoops() {
        Channel listener = listen();
        Channel client = connect();
        client.config().setOption(TcpChannelOption.TCP_CORK, true);
        write(client, 10);
        write(client, 10);
        net.advance(100 * ClosingNet.MILLI);
        assertEquals(0, child.received);
        client.config().setOption(TcpChannelOption.TCP_CORK, false);
        net.advance(10 * ClosingNet.MILLI);
        assertEquals(1, child.received);
        client.close();
        end(listener);
    }

    @Test
    void optionsThatAreSetBetweenTwoLoopsCountOnTheNext() {
        Channel listener = listen();
        Channel client = connect();
        client.deregister();
        net.run();
        client.config().setOption(TcpChannelOption.IP_TTL, 9);
        net.client.linkLoop.register(client);
        net.run();
        List<Integer> ttls = new ArrayList<>();
        net.lost = packet -> !ttls.add((int) packet.getUnsignedByte(packet.readerIndex() + 8));
        write(client, 10);
        assertEquals(List.of(9), ttls);
        client.close();
        net.run();
        end(listener);
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,true"})
    void aLoopThatIsShutDownLingersForNobody(boolean leaving, boolean lingering) {
        Channel listener = listen();
        Channel client = connect();
        client.config().setOption(ChannelOption.SO_LINGER, 5);
        net.lost = _ -> true;
        write(client, 10);
        ChannelFuture closed = client.closeFuture();
        if (leaving) {
            client.deregister();
            net.run();
        }
        if (lingering) {
            net.keep("close", client.close());
            net.run();
        }
        assertFalse(closed.isDone());
        net.client.otherLoop.shutDown();
        assertTrue(closed.isDone());
        // The connection goes on without the channel.
        net.lost = _ -> false;
        net.advance(5000 * ClosingNet.MILLI);
        assertEquals(1, child.received);
        assertEquals(Watch.End.FIN, child.end());
        end(listener);
    }

    @Test
    void aListenerIsActiveBeforeItsFirstAttempt() {
        List<String> events = new ArrayList<>();
        Channel listener = net.server.stack.newServerSocketChannel();
        listener.config().setOption(TcpChannelOption.TCP_PENDING_ACCEPT_MILLIS, 1000);
        listener.pipeline()
                .addLast(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelActive(ChannelHandlerContext ctx) {
                                events.add("active");
                            }

                            @Override
                            public void userEventTriggered(
                                    ChannelHandlerContext ctx, Object event) {
                                events.add("attempt");
                                ((PendingConnection) event).reject();
                            }
                        });
        net.server.otherLoop.register(listener);
        ChannelFuture refused = client().connect(net.serverAddress());
        net.run();
        listener.bind(net.serverAddress());
        net.server.otherLoop.pump();
        // The port is bound, and a SYN comes, before the channel hears of it.
        net.tick(ClosingNet.MILLI);
        net.deliver();
        net.server.linkLoop.pump();
        net.advance(10 * ClosingNet.MILLI);
        assertEquals(List.of("active", "attempt"), events);
        assertInstanceOf(ConnectException.class, refused.cause());
        end(listener);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientListensOnNoRangeWhateverItsLoop(boolean linksLoop) {
        ChannelFuture bound =
                client(linksLoop ? net.client.linkLoop : net.client.otherLoop)
                        .bind(ListenAddress.any());
        net.run();
        assertInstanceOf(UnsupportedAddressTypeException.class, bound.cause());
        net.settle();
        net.assertNothingLeft(0);
    }
}
