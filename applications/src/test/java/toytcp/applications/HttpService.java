package toytcp.applications;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.GlobalEventExecutor;

import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// A web server as people write them with Netty; it does not know what carries it.
///
/// | path | answers with |
/// |---|---|
/// | `/number/N` | `N` and a line feed |
/// | `/octets/N` | the first N octets of [Octets], with a content length |
/// | `/chunks/N` | the same, chunked |
/// | `/digest` | the SHA-256 of the request's body |
/// | `/echo` | the request's body, chunked, while it arrives |
/// | `/together/N` | as `/number`, once that many such requests are there at the same time |
final class HttpService extends ChannelInitializer<Channel> {
    /// Every connection there ever was.
    final AtomicInteger connections = new AtomicInteger();

    /// Those that are open.
    final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /// Done once a stream has begun.
    final CompletableFuture<Void> streaming = new CompletableFuture<>();

    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger arrived = new AtomicInteger();

    @Override
    protected void initChannel(Channel channel) {
        connections.incrementAndGet();
        open.add(channel);
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(256 << 10, 512 << 10));
        channel.pipeline()
                .addLast(new HttpServerCodec())
                .addLast(new HttpServerKeepAliveHandler())
                .addLast(new HttpServerExpectContinueHandler())
                .addLast(new Requests());
    }

    /// What answers the requests; also those of a stream of HTTP/2.
    ChannelHandler requests() {
        return new Requests();
    }

    private final class Requests extends SimpleChannelInboundHandler<HttpObject> {
        private long position;
        private long length;
        private MessageDigest digest;
        private boolean echo;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
            if (message instanceof HttpRequest request) {
                begin(ctx, request.uri().substring(1).split("[/?]"));
            }
            if (message instanceof HttpContent content) {
                content(ctx, content);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            boolean writable = ctx.channel().isWritable();
            if (echo) {
                ctx.channel().config().setAutoRead(writable);
            }
            // Not when it has just become unwritable: that is inside of a write.
            if (writable) {
                pump(ctx);
            }
        }

        private void begin(ChannelHandlerContext ctx, String[] path) {
            switch (path[0]) {
                case "number" -> answer(ctx, path[1] + "\n");
                case "together" -> together(ctx, path[1]);
                case "octets" -> stream(ctx, path[1], false);
                case "chunks" -> stream(ctx, path[1], true);
                case "digest" -> digest = Octets.digest();
                case "echo" -> {
                    echo = true;
                    ctx.write(chunked());
                }
                default -> answer(ctx, "there is no " + path[0]);
            }
        }

        private void content(ChannelHandlerContext ctx, HttpContent content) {
            if (echo) {
                ctx.write(content.retain());
                if (!ctx.channel().isWritable()) {
                    ctx.channel().config().setAutoRead(false);
                    ctx.flush();
                }
            } else if (digest != null) {
                Octets.update(digest, content.content());
            }
            if (content instanceof LastHttpContent) {
                end(ctx);
            }
        }

        private void end(ChannelHandlerContext ctx) {
            if (digest != null) {
                answer(ctx, Octets.text(digest));
            }
            digest = null;
            if (echo) {
                ctx.channel().config().setAutoRead(true);
            }
            echo = false;
        }

        private void together(ChannelHandlerContext ctx, String number) {
            waiting.add(() -> ctx.executor().execute(() -> answerNow(ctx, number)));
            // Each one is in the queue before it is counted.
            if (arrived.incrementAndGet() % Integer.parseInt(number) == 0) {
                for (Runnable one; (one = waiting.poll()) != null; ) {
                    one.run();
                }
            }
        }

        private void stream(ChannelHandlerContext ctx, String octets, boolean inChunks) {
            streaming.complete(null);
            position = 0;
            length = Long.parseLong(octets);
            HttpResponse response = chunked();
            if (!inChunks) {
                response.headers()
                        .remove(HttpHeaderNames.TRANSFER_ENCODING)
                        .set(HttpHeaderNames.CONTENT_LENGTH, length);
            }
            ctx.write(response);
            pump(ctx);
        }

        private void pump(ChannelHandlerContext ctx) {
            if (position == length) {
                return;
            }
            while (position < length && ctx.channel().isWritable()) {
                ByteBuf block = Octets.block(ctx.alloc(), position, length);
                position += block.readableBytes();
                ctx.write(new DefaultHttpContent(block));
            }
            if (position == length) {
                ctx.write(LastHttpContent.EMPTY_LAST_CONTENT);
            }
            ctx.flush();
        }

        private static HttpResponse chunked() {
            HttpResponse response =
                    new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            return response;
        }

        private static void answerNow(ChannelHandlerContext ctx, String number) {
            answer(ctx, number + "\n");
            ctx.flush();
        }

        private static void answer(ChannelHandlerContext ctx, String text) {
            ByteBuf content =
                    ByteBufUtil.encodeString(
                            ctx.alloc(), CharBuffer.wrap(text), StandardCharsets.US_ASCII);
            var response =
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, content);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
            ctx.write(response);
        }
    }
}
