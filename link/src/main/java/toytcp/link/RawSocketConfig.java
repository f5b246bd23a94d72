package toytcp.link;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;

import java.io.IOException;
import java.util.Map;

/// The options of a [RawSocketChannel]: those of every channel, `SO_RCVBUF` and `SO_SNDBUF`.
final class RawSocketConfig extends DefaultChannelConfig {
    private static final int CLOSED = -1;
    private static final int UNSET = 0;

    /// Set while the channel is registered, as options may be set from any thread.
    private volatile int fd = CLOSED;

    private volatile int receiveBuffer = UNSET;
    private volatile int sendBuffer = UNSET;

    RawSocketConfig(RawSocketChannel channel) {
        super(channel);
    }

    /// Applies what was set before there was a socket.
    void opened(int socket) throws IOException {
        if (receiveBuffer != UNSET) {
            RawSocket.setReceiveBuffer(socket, receiveBuffer);
        }
        if (sendBuffer != UNSET) {
            RawSocket.setSendBuffer(socket, sendBuffer);
        }
        fd = socket;
    }

    void closed() {
        fd = CLOSED;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(super.getOptions(), ChannelOption.SO_RCVBUF, ChannelOption.SO_SNDBUF);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        if (option == ChannelOption.SO_RCVBUF) {
            return (T) (Integer) bufferSize(LinuxSockets.SO_RCVBUF, receiveBuffer);
        }
        if (option == ChannelOption.SO_SNDBUF) {
            return (T) (Integer) bufferSize(LinuxSockets.SO_SNDBUF, sendBuffer);
        }
        return super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (option != ChannelOption.SO_RCVBUF && option != ChannelOption.SO_SNDBUF) {
            return super.setOption(option, value);
        }
        validate(option, value);
        int octets = (Integer) value;
        if (octets < 1) {
            throw new IllegalArgumentException(option + " is at least 1 octet, got " + octets);
        }
        try {
            setBufferSize(option == ChannelOption.SO_RCVBUF, octets);
        } catch (IOException e) {
            throw new ChannelException(e);
        }
        return true;
    }

    private void setBufferSize(boolean receive, int octets) throws IOException {
        int socket = fd;
        if (receive) {
            receiveBuffer = octets;
            if (socket != CLOSED) {
                RawSocket.setReceiveBuffer(socket, octets);
            }
        } else {
            sendBuffer = octets;
            if (socket != CLOSED) {
                RawSocket.setSendBuffer(socket, octets);
            }
        }
    }

    /// What the kernel has made of it, twice the value set; before there is a socket, that value.
    private int bufferSize(int option, int value) {
        int socket = fd;
        return socket == CLOSED
                ? value
                : LinuxSockets.option(socket, LinuxSockets.SOL_SOCKET, option);
    }
}
