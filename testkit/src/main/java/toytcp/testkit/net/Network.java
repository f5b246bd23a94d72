package toytcp.testkit.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import toytcp.stack.channel.TcpStack;
import toytcp.testkit.VirtualClock;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// A network of whole stacks in one thread and in virtual time, for tests of ordinary Netty applications.
///
/// ```java
/// try (Network net = Network.create(42)) {
///     Host server = net.host("server"), client = net.host("client");
///     Link wan = net.link(server, client).rate("10mbit").delay(ofMillis(40)).loss(0.02);
///     net.await(server.serverBootstrap().childHandler(echo).bind(server.at(80)));
///     Channel channel = net.await(client.bootstrap().handler(..).connect("server", 80));
///     net.at(ofSeconds(5)).down(wan).at(ofSeconds(9)).up(wan);
///     net.run(ofMinutes(10));
/// }
/// ```
///
/// In a JUnit test a parameter that is annotated with [VirtualNetwork] does the same.
///
/// **Time** moves only when nothing else can happen, and then to the next thing that is due. Handlers run on the
/// thread that calls [#run], [#runUntil] or [#await]; between such calls nothing happens, and channels can be used
/// as from their own event loop. Waiting with `sync()` or `get()` would wait for ever, and Netty says so: [#await]
/// lets time pass.
///
/// **Chance** comes from the seed alone. The same program and seed give the same run, to the nanosecond and
/// to the octet, as long as the program takes time from its event loop, chance from nowhere else, and does its work
/// on the event loops of its hosts: other threads are heard, but not waited for.
///
/// One thread at a time may use a network. It needs no rights, and nothing of the operating system.
public final class Network implements AutoCloseable {
    /// The name of a system property: about how many octets of the latest packets a network keeps for
    /// [#log] and [#writeCapture].
    public static final String CAPTURE_LIMIT = "toytcp.capture.limit";

    private static final long DEFAULT_CAPTURE = 16 << 20;
    private static final int LOG_LINES = 40;
    private static final String ROUTERS = "10.255.";
    private static final String HOSTS = "10.";

    private final long seed;
    private final SplittableRandom random;
    private final Timeline timeline = new Timeline(this);
    private final Capture capture;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Node> byName = new HashMap<>();
    private final List<Host> hosts = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final Routes routes = new Routes(nodes);
    private final NetworkNames names = new NetworkNames(this);

    private Duration patience = Duration.ofHours(24);
    private boolean closed;
    private int routers;

    private Network(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        capture = new Capture(this::nowNanos, Long.getLong(CAPTURE_LIMIT, DEFAULT_CAPTURE));
    }

    /// An empty network.
    ///
    /// @param seed decides everything that is random: faults, initial sequence numbers, ports
    public static Network create(long seed) {
        return new Network(seed);
    }

    // ---- what it is made of

    /// A new host with an address that is free: 10.0.0.1 for the first one.
    ///
    /// @param name for logs and for the resolver of [Host#bootstrap]; no other node has it
    public Host host(String name) {
        return host(name, _ -> {});
    }

    /// A new host with an address that is free.
    ///
    /// @param settings changes what its stack is built with; address and entropy are set already
    public Host host(String name, Consumer<TcpStack.Builder> settings) {
        int number = hosts.size() + 1;
        while (!isFree(HOSTS + numbers(number))) {
            number++;
        }
        return host(name, HOSTS + numbers(number), settings);
    }

    /// A new host.
    ///
    /// @param address an IPv4 address that no other node has, such as `192.0.2.1`
    public Host host(String name, String address) {
        return host(name, address, _ -> {});
    }

    /// A new host.
    ///
    /// @param address an IPv4 address that no other node has
    /// @param settings changes what its stack is built with; address and entropy are set already
    public Host host(String name, String address, Consumer<TcpStack.Builder> settings) {
        timeline.enter();
        InetAddress ip = check(name, address);
        Host host = add(new Host(this, name, ip, nodes.size(), settings, random.nextLong()));
        hosts.add(host);
        return host;
    }

    /// A new router: passes packets on by the shortest way.
    ///
    /// @param name for logs; no other node has it
    public Router router(String name) {
        timeline.enter();
        routers++;
        InetAddress ip = check(name, ROUTERS + (routers >> 8) + "." + (routers & 0xff));
        return add(new Router(this, name, ip, nodes.size()));
    }

    /// A new link. Without settings it has no limit of its rate, a delay of 1 ms, an MTU of 1500, and no faults.
    public Link link(Node a, Node b) {
        timeline.enter();
        if (a == b || a.network != this || b.network != this) {
            throw new IllegalArgumentException(
                    "a link connects two nodes of this network, got %s and %s".formatted(a, b));
        }
        Link link = new Link(this, a, b, 2 * links.size(), random.nextLong(), random.nextLong());
        links.add(link);
        capture.add(link.endAt(a));
        capture.add(link.endAt(b));
        routes.changed();
        return link;
    }

    // ---- time

    /// A moment to plan something for, counted from the beginning of the network.
    ///
    /// @throws IllegalArgumentException if it has passed
    public Moment at(Duration time) {
        if (time.toNanos() < nowNanos()) {
            throw new IllegalArgumentException(
                    "net.at(%s) has passed, it is %s since the network began: plan it before, or use net.after(..)"
                            .formatted(time, now()));
        }
        return new Moment(this, time.toNanos());
    }

    /// A moment to plan something for, counted from now.
    public Moment after(Duration time) {
        return at(now().plus(time));
    }

    /// How much time has passed since the network began.
    public Duration now() {
        return Duration.ofNanos(nowNanos());
    }

    /// The same in nanoseconds.
    public long nowNanos() {
        return timeline.clock.nanoTime();
    }

