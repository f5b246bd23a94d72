package toytcp.suite;

import io.netty.resolver.AbstractAddressResolver;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/// A kernel server of the suite says that it listens on 0.0.0.0, and its client dials that: in the lab
/// the two are on different hosts, so for the client it means the kernel's address.
final class WildcardIsKernel extends AddressResolverGroup<InetSocketAddress> {
    private final InetAddress kernel;

    WildcardIsKernel(InetAddress kernel) {
        this.kernel = kernel;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new AbstractAddressResolver<>(executor, InetSocketAddress.class) {
            @Override
            protected boolean doIsResolved(InetSocketAddress address) {
                return !address.isUnresolved() && !address.getAddress().isAnyLocalAddress();
            }

            @Override
            protected void doResolve(
                    InetSocketAddress address, Promise<InetSocketAddress> promise) {
                promise.setSuccess(new InetSocketAddress(kernel, address.getPort()));
            }

            @Override
            protected void doResolveAll(
                    InetSocketAddress address, Promise<List<InetSocketAddress>> promise) {
                promise.setSuccess(List.of(new InetSocketAddress(kernel, address.getPort())));
            }
        };
    }
}
