package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketTestPermutation;
import io.netty.util.concurrent.DefaultThreadFactory;

import java.net.InetSocketAddress;
import java.util.List;

/// Where Netty's suite runs. The system property `toytcp.suite.setup` chooses for the whole run:
///
/// - `memory`: two stacks joined in memory, channels on the event loops of their links;
/// - `other-loops`: the same, channels on other event loops than the links';
/// - `raw`: stacks on raw sockets in the namespaces of the lab, channels on other loops, with the
///   kernel of the second namespace for the tests that want a kernel socket at the other end.
abstract class Setup extends SocketTestPermutation {
    private static Setup current;

    /// Where servers are.
    abstract Side servers();

    /// Where their clients are.
    abstract Side clients();

    /// Where servers are that can get 64 KB in one packet, as over a loopback interface.
    abstract Side wideServers();

    /// Where their clients are.
    abstract Side wideClients();

    /// Where the clients of kernel servers are, which a test opens on its own thread.
    abstract Side clientsOfKernel();

    /// What has 127.0.0.1, for tests that dial it without asking us.
    abstract Side loopbackServers();

    /// What can reach that.
    abstract Side loopbackClients();

    /// Where a kernel socket can listen so that our clients reach it.
    ///
    /// @throws UnsupportedOperationException if there is no kernel at the other end
    abstract InetSocketAddress kernelAddress();

    /// Prepares a client for a kernel server whose address the test found out itself.
    Bootstrap toKernel(Bootstrap client) {
        return client;
    }

    /// Whether this run needs a lab.
    static boolean needsLab() {
        return name().equals("raw");
    }

    /// Whether the other end can be a kernel socket that the test's own thread opens.
    static boolean hasKernelPeer() {
        return name().equals("raw");
    }

    /// Whether channels live on other event loops than their links.
    static boolean hasOtherLoops() {
        return !name().equals("memory");
    }

    /// Event loops of channels, not of raw sockets.
    static EventLoopGroup loops(String name, int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory(name, true), LocalIoHandler.newFactory());
    }

    /// The one of this run.
    static synchronized Setup current() {
        if (current == null) {
            current = open();
        }
        return current;
    }

    private static Setup open() {
        return switch (name()) {
            case "memory" -> new MemorySetup(false);
            case "other-loops" -> new MemorySetup(true);
            case "raw" -> RawSetup.open();
            default -> throw new IllegalArgumentException("toytcp.suite.setup=" + name());
        };
    }

    private static String name() {
        return System.getProperty("toytcp.suite.setup", "memory");
    }

    @Override
    public final List<BootstrapFactory<ServerBootstrap>> serverSocket() {
        return List.of(servers()::server);
    }

    @Override
    public final List<BootstrapFactory<Bootstrap>> clientSocket() {
        return List.of(clients()::client);
    }

    @Override
    public final List<BootstrapFactory<Bootstrap>> clientSocketWithFastOpen() {
        return clientSocket();
    }

    /// For tests with a server of the kernel.
    final List<BootstrapFactory<Bootstrap>> clientSocketToKernel() {
        return List.of(() -> toKernel(clientsOfKernel().client()));
    }

    /// For tests that take each read for whole messages.
    final List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> wideSocket() {
        return combo(List.of(wideServers()::server), List.of(wideClients()::client));
    }

    /// For tests that dial 127.0.0.1 without asking us.
    final List<BootstrapFactory<Bootstrap>> loopbackClientSocket() {
        return List.of(loopbackClients()::client);
    }

    /// For tests that listen on 127.0.0.1 without asking us.
    final List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> loopbackSocket() {
        return combo(List.of(loopbackServers()::server), loopbackClientSocket());
    }
}
