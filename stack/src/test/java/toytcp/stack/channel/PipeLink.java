package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/// A link that carries packets to its peer on another thread. Registering makes it active.
public final class PipeLink extends AbstractChannel {
    /// Takes packets, which belong to it, to the other end.
    interface Wire {
        void carry(List<ByteBuf> packets, PipeLink to);
    }

    /// Carries at once unless a test sets another one.
    Wire wire = PipeLink::carry;

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private volatile boolean closed;
    private volatile PipeLink peer;

    /// A link that [#join] must give its peer before it is registered.
    public PipeLink() {
        super(null);
    }

    /// Makes each the peer of the other.
    public static void join(PipeLink a, PipeLink b) {
        a.peer = b;
        b.peer = a;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        List<ByteBuf> packets = new ArrayList<>();
        for (ByteBuf packet; (packet = (ByteBuf) in.current()) != null; in.remove()) {
            packets.add(packet.retain());
        }
        wire.carry(packets, peer);
    }

    private static void carry(List<ByteBuf> packets, PipeLink to) {
        try {
            to.eventLoop().execute(() -> to.deliver(packets));
        } catch (RejectedExecutionException e) {
            packets.forEach(ByteBuf::release);
        }
    }

    /// Lets packets arrive, on the event loop.
    void deliver(List<ByteBuf> packets) {
        for (ByteBuf packet : packets) {
            if (isActive()) {
                pipeline().fireChannelRead(packet);
            } else {
                packet.release();
            }
        }
        pipeline().fireChannelReadComplete();
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(
                    SocketAddress remoteAddress,
                    SocketAddress localAddress,
                    ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException());
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doClose() {
        closed = true;
    }

    @Override
    protected void doBeginRead() {
        // Packets come when they come.
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return !closed;
    }

    @Override
    public ChannelMetadata metadata() {
        return new ChannelMetadata(false);
    }
}
