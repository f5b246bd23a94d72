package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.SocketConnectionAttemptTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

import java.util.List;

/// Over our channels; see [Setup].
public class TcpConnectionAttemptTest extends SocketConnectionAttemptTest {
    private boolean loopback;

    @Override
    protected List<BootstrapFactory<Bootstrap>> newFactories() {
        Setup setup = Setup.current();
        return loopback ? setup.loopbackClientSocket() : setup.clientSocket();
    }

    /// Dials 127.0.0.1.
    @Override
    @Test
    @Timeout(30)
    public void testConnectRefused(TestInfo testInfo) throws Throwable {
        loopback = true;
        super.testConnectRefused(testInfo);
    }

    /// Dials 127.0.0.1.
    @Override
    @Test
    @Timeout(30)
    public void testConnectRefusedHalfClosure(TestInfo testInfo) throws Throwable {
        loopback = true;
        super.testConnectRefusedHalfClosure(testInfo);
    }

    /// Without the suite's probe, a kernel socket that tries the address first: our lab decides what
    /// answers there, and the kernel could send the probe to a real network.
    @Override
    @Test
    public void testConnectCancellation(TestInfo testInfo) throws Throwable {
        run(testInfo, this::testConnectCancellation);
    }
}
