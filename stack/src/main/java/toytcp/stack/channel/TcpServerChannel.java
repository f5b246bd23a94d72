package toytcp.stack.channel;

import io.netty.channel.socket.ServerSocketChannel;

import org.jspecify.annotations.Nullable;

/// A listening channel of a [TcpStack].
public interface TcpServerChannel extends ServerSocketChannel {
    /// The [ListenAddress] that the channel is bound to; null if it is not bound, or bound to an
    /// `InetSocketAddress`.
    ///
    /// [#localAddress()] then tells what fits into one address: that of the network, and the port, or 0
    /// if there are several.
    @Nullable ListenAddress listenAddress();
}
