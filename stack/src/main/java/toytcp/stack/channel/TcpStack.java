package toytcp.stack.channel;

import io.netty.channel.ChannelHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;

import toytcp.codec.DropCounters;
import toytcp.stack.tcp.EntropySource;
import toytcp.stack.tcp.TcpConfig;

/// CONTRACT STUB.
public final class TcpStack {
    private TcpStack() {}

    public static Builder builder() {
        return new Builder();
    }

    /// For `Bootstrap.handler` of the link: puts codecs and the stack into the link's pipeline.
    public ChannelHandler linkHandler() {
        throw new UnsupportedOperationException();
    }

    /// For `Bootstrap.channelFactory`.
    public SocketChannel newSocketChannel() {
        throw new UnsupportedOperationException();
    }

    /// For `ServerBootstrap.channelFactory`.
    public ServerSocketChannel newServerSocketChannel() {
        throw new UnsupportedOperationException();
    }

    public DropCounters drops() {
        throw new UnsupportedOperationException();
    }

    public static final class Builder {
        private Builder() {}

        /// `10.0.0.1` or `10.0.0.1/24`; may be called more than once; optional on a `PacketLink`.
        public Builder address(String cidr) {
            throw new UnsupportedOperationException();
        }

        public Builder mtu(int octets) {
            throw new UnsupportedOperationException();
        }

        public Builder ephemeralPorts(int first, int last) {
            throw new UnsupportedOperationException();
        }

        public Builder config(TcpConfig config) {
            throw new UnsupportedOperationException();
        }

        public Builder entropy(EntropySource entropy) {
            throw new UnsupportedOperationException();
        }

        public TcpStack build() {
            throw new UnsupportedOperationException();
        }
    }
}
