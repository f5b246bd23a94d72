package toytcp.suite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;

import toytcp.stack.channel.TcpStack;

import java.net.InetSocketAddress;

/// One end of the suite's connections.
///
/// @param stack the stack
/// @param address one of its addresses
/// @param boss the event loops of its listeners
/// @param loops the event loops of its connections
record Side(TcpStack stack, String address, EventLoopGroup boss, EventLoopGroup loops) {
    ServerBootstrap server() {
        return new ServerBootstrap()
                .group(boss, loops)
                .channelFactory(stack::newServerSocketChannel);
    }

    Bootstrap client() {
        return new Bootstrap().group(loops).channelFactory(stack::newSocketChannel);
    }

    /// The same end by another of its addresses.
    Side at(String other) {
        return new Side(stack, other, boss, loops);
    }

    /// Its address, any port.
    InetSocketAddress anyPort() {
        return new InetSocketAddress(address, 0);
    }
}
