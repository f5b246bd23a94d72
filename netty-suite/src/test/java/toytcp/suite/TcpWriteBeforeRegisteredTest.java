package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.WriteBeforeRegisteredTest;

import java.net.SocketAddress;
import java.util.List;

/// Over our channels; see [Setup].
public class TcpWriteBeforeRegisteredTest extends WriteBeforeRegisteredTest {
    @Override
    protected List<BootstrapFactory<Bootstrap>> newFactories() {
        return Setup.current().clientSocket();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return Setup.current().clients().anyPort();
    }
}
