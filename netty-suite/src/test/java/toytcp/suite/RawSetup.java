package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;

import toytcp.lab.Lab;
import toytcp.lab.LabStack;
import toytcp.stack.channel.TcpStack;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/// The lab: servers in its first host, their clients in the second, each a stack on a raw socket; a third
/// stack on the loopback interface of the first host, and two that use the whole width of the wires. The
/// kernel's sockets are those of the second host.
final class RawSetup extends Setup {
    /// That of a usual network, whatever the lab's wires could carry.
    private static final int MTU = 1500;

    private final LabStack first;
    private final LabStack second;
    private final LabStack loopback;

    // Apart, as a handler may block its loop until one at the other end has answered.
    private final EventLoopGroup firstLoops = loops("first", 2);
    private final EventLoopGroup secondLoops = loops("second", 2);

    private final LabStack wideFirst;
    private final LabStack wideSecond;

    private RawSetup(Lab lab) throws Exception {
        first = LabStack.open(lab, Lab.HOST1, TcpStack.builder().mtu(MTU));
        second = LabStack.open(lab, Lab.HOST2, TcpStack.builder().mtu(MTU));
        loopback = LabStack.openOnLoopback(lab, Lab.HOST1);
        wideFirst = LabStack.open(lab, Lab.HOST1);
        wideSecond = LabStack.open(lab, Lab.HOST2);
    }

    /// Opens the stacks; the lab is the one that [SuiteLab] made.
    static RawSetup open() {
        Lab lab = SuiteLab.lab();
        try {
            return new RawSetup(lab);
        } catch (Exception e) {
            throw new IllegalStateException("the stacks do not come up", e);
        }
    }

    /// Closes what the tests left open, and demands that no connection stays.
    void close() {
        firstLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        secondLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        first.close();
        second.close();
        loopback.close();
        wideFirst.close();
        wideSecond.close();
    }

    private static Side side(LabStack stack, EventLoopGroup loops) {
        return new Side(stack.stack(), stack.address(), loops, loops);
    }

    @Override
    Side servers() {
        return side(first, firstLoops);
    }

    @Override
    Side clients() {
        return side(second, secondLoops);
    }

    @Override
    Side wideServers() {
        return side(wideFirst, firstLoops);
    }

    @Override
    Side wideClients() {
        return side(wideSecond, secondLoops);
    }

    @Override
    Side clientsOfKernel() {
        return side(first, firstLoops);
    }

    @Override
    Side loopbackServers() {
        return side(loopback, firstLoops);
    }

    @Override
    Side loopbackClients() {
        return side(loopback, firstLoops);
    }

    @Override
    Bootstrap toKernel(Bootstrap client) {
        return client.resolver(new WildcardIsKernel(kernelAddress().getAddress()));
    }

    @Override
    InetSocketAddress kernelAddress() {
        return new InetSocketAddress(Lab.ADDRESS2, 0);
    }
}
