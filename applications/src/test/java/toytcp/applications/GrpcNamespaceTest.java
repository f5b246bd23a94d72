package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.applications.Blobs.bytes;
import static toytcp.applications.Blobs.text;
import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import com.google.common.util.concurrent.ListenableFuture;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;

import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// gRPC as it is published, on our stack at both ends: one in host1, one in host2. The client lives
/// on the link's loop, the server on loops of its own, as it would by default.
@ExtendWith(InLab.class)
@Timeout(120)
class GrpcNamespaceTest {
    private static final int PORT = 8082;
    private static final long SECONDS = 60;

    private final Blobs blobs = new Blobs();
    private final EventLoopGroup serverLoops =
            new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private LabStack clients;
    private LabStack servers;
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start(Lab lab) throws Exception {
        lab.setup("up").close();
        clients = LabStack.open(lab, HOST1);
        servers = LabStack.open(lab, HOST2);
        server =
                NettyServerBuilder.forAddress(new InetSocketAddress(ADDRESS2, PORT))
                        .channelFactory(servers.stack()::newServerSocketChannel)
                        .bossEventLoopGroup(serverLoops)
                        .workerEventLoopGroup(serverLoops)
                        .addService(blobs.service())
                        .build()
                        .start();
        channel =
                NettyChannelBuilder.forAddress(new InetSocketAddress(ADDRESS2, PORT))
                        .channelFactory(clients.stack()::newSocketChannel, InetSocketAddress.class)
                        .eventLoopGroup(clients.group())
                        .usePlaintext()
                        .build();
    }

    @AfterEach
    void stop() throws Exception {
        assertTrue(channel.shutdown().awaitTermination(SECONDS, TimeUnit.SECONDS));
        assertTrue(server.shutdown().awaitTermination(SECONDS, TimeUnit.SECONDS));
        clients.close();
        servers.close();
        serverLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
    }

    @Test
    void tenThousandCallsAreAnswered() throws Exception {
        Queue<ListenableFuture<byte[]>> underWay = new ArrayDeque<>();
        for (int sent = 0, answered = 0; answered < 10_000; answered++) {
            for (; sent < 10_000 && underWay.size() < 100; sent++) {
                var call = channel.newCall(Blobs.ECHO, CallOptions.DEFAULT);
                underWay.add(ClientCalls.futureUnaryCall(call, bytes("call " + sent)));
            }
            byte[] answer = underWay.remove().get(SECONDS, TimeUnit.SECONDS);
            assertEquals("call " + answered, text(answer));
        }
    }

    @Test
    void aGibibyteIsStreamedToTheClient() {
        long length = 1L << 30;
        Iterator<byte[]> parts = download(length);
        MessageDigest digest = Octets.digest();
        while (parts.hasNext()) {
            digest.update(parts.next());
        }
        assertEquals(Octets.sha256(length), Octets.text(digest));
    }

    @Test
    void manyMegabytesAreStreamedToTheServer() throws Exception {
        long length = 100L << 20;
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        upload(length, answer);
        assertEquals(Octets.sha256(length), text(answer.get(SECONDS, TimeUnit.SECONDS)));
    }

    @Test
    void bothSidesTalkInTurnsOverOneCall() throws Exception {
        BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
        CompletableFuture<Status> end = new CompletableFuture<>();
        StreamObserver<byte[]> chat = chat(answers, end);
        for (int i = 0; i < 1000; i++) {
            byte[] said = bytes("message " + i);
            chat.onNext(said);
            assertArrayEquals(said, answers.poll(SECONDS, TimeUnit.SECONDS));
        }
        chat.onCompleted();
        assertTrue(end.get(SECONDS, TimeUnit.SECONDS).isOk());
    }

    @Test
    void aCancelledCallEndsAtBothSides() throws Exception {
        BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
        CompletableFuture<Status> end = new CompletableFuture<>();
        var chat = (ClientCallStreamObserver<byte[]>) chat(answers, end);
        chat.onNext(bytes("hello"));
        assertEquals("hello", text(answers.poll(SECONDS, TimeUnit.SECONDS)));
        chat.cancel("enough", null);
        assertEquals(Status.Code.CANCELLED, end.get(SECONDS, TimeUnit.SECONDS).getCode());
        blobs.chatCancelled.get(SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void aDeadlineEndsACallThatIsNotAnswered() throws Exception {
        var options = CallOptions.DEFAULT.withDeadlineAfter(500, TimeUnit.MILLISECONDS);
        var error =
                assertThrows(
                        StatusRuntimeException.class,
                        () ->
                                ClientCalls.blockingUnaryCall(
                                        channel, Blobs.SILENCE, options, bytes("?")));
        assertEquals(Status.Code.DEADLINE_EXCEEDED, error.getStatus().getCode());
        blobs.silenceCancelled.get(SECONDS, TimeUnit.SECONDS);
    }

    private Iterator<byte[]> download(long length) {
        return ClientCalls.blockingServerStreamingCall(
                channel, Blobs.DOWNLOAD, CallOptions.DEFAULT, bytes(Long.toString(length)));
    }

    /// Sends whenever the flow control of gRPC lets it.
    private void upload(long length, CompletableFuture<byte[]> answer) {
        ClientCalls.asyncClientStreamingCall(
                channel.newCall(Blobs.UPLOAD, CallOptions.DEFAULT), new Upload(length, answer));
    }

    private StreamObserver<byte[]> chat(
            BlockingQueue<byte[]> answers, CompletableFuture<Status> end) {
        return ClientCalls.asyncBidiStreamingCall(
                channel.newCall(Blobs.CHAT, CallOptions.DEFAULT),
                new StreamObserver<byte[]>() {
                    @Override
                    public void onNext(byte[] answer) {
                        answers.add(answer);
                    }

                    @Override
                    public void onError(Throwable cause) {
                        end.complete(Status.fromThrowable(cause));
                    }

                    @Override
                    public void onCompleted() {
                        end.complete(Status.OK);
                    }
                });
    }

    private static final class Upload implements ClientResponseObserver<byte[], byte[]> {
        private final long length;
        private final CompletableFuture<byte[]> answer;
        private long position;

        Upload(long length, CompletableFuture<byte[]> answer) {
            this.length = length;
            this.answer = answer;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<byte[]> call) {
            call.setOnReadyHandler(() -> send(call));
        }

        @Override
        public void onNext(byte[] value) {
            answer.complete(value);
        }

        @Override
        public void onError(Throwable cause) {
            answer.completeExceptionally(cause);
        }

        @Override
        public void onCompleted() {}

        private void send(ClientCallStreamObserver<byte[]> call) {
            while (call.isReady() && position < length) {
                var block = Octets.block(ByteBufAllocator.DEFAULT, position, length);
                position += block.readableBytes();
                call.onNext(ByteBufUtil.getBytes(block));
                block.release();
                if (position == length) {
                    call.onCompleted();
                }
            }
        }
    }
}
