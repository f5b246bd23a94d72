package toytcp.stack.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/// Octets that are urgent: written to a [TcpChannel] like a `ByteBuf`, they go out in line with all others,
/// but the peer is told at once, ahead of them if need be, where they end (RFC 9293, 3.8.5).
///
/// ```java
/// channel.writeAndFlush(new UrgentData(Unpooled.copiedBuffer("stop", US_ASCII)));
/// ```
///
/// This is for old protocols that want it (Telnet, RFC 854): "new applications SHOULD NOT employ the TCP
/// urgent mechanism" (SHLD-13), and peers differ. On sockets of most kernels the last of these octets is not
/// in the stream but apart, as out-of-band data, unless the peer has set SO_OOBINLINE, and a second one that
/// comes before the first was read replaces it (RFC 6093, 3).
///
/// The peer hears of it when the last octet is in the send buffer. Nothing waits for the Nagle algorithm or
/// TCP_CORK then. An `UrgentData` without octets fails its write, since there must be "at least one data
/// octet". Like any message it is released by the write.
///
/// What the peer sends as urgent is read in line as well, see [TcpReport.UrgentAhead].
public final class UrgentData extends DefaultByteBufHolder {
    /// Owns `octets`.
    public UrgentData(ByteBuf octets) {
        super(octets);
    }

    @Override
    public UrgentData replace(ByteBuf octets) {
        return new UrgentData(octets);
    }
}
