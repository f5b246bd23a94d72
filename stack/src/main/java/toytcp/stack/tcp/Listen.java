package toytcp.stack.tcp;

import org.jspecify.annotations.Nullable;

import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// A segment arrives in LISTEN (RFC 9293, 3.10.7.2), or in CLOSED, where no connection exists
/// (3.10.7.1). Neither keeps anything, so these are functions.
public final class Listen {
    private Listen() {}

    /// The RST that answers `segment` where there is no connection, without addresses; `null` if it is
    /// an RST itself. It echoes the segment's timestamp (RFC 7323, 5.2).
    public static @Nullable TcpSegment resetFor(TcpSegment segment) {
        if (segment.has(TcpFlags.RST)) {
            return null;
        }
        TcpSegment reset = new TcpSegment().flag(TcpFlags.RST);
        if (segment.hasTimestamps()) {
            reset.timestamps(0, segment.tsVal());
        }
        return segment.has(TcpFlags.ACK) ? reset.seq(segment.ack()) : reset.ack(segment.end());
    }

    /// Whether `segment` opens a connection: a SYN without ACK, RST or FIN.
    public static boolean opens(TcpSegment segment) {
        int control = TcpFlags.SYN | TcpFlags.ACK | TcpFlags.RST | TcpFlags.FIN;
        return (segment.flags() & control) == TcpFlags.SYN;
    }

    /// Opens passively if `segment` [#opens] a connection. Nothing is sent yet: the SYN is
    /// pending until [HalfOpenConnection#synAck] or [HalfOpenConnection#reject].
    ///
    /// Deviation: a SYN with FIN is dropped, as everywhere, since only attackers send it, and text on
    /// the SYN is not kept (RFC 9293, 3.10.7.2, would queue both): a half-open connection has no buffers, and the peer sends it again.
    ///
    /// @return `null` if the segment does not open a connection; then [#resetFor] is the answer if it
    ///     has the ACK flag, and none otherwise
    public static @Nullable HalfOpenConnection onSegment(
            TcpSegment segment, TcpConfig config, int iss, int timestampOffset) {
        if (!opens(segment)) {
            return null;
        }
        return new HalfOpenConnection(
                PeerOptions.of(segment),
                EcnResponder.of(segment, config),
                config,
                iss,
                timestampOffset);
    }
}
