package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/// The way from a connection to something slow, one step at a time.
class DrainTest {
    private static final int MIB = 1 << 20;

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> heard = new ArrayList<>();
    private final ByteArrayOutputStream target = new ByteArrayOutputStream();

    private EmbeddedChannel channel(OutputStream output) {
        return new EmbeddedChannel(
                new Drain(Channels.newChannel(output), tasks::add) {
                    @Override
                    void written(int count) {
                        heard.add("written " + count);
                    }

                    @Override
                    void ended() {
                        heard.add("ended");
                    }

                    @Override
                    void failed(Channel channel, Throwable cause) {
                        heard.add("failed: " + cause.getMessage());
                    }
                });
    }

    @Test
    void theEndComesAfterTheLastByte() {
        EmbeddedChannel channel = channel(target);
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[3]));
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[4]));
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertEquals(List.of(), heard);
        tasks.forEach(Runnable::run);
        assertEquals(List.of("written 3", "written 4", "ended"), heard);
        assertEquals(7, target.size());
    }

    @Test
    void readingStopsWhileTooMuchWaitsAndGoesOnWhenItIsWritten() {
        EmbeddedChannel channel = channel(target);
        for (int i = 0; i < 4; i++) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[MIB]));
        }
        assertTrue(channel.config().isAutoRead());
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[MIB]));
        assertFalse(channel.config().isAutoRead());
        for (int i = 0; i < 4; i++) {
            tasks.remove().run();
        }
        assertFalse(channel.config().isAutoRead(), "one MiB still waits");
        tasks.remove().run();
        assertTrue(channel.config().isAutoRead());
        assertEquals(5 * MIB, target.size());
    }

    @Test
    void aTargetThatFailsIsToldAndNothingLeaks() {
        EmbeddedChannel channel =
                channel(
                        new OutputStream() {
                            @Override
                            public void write(int octet) throws IOException {
                                throw new IOException("disk full");
                            }
                        });
        channel.writeInbound(Unpooled.directBuffer(8).writeLong(1));
        tasks.remove().run();
        assertEquals(List.of("failed: disk full"), heard);
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        tasks.remove().run();
        assertEquals(List.of("failed: disk full"), heard);
    }

    @Test
    void aResetIsNoEndEvenIfTheInputEndsAfterIt() {
        EmbeddedChannel channel = channel(target);
        channel.pipeline().fireExceptionCaught(new IOException("reset"));
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        tasks.remove().run();
        assertEquals(List.of("failed: reset"), heard);
    }
}
