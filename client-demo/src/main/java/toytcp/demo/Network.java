package toytcp.demo;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;

import java.net.InetAddress;

/// Where the verbs get their channels from. They use nothing but Netty's interfaces, so they run
/// over the channels of the kernel as well, and their tests do just that.
interface Network extends AutoCloseable {
    /// A bootstrap with group and channel factory set, for one connection.
    Bootstrap client();

    /// A bootstrap with groups and channel factory set, for one listening address.
    ServerBootstrap server();

    /// Releases threads and sockets; what is still connected is cut.
    @Override
    void close();

    /// Opens a network.
    interface Factory {
        /// @param local the local address, or the wildcard address if routing decides
        /// @throws Exception if that is not possible; the message says what to do
        Network open(InetAddress local) throws Exception;
    }
}
