package toytcp.stack.channel;

import java.io.IOException;
import java.net.InetSocketAddress;

/// What a connection tells its channel; called on the channel's event loop.
interface FlowEvents {
    /// The connection attempt has its local end, and the SYN is under way.
    void connecting(InetSocketAddress local);

    /// The handshake is complete. Told again to a channel that joins later.
    void established();

    /// There is something to read, or the end of the input was reached.
    void readable();

    /// [Flow#sendCredit] grew.
    void writable();

    /// Something that the application wants to know, and that ends nothing.
    void report(TcpReport report);

    /// Everything that was sent, FIN included, was acknowledged, or the connection is gone.
    void finished();

    /// The connection failed; nothing follows. What [Flow#readableBytes] tells can still be read.
    void failed(IOException cause);
}
