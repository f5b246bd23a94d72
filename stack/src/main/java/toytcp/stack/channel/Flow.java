package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Promise;

import toytcp.stack.tcp.TcpInfo;

import java.io.IOException;

/// What a channel can do to its connection; called on the channel's event loop.
///
/// On the link's own loop this is the [FlowDriver] itself; on any other loop a [FlowHandoff] that
/// carries the calls over in batches. The channel does not see the difference.
interface Flow {
    /// Octets that [#receive] can return now.
    int readableBytes();

    /// The next octets, at most `max`, at least one if any are readable; else an empty buffer. The
    /// caller owns the buffer. The receive window does not open before [#consumed].
    ByteBuf receive(int max);

    /// Whether nothing is readable and nothing more will be: the peer's FIN was reached, or input was
    /// shut down.
    boolean isInputEnded();

    /// The application took `octets` over: the receive window may open.
    void consumed(int octets);

    /// How many octets [#send] takes now.
    ///
    /// @throws IOException if the connection failed, even if the channel was not told yet
    int sendCredit() throws IOException;

    /// Sends octets, at most [#sendCredit] of them; takes ownership of the buffer.
    void send(ByteBuf data);

    /// What was given to [#send] so far is urgent.
    void markUrgent();

    /// Ends a batch of [#send]s: what they gave may leave now, in segments as large as possible.
    void flush();

    /// Changes the settings of the running connection.
    void configure(FlowSettings settings);

    /// Tells what is known of the connection, on the promise's executor.
    void info(Promise<TcpInfo> promise);

    /// No more reading: what arrives is acknowledged and discarded.
    void shutdownInput();

    /// FIN after everything that was sent.
    void shutdownOutput();

    /// Closes: FIN after everything that was sent, or RST if received octets were not read.
    ///
    /// @param linger whether the channel still waits for [FlowEvents#finished]; without it the channel
    ///     hears nothing more
    void close(boolean linger);

    /// Closes by RST; the channel hears nothing more.
    void abort();
}
