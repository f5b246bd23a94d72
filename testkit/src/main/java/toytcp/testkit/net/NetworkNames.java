package toytcp.testkit.net;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Resolves the names of the hosts of a network, and addresses in text form. Asks nobody outside.
final class NetworkNames extends AddressResolverGroup<InetSocketAddress> {
    private final Network network;

    NetworkNames(Network network) {
        this.network = network;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new Names(executor).asAddressResolver();
    }

    private InetAddress addressOf(String name) throws UnknownHostException {
        Host host = network.find(name);
        if (host != null) {
            return host.address();
        }
        try {
            return InetAddress.ofLiteral(name);
        } catch (IllegalArgumentException _) {
            throw new UnknownHostException(
                    "%s: no host of this virtual network has that name; there are %s"
                            .formatted(name, network.hostNames()));
        }
    }

    private final class Names extends InetNameResolver {
        Names(EventExecutor executor) {
            super(executor);
        }

        @Override
        protected void doResolve(String name, Promise<InetAddress> promise)
                throws UnknownHostException {
            promise.setSuccess(addressOf(name));
        }

        @Override
        protected void doResolveAll(String name, Promise<List<InetAddress>> promise)
                throws UnknownHostException {
            promise.setSuccess(List.of(addressOf(name)));
        }
    }
}
