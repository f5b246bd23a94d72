package toytcp.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.LineEncoder;
import io.netty.handler.codec.string.StringDecoder;

import org.junit.jupiter.api.Test;

import toytcp.testkit.net.Host;
import toytcp.testkit.net.Link;
import toytcp.testkit.net.Network;
import toytcp.testkit.net.VirtualNetwork;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

class QuickstartTest {
    @Test
    void everyLineIsAnsweredInSpiteOfAnOutage(@VirtualNetwork(seed = 42) Network net) {
        Host server = net.host("server");
        Host client = net.host("client");
        Link wan = net.link(server, client).rate("10mbit").delay(ofMillis(40)).loss(0.02);

        new ServerBootstrap()
                .group(server.group())
                .channelFactory(server.stack()::newServerSocketChannel)
                .childHandler(lines((channel, line) -> channel.writeAndFlush("you said " + line)))
                .bind(server.at(80));

        List<String> answers = new ArrayList<>();
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(client.group())
                        .channelFactory(client.stack()::newSocketChannel)
                        .handler(lines((_, line) -> answers.add(line)));
        Channel channel = net.await(bootstrap.connect(server.at(80)));

        for (int i = 0; i < 100; i++) {
            String line = "line " + i;
            net.after(ofMillis(100 * i)).run(() -> channel.writeAndFlush(line));
        }
        net.at(ofSeconds(5)).down(wan).at(ofSeconds(9)).up(wan);
        net.run(ofMinutes(10)); // virtual; milliseconds of real time

        assertEquals(100, answers.size());
        assertEquals("you said line 99", answers.getLast());
    }

    private static ChannelInitializer<Channel> lines(BiConsumer<Channel, String> action) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(new LineBasedFrameDecoder(100))
                        .addLast(new StringDecoder(), new LineEncoder())
                        .addLast(
                                new SimpleChannelInboundHandler<String>() {
                                    @Override
                                    protected void channelRead0(
                                            ChannelHandlerContext context, String line) {
                                        action.accept(context.channel(), line);
                                    }
                                });
            }
        };
    }
}
