package toytcp.testkit.net;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/// A run with everything that is random in it; as a program it prints a checksum of its log, to compare JVMs.
final class Exchange {
    private Exchange() {}

    static String log(long seed) {
        try (Network net = Network.create(seed)) {
            Router router = net.router("router");
            Host server = net.host("server");
            net.link(router, server).delay(ofMillis(3)).rate("20mbit").queue(LinkQueue.codel());
            var traffic = new Traffic(net, server);
            for (int i = 0; i < 5; i++) {
                Host client = net.host("client" + i);
                net.link(client, router)
                        .rate("5mbit")
                        .delay(ofMillis(10 * i))
                        .jitter(ofMillis(2))
                        .queue(LinkQueue.packets(30))
                        .loss(0.01)
                        .burstLoss(0.001, 0.3)
                        .reorder(0.02, ofMillis(20))
                        .duplicate(0.02)
                        .corrupt(0.02)
                        .mtu(1500 - 100 * i);
                traffic.send(client, server, 50_000);
            }
            net.run(ofSeconds(300));
            if (traffic.received != 250_000) {
                throw net.failure("only " + traffic.received + " octets arrived");
            }
            return net.log() + net.fingerprint();
        }
    }

    static void main(String[] args) {
        CRC32 checksum = new CRC32();
        String log = log(Long.parseLong(args[0]));
        checksum.update(log.getBytes(StandardCharsets.UTF_8));
        System.out.println(log.length() + " " + checksum.getValue());
    }
}
