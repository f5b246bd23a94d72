package toytcp.stack.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import toytcp.testkit.Rfc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class DataTest {
    private final TwoStacks net = new TwoStacks();
    private final Recorder server = new Recorder();
    private final Recorder client = new Recorder();

    @AfterEach
    void close() {
        net.close();
    }

    private SocketChannel establish() {
        net.listen(net.server(server), 40000);
        SocketChannel channel = net.connect(net.client(client), 40000);
        net.track(server.channel);
        return channel;
    }

    private static byte[] octets(int count, long seed) {
        byte[] octets = new byte[count];
        new Random(seed).nextBytes(octets);
        return octets;
    }

    @Test
    void bulkCrossesBothWaysAtOnce() {
        SocketChannel channel = establish();
        byte[] up = octets(5_000_000, 1);
        byte[] down = octets(3_000_000, 2);
        ChannelFuture upDone = channel.writeAndFlush(Unpooled.wrappedBuffer(up));
        ChannelFuture downDone = server.channel.writeAndFlush(Unpooled.wrappedBuffer(down));
        net.advance(Duration.ofSeconds(2));
        assertTrue(upDone.isSuccess());
        assertTrue(downDone.isSuccess());
        assertArrayEquals(up, server.received.toByteArray());
        assertArrayEquals(down, client.received.toByteArray());
    }

    @Test
    void lossDelaysButLosesNothing() {
        SocketChannel channel = establish();
        Random random = new Random(3);
        net.lostFromClient = packet -> random.nextInt(50) == 0;
        net.lostFromServer = packet -> random.nextInt(50) == 0;
        byte[] up = octets(400_000, 4);
        channel.writeAndFlush(Unpooled.wrappedBuffer(up));
        for (int i = 0; i < 120 && server.received.size() < up.length; i++) {
            net.advance(Duration.ofSeconds(1));
        }
        assertArrayEquals(up, server.received.toByteArray());
    }

    /// As with kernel sockets: what was written belongs to the writer again once its promise is done.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBufferThatItsWriterKeepsMayBeFilledAgainAfterItsPromise(boolean direct) {
        SocketChannel channel = establish();
        byte[] first = octets(3_000, 7);
        ByteBuf kept = direct ? Unpooled.directBuffer() : Unpooled.buffer();
        kept.writeBytes(first);
        int[] sent = new int[1];
        net.lostFromClient = packet -> sent[0]++ < 3;
        ChannelFuture done = channel.writeAndFlush(kept.retain());
        net.run();
        assertTrue(done.isSuccess());
        assertEquals(1, kept.refCnt());

        kept.setZero(0, first.length);
        kept.release();
        net.advance(Duration.ofSeconds(5));
        assertArrayEquals(first, server.received.toByteArray());
    }

    /// Nobody else can change it, so the part that waits for room is not copied either.
    @Test
    void aLargeBufferIsKeptAsItIsAlsoIfItIsSentInParts() {
        net.listen(net.server(server), 40000);
        SocketChannel channel =
                net.connect(
                        net.client(client)
                                .option(ChannelOption.SO_SNDBUF, 100_000)
                                .option(ChannelOption.ALLOCATOR, new NoDirectBuffers()),
                        40000);
        net.track(server.channel);
        byte[] octets = octets(1_000_000, 9);
        ChannelFuture done =
                channel.writeAndFlush(Unpooled.directBuffer(octets.length).writeBytes(octets));
        net.advance(Duration.ofSeconds(2));
        assertTrue(done.isSuccess(), () -> "a copy was made: " + done.cause());
        assertArrayEquals(octets, server.received.toByteArray());
    }

    /// An allocator for a channel that copies nothing.
    private static final class NoDirectBuffers extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw new IllegalStateException("nothing is to be copied");
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return Unpooled.buffer(initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    @Test
    void anArrayMayBeFilledAgainAfterThePromise() {
        SocketChannel channel = establish();
        channel.config().setSendBufferSize(200_000);
        byte[] octets = octets(200_000, 8);
        byte[] expected = octets.clone();
        net.lostFromClient = packet -> packet.readableBytes() > 60;
        ChannelFuture done = channel.writeAndFlush(Unpooled.wrappedBuffer(octets));
        net.run();
        assertTrue(done.isSuccess());
        Arrays.fill(octets, (byte) 0);
        net.lostFromClient = _ -> false;
        net.advance(Duration.ofSeconds(5));
        assertArrayEquals(expected, server.received.toByteArray());
    }

    @Test
    void withoutAutoReadTheWindowClosesAndTheSenderStops() {
        net.listen(
                net.server(server)
                        .childOption(ChannelOption.AUTO_READ, false)
                        .option(ChannelOption.SO_RCVBUF, 20_000),
                40000);
        SocketChannel channel =
                net.connect(net.client(client).option(ChannelOption.SO_SNDBUF, 30_000), 40000);
        net.track(server.channel);
        byte[] up = octets(100_000, 5);
        ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(up));
        net.advance(Duration.ofSeconds(10));
        assertFalse(written.isDone(), "50 000 octets have room on the way, not 100 000");
        assertEquals(0, server.received.size());
        assertEquals(0, server.reads);

        server.channel.read();
        net.run();
        int first = server.received.size();
        assertEquals(1, server.reads, "one read() is one channelRead without auto-read");
        assertTrue(first > 0 && first <= 20_000, "got " + first);

        server.channel.config().setAutoRead(true);
        net.advance(Duration.ofSeconds(10));
        assertTrue(written.isSuccess());
        assertArrayEquals(up, server.received.toByteArray());
    }

    @Test
    void aReadGivesAtMostWhatTheAllocatorGuesses() {
        net.listen(
                net.server(server)
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childOption(
                                ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(10)),
                40000);
        SocketChannel channel = net.connect(net.client(client), 40000);
        net.track(server.channel);
        channel.writeAndFlush(Unpooled.wrappedBuffer(octets(25, 6)));
        net.run();
        int[] expected = {0, 10, 20, 25, 25};
        for (int total : expected) {
            assertEquals(total, server.received.size());
            server.channel.read();
            net.run();
        }
    }

    @Test
    void autoReadDeliversInLoopsOfAtMostMaxMessages() {
        net.listen(
                net.server(server)
                        .childOption(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(1).maxMessagesPerRead(4)),
                40000);
        SocketChannel channel = net.connect(net.client(client), 40000);
        net.track(server.channel);
        channel.writeAndFlush(Unpooled.wrappedBuffer(octets(20, 7)));
        net.run();
        assertEquals(20, server.reads);
        assertEquals(5, server.readCompletes);
    }

    @Test
    void nothingIsDeliveredAfterAutoReadWasSwitchedOff() {
        SocketChannel channel = establish();
        server.channel.config().setAutoRead(false);
        channel.writeAndFlush(Unpooled.wrappedBuffer(octets(10, 8)));
        net.advance(Duration.ofSeconds(1));
        assertEquals(0, server.reads);
        server.channel.config().setAutoRead(true);
        net.run();
        assertEquals(10, server.received.size());
    }

    @Test
    void dataBeforeTheChildReadsIsKept() {
        net.listen(net.server(server), 40000);
        ChannelFuture connected = net.client(client).connect(TwoStacks.at(40000));
        // SYN and SYN,ACK only; then the ACK and the data arrive in one batch.
        net.clientLink.runPendingTasks();
        net.serverLink.writeInbound(TwoStacks.sent(net.clientLink).toArray());
        net.clientLink.writeInbound(TwoStacks.sent(net.serverLink).toArray());
        Channel channel = net.track(TwoStacks.success(connected));
        channel.writeAndFlush(Unpooled.wrappedBuffer(octets(1000, 9)));
        net.run();
        net.track(server.channel);
        assertArrayEquals(octets(1000, 9), server.received.toByteArray());
    }

    @Test
    void writabilityFollowsTheWaterMarks() {
        net.listen(
                net.server(server)
                        .childOption(ChannelOption.AUTO_READ, false)
                        .option(ChannelOption.SO_RCVBUF, 10_000),
                40000);
        SocketChannel channel =
                net.connect(
                        net.client(client)
                                .option(ChannelOption.SO_SNDBUF, 10_000)
                                .option(
                                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                                        new WriteBufferWaterMark(5_000, 20_000)),
                        40000);
        net.track(server.channel);
        channel.writeAndFlush(Unpooled.wrappedBuffer(octets(60_000, 10)));
        net.advance(Duration.ofSeconds(1));
        assertFalse(channel.isWritable());
        server.channel.config().setAutoRead(true);
        net.advance(Duration.ofSeconds(5));
        assertTrue(channel.isWritable());
        assertEquals(List.of("active", "unwritable", "writable"), client.events);
        assertEquals(60_000, server.received.size());
    }

    @Test
    void everyKindOfBufferCanBeWritten() {
        SocketChannel channel = establish();
        byte[] octets = octets(9_000, 11);
        CompositeByteBuf composite = Unpooled.compositeBuffer();
        composite.addComponent(true, Unpooled.copiedBuffer(octets, 0, 3_000));
        composite.addComponent(true, Unpooled.directBuffer().writeBytes(octets, 3_000, 3_000));
        ChannelFuture empty = channel.write(Unpooled.EMPTY_BUFFER);
        channel.write(composite);
        channel.write(Unpooled.EMPTY_BUFFER);
        ByteBuf shared = Unpooled.copiedBuffer(octets, 6_000, 3_000);
        ChannelFuture last = channel.writeAndFlush(shared.retainedDuplicate());
        net.run();
        assertTrue(empty.isSuccess());
        assertTrue(last.isSuccess());
        assertEquals(3_000, shared.readableBytes(), "the indices of a duplicate are its own");
        assertArrayEquals(octets, server.received.toByteArray());
        shared.release();
    }

    @Test
    void otherMessagesFailTheirWriteOnly() {
        SocketChannel channel = establish();
        ChannelFuture text = channel.writeAndFlush("text");
        ChannelFuture octets = channel.writeAndFlush(Unpooled.wrappedBuffer(octets(5, 12)));
        net.run();
        assertInstanceOf(UnsupportedOperationException.class, text.cause());
        assertTrue(octets.isSuccess());
        assertEquals(5, server.received.size());
    }

    @Test
    void aFileRegionIsSentFromItsOffset(@TempDir Path directory) throws IOException {
        SocketChannel channel = establish();
        byte[] octets = octets(300_000, 13);
        Path file = Files.write(directory.resolve("file"), octets);
        channel.write(Unpooled.wrappedBuffer(octets, 0, 10));
        channel.write(new DefaultFileRegion(file.toFile(), 10, 299_980));
        ChannelFuture done = channel.writeAndFlush(Unpooled.wrappedBuffer(octets, 299_990, 10));
        net.advance(Duration.ofSeconds(1));
        assertTrue(done.isSuccess());
        assertArrayEquals(octets, server.received.toByteArray());
    }

    @Test
    void aFileThatEndsTooEarlyFailsTheWrite(@TempDir Path directory) throws IOException {
        SocketChannel channel = establish();
        Path file = Files.write(directory.resolve("file"), octets(100, 14));
        ChannelFuture done = channel.writeAndFlush(new DefaultFileRegion(file.toFile(), 0, 200));
        net.run();
        assertInstanceOf(IOException.class, done.cause());
        assertFalse(channel.isOpen(), "AUTO_CLOSE");
    }

    @Test
    void aWriteFromWithinAReadIsSentInTheSameTurn() {
        Recorder echo =
                new Recorder() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object msg) {
                        ctx.writeAndFlush(msg);
                    }
                };
        net.listen(net.server(echo), 40000);
        SocketChannel channel = net.connect(net.client(client), 40000);
        net.track(echo.channel);
        channel.writeAndFlush(Unpooled.wrappedBuffer(octets(100, 15)));
        net.clientLink.runPendingTasks();
        List<ByteBuf> request = TwoStacks.sent(net.clientLink);
        assertEquals(1, request.size());
        net.serverLink.writeInbound(request.toArray());
        List<ByteBuf> reply = TwoStacks.sent(net.serverLink);
        assertEquals(1, reply.size(), "the ACK rides on the echo");
        assertEquals(100 + 52, reply.getFirst().readableBytes());
        net.clientLink.writeInbound(reply.toArray());
        net.run();
        assertArrayEquals(octets(100, 15), client.received.toByteArray());
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        byte[] first = trace();
        byte[] second = trace();
        assertTrue(first.length > 10_000);
        assertArrayEquals(first, second);
    }

    /// Every octet that the client sends, of a run with losses.
    private static byte[] trace() {
        ByteArrayOutputStream trace = new ByteArrayOutputStream();
        try (TwoStacks net = new TwoStacks()) {
            Random random = new Random(99);
            net.lostFromClient =
                    packet -> {
                        byte[] octets = new byte[packet.readableBytes()];
                        packet.getBytes(packet.readerIndex(), octets);
                        trace.writeBytes(octets);
                        return random.nextInt(20) == 0;
                    };
            Recorder server = new Recorder();
            net.listen(net.server(server), 40000);
            Channel channel =
                    net.track(net.client(new Recorder()).connect(TwoStacks.at(40000)).channel());
            net.advance(Duration.ofSeconds(8));
            channel.writeAndFlush(Unpooled.wrappedBuffer(octets(50_000, 16)));
            net.advance(Duration.ofSeconds(20));
            assertEquals(50_000, server.received.size());
        }
        return trace.toByteArray();
    }

    @Test
    @Rfc(number = 9293, section = "3.7.1", id = "MUST-67")
    void segmentsAreAsLargeAsTheMtuAllows() {
        int[] largest = {0};
        try (TwoStacks jumbo =
                new TwoStacks(
                        TcpStack.builder().address("10.0.0.1/24").mtu(9000),
                        TcpStack.builder().address("10.0.1.1/24").mtu(9000))) {
            jumbo.lostFromClient =
                    packet -> {
                        largest[0] = Math.max(largest[0], packet.readableBytes());
                        return false;
                    };
            Recorder recorder = new Recorder();
            jumbo.listen(jumbo.server(recorder), 40000);
            SocketChannel channel = jumbo.connect(jumbo.client(new Recorder()), 40000);
            channel.writeAndFlush(Unpooled.wrappedBuffer(octets(100_000, 17)));
            jumbo.advance(Duration.ofSeconds(1));
            assertEquals(100_000, recorder.received.size());
            jumbo.track(recorder.channel);
        }
        assertEquals(9000, largest[0]);
    }

    @Test
    void aBoundedSendBufferHoldsTheWriteBack() {
        net.lostFromClient = packet -> packet.readableBytes() > 60;
        net.listen(net.server(server), 40000);
        SocketChannel channel =
                net.connect(net.client(client).option(ChannelOption.SO_SNDBUF, 1000), 40000);
        net.track(server.channel);
        byte[] octets = octets(1500, 18);
        ChannelFuture first =
                channel.writeAndFlush(Unpooled.wrappedBuffer(Arrays.copyOfRange(octets, 0, 900)));
        ChannelFuture second =
                channel.writeAndFlush(
                        Unpooled.wrappedBuffer(Arrays.copyOfRange(octets, 900, 1500)));
        net.run();
        assertTrue(first.isSuccess(), "accepted, though not acknowledged");
        assertFalse(second.isDone());
        net.lostFromClient = packet -> false;
        net.advance(Duration.ofSeconds(5));
        assertTrue(second.isSuccess());
        assertArrayEquals(octets, server.received.toByteArray());
    }
}
