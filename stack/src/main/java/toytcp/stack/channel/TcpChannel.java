package toytcp.stack.channel;

import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;

import toytcp.stack.tcp.TcpInfo;

/// A TCP connection of a [TcpStack]: what [TcpStack#newSocketChannel] makes, and the children of a
/// server channel.
public interface TcpChannel extends SocketChannel {
    /// What is known of the connection, as `EpollSocketChannel.tcpInfo()` tells.
    ///
    /// The connection lives on the event loop of its link, so the answer is a future. It may be asked for
    /// from any thread, and its listeners run on the channel's event loop. Calls of the channel that were
    /// made there before are counted in.
    ///
    /// @return fails with `NotYetConnectedException` before `connect`, or, of an accepted channel, before it
    ///     is registered with its first event loop; and with `ClosedChannelException` once the channel is
    ///     closed. Then only [TcpStack#flows] knows of the connection
    Future<TcpInfo> tcpInfo();
}
