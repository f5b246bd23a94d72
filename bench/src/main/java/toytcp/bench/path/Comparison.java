package toytcp.bench.path;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;

import toytcp.lab.NetworkNamespace;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Flows of our stack and of the kernel, from host1 to the kernel of host2, in one lab.
final class Comparison implements AutoCloseable {
    private static final String ADDRESS1 = "10.0.0.1";
    private static final String ADDRESS2 = "10.0.1.1";

    private final NetworkNamespace host1;
    private final NetworkNamespace host2;
    private final EventLoopGroup oursGroup;
    private final EventLoopGroup kernelGroup;
    private final EventLoopGroup receiverGroup;
    private final Receiver receiver;
    private final Sender ours;
    private final Sender kernel;
    private final Wire wire;

    /// @param prefix of the names of the lab's namespaces
    /// @param delayNanos of the wire, each way
    /// @param algorithm of the congestion control, for both
    Comparison(String prefix, long delayNanos, String algorithm) throws Exception {
        host1 = new NetworkNamespace(prefix + "host1");
        host2 = new NetworkNamespace(prefix + "host2");
        oursGroup = loop(host1);
        kernelGroup = loop(host1);
        receiverGroup = loop(host2);
        Octets octets = new Octets();
        // Netty opens a kernel's socket on the thread that asks for it.
        receiver = host2.call(() -> Receiver.open(receiverGroup, ADDRESS2, octets));
        ours = Sender.ours(oursGroup, ADDRESS1, algorithm, octets);
        kernel = Sender.kernel(kernelGroup, algorithm, octets);
        wire = Wire.of(prefix, delayNanos);
    }

    /// Lets some flows of one sender run for a while.
    ///
    /// @param loss share of the packets that the wire loses
    Run run(boolean isOurs, double loss, int flows, double seconds, long seed) throws Exception {
        wire.lose(loss, seed);
        wire.overflown();
        KernelCounters before = KernelCounters.of(host2);
        long wrong = receiver.wrong();
        long start = System.nanoTime();
        long arrived = receiver.arrived();
        Sender sender = isOurs ? ours : kernel;
        List<Channel> channels = host1.call(() -> sender.connect(receiver.address(), flows));
        pause(seconds);
        double took = (System.nanoTime() - start) / 1e9;
        arrived = receiver.arrived() - arrived;
        KernelCounters after = KernelCounters.of(host2);
        Sender.end(channels);
        // What is still on the wire must not meet the next run.
        pause(0.3);
        if (receiver.wrong() != wrong) {
            throw new IOException("octets arrived that were not sent");
        }
        return new Run(
                arrived * 8 / took / 1e6,
                after.arrivedTwice(before),
                after.since(before, "InSegs"),
                wire.overflown());
    }

    @Override
    public void close() throws IOException {
        receiver.close();
        ours.close();
        for (EventLoopGroup group : List.of(oursGroup, kernelGroup, receiverGroup)) {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        }
        wire.close();
    }

    private void pause(double seconds) {
        long nanos = (long) (seconds * 1e9);
        receiverGroup.schedule(() -> {}, nanos, TimeUnit.NANOSECONDS).awaitUninterruptibly();
    }

    private static EventLoopGroup loop(NetworkNamespace namespace) {
        return new MultiThreadIoEventLoopGroup(1, namespace.threads(), EpollIoHandler.newFactory());
    }
}
