package toytcp.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static toytcp.lab.Lab.ADDRESS1;
import static toytcp.lab.Lab.ADDRESS2;
import static toytcp.lab.Lab.HOST1;
import static toytcp.lab.Lab.HOST2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.resolver.DefaultAddressResolverGroup;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.SslProvider;

import toytcp.lab.Child;
import toytcp.lab.InLab;
import toytcp.lab.Lab;
import toytcp.lab.LabStack;
import toytcp.lab.Needs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;

/// HTTP/2 over TLS, with `curl` and with a Java client, agreed on by ALPN.
@ExtendWith(InLab.class)
@Needs({"curl", "sha256sum"})
@Timeout(120)
class Http2NamespaceTest {
    private static final int PORT = 8443;
    private static final long LENGTH = (64L << 20) + 1;

    @Test
    void curlDownloadsAndMultiplexes(Lab lab) throws Exception {
        lab.setup("up").close();
        Http2Service service = new Http2Service(ADDRESS1);
        Path trusted = Files.writeString(lab.file(), service.certificate.getCertificatePEM());
        String curl = "curl -sS --fail --http2 --cacert " + trusted + " ";
        String url = "https://" + ADDRESS1 + ":" + PORT;
        try (LabStack ours = LabStack.open(lab, HOST1)) {
            Channel server = ours.server().childHandler(service).bind(PORT).sync().channel();
            String download = curl + url + "/octets/" + LENGTH + " | sha256sum";
            assertEquals(Octets.sha256(LENGTH), run(lab, download).substring(0, 64));
            String version = curl + "-o /dev/null -w '%{http_version}' " + url + "/number/1";
            assertEquals("2", run(lab, version));
            int before = service.connections.get();
            String many = curl + "-Z --parallel-max 50 '" + url + "/number/[1-500]' 2>/dev/null";
            assertEquals(500, run(lab, many).lines().distinct().count());
            assertEquals(1, service.connections.get() - before, "connections of 500 requests");
            server.close().sync();
        }
        assertEquals(0, service.service.open.size());
    }

    @Test
    void aClientAndAServerOfOursUseIt(Lab lab) throws Exception {
        lab.setup("up").close();
        Http2Service service = new Http2Service(ADDRESS2);
        ConnectionProvider pool = ConnectionProvider.builder("h2").maxConnections(4).build();
        try (LabStack clients = LabStack.open(lab, HOST1);
                LabStack servers = LabStack.open(lab, HOST2)) {
            Channel server = servers.server().childHandler(service).bind(PORT).sync().channel();
            HttpClient client = client(pool, clients, service);
            assertEquals(Octets.sha256(LENGTH), download(client));
            long right =
                    Flux.range(1, 2000)
                            .flatMap(number -> isAnswered(client, number), 100)
                            .filter(answered -> answered)
                            .count()
                            .block();
            assertEquals(2000, right);
            String digest =
                    client.post()
                            .uri("/digest")
                            .send(octets())
                            .responseContent()
                            .aggregate()
                            .asString()
                            .block();
            assertEquals(Octets.sha256(LENGTH), digest);
            assertTrue(service.connections.get() > 0, "HTTP/2 was not agreed on");
            pool.disposeLater().block();
            server.close().sync();
        }
        assertEquals(0, service.service.open.size());
    }

    private static HttpClient client(
            ConnectionProvider pool, LabStack clients, Http2Service service) {
        SslProvider.GenericSslContextSpec<SslContextBuilder> tls =
                Http2SslContextSpec.forClient()
                        .configure(
                                builder ->
                                        builder.sslProvider(io.netty.handler.ssl.SslProvider.JDK)
                                                .trustManager(
                                                        service.certificate.getCertificate()));
        return HttpClient.create(pool)
                .runOn(new ToyLoops(clients), false)
                .resolver(DefaultAddressResolverGroup.INSTANCE)
                .protocol(HttpProtocol.H2)
                .secure(spec -> spec.sslContext(tls))
                .responseTimeout(Duration.ofSeconds(60))
                .baseUrl("https://" + ADDRESS2 + ":" + PORT);
    }

    private static String download(HttpClient client) {
        MessageDigest digest = Octets.digest();
        client.get()
                .uri("/octets/" + LENGTH)
                .responseContent()
                .doOnNext(part -> Octets.update(digest, part))
                .blockLast();
        return Octets.text(digest);
    }

    private static Flux<ByteBuf> octets() {
        return Flux.generate(
                () -> 0L,
                (position, sink) -> {
                    var block = Octets.block(ByteBufAllocator.DEFAULT, position, LENGTH);
                    long next = position + block.readableBytes();
                    sink.next(block);
                    if (next == LENGTH) {
                        sink.complete();
                    }
                    return next;
                });
    }

    private static Mono<Boolean> isAnswered(HttpClient client, int number) {
        return client.get()
                .uri("/number/" + number)
                .responseContent()
                .aggregate()
                .asString()
                .map((number + "\n")::equals);
    }

    private static String run(Lab lab, String command) throws Exception {
        try (Child child = lab.start(HOST2, "bash", "-o", "pipefail", "-c", command)) {
            child.succeeds();
            return new String(child.output());
        }
    }
}
