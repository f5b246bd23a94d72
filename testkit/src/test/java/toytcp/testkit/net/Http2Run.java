package toytcp.testkit.net;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;

import toytcp.testkit.OctetPattern;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/// Netty's HTTP/2 client and server, as they are, over a line that loses every twentieth packet and is cut for four
/// seconds: a request every other second, and one whole run of it.
final class Http2Run {
    static final int REQUESTS = 150;
    static final int BODY = 4000;

    /// All packets at both ends, as a file.
    final byte[] capture;

    final long fingerprint;

    /// When the last response was complete.
    final Duration took;

    int complete;
    private Duration lastResponse = Duration.ZERO;

    Http2Run(long seed) {
        try (Network net = Network.create(seed)) {
            Host server = net.host("server");
            Host client = net.host("client");
            Link wan = net.link(server, client).rate("10mbit").delay(ofMillis(40)).loss(0.05);
            serve(server);
            Channel connection = net.await(connect(client, server));
            for (int i = 0; i < REQUESTS; i++) {
                net.after(ofSeconds(2 * i)).run(() -> request(net, connection));
            }
            net.at(ofSeconds(5)).down(wan).at(ofSeconds(9)).up(wan);
            net.run(ofMinutes(6));
            took = lastResponse;
            fingerprint = net.fingerprint();
            capture = capture(net);
        }
    }

    private static void serve(Host server) {
        new ServerBootstrap()
                .group(server.group())
                .channelFactory(server.stack()::newServerSocketChannel)
                .childHandler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(Http2FrameCodecBuilder.forServer().build())
                                        .addLast(new Http2MultiplexHandler(new Responder()));
                            }
                        })
                .bind(server.at(80));
    }

    private static ChannelFuture connect(Host client, Host server) {
        return new Bootstrap()
                .group(client.group())
                .channelFactory(client.stack()::newSocketChannel)
                .handler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                ChannelHandler noPush = new ChannelInboundHandlerAdapter();
                                channel.pipeline()
                                        .addLast(Http2FrameCodecBuilder.forClient().build())
                                        .addLast(new Http2MultiplexHandler(noPush));
                            }
                        })
                .connect(server.at(80));
    }

    private void request(Network net, Channel connection) {
        new Http2StreamChannelBootstrap(connection)
                .handler(new Collector(net))
                .open()
                .addListener(
                        (Future<Http2StreamChannel> opened) -> {
                            var headers = new DefaultHttp2Headers();
                            headers.method("GET").scheme("http").authority("server").path("/");
                            opened.getNow()
                                    .writeAndFlush(new DefaultHttp2HeadersFrame(headers, true));
                        });
    }

    private static byte[] capture(Network net) {
        var octets = new ByteArrayOutputStream();
        try {
            net.writeCapture(octets);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    /// Answers each request with the same octets.
    @Sharable
    private static final class Responder extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            if (msg instanceof Http2HeadersFrame) {
                var headers =
                        new DefaultHttp2Headers().status("200").setInt("content-length", BODY);
                ctx.write(new DefaultHttp2HeadersFrame(headers));
                ByteBuf body = OctetPattern.buffer(ctx.alloc(), 0, BODY);
                ctx.writeAndFlush(new DefaultHttp2DataFrame(body, true));
            }
            ReferenceCountUtil.release(msg);
        }
    }

    /// Counts a response if it is whole and right.
    private final class Collector extends ChannelInboundHandlerAdapter {
        private final Network net;
        private int received;
        private boolean wrong;

        Collector(Network net) {
            this.net = net;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            if (msg instanceof Http2DataFrame data) {
                wrong |= OctetPattern.mismatch(data.content(), received) >= 0;
                received += data.content().readableBytes();
                if (data.isEndStream() && received == BODY && !wrong) {
                    complete++;
                    lastResponse = net.now();
                }
            }
            ReferenceCountUtil.release(msg);
        }
    }
}
