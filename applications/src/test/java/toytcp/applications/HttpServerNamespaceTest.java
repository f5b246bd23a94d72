package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.lab.Lab.HOST1;

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

import java.util.concurrent.TimeUnit;

/// Netty's HTTP/1.1 server on our stack, and `curl` on the kernel's.
///
/// Each test ends with [LabStack#close], which wants every connection at its end.
@ExtendWith(InLab.class)
@Needs({"curl", "sha256sum"})
@Timeout(120)
class HttpServerNamespaceTest {
    private static final int MIB = 1 << 20;

    private final HttpService service = new HttpService();
    private Curl curl;
    private LabStack ours;
    private Channel server;

    @BeforeEach
    void start(Lab lab) throws Exception {
        lab.setup("up").close();
        curl = new Curl(lab);
        ours = LabStack.open(lab, HOST1);
        server =
                ours.server()
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childHandler(service)
                        .bind(Curl.PORT)
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
    void aGibibyteIsDownloadedUnharmed() throws Exception {
        curl.download("octets/", 1024L * MIB);
    }

    @Test
    void aChunkedBodyIsDownloadedUnharmed() throws Exception {
        curl.download("chunks/", 64L * MIB + 1);
    }

    @Test
    void aLargeBodyIsUploadedUnharmed() throws Exception {
        curl.upload(100 * MIB);
    }

    @Test
    void aBodyComesBackInChunksWhileItIsSentInChunks() throws Exception {
        curl.echo(20 * MIB);
    }

    @Test
    void tenThousandRequestsShareOneConnection() throws Exception {
        curl.numbers(10_000);
        assertEquals(1, service.connections.get());
    }

    @Test
    void fiveHundredConnectionsAreServedAtTheSameTime() throws Exception {
        curl.together(500);
        assertEquals(500, service.connections.get());
    }

    @Test
    void aClientThatIsKilledLeavesNothingBehind() throws Exception {
        try (Child download = curl.startDownload()) {
            service.streaming.get(30, TimeUnit.SECONDS);
            download.kill();
        }
        ours.awaitNoFlows(20_000);
    }

    @Test
    void memoryStaysFlat() throws Exception {
        round();
        round();
        Memory before = Memory.used(ours.link().alloc());
        for (int i = 0; i < 3; i++) {
            round();
        }
        Memory.used(ours.link().alloc()).assertNotMuchMoreThan(before);
    }

    /// The same work each time: connections come and go, requests are answered, bodies stream.
    private void round() throws Exception {
        curl.together(200);
        curl.numbers(1000);
        curl.download("chunks/", 8L * MIB);
        ours.awaitNoFlows(10_000);
    }
}
