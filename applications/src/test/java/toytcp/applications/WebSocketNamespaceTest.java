package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;

import java.net.URI;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// WebSockets of Netty from our stack in host1 to our stack in host2.
@ExtendWith(InLab.class)
@Timeout(60)
class WebSocketNamespaceTest {
    private static final int PORT = 8083;
    private static final int LARGEST = 4 << 20;
    private static final long SECONDS = 30;

    private final BlockingQueue<WebSocketFrame> heard = new LinkedBlockingQueue<>();
    private LabStack clients;
    private LabStack servers;
    private Channel server;
    private Channel client;

    @BeforeEach
    void start(Lab lab) throws Exception {
        lab.setup("up").close();
        clients = LabStack.open(lab, HOST1);
        servers = LabStack.open(lab, HOST2);
        server = servers.server().childHandler(new ServerSide()).bind(PORT).sync().channel();
        CompletableFuture<Void> ready = new CompletableFuture<>();
        client =
                clients.client()
                        .handler(new ClientSide(ready))
                        .connect(ADDRESS2, PORT)
                        .sync()
                        .channel();
        ready.get(SECONDS, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        client.close().sync();
        server.close().sync();
        clients.close();
        servers.close();
        assertTrue(heard.isEmpty(), heard::toString);
    }

    @Test
    void messagesOfAllSizesComeBack() throws Exception {
        // The sizes around which the length of a frame is written in another way.
        for (int size : new int[] {0, 1, 125, 126, 127, 65535, 65536, 1_000_000, LARGEST}) {
            ByteBuf message = Unpooled.wrappedBuffer(new byte[size]);
            for (int i = 0; i < size; i += 997) {
                message.setByte(i, i);
            }
            client.writeAndFlush(new BinaryWebSocketFrame(message.retainedDuplicate())).sync();
            WebSocketFrame back = next();
            assertEquals(message, back.content(), "a message of " + size + " octets");
            back.release();
            message.release();
        }
    }

    @Test
    void tenThousandMessagesComeBackInTheirOrder() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            client.write(new TextWebSocketFrame("message " + i));
            if (i % 100 == 99) {
                client.flush();
            }
        }
        for (int i = 0; i < 10_000; i++) {
            TextWebSocketFrame back = (TextWebSocketFrame) next();
            assertEquals("message " + i, back.text());
            back.release();
        }
    }

    @Test
    void aPingIsAnsweredAndACloseIsCompleted() throws Exception {
        client.writeAndFlush(new PingWebSocketFrame(Unpooled.wrappedBuffer(new byte[] {7}))).sync();
        WebSocketFrame pong = next();
        assertTrue(pong instanceof PongWebSocketFrame, pong::toString);
        assertEquals(7, pong.content().getByte(0));
        pong.release();
        client.writeAndFlush(new CloseWebSocketFrame(1000, "enough")).sync();
        assertTrue(client.closeFuture().await(SECONDS, TimeUnit.SECONDS));
        CloseWebSocketFrame close = (CloseWebSocketFrame) next();
        assertEquals(1000, close.statusCode());
        close.release();
    }

    private WebSocketFrame next() throws InterruptedException {
        WebSocketFrame frame = heard.poll(SECONDS, TimeUnit.SECONDS);
        return frame == null ? fail("nothing came back in " + SECONDS + " s") : frame;
    }

    private static final class ServerSide extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline()
                    .addLast(new HttpServerCodec())
                    .addLast(new HttpObjectAggregator(8192))
                    .addLast(new WebSocketServerProtocolHandler("/echo", null, false, LARGEST))
                    .addLast(
                            new SimpleChannelInboundHandler<WebSocketFrame>(false) {
                                @Override
                                protected void channelRead0(
                                        ChannelHandlerContext ctx, WebSocketFrame frame) {
                                    ctx.writeAndFlush(frame);
                                }
                            });
        }
    }

    private final class ClientSide extends ChannelInitializer<Channel> {
        private final CompletableFuture<Void> ready;

        ClientSide(CompletableFuture<Void> ready) {
            this.ready = ready;
        }

        @Override
        protected void initChannel(Channel channel) {
            var handshaker =
                    WebSocketClientHandshakerFactory.newHandshaker(
                            URI.create("ws://" + ADDRESS2 + ":" + PORT + "/echo"),
                            WebSocketVersion.V13,
                            null,
                            false,
                            new DefaultHttpHeaders(),
                            LARGEST);
            channel.pipeline()
                    .addLast(new HttpClientCodec())
                    .addLast(new HttpObjectAggregator(8192))
                    .addLast(new WebSocketClientProtocolHandler(handshaker, false, false))
                    .addLast(new Listener(ready));
        }
    }

    private final class Listener extends SimpleChannelInboundHandler<WebSocketFrame> {
        private final CompletableFuture<Void> ready;

        Listener(CompletableFuture<Void> ready) {
            super(false);
            this.ready = ready;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event
                    == WebSocketClientProtocolHandler.ClientHandshakeStateEvent
                            .HANDSHAKE_COMPLETE) {
                ready.complete(null);
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
            heard.add(frame);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ready.completeExceptionally(cause);
            ctx.close();
        }
    }
}
