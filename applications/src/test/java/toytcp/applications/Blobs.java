package toytcp.applications;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.CompletableFuture;

/// A gRPC service whose messages are plain octets, so that no code has to be generated.
final class Blobs {
    /// Answers with the same octets.
    static final MethodDescriptor<byte[], byte[]> ECHO = method("Echo", MethodType.UNARY);

    /// Answers with a stream of [Octets], as many as the request says in decimals.
    static final MethodDescriptor<byte[], byte[]> DOWNLOAD =
            method("Download", MethodType.SERVER_STREAMING);

    /// Answers with the SHA-256 of all that came.
    static final MethodDescriptor<byte[], byte[]> UPLOAD =
            method("Upload", MethodType.CLIENT_STREAMING);

    /// Answers each message with the same octets.
    static final MethodDescriptor<byte[], byte[]> CHAT = method("Chat", MethodType.BIDI_STREAMING);

    /// Never answers.
    static final MethodDescriptor<byte[], byte[]> SILENCE = method("Silence", MethodType.UNARY);

    /// Done once a call of [#CHAT] was cancelled by its client.
    final CompletableFuture<Void> chatCancelled = new CompletableFuture<>();

    /// Done once a call of [#SILENCE] was given up by its client.
    final CompletableFuture<Void> silenceCancelled = new CompletableFuture<>();

    ServerServiceDefinition service() {
        return ServerServiceDefinition.builder("toytcp.Blobs")
                .addMethod(ECHO, ServerCalls.asyncUnaryCall(Blobs::echo))
                .addMethod(DOWNLOAD, ServerCalls.asyncServerStreamingCall(Blobs::download))
                .addMethod(UPLOAD, ServerCalls.asyncClientStreamingCall(Blobs::upload))
                .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(this::chat))
                .addMethod(SILENCE, ServerCalls.asyncUnaryCall(this::silence))
                .build();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void echo(byte[] request, StreamObserver<byte[]> answers) {
        answers.onNext(request);
        answers.onCompleted();
    }

    private static void download(byte[] request, StreamObserver<byte[]> answers) {
        var call = (ServerCallStreamObserver<byte[]>) answers;
        call.setOnReadyHandler(new Download(call, Long.parseLong(text(request))));
    }

    private static StreamObserver<byte[]> upload(StreamObserver<byte[]> answers) {
        MessageDigest digest = Octets.digest();
        return new Calls<>() {
            @Override
            public void onNext(byte[] part) {
                digest.update(part);
            }

            @Override
            public void onCompleted() {
                answers.onNext(bytes(Octets.text(digest)));
                answers.onCompleted();
            }
        };
    }

    private StreamObserver<byte[]> chat(StreamObserver<byte[]> answers) {
        return new Calls<>() {
            @Override
            public void onNext(byte[] part) {
                answers.onNext(part);
            }

            @Override
            public void onError(Throwable cause) {
                if (Status.fromThrowable(cause).getCode() == Status.Code.CANCELLED) {
                    chatCancelled.complete(null);
                }
            }

            @Override
            public void onCompleted() {
                answers.onCompleted();
            }
        };
    }

    private void silence(byte[] request, StreamObserver<byte[]> answers) {
        var call = (ServerCallStreamObserver<byte[]>) answers;
        call.setOnCancelHandler(() -> silenceCancelled.complete(null));
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName("toytcp.Blobs/" + name)
                .setRequestMarshaller(new Marshaller())
                .setResponseMarshaller(new Marshaller())
                .build();
    }

    /// Sends whenever the flow control of gRPC lets it.
    private static final class Download implements Runnable {
        private final ServerCallStreamObserver<byte[]> call;
        private final long length;
        private long position;

        Download(ServerCallStreamObserver<byte[]> call, long length) {
            this.call = call;
            this.length = length;
        }

        @Override
        public void run() {
            while (call.isReady() && position < length) {
                ByteBuf block = Octets.block(ByteBufAllocator.DEFAULT, position, length);
                position += block.readableBytes();
                call.onNext(ByteBufUtil.getBytes(block));
                block.release();
                if (position == length) {
                    call.onCompleted();
                }
            }
        }
    }

    /// Octets as they are.
    private static final class Marshaller implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// What comes from one side of a call; a failure shows at the other side, too.
    abstract static class Calls<T> implements StreamObserver<T> {
        @Override
        public void onError(Throwable cause) {}
    }
}
