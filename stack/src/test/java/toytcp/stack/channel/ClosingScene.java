package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.handler.ssl.SslHandler;

import org.jspecify.annotations.Nullable;

import toytcp.stack.channel.ClosingCase.When;
import toytcp.stack.channel.ClosingCase.Where;
import toytcp.stack.channel.ClosingCase.Who;

import java.io.File;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// Leads a client and a server to the moment in which a [ClosingCase] closes them.
final class ClosingScene {
    static final int CLIENT_PORT = 7777;

    private static final int OCTETS = 20_000;

    /// Any file that is long enough, and there for certain.
    private static final File FILE = new File(System.getProperty("java.home"), "lib/modules");

    final ClosingCase closing;
    final Watch clientWatch = new Watch();
    final Watch serverWatch = new Watch();
    final List<ChannelFuture> writes = new ArrayList<>();

    /// Those that came after the close.
    final List<ChannelFuture> lateWrites = new ArrayList<>();

    Channel client;
    @Nullable ChannelFuture connected;

    private final ClosingNet net;
    private final List<ChannelFuture> lastCloses = new ArrayList<>();
    private final List<FileRegion> regions = new ArrayList<>();
    private @Nullable Channel listener;
    private @Nullable Channel child;
    private @Nullable PendingConnection attempt;

    ClosingScene(ClosingNet net, ClosingCase closing) {
        this.net = net;
        this.closing = closing;
    }

    VirtualLoop loop(ClosingNet.Host host) {
        return closing.where() == Where.LINKS_LOOP ? host.linkLoop : host.otherLoop;
    }

    /// What the server has of the connection.
    Channel serverEnd() {
        return closing.when().hasChild() ? child : listener;
    }

    // ---- the way to the moment

