package toytcp.testkit.net;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Many hosts below one router, each with some flows to other hosts.
final class ManyHosts implements AutoCloseable {
    final Network net = Network.create(1);
    final Traffic traffic;
    final List<Channel> flows = new ArrayList<>();

    private final List<Host> hosts = new ArrayList<>();
    private final int perHost;

    ManyHosts(int count, int perHost) {
        this.perHost = perHost;
        Router router = net.router("router");
        for (int i = 0; i < count; i++) {
            hosts.add(net.host("host" + i));
            net.link(hosts.get(i), router).rate("100mbit").delay(ofMillis(5));
        }
        traffic = new Traffic(net, hosts.getFirst());
        for (Host host : hosts.subList(1, count)) {
            host.serverBootstrap().childHandler(traffic).bind(host.at(Traffic.PORT));
        }
    }

    /// Establishes the flows, begun within a second.
    void connect() {
        SplittableRandom random = new SplittableRandom(1);
        List<ChannelFuture> connecting = new ArrayList<>();
        for (int i = 0; i < hosts.size(); i++) {
            Host from = hosts.get(i);
            for (int flow = 0; flow < perHost; flow++) {
                int other = (i + 1 + random.nextInt(hosts.size() - 1)) % hosts.size();
                Host to = hosts.get(other);
                net.after(ofMillis(random.nextInt(1000)))
                        .run(() -> connecting.add(Traffic.connect(from, to)));
            }
        }
        net.run(ofSeconds(3));
        connecting.forEach(future -> flows.add(net.await(future)));
    }

    /// Sends so many octets on each flow.
    void send(int octets) {
        for (Channel channel : flows) {
            channel.writeAndFlush(channel.alloc().buffer(octets).writeZero(octets));
        }
        net.run(ofSeconds(20));
    }

    /// Lets all connections end.
    void end() {
        flows.forEach(Channel::close);
        net.run(ofMinutes(5));
    }

    @Override
    public void close() {
        net.close();
    }

    /// What it takes: hosts, flows of each.
    static void main(String[] args) {
        int count = Integer.parseInt(args[0]);
        int perHost = Integer.parseInt(args[1]);
        // So that packets do not count as memory of flows.
        System.setProperty(Network.CAPTURE_LIMIT, "0");
        long begin = System.nanoTime();
        try (ManyHosts many = new ManyHosts(count, perHost)) {
            long before = used();
            many.connect();
            long connected = used();
            int flows = many.flows.size();
            System.out.printf(
                    "%,d hosts, %,d flows: established after %s%n", count, flows, since(begin));
            System.out.printf(
                    "memory of an idle flow, both ends and their channels, never used: %,d"
                            + " octets%n",
                    (connected - before) / flows);
            many.send(50_000);
            System.out.printf("50,000 octets on each have arrived after %s%n", since(begin));
            if (many.traffic.received != flows * 50_000) {
                throw new AssertionError(many.traffic.received + " octets arrived");
            }
            System.out.printf(
                    "the same after the transfer: %,d octets%n", (used() - before) / flows);
            many.end();
            many.net.run();
            System.out.printf(
                    "all ended after %s, virtual time %s%n", since(begin), many.net.now());
        }
    }

    private static String since(long begin) {
        return "%.1f s".formatted((System.nanoTime() - begin) / 1e9);
    }

    /// Heap and direct memory in use, after a collection.
    private static long used() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        for (var pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            used += pool.getMemoryUsed();
        }
        return used;
    }
}
