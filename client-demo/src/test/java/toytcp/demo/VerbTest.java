package toytcp.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/// The verbs over the kernel's TCP: their own logic, without the stack and without root.
@Timeout(60)
class VerbTest {
    private static final String HOST = "127.0.0.1";

    @TempDir Path folder;

    @Test
    void whatTheClientSendsComesBackFromTheServer() throws Exception {
        Program server = Program.start("echo-server", HOST, "0");
        byte[] text = "one\ntwo\n".getBytes(StandardCharsets.UTF_8);
        Program client = Program.start(text, "echo-client", HOST, server.port());
        assertEquals(0, client.exitCode());
        assertArrayEquals(text, client.output());
        server.interrupt();
        assertEquals(0, server.exitCode());
    }

    @Test
    void manyBytesComeBackInOrder() throws Exception {
        Program server = Program.start("echo-server", HOST, "0");
        byte[] bytes = random(20_000_000);
        Program client = Program.start(bytes, "echo-client", HOST, server.port());
        assertEquals(0, client.exitCode());
        assertArrayEquals(bytes, client.output());
        server.interrupt();
        assertEquals(0, server.exitCode());
    }

    @Test
    void theServerAnswersAClientThatReadsOnlyAfterItHasClosedItsSide() throws Exception {
        Program server = Program.start("echo-server", HOST, "0");
        byte[] bytes = random(100_000);
        try (Socket client = new Socket(HOST, Integer.parseInt(server.port()))) {
            client.getOutputStream().write(bytes);
            client.shutdownOutput();
            assertArrayEquals(bytes, client.getInputStream().readAllBytes());
        }
        server.interrupt();
        assertEquals(0, server.exitCode());
    }

    @Test
    void theServerFinishesOpenConnectionsAtTheFirstInterrupt() throws Exception {
        Program server = Program.start("echo-server", HOST, "0");
        try (Socket client = new Socket(HOST, Integer.parseInt(server.port()))) {
            server.line("connected");
            server.interrupt();
            assertEquals(-1, client.getInputStream().read());
        }
        assertEquals(0, server.exitCode());
    }

    @Test
    void theServerResetsOpenConnectionsAtTheSecondInterrupt() throws Exception {
        Program server = Program.start("echo-server", HOST, "0");
        try (Socket client = new Socket(HOST, Integer.parseInt(server.port()))) {
            server.line("connected");
            server.interrupt();
            assertEquals(-1, client.getInputStream().read());
            server.interrupt();
            assertEquals(130, server.exitCode());
        }
    }

    @Test
    void aServerThatClosesFirstIsAFailure() throws Exception {
        try (ServerSocket server = listen();
                PipedOutputStream keyboard = new PipedOutputStream()) {
            Program client =
                    Program.start(
                            new PipedInputStream(keyboard), "echo-client", HOST, port(server));
            server.accept().close();
            assertEquals(1, client.exitCode());
            assertTrue(client.line("error").contains("before the end of the input"));
        }
    }

    @Test
    void aResetIsAFailureInOneLine() throws Exception {
        try (ServerSocket server = listen();
                PipedOutputStream keyboard = new PipedOutputStream()) {
            Program client =
                    Program.start(
                            new PipedInputStream(keyboard), "echo-client", HOST, port(server));
            Socket peer = server.accept();
            client.line("connected");
            reset(peer);
            assertEquals(1, client.exitCode());
            assertOneLine(client, "reset");
        }
    }

    @Test
    void theFirstInterruptClosesTheClientAndTheSecondIsNotNeeded() throws Exception {
        try (ServerSocket server = listen();
                PipedOutputStream keyboard = new PipedOutputStream()) {
            Program client =
                    Program.start(
                            new PipedInputStream(keyboard), "echo-client", HOST, port(server));
            Socket peer = server.accept();
            client.line("connected");
            client.interrupt();
            assertEquals(-1, peer.getInputStream().read());
            peer.close();
            assertEquals(0, client.exitCode());
        }
    }

    @Test
    void theSecondInterruptResetsTheClient() throws Exception {
        try (ServerSocket server = listen();
                PipedOutputStream keyboard = new PipedOutputStream()) {
            Program client =
                    Program.start(
                            new PipedInputStream(keyboard), "echo-client", HOST, port(server));
            Socket peer = server.accept();
            client.line("connected");
            client.interrupt();
            assertEquals(-1, peer.getInputStream().read());
            client.interrupt();
            assertEquals(130, client.exitCode());
            assertThrows(IOException.class, () -> writeUntilItFails(peer));
        }
    }

    @Test
    void aRefusedConnectionIsAFailureInOneLine() throws Exception {
        String port;
        try (ServerSocket nobody = listen()) {
            port = port(nobody);
        }
        Program client = Program.start("echo-client", HOST, port);
        assertEquals(1, client.exitCode());
        assertOneLine(client, "refused");
    }

    @Test
    void aFileArrivesComplete() throws Exception {
        byte[] bytes = random(5_000_001);
        Path source = Files.write(folder.resolve("source"), bytes);
        Path target = Files.writeString(folder.resolve("target"), "is overwritten");
        Program receiver = Program.start("receive-file", HOST, "0", target.toString());
        Program sender = Program.start("send-file", HOST, receiver.port(), source.toString());
        assertEquals(0, sender.exitCode());
        assertEquals(0, receiver.exitCode());
        assertArrayEquals(bytes, Files.readAllBytes(target));
        assertTrue(sender.line("sent").contains("5000001 bytes"));
        assertTrue(receiver.line("received").contains("5000001 bytes"));
    }

