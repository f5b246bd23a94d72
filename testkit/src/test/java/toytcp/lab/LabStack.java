package toytcp.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;

import toytcp.codec.DropReason;
import toytcp.link.RawSocketChannel;
import toytcp.stack.channel.FlowSnapshot;
import toytcp.stack.channel.TcpStack;
import toytcp.stack.tcp.TcpState;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A stack of ours over a raw socket in one host of the lab, on an event loop of this JVM.
///
/// Whoever uses it closes the channels; [#close] then demands that all connections come to their
/// end, and fails with a list of those that do not, or if something came that no healthy peer sends. Buffers that are left are found by the leak
/// check of the test class.
public final class LabStack implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final long LOOK_AGAIN_MILLIS = 10;

    /// What healthy hosts do not send, and what we would not understand if we misread it: the router
    /// loses packets, but it damages none.
    private static final List<DropReason> NEVER =
            List.of(
                    DropReason.IP_TRUNCATED,
                    DropReason.IP_VERSION,
                    DropReason.IP_HEADER_LENGTH,
                    DropReason.IP_CHECKSUM,
                    DropReason.IP_FRAGMENT,
                    DropReason.IP_SOURCE,
                    DropReason.IP_PROTOCOL,
                    DropReason.TCP_TRUNCATED,
                    DropReason.TCP_DATA_OFFSET,
                    DropReason.TCP_CHECKSUM,
                    DropReason.TCP_OPTION_LENGTH,
                    DropReason.TCP_PORT_ZERO,
                    DropReason.TCP_FLAGS,
                    DropReason.TIMESTAMP_MISSING,
                    DropReason.SYN_UNEXPECTED,
                    DropReason.ACK_MISSING,
                    DropReason.ACK_UNACCEPTABLE,
                    DropReason.UNSUPPORTED_MESSAGE);

    private final NetworkNamespace namespace;
    private final String address;
    private final TcpStack stack;
    private final EventLoopGroup group;
    private final Channel link;

    private LabStack(
            NetworkNamespace namespace,
            String address,
            TcpStack stack,
            EventLoopGroup group,
            Channel link) {
        this.namespace = namespace;
        this.address = address;
        this.stack = stack;
        this.group = group;
        this.link = link;
    }

    /// Opens a stack with the defaults.
    ///
    /// @param host [Lab#HOST1] or [Lab#HOST2]
    public static LabStack open(Lab lab, String host) throws Exception {
        return open(lab, host, TcpStack.builder());
    }

    /// Opens a stack; its address is the host's.
    public static LabStack open(Lab lab, String host, TcpStack.Builder builder) throws Exception {
        return open(lab.namespace(host), Lab.address(host), builder);
    }

    /// Opens a stack on `127.0.0.1` of a host.
    public static LabStack openOnLoopback(Lab lab, String host) throws Exception {
        return open(lab.namespace(host), "127.0.0.1", TcpStack.builder());
    }

    private static LabStack open(
            NetworkNamespace namespace, String address, TcpStack.Builder builder) throws Exception {
        TcpStack stack = builder.address(address).build();
        EventLoopGroup group =
                new MultiThreadIoEventLoopGroup(
                        1, namespace.threads(), EpollIoHandler.newFactory());
        try {
            Channel link =
                    new Bootstrap()
                            .group(group)
                            .channel(RawSocketChannel.class)
                            .handler(stack.linkHandler())
                            .bind(address, 0)
                            .sync()
                            .channel();
            return new LabStack(namespace, address, stack, group, link);
        } catch (Throwable e) {
            shutdown(group);
            throw e;
        }
    }

    /// The stack, for channel factories.
    public TcpStack stack() {
        return stack;
    }

    /// One event loop, the link's.
    public EventLoopGroup group() {
        return group;
    }

    /// The raw socket.
    public Channel link() {
        return link;
    }

    /// The stack's only address.
    public String address() {
        return address;
    }

    /// Where the event loop is.
    public NetworkNamespace namespace() {
        return namespace;
    }

    /// For connections of the stack on the link's loop.
    public Bootstrap client() {
        return new Bootstrap().group(group).channelFactory(stack::newSocketChannel);
    }

    /// For listeners of the stack on the link's loop.
    public ServerBootstrap server() {
        return new ServerBootstrap().group(group).channelFactory(stack::newServerSocketChannel);
    }

    /// For listeners of the stack on other loops than the link's.
    public ServerBootstrap server(EventLoopGroup listeners, EventLoopGroup connections) {
        return new ServerBootstrap()
                .group(listeners, connections)
                .channelFactory(stack::newServerSocketChannel);
    }

    /// Waits until no connection is left but those in TIME-WAIT.
    ///
    /// @param millis how long it may take
    /// @throws AssertionError with the list of those that do not come to their end
    public void awaitNoFlows(int millis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        List<FlowSnapshot> left = unfinished();
        while (!left.isEmpty() && System.nanoTime() - deadline < 0) {
            // Not at once again: those flows need the loop, too.
            group.schedule(() -> {}, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly();
            left = unfinished();
        }
        if (!left.isEmpty()) {
            fail(left.size() + " connections do not end: " + left);
        }
    }

    @Override
    public void close() {
        try {
            awaitNoFlows(PATIENCE_MILLIS);
            for (DropReason reason : NEVER) {
                assertEquals(0, stack.drops().get(reason), () -> "drops: " + stack.drops());
            }
        } finally {
            link.close().awaitUninterruptibly();
            shutdown(group);
        }
    }

    private List<FlowSnapshot> unfinished() {
        List<FlowSnapshot> flows = new ArrayList<>(stack.flows().awaitUninterruptibly().getNow());
        flows.removeIf(
                flow -> flow.state() == TcpState.LISTEN || flow.state() == TcpState.TIME_WAIT);
        return flows;
    }

    private static void shutdown(EventLoopGroup group) {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
