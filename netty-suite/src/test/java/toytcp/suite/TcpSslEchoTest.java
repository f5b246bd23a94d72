package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketSslEchoTest;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.net.SocketAddress;
import java.util.List;

/// Over our channels; see [Setup]. Some hundred runs that mostly sleep, so a few at a time.
@Execution(ExecutionMode.CONCURRENT)
public class TcpSslEchoTest extends SocketSslEchoTest {
    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return Setup.current().socket();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return Setup.current().servers().anyPort();
    }
}