    /// How long [#run()], [#runUntil] and [#await] go on before they give up: 24 hours of virtual time without this
    /// call.
    public Network patience(Duration time) {
        patience = time;
        return this;
    }

    /// Lets `time` pass, with everything that happens in it.
    public void run(Duration time) {
        long end = nowNanos() + time.toNanos();
        timeline.begin(true);
        try {
            while (timeline.step(end)) {
                // Once more.
            }
            timeline.clock.runUntil(end);
        } finally {
            timeline.end();
        }
    }

    /// Lets time pass until nothing is left that could happen: no packet is under way, no task is scheduled,
    /// nothing is planned.
    ///
    /// @throws AssertionError if it does not come to that within its [#patience], or after 50 million things that
    ///     happened; the message says which flows, timers and tasks are alive
    public void run() {
        runUntil(() -> false, false, "the network did not come to rest");
    }

    /// Lets time pass until `condition` is true; it is asked after each thing that happens.
    ///
    /// @throws AssertionError if it is not within the [#patience], or if nothing is left that could make it
    ///     true; the message says what is alive
    public void runUntil(BooleanSupplier condition) {
        runUntil(condition, true, "what was waited for did not happen");
    }

    /// Lets time pass until the future is done, be it by a failure.
    ///
    /// @throws AssertionError as above
    public void runUntil(Future<?> future) {
        runUntil(future::isDone);
    }

    /// Lets time pass until the future is done, and returns its channel.
    ///
    /// @throws AssertionError if it fails, with its cause, or is not done as above
    public Channel await(ChannelFuture future) {
        await((Future<?>) future);
        return future.channel();
    }

    /// Lets time pass until the future is done, and returns its result.
    ///
    /// @throws AssertionError if it fails, with its cause, or is not done as above
    public <V> V await(Future<V> future) {
        runUntil(future);
        if (!future.isSuccess()) {
            AssertionError error = failure("the future failed: " + future.cause());
            error.initCause(future.cause());
            throw error;
        }
        return future.getNow();
    }

    private void runUntil(BooleanSupplier condition, boolean wanted, String wrong) {
        long end = nowNanos() + patience.toNanos();
        timeline.begin(false);
        try {
            while (!condition.getAsBoolean()) {
                if (timeline.step(end)) {
                    continue;
                }
                if (!timeline.isIdle()) {
                    throw timeline.stuck(wrong + " within " + patience);
                } else if (wanted) {
                    throw failure(wrong + ", and nothing is left that could bring it about");
                }
                return;
            }
        } finally {
            timeline.end();
        }
    }

    // ---- what happened

    /// The seed.
    public long seed() {
        return seed;
    }

    /// What happened, one line each: when, on which link, the packet, and what the link did to it. The latest part
    /// of it if it is much, see [#CAPTURE_LIMIT].
    public String log() {
        return capture.text(Integer.MAX_VALUE);
    }

    /// A number that tells whether two runs were the same, from the first packet to the last, also those that
    /// are no longer in the log.
    public long fingerprint() {
        return capture.fingerprint();
    }

    /// Writes the packets of the log as a pcapng file, which Wireshark reads: one interface for each end of a
    /// link, virtual time in nanoseconds. What a link did to a packet is its comment.
    public void writeCapture(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            writeCapture(out);
        }
    }

    /// The same to a stream, which stays open.
    public void writeCapture(OutputStream out) throws IOException {
        Pcapng.write(capture, "toytcp testkit, seed " + seed, out);
    }

    /// What keeps the network from coming to rest: flows with their timers, tasks, packets under way.
    public String alive() {
        return Alive.report(hosts, links, timeline.planned());
    }

    /// An error with the seed and the last part of the log, for the checks of a test.
    public AssertionError failure(String wrong) {
        return new AssertionError(
                "seed %d, %s: %s%n%s"
                        .formatted(seed, now(), wrong, capture.text(LOG_LINES).stripTrailing()));
    }

    /// Resolves the names of the hosts, for `Bootstrap.resolver`; those of [Host#bootstrap] have it.
    public AddressResolverGroup<InetSocketAddress> names() {
        return names;
    }

    /// Ends all connections, closes the channels, and releases what is under way.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        timeline.enter();
        closed = true;
        hosts.forEach(Host::end);
        links.forEach(Link::release);
        timeline.drain();
        names.close();
    }

    // ---- for its parts

    Timeline timeline() {
        return timeline;
    }

    boolean isClosed() {
        return closed;
    }

    VirtualClock clock() {
        return timeline.clock;
    }

    Routes routes() {
        return routes;
    }

    Capture capture() {
        return capture;
    }

    @Nullable Host find(String name) {
        return byName.get(name) instanceof Host host ? host : null;
    }

    List<Host> hostNames() {
        return hosts;
    }

    private boolean isFree(String address) {
        return routes.find(InetAddress.ofLiteral(address)) == null;
    }

    private InetAddress check(String name, String address) {
        if (byName.containsKey(name)) {
            throw new IllegalArgumentException(
                    "there is a " + name + " already: each node needs a name of its own");
        }
        InetAddress ip = InetAddress.ofLiteral(address);
        Node other = routes.find(ip);
        if (other != null) {
            throw new IllegalArgumentException(
                    "%s has the address %s already: choose another one for %s"
                            .formatted(other, address, name));
        }
        return ip;
    }

    private <N extends Node> N add(N node) {
        nodes.add(node);
        byName.put(node.name(), node);
        routes.add(node);
        return node;
    }

    private static String numbers(int count) {
        return (count >> 16) + "." + (count >> 8 & 0xff) + "." + (count & 0xff);
    }
}
