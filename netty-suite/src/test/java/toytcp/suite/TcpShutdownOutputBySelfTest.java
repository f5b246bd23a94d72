package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketShutdownOutputBySelfTest;

import java.net.SocketAddress;
import java.util.List;

/// Over our channels; see [Setup].
@NeedsKernelPeer
public class TcpShutdownOutputBySelfTest extends SocketShutdownOutputBySelfTest {
    @Override
    protected List<BootstrapFactory<Bootstrap>> newFactories() {
        return Setup.current().clientSocketToKernel();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        // Of the kernel's ServerSocket.
        return Setup.current().kernelAddress();
    }
}
