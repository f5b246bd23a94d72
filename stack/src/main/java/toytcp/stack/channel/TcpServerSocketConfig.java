package toytcp.stack.channel;

import static io.netty.channel.ChannelOption.SO_BACKLOG;
import static io.netty.channel.ChannelOption.SO_RCVBUF;
import static io.netty.channel.ChannelOption.SO_REUSEADDR;

import static toytcp.stack.channel.TcpChannelOption.TCP_DEFER_ACCEPT;
import static toytcp.stack.channel.TcpChannelOption.TCP_MAX_SYN_BACKLOG;
import static toytcp.stack.channel.TcpChannelOption.TCP_PENDING_ACCEPT_MILLIS;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ServerSocketChannelConfig;
import io.netty.util.NetUtil;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// The options of a [TcpServerSocketChannel]. Those of a connection are where accepted ones begin, as
/// on Linux; `childOption`s come on top.
final class TcpServerSocketConfig extends DefaultChannelConfig
        implements ServerSocketChannelConfig {
    private final TcpServerSocketChannel server;
    private final AtomicReference<FlowSettings> flow;
    private volatile int backlog = NetUtil.SOMAXCONN;
    private volatile boolean reuseAddress = true;
    private volatile int deferAcceptSeconds;
    private volatile int maxSynBacklog = 16_384;
    private volatile int pendingAcceptMillis;

    TcpServerSocketConfig(TcpServerSocketChannel channel, FlowSettings flow) {
        super(channel, new ServerChannelRecvByteBufAllocator());
        server = channel;
        this.flow = new AtomicReference<>(flow);
    }

    /// What accepted connections begin with.
    FlowSettings flow() {
        return flow.get();
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                getOptions(super.getOptions(), FlowOption.all()),
                SO_BACKLOG,
                SO_REUSEADDR,
                TCP_DEFER_ACCEPT,
                TCP_MAX_SYN_BACKLOG,
                TCP_PENDING_ACCEPT_MILLIS);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        FlowOption<T> inherited = FlowOption.of(option);
        if (inherited != null) {
            return inherited.get(flow());
        }
        ChannelOption<?> ours = FlowOption.ours(option);
        if (ours == SO_BACKLOG) {
            return (T) Integer.valueOf(getBacklog());
        } else if (ours == SO_REUSEADDR) {
            return (T) Boolean.valueOf(isReuseAddress());
        } else if (ours == TCP_DEFER_ACCEPT) {
            return (T) Integer.valueOf(deferAcceptSeconds);
        } else if (ours == TCP_MAX_SYN_BACKLOG) {
            return (T) Integer.valueOf(maxSynBacklog);
        } else if (ours == TCP_PENDING_ACCEPT_MILLIS) {
            return (T) Integer.valueOf(pendingAcceptMillis);
        }
        return super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        FlowOption<T> inherited = FlowOption.of(option);
        ChannelOption<?> ours = FlowOption.ours(option);
        if (inherited != null) {
            flow.updateAndGet(settings -> inherited.set(settings, value));
        } else if (ours == SO_BACKLOG) {
            setBacklog(FlowOption.cast(option, Integer.class, value));
        } else if (ours == SO_REUSEADDR) {
            setReuseAddress(FlowOption.cast(option, Boolean.class, value));
        } else if (ours == TCP_DEFER_ACCEPT) {
            deferAcceptSeconds = within(option, value, 0, 32_767);
        } else if (ours == TCP_MAX_SYN_BACKLOG) {
            maxSynBacklog = within(option, value, 1, 1 << 20);
        } else if (ours == TCP_PENDING_ACCEPT_MILLIS) {
            pendingAcceptMillis = within(option, value, 0, 3_600_000);
        } else {
            return FlowOption.set(option, value, super::setOption);
        }
        return true;
    }

    private static int within(ChannelOption<?> option, Object value, int least, int most) {
        return FlowOption.check(option, FlowOption.cast(option, Integer.class, value), least, most);
    }

    /// [TcpChannelOption#TCP_DEFER_ACCEPT] in nanoseconds.
    long deferAcceptNanos() {
        return TimeUnit.SECONDS.toNanos(deferAcceptSeconds);
    }

    /// [TcpChannelOption#TCP_MAX_SYN_BACKLOG].
    int maxSynBacklog() {
        return maxSynBacklog;
    }

    /// [TcpChannelOption#TCP_PENDING_ACCEPT_MILLIS] in nanoseconds.
    long pendingAcceptNanos() {
        return TimeUnit.MILLISECONDS.toNanos(pendingAcceptMillis);
    }

    @Override
    protected void autoReadCleared() {
        server.autoReadCleared();
    }

    @Override
    public int getBacklog() {
        return backlog;
    }

    /// How many connections may wait to be accepted: 0 to 2^30, 0 is taken as 1. While there are as many,
    /// no SYN is answered. Read when the channel is bound.
    @Override
    public ServerSocketChannelConfig setBacklog(int backlog) {
        if (backlog < 0 || backlog > 1 << 30) {
            throw new IllegalArgumentException(
                    "SO_BACKLOG must lie within 0 to 2^30, got " + backlog);
        }
        this.backlog = backlog;
        return this;
    }

    @Override
    public boolean isReuseAddress() {
        return reuseAddress;
    }

    /// Whether a port may be bound on which connections still exist, in TIME-WAIT for example.
    /// `true` by default, as servers on Linux have it.
    @Override
    public ServerSocketChannelConfig setReuseAddress(boolean reuseAddress) {
        this.reuseAddress = reuseAddress;
        return this;
    }

    @Override
    public int getReceiveBufferSize() {
        return flow().tcp().receiveBuffer();
    }

    /// The receive buffer of connections that are accepted from now on.
    @Override
    public ServerSocketChannelConfig setReceiveBufferSize(int receiveBufferSize) {
        setOption(SO_RCVBUF, receiveBufferSize);
        return this;
    }

    /// Without effect, as on the JDK's own sockets.
    @Override
    public ServerSocketChannelConfig setPerformancePreferences(
            int connectionTime, int latency, int bandwidth) {
        return this;
    }

    @Override
    public ServerSocketChannelConfig setConnectTimeoutMillis(int connectTimeoutMillis) {
        super.setConnectTimeoutMillis(connectTimeoutMillis);
        return this;
    }

    @Override
    @Deprecated
    public ServerSocketChannelConfig setMaxMessagesPerRead(int maxMessagesPerRead) {
        super.setMaxMessagesPerRead(maxMessagesPerRead);
        return this;
    }

    @Override
    public ServerSocketChannelConfig setWriteSpinCount(int writeSpinCount) {
        super.setWriteSpinCount(writeSpinCount);
        return this;
    }

    @Override
    public ServerSocketChannelConfig setAllocator(ByteBufAllocator allocator) {
        super.setAllocator(allocator);
        return this;
    }

    @Override
    public ServerSocketChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
        super.setRecvByteBufAllocator(allocator);
        return this;
    }

    @Override
    public ServerSocketChannelConfig setAutoRead(boolean autoRead) {
        super.setAutoRead(autoRead);
        return this;
    }

    @Override
    public ServerSocketChannelConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
        super.setMessageSizeEstimator(estimator);
        return this;
    }

    @Override
    public ServerSocketChannelConfig setWriteBufferHighWaterMark(int writeBufferHighWaterMark) {
        super.setWriteBufferHighWaterMark(writeBufferHighWaterMark);
        return this;
    }

    @Override
    public ServerSocketChannelConfig setWriteBufferLowWaterMark(int writeBufferLowWaterMark) {
        super.setWriteBufferLowWaterMark(writeBufferLowWaterMark);
        return this;
    }

    @Override
    public ServerSocketChannelConfig setWriteBufferWaterMark(
            WriteBufferWaterMark writeBufferWaterMark) {
        super.setWriteBufferWaterMark(writeBufferWaterMark);
        return this;
    }
}
