package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.resolver.DefaultAddressResolverGroup;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;
import toytcp.lab.Needs;
import toytcp.stack.channel.TcpStack;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A client that does not know of us, Reactor Netty's with its pool, on our stack; a server that
/// knows nothing of Java, `nginx`, on the kernel's.
@ExtendWith(InLab.class)
@Needs("nginx")
@Timeout(180)
class ReactorNettyNamespaceTest {
    private static final String ECHO_PATH = "location / { return 200 \"$request_uri\"; }";

    @ParameterizedTest
    @CsvSource({"100000, 50, 0%", "100000, 500, 1%"})
    void everyRequestGetsItsOwnAnswer(int requests, int connections, String loss, Lab lab)
            throws Exception {
        lab.setup("up", "--loss", loss).close();
        ConnectionProvider pool =
                ConnectionProvider.builder("toytcp")
                        .maxConnections(connections)
                        .pendingAcquireMaxCount(-1)
                        .build();
        try (Nginx _ = Nginx.start(lab, ECHO_PATH);
                LabStack ours = LabStack.open(lab, HOST1)) {
            assertEquals(
                    requests,
                    rightAnswers(client(pool, new ToyLoops(ours)), requests, connections));
            pool.disposeLater().block();
        } finally {
            lab.setup("up").close();
        }
        assertTrue(pool.isDisposed());
    }

    @ParameterizedTest
    @CsvSource({"0%", "1%"})
    void channelsLiveOnOtherLoopsThanTheLink(String loss, Lab lab) throws Exception {
        lab.setup("up", "--loss", loss).close();
        EventLoopGroup others = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        ConnectionProvider pool = ConnectionProvider.create("toytcp", 200);
        try (Nginx _ = Nginx.start(lab, ECHO_PATH);
                LabStack ours = LabStack.open(lab, HOST1)) {
            HttpClient client = client(pool, new ToyLoops(ours, others));
            assertEquals(20_000, rightAnswers(client, 20_000, 200));
            pool.disposeLater().block();
        } finally {
            lab.setup("up").close();
            others.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
        }
    }

    /// Ports come round again many times within the minute of a TIME-WAIT.
    @Test
    void everyRequestHasItsOwnConnection(Lab lab) throws Exception {
        withoutPool(lab, TcpStack.builder(), 50);
    }

    /// More connections at once than the stack has ports at first.
    @Test
    void manyConnectionsAtOnceTakeMorePorts(Lab lab) throws Exception {
        withoutPool(lab, TcpStack.builder(), 1000);
    }

    @Test
    void anApplicationCanChooseItsPorts(Lab lab) throws Exception {
        withoutPool(lab, TcpStack.builder().ephemeralPorts(10_000, 19_999), 1000);
    }

    private static void withoutPool(Lab lab, TcpStack.Builder builder, int atOnce)
            throws Exception {
        lab.setup("up").close();
        try (Nginx _ = Nginx.start(lab, ECHO_PATH);
                LabStack ours = LabStack.open(lab, HOST1, builder)) {
            HttpClient client =
                    client(ConnectionProvider.newConnection(), new ToyLoops(ours)).keepAlive(false);
            assertEquals(5000, rightAnswers(client, 5000, atOnce));
        }
    }

    private static HttpClient client(ConnectionProvider pool, ToyLoops loops) {
        return HttpClient.create(pool)
                .runOn(loops, false)
                .resolver(DefaultAddressResolverGroup.INSTANCE)
                .responseTimeout(Duration.ofSeconds(60))
                .baseUrl("http://" + ADDRESS2 + ":" + Nginx.PORT);
    }

    private static long rightAnswers(HttpClient client, int requests, int atOnce) {
        return Flux.range(1, requests)
                .flatMap(number -> isAnswered(client, "/" + number), atOnce)
                .filter(answered -> answered)
                .count()
                .block();
    }

    private static Mono<Boolean> isAnswered(HttpClient client, String path) {
        return client.get().uri(path).responseContent().aggregate().asString().map(path::equals);
    }
}
