package toytcp.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Many clients of an echo server at once, over the TCP of the kernel: `HOST PORT COUNT`. Prints how
/// many of them got their own bytes back and saw a clean end.
final class EchoCrowd {
    private static final int LARGEST = 200_000;
    private static final int TIMEOUT_MILLIS = 60_000;

    private EchoCrowd() {}

    public static void main(String[] arguments) {
        int count = Integer.parseInt(arguments[2]);
        AtomicInteger good = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                Random random = new Random(i);
                threads.execute(
                        () -> {
                            try {
                                talk(arguments[0], Integer.parseInt(arguments[1]), random);
                                good.incrementAndGet();
                            } catch (IOException e) {
                                System.err.println(e);
                            }
                        });
            }
        }
        System.out.println(good + " of " + count);
    }

    /// A client of one of three kinds: reads after it has closed its side, or while it writes and
    /// closes its side then, or closes when it has everything.
    private static void talk(String host, int port, Random random) throws IOException {
        byte[] bytes = new byte[random.nextInt(LARGEST)];
        random.nextBytes(bytes);
        try (Socket socket = new Socket(host, port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            switch (random.nextInt(3)) {
                case 0 -> {
                    Thread writer = Thread.ofVirtual().start(() -> write(socket, bytes, true));
                    check(bytes, socket.getInputStream().readAllBytes());
                    join(writer);
                }
                case 1 -> {
                    Thread writer = Thread.ofVirtual().start(() -> write(socket, bytes, false));
                    check(bytes, socket.getInputStream().readNBytes(bytes.length));
                    join(writer);
                    socket.shutdownOutput();
                    end(socket.getInputStream());
                }
                default -> {
                    // What fits into the buffers on the way comes back without a reader.
                    byte[] few = Arrays.copyOf(bytes, bytes.length / 20);
                    write(socket, few, true);
                    check(few, socket.getInputStream().readAllBytes());
                }
            }
        }
    }

    private static void write(Socket socket, byte[] bytes, boolean close) {
        try {
            OutputStream output = socket.getOutputStream();
            output.write(bytes);
            if (close) {
                socket.shutdownOutput();
            }
        } catch (IOException e) {
            // The reader sees that something is missing.
            System.err.println(e);
        }
    }

    private static void join(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void check(byte[] sent, byte[] received) throws IOException {
        if (!Arrays.equals(sent, received)) {
            throw new IOException("sent " + sent.length + ", got " + received.length + " bytes");
        }
    }

    private static void end(InputStream input) throws IOException {
        if (input.read() != -1) {
            throw new IOException("more came back than was sent");
        }
    }
}
