package toytcp.bench.path;

import toytcp.lab.NetworkNamespace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What lies between host1 and host2 of a lab: the kernel's router, or delay lines in its place. Loses packets
/// on the way from host1 to host2.
abstract sealed class Wire implements AutoCloseable {
    final String prefix;

    private Wire(String prefix) {
        this.prefix = prefix;
    }

    /// The wire of a lab of `setup.sh`.
    ///
    /// @param prefix of the names of the namespaces
    /// @param delayNanos each way; 0 leaves the kernel's router in place
    static Wire of(String prefix, long delayNanos) throws Exception {
        offloadsOff(prefix);
        return delayNanos == 0 ? new Router(prefix) : new Delayed(prefix, delayNanos);
    }

    /// Loses this share from now on.
    abstract void lose(double share, long seed) throws IOException;

    /// Packets that this machine was too slow for since the last call.
    abstract long overflown() throws IOException;

    @Override
    public abstract void close() throws IOException;

    /// So that a packet is a segment of one MSS for both senders, and a loss hits just one.
    private static void offloadsOff(String prefix) throws IOException {
        String[][] devices = {
            {"host1", "host1-veth1"},
            {"router", "router-veth1"},
            {"router", "router-veth2"},
            {"host2", "host2-veth1"}
        };
        for (String[] device : devices) {
            run(
                    prefix + device[0],
                    "ethtool",
                    "-K",
                    device[1],
                    "tx",
                    "off",
                    "tso",
                    "off",
                    "gso",
                    "off");
            run(prefix + device[0], "ethtool", "-K", device[1], "gro", "off");
        }
    }

    static void run(String namespace, String... command) throws IOException {
        String[] whole = new String[command.length + 4];
        System.arraycopy(new String[] {"ip", "netns", "exec", namespace}, 0, whole, 0, 4);
        System.arraycopy(command, 0, whole, 4, command.length);
        Process process = new ProcessBuilder(whole).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String talk =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(
                    String.join(" ", whole) + ": " + talk + "; try: ./setup.sh up, as root");
        }
    }

    /// The kernel forwards, and nftables throws the dice: some tens of microseconds.
    private static final class Router extends Wire {
        private static final String TABLE = "toytcp_one_way_loss";
        private static final int MILLION = 1_000_000;

        Router(String prefix) {
            super(prefix);
        }

        @Override
        void lose(double share, long seed) throws IOException {
            String add =
                    """
                    table ip %s {
                        chain forward {
                            type filter hook forward priority 0; policy accept;
                            iifname router-veth1 numgen random mod %d < %d counter drop
                        }
                    }
                    """
                            .formatted(TABLE, MILLION, Math.round(share * MILLION));
            String clear = "add table ip " + TABLE + "\ndelete table ip " + TABLE + "\n";
            run(prefix + "router", "nft", share == 0 ? clear : clear + add);
        }

        @Override
        long overflown() {
            return 0;
        }

        @Override
        public void close() throws IOException {
            lose(0, 0);
        }
    }

    /// Our own wire: the router's kernel forwards nothing meanwhile.
    private static final class Delayed extends Wire {
        private final NetworkNamespace router;
        private final DelayLine there;
        private final DelayLine back;
        private final List<CompletableFuture<Void>> running;
        private long seen;

        Delayed(String prefix, long delayNanos) throws Exception {
            super(prefix);
            router = new NetworkNamespace(prefix + "router");
            forward(false);
            byte[] mac1 = hardwareAddress("host1", "host1-veth1");
            byte[] mac2 = hardwareAddress("host2", "host2-veth1");
            PacketSocket left = router.call(() -> PacketSocket.open("router-veth1", mac1));
            PacketSocket right = router.call(() -> PacketSocket.open("router-veth2", mac2));
            there = new DelayLine(left, right, delayNanos);
            back = new DelayLine(right, left, delayNanos);
            running = List.of(start(there), start(back));
        }

        @Override
        void lose(double share, long seed) {
            there.lose(share, seed);
        }

        @Override
        long overflown() throws IOException {
            there.check();
            back.check();
            long all = there.overflown() + back.overflown();
            long news = all - seen;
            seen = all;
            return news;
        }

        @Override
        public void close() throws IOException {
            there.stop();
            back.stop();
            running.forEach(CompletableFuture::join);
            there.close();
            back.close();
            forward(true);
        }

        private static CompletableFuture<Void> start(DelayLine line) {
            return CompletableFuture.runAsync(
                    line, task -> Thread.ofPlatform().daemon().start(task));
        }

        private void forward(boolean on) throws IOException {
            run(prefix + "router", "sysctl", "-q", "-w", "net.ipv4.ip_forward=" + (on ? 1 : 0));
        }

        private byte[] hardwareAddress(String host, String device) throws Exception {
            return new NetworkNamespace(prefix + host)
                    .call(() -> java.net.NetworkInterface.getByName(device).getHardwareAddress());
        }
    }
}