    void prepare() {
        listen();
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loop(net.client))
                        .disableResolver()
                        .channelFactory(net.client.stack::newSocketChannel)
                        .option(ChannelOption.SO_SNDBUF, 64 * 1024)
                        .option(ChannelOption.SO_RCVBUF, 32 * 1024)
                        .option(ChannelOption.ALLOW_HALF_CLOSURE, isHalfClosed())
                        .handler(pipeline(clientWatch, true));
        ChannelFuture registered = bootstrap.register();
        loop(net.client).pump();
        client = registered.channel();
        if (closing.when() == When.BOUND) {
            net.keep("bind", client.bind(new InetSocketAddress(net.client.address, 0)));
            net.run();
        }
        if (closing.when().ordinal() <= When.BOUND.ordinal()) {
            return;
        }
        connected = net.keep("connect", client.connect(net.serverAddress(), clientAddress()));
        if (closing.when().hasChild() || closing.when() == When.NOT_ACCEPTED_YET) {
            net.advance(3 * ClosingNet.MILLI);
            assertTrue(connected.isSuccess());
            if (closing.when().hasChild()) {
                establish();
            }
        } else {
            handshake();
        }
    }

    /// Half of the connections are from a port that has to be bound first, half from an ephemeral one.
    private @Nullable InetSocketAddress clientAddress() {
        return closing.how().ordinal() % 2 == 0
                ? new InetSocketAddress(net.client.address, CLIENT_PORT)
                : null;
    }

    private void listen() {
        if (closing.when() == When.RST_UNDER_WAY && closing.who() != Who.SERVER) {
            return;
        }
        boolean pending =
                closing.when() == When.PENDING || closing.when() == When.DECISION_UNDER_WAY;
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(loop(net.server))
                        .channelFactory(net.server.stack::newServerSocketChannel)
                        .option(ChannelOption.AUTO_READ, closing.when() != When.NOT_ACCEPTED_YET)
                        .option(ChannelOption.SO_RCVBUF, 32 * 1024)
                        .option(TcpChannelOption.TCP_PENDING_ACCEPT_MILLIS, pending ? 30_000 : 0)
                        .childOption(ChannelOption.SO_SNDBUF, 64 * 1024)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, isHalfClosed())
                        .handler(
                                new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void userEventTriggered(
                                            ChannelHandlerContext ctx, Object event) {
                                        attempt = (PendingConnection) event;
                                        net.keep("attempt", attempt.outcome());
                                    }
                                })
                        .childHandler(pipeline(serverWatch, false));
        ChannelFuture registered = bootstrap.register();
        net.run();
        listener = registered.channel();
        ChannelFuture bound = net.keep("bind", listener.bind(net.serverAddress()));
        if (closing.when() == When.BIND_UNDER_WAY) {
            // As far as the link's event loop.
            loop(net.server).pump();
        } else {
            net.run();
            assertTrue(bound.isSuccess());
        }
    }

    private boolean isHalfClosed() {
        return closing.when() == When.HALF_CLOSED_BY_PEER;
    }

    private ChannelInitializer<Channel> pipeline(Watch watch, boolean clientSide) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (!clientSide) {
                    child = channel;
                }
                channel.pipeline().addLast(watch);
                if (closing.when().isTls()) {
                    watch.passing();
                    ClosingTls.addTo(channel.pipeline(), clientSide);
                }
            }
        };
    }

    private void handshake() {
        switch (closing.when()) {
            case CONNECT_UNDER_WAY -> loop(net.client).pump();
            case SYN_ACK_UNDER_WAY, RST_UNDER_WAY -> net.advance(ClosingNet.MILLI);
            case ANSWERED_IN_THIS_TURN -> {
                net.advance(ClosingNet.MILLI);
                net.tick(ClosingNet.MILLI);
                net.deliver();
                net.client.linkLoop.pump();
            }
            case ANSWER_CROSSES_CLOSE -> {
                net.advance(ClosingNet.MILLI);
                net.tick(ClosingNet.MILLI);
            }
            case PENDING -> net.advance(2 * ClosingNet.MILLI);
            case DECISION_UNDER_WAY -> {
                net.advance(2 * ClosingNet.MILLI);
                attempt.accept();
            }
            default -> net.run();
        }
    }

    private void establish() {
        net.advance(3 * ClosingNet.MILLI);
        assertTrue(child.isActive());
        switch (closing.when()) {
            case DATA_UNDER_WAY -> {
                eachPeer(peer -> write(peer, octets()));
                net.run();
            }
            case DATA_CROSS_CLOSE -> {
                eachPeer(peer -> write(peer, octets()));
                net.run();
                net.tick(ClosingNet.MILLI);
            }
            case UNREAD_HERE -> {
                eachCloser(closer -> closer.config().setAutoRead(false));
                net.run();
                eachPeer(peer -> write(peer, octets()));
                net.advance(5 * ClosingNet.MILLI);
            }
            case UNREAD_THERE -> {
                eachPeer(peer -> peer.config().setAutoRead(false));
                net.run();
                eachCloser(closer -> write(closer, octets()));
                net.advance(5 * ClosingNet.MILLI);
            }
            case UNSENT -> {
                eachPeer(peer -> peer.config().setAutoRead(false));
                net.run();
                eachCloser(
                        closer -> {
                            for (int i = 0; i < 20; i++) {
                                write(closer, octets());
                            }
                        });
                net.advance(10 * ClosingNet.MILLI);
                assertFalse(writes.getLast().isDone());
            }
            case FILE_REGION -> {
                eachPeer(peer -> peer.config().setAutoRead(false));
                net.run();
                eachCloser(closer -> write(closer, file()));
                net.advance(10 * ClosingNet.MILLI);
                assertFalse(writes.getLast().isDone());
            }
            case HALF_CLOSED_BY_PEER -> {
                eachPeer(peer -> net.keep("half", ((TcpChannel) peer).shutdownOutput()));
                net.advance(5 * ClosingNet.MILLI);
            }
            case TLS_TRANSFER -> {
                net.advance(20 * ClosingNet.MILLI);
                for (int i = 0; i < 100; i++) {
                    write(client, octets());
                }
                net.advance(5 * ClosingNet.MILLI);
            }
            default -> {}
        }
    }

    private interface Action {
        void on(Channel channel);
    }

    private void eachCloser(Action action) {
        if (closing.who() != Who.SERVER) {
            action.on(client);
        }
        if (closing.who() != Who.CLIENT) {
            action.on(child);
        }
    }

    private void eachPeer(Action action) {
        if (closing.who() != Who.SERVER) {
            action.on(child);
        }
        if (closing.who() != Who.CLIENT) {
            action.on(client);
        }
    }

    private void write(Channel channel, Object message) {
        writes.add(net.keep("write", channel.writeAndFlush(message)));
    }

    void lateWrite(Channel channel) {
        lateWrites.add(net.keep("late write", channel.writeAndFlush(octets())));
    }

    private static ByteBuf octets() {
        return Unpooled.directBuffer(OCTETS).writeZero(OCTETS);
    }

    private FileRegion file() {
        FileRegion region = new DefaultFileRegion(FILE, 0, 20L * OCTETS);
        regions.add(region);
        return region;
    }

    // ---- the end

    /// Who has left octets unread takes them now.
    void readEverything() {
        if (client.isRegistered()) {
            client.config().setAutoRead(true);
        }
        if (child != null && child.isRegistered()) {
            child.config().setAutoRead(true);
        }
    }

    void closeEverything() {
        end(client);
        if (child != null) {
            end(child);
        }
        if (listener != null) {
            end(listener);
        }
    }

    private void end(Channel channel) {
        if (!channel.isOpen() && channel.pipeline().get(SslHandler.class) != null) {
            // Netty takes the handlers from the pipeline of a closed channel when it leaves its
            // event loop.
            // One that had left before keeps them, and a TLS record that had come in part.
            channel.pipeline().remove(SslHandler.class);
        }
        if (channel.isOpen()) {
            lastCloses.add(channel.close());
        }
    }

    void assertClosed() {
        lastCloses.forEach(close -> assertNull(close.cause()));
        // The leak detector does not know these.
        regions.forEach(region -> assertEquals(0, region.refCnt()));
        assertFalse(client.isOpen());
        assertTrue(client.closeFuture().isDone());
        if (child != null) {
            assertFalse(child.isOpen());
            assertTrue(child.closeFuture().isDone());
        }
        if (listener != null) {
            assertFalse(listener.isOpen());
        }
    }
}
