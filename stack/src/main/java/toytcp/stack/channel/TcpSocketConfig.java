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

import toytcp.stack.tcp.TcpConfig;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// The options of a [TcpSocketChannel]. Those that TCP itself knows live in one [TcpConfig], which
/// the running connection is given again whenever one of them changes.
final class TcpSocketConfig extends DefaultChannelConfig implements SocketChannelConfig {
    private final TcpSocketChannel socket;
    private final AtomicReference<TcpConfig> tcp;
    private volatile boolean allowHalfClosure;
    private volatile boolean reuseAddress;
    private volatile int soLinger = -1;
    private volatile int trafficClass;

    TcpSocketConfig(TcpSocketChannel channel, TcpConfig tcp) {
        super(channel);
        socket = channel;
        this.tcp = new AtomicReference<>(tcp);
    }

    TcpConfig tcp() {
        return tcp.get();
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                super.getOptions(),
                SO_RCVBUF,
                SO_SNDBUF,
                TCP_NODELAY,
                SO_KEEPALIVE,
                SO_REUSEADDR,
                SO_LINGER,
                IP_TOS,
                ALLOW_HALF_CLOSURE,
                TcpChannelOption.TCP_USER_TIMEOUT,
                TcpChannelOption.TCP_KEEPIDLE,
                TcpChannelOption.TCP_KEEPINTVL,
                TcpChannelOption.TCP_KEEPCNT);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        Object value = valueOf(option);
        return value != null ? (T) value : super.getOption(option);
    }

    private Object valueOf(ChannelOption<?> option) {
        if (option == SO_RCVBUF) {
            return getReceiveBufferSize();
        } else if (option == SO_SNDBUF) {
            return getSendBufferSize();
        } else if (option == TCP_NODELAY) {
            return isTcpNoDelay();
        } else if (option == SO_KEEPALIVE) {
            return isKeepAlive();
        } else if (option == SO_REUSEADDR) {
            return isReuseAddress();
        } else if (option == SO_LINGER) {
            return getSoLinger();
        } else if (option == IP_TOS) {
            return getTrafficClass();
        } else if (option == ALLOW_HALF_CLOSURE) {
            return isAllowHalfClosure();
        } else if (option == TcpChannelOption.TCP_USER_TIMEOUT) {
            return (int) TimeUnit.NANOSECONDS.toMillis(tcp().userTimeoutNanos());
        } else if (option == TcpChannelOption.TCP_KEEPIDLE) {
            return (int) TimeUnit.NANOSECONDS.toSeconds(tcp().keepAliveIdleNanos());
        } else if (option == TcpChannelOption.TCP_KEEPINTVL) {
            return (int) TimeUnit.NANOSECONDS.toSeconds(tcp().keepAliveIntervalNanos());
        } else if (option == TcpChannelOption.TCP_KEEPCNT) {
            return tcp().keepAliveProbes();
        }
        return null;
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        if (option == SO_RCVBUF) {
            setReceiveBufferSize((Integer) value);
        } else if (option == SO_SNDBUF) {
            setSendBufferSize((Integer) value);
        } else if (option == TCP_NODELAY) {
            setTcpNoDelay((Boolean) value);
        } else if (option == SO_KEEPALIVE) {
            setKeepAlive((Boolean) value);
        } else if (option == SO_REUSEADDR) {
            setReuseAddress((Boolean) value);
        } else if (option == SO_LINGER) {
            setSoLinger((Integer) value);
        } else if (option == IP_TOS) {
            setTrafficClass((Integer) value);
        } else if (option == ALLOW_HALF_CLOSURE) {
            setAllowHalfClosure((Boolean) value);
        } else if (option == TcpChannelOption.TCP_USER_TIMEOUT) {
            long nanos = TimeUnit.MILLISECONDS.toNanos((Integer) value);
            change(draft -> draft.userTimeoutNanos = nanos);
        } else if (option == TcpChannelOption.TCP_KEEPIDLE) {
            long nanos = keepAliveNanos(option, (Integer) value);
            change(draft -> draft.keepAliveIdleNanos = nanos);
        } else if (option == TcpChannelOption.TCP_KEEPINTVL) {
            long nanos = keepAliveNanos(option, (Integer) value);
            change(draft -> draft.keepAliveIntervalNanos = nanos);
        } else if (option == TcpChannelOption.TCP_KEEPCNT) {
            change(draft -> draft.keepAliveProbes = (Integer) value);
        } else {
            return super.setOption(option, value);
        }
        return true;
    }

    private static long keepAliveNanos(ChannelOption<?> option, int seconds) {
        return TimeUnit.SECONDS.toNanos(checkRange(option.name(), seconds, 1, 32767));
    }

    private static int checkRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " must lie within " + least + " to " + most + ", got " + value);
        }
        return value;
    }

    private void change(Consumer<TcpConfig.Draft> change) {
        tcp.updateAndGet(config -> config.with(change));
        socket.configChanged();
    }

    @Override
    protected void autoReadCleared() {
        socket.autoReadCleared();
    }

    @Override
    public boolean isTcpNoDelay() {
        return tcp().noDelay();
    }

    @Override
    public SocketChannelConfig setTcpNoDelay(boolean tcpNoDelay) {
        change(draft -> draft.noDelay = tcpNoDelay);
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
        return tcp().sendBuffer();
    }

    @Override
    public SocketChannelConfig setSendBufferSize(int sendBufferSize) {
        change(draft -> draft.sendBuffer = sendBufferSize);
        return this;
    }

    @Override
    public int getReceiveBufferSize() {
        return tcp().receiveBuffer();
    }

    @Override
    public SocketChannelConfig setReceiveBufferSize(int receiveBufferSize) {
        change(draft -> draft.receiveBuffer = receiveBufferSize);
        return this;
    }

    @Override
    public boolean isKeepAlive() {
        return tcp().keepAlive();
    }

    @Override
    public SocketChannelConfig setKeepAlive(boolean keepAlive) {
        change(draft -> draft.keepAlive = keepAlive);
        return this;
    }

    @Override
    public int getTrafficClass() {
        return trafficClass;
    }

    /// The ECN bits, the lower two, are TCP's own and are ignored here, as the kernel does
    /// (RFC 3168, 6.1.1).
    @Override
    public SocketChannelConfig setTrafficClass(int trafficClass) {
        this.trafficClass = checkRange("IP_TOS", trafficClass, 0, 255);
        socket.configChanged();
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
