package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketChannelNotYetConnectedTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

import java.net.SocketAddress;
import java.util.List;

/// Over our channels; see [Setup].
public class TcpChannelNotYetConnectedTest extends SocketChannelNotYetConnectedTest {
    @Override
    protected List<BootstrapFactory<Bootstrap>> newFactories() {
        return Setup.current().clientSocketToKernel();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return Setup.current().clientsOfKernel().anyPort();
    }

    /// With a server of NIO.
    @Override
    @Test
    @Timeout(30)
    @NeedsKernelPeer
    public void readMustBePendingUntilChannelIsActive(TestInfo info) throws Throwable {
        super.readMustBePendingUntilChannelIsActive(info);
    }
}
