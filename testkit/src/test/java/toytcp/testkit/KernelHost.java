package toytcp.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;

import org.jspecify.annotations.Nullable;

import toytcp.codec.DropCounters;
import toytcp.codec.IcmpCodec;
import toytcp.codec.IpAddresses;
import toytcp.codec.Ipv4Codec;
import toytcp.codec.TcpSegment;
import toytcp.codec.TcpSegmentCodec;
import toytcp.stack.tcp.TcpState;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The kernel of this machine as a host of its own: a network namespace whose only line to the world is a
/// TUN device, and this end of it are we. Every packet passes this stack's codec, with real checksums.
///
/// The namespace belongs to the thread that makes it, and is gone with that thread: nothing is left behind.
final class KernelHost implements AutoCloseable {
    /// The address of the kernel.
    static final int ADDRESS = 0x0a5a0001;

    /// Peers whose segments the kernel acknowledges at once, always: a metric of the route to them.
    private static final int QUICK_NETWORK = 0x0a5b0000;

    private static final int NETWORK = 0x0a5a0000;

    private static final String DEVICE = "tun0";
    private static final int MAX_PACKET = 65535;
    private static final short IFF_TUN_WITHOUT_PACKET_INFO = 0x1001;
    private static final short IFF_UP_AND_RUNNING = 0x41;
    private static final Path SYSCTL = Path.of("/proc/sys/net");

    /// What is not the subject of any script, and would come between the script and the kernel.
    private static final Map<String, String> COMMON =
            Map.of(
                    "ipv6/conf/all/disable_ipv6", "1",
                    // One connection must not know what another one has learnt.
                    "ipv4/tcp_no_metrics_save", "1",
                    // Else one answer to invalid segments each 500 ms.
                    "ipv4/tcp_invalid_ratelimit", "0",
                    "ipv4/tcp_syncookies", "0",
                    "ipv4/tcp_autocorking", "0",
                    // Else the first four SYNs go at the same interval.
                    "ipv4/tcp_syn_linear_timeouts", "0",
                    // Else ACKs with SACK blocks wait for some more to come.
                    "ipv4/tcp_comp_sack_nr", "0",
                    "ipv4/tcp_rmem", "4096 131072 6291456",
                    "ipv4/conf/all/rp_filter", "0");

    /// `enum` of the kernel's `tcp_states.h`, from 1.
    private static final TcpState[] STATES = {
        TcpState.ESTABLISHED,
        TcpState.SYN_SENT,
        TcpState.SYN_RECEIVED,
        TcpState.FIN_WAIT_1,
        TcpState.FIN_WAIT_2,
        TcpState.TIME_WAIT,
        TcpState.CLOSED,
        TcpState.CLOSE_WAIT,
        TcpState.LAST_ACK,
        TcpState.LISTEN,
        TcpState.CLOSING
    };

    private final KernelCalls calls = new KernelCalls();
    private final Map<String, String> settings = new HashMap<>();
    private final Map<Integer, Consumer<TcpSegment>> subjects = new HashMap<>();
    private final DropCounters drops = new DropCounters();
    private final EmbeddedChannel codec =
            new EmbeddedChannel(new Ipv4Codec(drops), new TcpSegmentCodec(drops, false));
    private final int tun;
    private int port = 10_000;

    /// Moves the current thread, a platform thread, into a new namespace.
    ///
    /// @throws IllegalStateException if that takes rights which the process does not have
    KernelHost() {
        check("unshare", calls.unshare());
        COMMON.forEach(this::set);
        tun = check("/dev/net/tun", calls.open("/dev/net/tun", nonBlocking(KernelCalls.O_RDWR)));
        byte[] flags = {(byte) IFF_TUN_WITHOUT_PACKET_INFO, IFF_TUN_WITHOUT_PACKET_INFO >> 8};
        check("TUN", calls.interfaceControl(tun, KernelCalls.TUNSETIFF, DEVICE, flags));
        int any = check("a socket", calls.socket(KernelCalls.SOCK_STREAM));
        byte[] address = {KernelCalls.AF_INET, 0, 0, 0, 10, 90, 0, 1};
        check("address", calls.interfaceControl(any, KernelCalls.SIOCSIFADDR, DEVICE, address));
        byte[] mask = {KernelCalls.AF_INET, 0, 0, 0, -1, -1, 0, 0};
        check("mask", calls.interfaceControl(any, KernelCalls.SIOCSIFNETMASK, DEVICE, mask));
        byte[] up = {(byte) IFF_UP_AND_RUNNING, 0};
        check("flags", calls.interfaceControl(any, KernelCalls.SIOCSIFFLAGS, DEVICE, up));
        calls.close(any);
        run("ip", "route", "add", "10.91.0.0/16", "dev", DEVICE, "quickack", "1");
    }

