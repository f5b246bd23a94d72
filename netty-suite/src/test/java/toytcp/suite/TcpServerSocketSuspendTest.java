package toytcp.suite;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.ServerSocketSuspendTest;

import java.net.SocketAddress;
import java.util.List;

/// Over our channels; see [Setup].
public class TcpServerSocketSuspendTest extends ServerSocketSuspendTest {
    @Override
    protected List<BootstrapFactory<ServerBootstrap>> newFactories() {
        return Setup.current().serverSocket();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return Setup.current().servers().anyPort();
    }
}
