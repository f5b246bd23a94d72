package toytcp.applications;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;

import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

import toytcp.lab.LabStack;

import java.time.Duration;

/// All that Reactor Netty has to be told to leave the kernel's TCP: where its channels come from.
///
/// @param group where the channels live: the loop of the link, or others
record ToyLoops(LabStack ours, EventLoopGroup group) implements LoopResources {
    /// On the loop of the link.
    ToyLoops(LabStack ours) {
        this(ours, ours.group());
    }

    @Override
    public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
        if (type == SocketChannel.class) {
            return type.cast(ours.stack().newSocketChannel());
        }
        if (type == ServerSocketChannel.class) {
            return type.cast(ours.stack().newServerSocketChannel());
        }
        throw new IllegalArgumentException("a TCP stack has no " + type.getName());
    }

    @Override
    public EventLoopGroup onServer(boolean useNative) {
        return group;
    }

    /// Nothing of its own to end.
    @Override
    public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
        return Mono.empty();
    }
}
