package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.lab.Lab.ADDRESS1;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import toytcp.lab.Child;
import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;
import toytcp.lab.Needs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Netty's HTTP/1.1 server on our stack, and `curl` on the kernel's.
///
/// Each test ends with [LabStack#close], which wants every connection at its end.
@ExtendWith(InLab.class)
@Needs({"curl", "sha256sum"})
@Timeout(120)
class HttpServerNamespaceTest {
    private static final int MIB = 1 << 20;
    private static final String URL = "http://" + ADDRESS1 + ":8080/";

    private final HttpService service = new HttpService();
    private LabStack ours;
    private Channel server;

    @BeforeEach
    void start(Lab lab) throws Exception {
        lab.setup("up").close();
        ours = LabStack.open(lab, HOST1);
        server =
                ours.server()
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childHandler(service)
                        .bind(8080)
                        .sync()
                        .channel();
    }

    @AfterEach
    void stop() throws Exception {
        server.close().sync();
        ours.close();
        assertEquals(0, service.open.size(), "channels that are still open");
    }

    @Test
    void aGibibyteIsDownloadedUnharmed(Lab lab) throws Exception {
        download(lab, "octets/", 1024L * MIB);
    }

    @Test
    void aChunkedBodyIsDownloadedUnharmed(Lab lab) throws Exception {
        download(lab, "chunks/", 64L * MIB + 1);
    }

    @Test
    void aLargeBodyIsUploadedUnharmed(Lab lab) throws Exception {
        Path body = lab.randomFile(100 * MIB);
        String length = "@" + body;
        try (Child curl = curl(lab, "--data-binary", length, URL + "digest");
                Child sum = lab.start(HOST2, "sha256sum", body.toString())) {
            curl.succeeds();
            sum.succeeds();
            assertEquals(text(sum).substring(0, 64), text(curl));
        }
        Files.delete(Files.writeString(body, ""));
    }

    @Test
    void aBodyComesBackInChunksWhileItIsSentInChunks(Lab lab) throws Exception {
        Path body = lab.randomFile(20 * MIB);
        try (Child curl = upload(lab, body)) {
            curl.succeeds();
            assertArrayEquals(Files.readAllBytes(body), curl.output());
        }
    }

    @Test
    void tenThousandRequestsShareOneConnection(Lab lab) throws Exception {
        try (Child curl = curl(lab, URL + "number/[1-10000]")) {
            curl.succeeds();
            assertEquals(lines(IntStream.rangeClosed(1, 10_000)), text(curl));
        }
        assertEquals(1, service.connections.get());
    }

    @Test
    void fiveHundredConnectionsAreServedAtTheSameTime(Lab lab) throws Exception {
        together(lab, 500);
        assertEquals(500, service.connections.get());
    }

    @Test
    void memoryStaysFlat(Lab lab) throws Exception {
        round(lab);
        round(lab);
        Memory before = Memory.used(ours.link().alloc());
        for (int i = 0; i < 3; i++) {
            round(lab);
        }
        Memory.used(ours.link().alloc()).assertNotMuchMoreThan(before);
    }

    /// The same work each time: connections come and go, requests are answered, bodies stream.
    private void round(Lab lab) throws Exception {
        together(lab, 200);
        try (Child curl = curl(lab, URL + "number/[1-1000]")) {
            curl.succeeds();
        }
        download(lab, "chunks/", 8L * MIB);
        ours.awaitNoFlows(10_000);
    }

    private static void download(Lab lab, String path, long length) throws Exception {
        String pipe = "set -o pipefail; curl -sS --fail '" + URL + path + length + "' | sha256sum";
        try (Child curl = lab.start(HOST2, "bash", "-c", pipe)) {
            String expected = Octets.sha256(length);
            curl.succeeds();
            assertEquals(expected, text(curl).substring(0, 64));
        }
    }

    private static Child upload(Lab lab, Path body) throws Exception {
        return curl(
                lab,
                "-X",
                "POST",
                "-H",
                "Transfer-Encoding: chunked",
                "-T",
                body.toString(),
                URL + "echo");
    }

    /// The server answers only once all requests are there.
    private static void together(Lab lab, int clients) throws Exception {
        // One curl has no more than 300 transfers at a time.
        int half = clients / 2;
        String[] command = {
            "--parallel",
            "--parallel-immediate",
            "--parallel-max",
            Integer.toString(half),
            URL + "together/" + clients + "?[1-" + half + "]"
        };
        try (Child one = curl(lab, command);
                Child two = curl(lab, command)) {
            one.succeeds();
            two.succeeds();
            for (Child curl : List.of(one, two)) {
                assertEquals(half, text(curl).lines().count(), curl::toString);
            }
        }
    }

    private static Child curl(Lab lab, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--fail"));
        command.addAll(List.of(arguments));
        return lab.start(HOST2, null, command);
    }

    private static String text(Child child) throws Exception {
        return new String(child.output());
    }

    private static String lines(IntStream numbers) {
        return numbers.mapToObj(n -> n + "\n").collect(Collectors.joining());
    }
}
