package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static toytcp.lab.Lab.HOST1;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;

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

/// The server of [HttpServerNamespaceTest] as most programs have it: with loops of its own for the
/// listener and the connections, so that everything is handed over from and to the link's loop.
@ExtendWith(InLab.class)
@Needs({"curl", "sha256sum"})
@Timeout(120)
class OtherLoopsNamespaceTest {
    private static final int MIB = 1 << 20;

    private final HttpService service = new HttpService();
    private final EventLoopGroup listeners =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoopGroup workers =
            new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private Curl curl;
    private LabStack ours;
    private Channel server;

    @BeforeEach
    void start(Lab lab) throws Exception {
        lab.setup("up").close();
        curl = new Curl(lab);
        ours = LabStack.open(lab, HOST1);
        server =
                ours.server(listeners, workers)
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
        listeners.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
        workers.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
    }

    @Test
    void bodiesAreDownloadedUnharmed() throws Exception {
        curl.download("octets/", 128L * MIB);
        curl.download("chunks/", 16L * MIB + 1);
    }

    @Test
    void bodiesAreUploadedUnharmed() throws Exception {
        curl.upload(50 * MIB);
        curl.echo(20 * MIB);
    }

    @Test
    void fiveHundredConnectionsAreServedAtTheSameTime() throws Exception {
        curl.together(500);
        assertEquals(500, service.connections.get());
    }

    @Test
    void requestsShareOneConnection() throws Exception {
        curl.numbers(3000);
        assertEquals(1, service.connections.get());
    }

    @Test
    void aClientThatIsKilledLeavesNothingBehind() throws Exception {
        try (Child download = curl.startDownload()) {
            service.streaming.get(30, TimeUnit.SECONDS);
            download.kill();
        }
        ours.awaitNoFlows(20_000);
    }
}
