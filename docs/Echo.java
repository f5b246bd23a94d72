import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.*;
import io.netty.buffer.*;
import io.netty.channel.*;
import io.netty.channel.epoll.*;
import toytcp.link.*;
import toytcp.stack.channel.*;

void main() throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    var stack = TcpStack.builder().build();
    new Bootstrap().group(group).channel(RawSocketChannel.class)
            .handler(stack.linkHandler())
            .bind("10.0.0.1", 0).sync();                        // the link: IPv4 packets of this address

    new ServerBootstrap().group(group)
            .channelFactory(stack::newServerSocketChannel)      // was: .channel(EpollServerSocketChannel.class)
            .childHandler(new Echo())
            .bind(7).sync();

    new Bootstrap().group(group)
            .channelFactory(stack::newSocketChannel)            // was: .channel(EpollSocketChannel.class)
            .handler(new Print())
            .connect("10.0.1.1", 40000).sync().channel()
            .writeAndFlush(Unpooled.copiedBuffer("hello\n", UTF_8));
}

@ChannelHandler.Sharable
static class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ctx.writeAndFlush(msg);
    }
}

static class Print extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf msg) {
        IO.print(msg.toString(UTF_8));
    }
}
