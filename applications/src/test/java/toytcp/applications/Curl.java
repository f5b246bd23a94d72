package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.lab.Lab.ADDRESS1;
import static toytcp.lab.Lab.HOST2;

import toytcp.lab.Child;
import toytcp.lab.Lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// `curl` in host2, on the kernel's TCP, against a [HttpService] in host1.
record Curl(Lab lab) {
    static final int PORT = 8080;

    private static final String URL = "http://" + ADDRESS1 + ":" + PORT + "/";

    /// Starts a download of `path` and [Octets].
    ///
    /// @param path `octets/` or `chunks/`
    void download(String path, long length) throws Exception {
        String pipe = "set -o pipefail; curl -sS --fail '" + URL + path + length + "' | sha256sum";
        try (Child curl = lab.start(HOST2, "bash", "-c", pipe)) {
            String expected = Octets.sha256(length);
            curl.succeeds();
            assertEquals(expected, text(curl).substring(0, 64));
        }
    }

    /// Starts a download without an end.
    Child startDownload() throws Exception {
        return start("-o", "/dev/null", URL + "octets/" + Long.MAX_VALUE);
    }

    /// Posts random octets and compares their SHA-256.
    void upload(int length) throws Exception {
        Path body = lab.randomFile(length);
        try (Child curl = start("--data-binary", "@" + body, URL + "digest");
                Child sum = lab.start(HOST2, "sha256sum", body.toString())) {
            curl.succeeds();
            sum.succeeds();
            assertEquals(text(sum).substring(0, 64), text(curl));
        }
        Files.writeString(body, "");
    }

    /// Sends random octets in chunks and wants them back.
    void echo(int length) throws Exception {
        Path body = lab.randomFile(length);
        String chunked = "Transfer-Encoding: chunked";
        try (Child curl = start("-X", "POST", "-H", chunked, "-T", body.toString(), URL + "echo")) {
            curl.succeeds();
            assertArrayEquals(Files.readAllBytes(body), curl.output());
        }
    }

    /// One request after the other, on one connection if the server keeps it.
    void numbers(int count) throws Exception {
        try (Child curl = start(URL + "number/[1-" + count + "]")) {
            curl.succeeds();
            assertEquals(
                    IntStream.rangeClosed(1, count)
                            .mapToObj(n -> n + "\n")
                            .collect(Collectors.joining()),
                    text(curl));
        }
    }

    /// As many connections at once; the server answers only when all requests are there.
    ///
    /// @param clients an even number
    void together(int clients) throws Exception {
        // One curl has no more than 300 transfers at a time.
        int half = clients / 2;
        String[] command = {
            "--parallel",
            "--parallel-immediate",
            "--parallel-max",
            Integer.toString(half),
            URL + "together/" + clients + "?[1-" + half + "]"
        };
        try (Child one = start(command);
                Child two = start(command)) {
            for (Child curl : List.of(one, two)) {
                curl.succeeds();
                assertEquals(half, text(curl).lines().count(), curl::toString);
            }
        }
    }

    private Child start(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--fail"));
        command.addAll(List.of(arguments));
        return lab.start(HOST2, null, command);
    }

    private static String text(Child child) throws Exception {
        return new String(child.output());
    }
}
