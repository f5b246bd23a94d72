package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.TrafficShapingHandlerTest;

import org.junit.jupiter.api.parallel.Isolated;

import java.net.SocketAddress;
import java.util.List;

/// Over our channels; see [Setup]. Alone, since it measures time; on wide wires, since it takes each read
/// for whole messages of 1024 octets.
@Isolated
public class TcpTrafficShapingHandlerTest extends TrafficShapingHandlerTest {
    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return Setup.current().wideSocket();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return Setup.current().wideServers().anyPort();
    }
}