    @Test
    void anEmptyFileArrivesToo() throws Exception {
        Path source = Files.createFile(folder.resolve("source"));
        Program receiver = Program.start("receive-file", HOST, "0", "-");
        Program sender = Program.start("send-file", HOST, receiver.port(), source.toString());
        assertEquals(0, sender.exitCode());
        assertEquals(0, receiver.exitCode());
        assertEquals(0, receiver.output().length);
    }

    @Test
    void aMinusSendsTheFileToStandardOutput() throws Exception {
        byte[] bytes = random(300_000);
        Program receiver = Program.start("receive-file", HOST, "0", "-");
        try (Socket sender = new Socket(HOST, Integer.parseInt(receiver.port()))) {
            sender.getOutputStream().write(bytes);
            sender.shutdownOutput();
            assertEquals(-1, sender.getInputStream().read());
        }
        assertEquals(0, receiver.exitCode());
        assertArrayEquals(bytes, receiver.output());
    }

    @Test
    void aPeerThatHasClosedItsSideEarlyStillGetsTheWholeFile() throws Exception {
        byte[] bytes = random(3_000_000);
        Path source = Files.write(folder.resolve("source"), bytes);
        try (ServerSocket server = listen()) {
            Program sender = Program.start("send-file", HOST, port(server), source.toString());
            try (Socket peer = server.accept()) {
                peer.shutdownOutput();
                assertArrayEquals(bytes, peer.getInputStream().readAllBytes());
            }
            assertEquals(0, sender.exitCode());
        }
    }

    @Test
    void aResetMakesTheSenderFail() throws Exception {
        Path source = Files.write(folder.resolve("source"), random(30_000_000));
        try (ServerSocket server = listen()) {
            Program sender = Program.start("send-file", HOST, port(server), source.toString());
            Socket peer = server.accept();
            peer.getInputStream().readNBytes(10_000);
            reset(peer);
            assertEquals(1, sender.exitCode());
            assertEquals(1, sender.remainingTalk().size());
        }
    }

    @Test
    void aResetMakesTheReceiverFail() throws Exception {
        Path target = folder.resolve("target");
        Program receiver = Program.start("receive-file", HOST, "0", target.toString());
        Socket sender = new Socket(HOST, Integer.parseInt(receiver.port()));
        sender.getOutputStream().write(random(10_000));
        reset(sender);
        assertEquals(1, receiver.exitCode());
        assertOneLine(receiver, "not complete");
    }

    @Test
    void anInterruptedSenderResetsBecauseFinWouldMarkTheEndOfTheFile() throws Exception {
        Path source = Files.write(folder.resolve("source"), random(30_000_000));
        try (ServerSocket server = listen()) {
            Program sender = Program.start("send-file", HOST, port(server), source.toString());
            Socket peer = server.accept();
            peer.getInputStream().readNBytes(100_000);
            sender.interrupt();
            assertEquals(130, sender.exitCode());
            assertThrows(SocketException.class, () -> peer.getInputStream().readAllBytes());
        }
    }

    @Test
    void anInterruptedReceiverThatStillWaitsEnds() throws Exception {
        Program receiver = Program.start("receive-file", HOST, "0", "-");
        receiver.port();
        receiver.interrupt();
        assertEquals(130, receiver.exitCode());
    }

    @Test
    void aMissingFileIsAFailureInOneLine() throws Exception {
        Program sender = Program.start("send-file", HOST, "1", folder + "/missing");
        assertEquals(1, sender.exitCode());
        assertOneLine(sender, "there is no file");
    }

    @Test
    void aFileThatCannotBeWrittenIsAFailureInOneLine() throws Exception {
        Program receiver = Program.start("receive-file", HOST, "0", folder.toString());
        assertEquals(1, receiver.exitCode());
        assertOneLine(receiver, "is a directory");
    }

    @Test
    void aPortInUseIsAFailureInOneLine() throws Exception {
        try (ServerSocket taken = listen()) {
            Program server = Program.start("echo-server", HOST, port(taken));
            assertEquals(1, server.exitCode());
            assertOneLine(server, "Address already in use");
        }
    }

    @Test
    void wrongUsageIsOneLineAndExitCodeTwo() throws Exception {
        for (List<String> arguments :
                List.of(
                        List.<String>of(),
                        List.of("no-such-verb"),
                        List.of("echo-client", HOST),
                        List.of("echo-client", HOST, "0"),
                        List.of("echo-client", HOST, "65536"),
                        List.of("echo-client", HOST, "http"),
                        List.of("echo-client", HOST, "80", "--log", "loud"),
                        List.of("echo-server", HOST, "-1"),
                        List.of("send-file", HOST, "80"))) {
            Program program = Program.start(arguments.toArray(String[]::new));
            assertEquals(2, program.exitCode(), arguments::toString);
            assertOneLine(program, "--help");
        }
    }

    private static void assertOneLine(Program program, String part) {
        List<String> lines = program.remainingTalk();
        lines.removeIf(line -> line.matches("toytcp: (?!error).*"));
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().contains(part), lines::toString);
        assertTrue(lines.getFirst().contains("; "), "no remedy: " + lines);
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getByName(HOST));
    }

    private static String port(ServerSocket server) {
        return Integer.toString(server.getLocalPort());
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static void writeUntilItFails(Socket socket) throws IOException {
        for (int i = 0; i < 1_000_000; i++) {
            socket.getOutputStream().write(random(1000));
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
