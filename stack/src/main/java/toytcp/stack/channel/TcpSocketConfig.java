package toytcp.stack.channel;

import static io.netty.channel.ChannelOption.ALLOW_HALF_CLOSURE;
import static io.netty.channel.ChannelOption.IP_TOS;
import static io.netty.channel.ChannelOption.SO_KEEPALIVE;
import static io.netty.channel.ChannelOption.SO_LINGER;
import static io.netty.channel.ChannelOption.SO_RCVBUF;
import static io.netty.channel.ChannelOption.SO_REUSEADDR;
import static io.netty.channel.ChannelOption.SO_SNDBUF;
import static io.netty.channel.ChannelOption.TCP_NODELAY;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannelConfig;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/// The options of a [TcpSocketChannel]. Those of the connection live in one [FlowSettings], which it is
/// given again whenever one of them changes.
final class TcpSocketConfig extends DefaultChannelConfig implements SocketChannelConfig {
    private final TcpSocketChannel socket;
    private final AtomicReference<FlowSettings> flow;
    private volatile boolean allowHalfClosure;
    private volatile boolean reuseAddress;
    private volatile int soLinger = -1;

    TcpSocketConfig(TcpSocketChannel channel, FlowSettings flow) {
        super(channel);
        socket = channel;
        this.flow = new AtomicReference<>(flow);
    }

    /// What the connection is to know.
    FlowSettings flow() {
        return flow.get();
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                getOptions(super.getOptions(), FlowOption.all()),
                SO_REUSEADDR,
                SO_LINGER,
                ALLOW_HALF_CLOSURE);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        FlowOption<T> known = FlowOption.of(option);
        if (known != null) {
            return known.get(flow());
        }
        if (option == SO_REUSEADDR) {
            return (T) Boolean.valueOf(isReuseAddress());
        } else if (option == SO_LINGER) {
            return (T) Integer.valueOf(getSoLinger());
        } else if (option == ALLOW_HALF_CLOSURE) {
            return (T) Boolean.valueOf(isAllowHalfClosure());
        }
        return super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        FlowOption<T> known = FlowOption.of(option);
        if (known != null) {
            flow.updateAndGet(settings -> known.set(settings, value));
            socket.configChanged();
        } else if (option == SO_REUSEADDR) {
            setReuseAddress(FlowOption.cast(option, Boolean.class, value));
        } else if (option == SO_LINGER) {
            setSoLinger(FlowOption.cast(option, Integer.class, value));
        } else if (option == ALLOW_HALF_CLOSURE) {
            setAllowHalfClosure(FlowOption.cast(option, Boolean.class, value));
        } else {
            return FlowOption.set(option, value, super::setOption);
        }
        return true;
    }

    @Override
    protected void autoReadCleared() {
        socket.autoReadCleared();
    }

    @Override
    public boolean isTcpNoDelay() {
        return flow().tcp().noDelay();
    }

    @Override
    public SocketChannelConfig setTcpNoDelay(boolean tcpNoDelay) {
        setOption(TCP_NODELAY, tcpNoDelay);
        return this;
    }

    @Override
    public int getSoLinger() {
        return soLinger;
    }

    @Override
    public SocketChannelConfig setSoLinger(int soLinger) {
        this.soLinger = Math.max(-1, soLinger);
        return this;
    }

    @Override
    public int getSendBufferSize() {
        return flow().tcp().sendBuffer();
    }

    @Override
    public SocketChannelConfig setSendBufferSize(int sendBufferSize) {
        setOption(SO_SNDBUF, sendBufferSize);
        return this;
    }

    @Override
    public int getReceiveBufferSize() {
        return flow().tcp().receiveBuffer();
    }

    @Override
    public SocketChannelConfig setReceiveBufferSize(int receiveBufferSize) {
        setOption(SO_RCVBUF, receiveBufferSize);
        return this;
    }

    @Override
    public boolean isKeepAlive() {
        return flow().tcp().keepAlive();
    }

    @Override
    public SocketChannelConfig setKeepAlive(boolean keepAlive) {
        setOption(SO_KEEPALIVE, keepAlive);
        return this;
    }

    @Override
    public int getTrafficClass() {
        return flow().trafficClass();
    }

    /// The ECN bits, the lower two, are TCP's own and are ignored here, as the kernel does
    /// (RFC 3168, 6.1.1).
    @Override
    public SocketChannelConfig setTrafficClass(int trafficClass) {
        setOption(IP_TOS, trafficClass);
        return this;
    }

    @Override
    public boolean isReuseAddress() {
        return reuseAddress;
    }

    @Override
    public SocketChannelConfig setReuseAddress(boolean reuseAddress) {
        this.reuseAddress = reuseAddress;
        return this;
    }

    /// Without effect, as on the JDK's own sockets.
    @Override
    public SocketChannelConfig setPerformancePreferences(
            int connectionTime, int latency, int bandwidth) {
        return this;
    }

    @Override
    public boolean isAllowHalfClosure() {
        return allowHalfClosure;
    }

    @Override
    public SocketChannelConfig setAllowHalfClosure(boolean allowHalfClosure) {
        this.allowHalfClosure = allowHalfClosure;
        return this;
    }

    @Override
    public SocketChannelConfig setConnectTimeoutMillis(int connectTimeoutMillis) {
        super.setConnectTimeoutMillis(connectTimeoutMillis);
        return this;
    }

    @Override
    @Deprecated
    public SocketChannelConfig setMaxMessagesPerRead(int maxMessagesPerRead) {
        super.setMaxMessagesPerRead(maxMessagesPerRead);
        return this;
    }

    @Override
    public SocketChannelConfig setWriteSpinCount(int writeSpinCount) {
        super.setWriteSpinCount(writeSpinCount);
        return this;
    }

    @Override
    public SocketChannelConfig setAllocator(ByteBufAllocator allocator) {
        super.setAllocator(allocator);
        return this;
    }

    @Override
    public SocketChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
        super.setRecvByteBufAllocator(allocator);
        return this;
    }

    @Override
    public SocketChannelConfig setAutoRead(boolean autoRead) {
        super.setAutoRead(autoRead);
        return this;
    }

    @Override
    public SocketChannelConfig setAutoClose(boolean autoClose) {
        super.setAutoClose(autoClose);
        return this;
    }

    @Override
    public SocketChannelConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
        super.setMessageSizeEstimator(estimator);
        return this;
    }

    @Override
    public SocketChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark writeBufferWaterMark) {
        super.setWriteBufferWaterMark(writeBufferWaterMark);
        return this;
    }
}
