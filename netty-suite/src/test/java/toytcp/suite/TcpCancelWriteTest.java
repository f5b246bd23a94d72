package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketCancelWriteTest;

import java.net.SocketAddress;
import java.util.List;

/// Over our channels; see [Setup].
public class TcpCancelWriteTest extends SocketCancelWriteTest {
    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return Setup.current().socket();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return Setup.current().servers().anyPort();
    }
}