    KernelCalls calls() {
        return calls;
    }

    /// The address of the peer that talks to a port: a peer of its own for each, because the kernel
    /// remembers what it has learnt of a peer.
    ///
    /// @param quick whether its segments are acknowledged at once, always
    static int peer(int port, boolean quick) {
        return (quick ? QUICK_NETWORK : NETWORK) + port;
    }

    /// A port that no script before has used, whose segments go to `subject`.
    int register(Consumer<TcpSegment> subject) {
        subjects.put(++port, subject);
        return port;
    }

    void unregister(int port) {
        subjects.remove(port);
    }

    /// Sets a sysctl of the namespace, by its path below `/proc/sys/net`.
    void set(String name, String value) {
        if (!value.equals(settings.get(name))) {
            try {
                Files.writeString(SYSCTL.resolve(name), value);
            } catch (IOException e) {
                throw new NotPlayable("needs " + name + " = " + value);
            }
            settings.put(name, value);
        }
    }

    /// The state of the connection between a port and its peer; null if there is none.
    @Nullable TcpState state(int port) {
        String end = String.format(Locale.ROOT, ":%04X", port);
        try {
            // Not /proc/net, which shows the namespace of the first thread.
            for (String line : Files.readAllLines(Path.of("/proc/thread-self/net/tcp"))) {
                String[] fields = line.strip().split(" +");
                if (fields[1].endsWith(end) && fields[2].endsWith(end)) {
                    return STATES[Integer.parseInt(fields[3], 16) - 1];
                }
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A segment of the peer reaches the kernel, which answers before this returns.
    void arrive(TcpSegment segment, int peer, int port) {
        segment.from(IpAddresses.V4_HIGH, IpAddresses.v4Low(peer), port);
        segment.to(IpAddresses.V4_HIGH, IpAddresses.v4Low(ADDRESS), port);
        codec.writeOutbound(segment);
        write(codec.readOutbound());
    }

    /// An ICMP error of `router` about a packet of the kernel reaches it.
    void arrive(ByteBuf quoted, int router, int type, int code, int mtu) {
        write(IcmpCodec.error(UnpooledByteBufAllocator.DEFAULT, quoted, router, type, code, mtu));
        quoted.release();
    }

    /// Hands on what the kernel has sent already.
    void drain() {
        byte[] packet = calls.read(tun, MAX_PACKET);
        while (packet != null) {
            codec.writeInbound(Unpooled.wrappedBuffer(packet));
            TcpSegment segment = codec.readInbound();
            if (segment != null) {
                subjects.getOrDefault(segment.srcPort(), TcpSegment::release).accept(segment);
            }
            packet = calls.read(tun, MAX_PACKET);
        }
    }

    /// Waits until the kernel sends something, and hands it on.
    ///
    /// @param untilNanos of [System#nanoTime]
    /// @return whether something came
    boolean await(long untilNanos) {
        long left = untilNanos - System.nanoTime();
        long millis = TimeUnit.NANOSECONDS.toMillis(left);
        boolean some = left > 0 && calls.poll(tun, (int) Math.max(1, millis)) > 0;
        drain();
        return some;
    }

    @Override
    public void close() {
        codec.finishAndReleaseAll();
        calls.close(tun);
        calls.close();
    }

    static int nonBlocking(int flags) {
        return flags | KernelCalls.O_NONBLOCK | KernelCalls.O_CLOEXEC;
    }

    private static void run(String... command) {
        try {
            int code = new ProcessBuilder(command).inheritIO().start().waitFor();
            check(String.join(" ", command), -code);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(String.join(" ", command), e);
        }
    }

    private void write(ByteBuf packet) {
        byte[] octets = new byte[packet.readableBytes()];
        packet.readBytes(octets).release();
        check("a packet", calls.write(tun, octets));
    }

    private static int check(String what, int result) {
        if (result < 0) {
            throw new IllegalStateException(
                    what + ": errno " + -result + "; it takes root and /dev/net/tun");
        }
        return result;
    }
}
