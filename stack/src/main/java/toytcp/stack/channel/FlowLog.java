package toytcp.stack.channel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import toytcp.codec.IpPacket;
import toytcp.codec.SegmentFormat;
import toytcp.codec.TcpFlags;
import toytcp.codec.TcpSegment;

/// The log that shows what TCP does: each step of a connection at debug, each packet at trace.
///
/// Callers ask [#isDebug] and [#isTrace] first, so that nothing is spent while the level is off.
final class FlowLog {
    private static final Logger LOG = LoggerFactory.getLogger("toytcp.stack.flow");

    private static final int CONTROL = TcpFlags.SYN | TcpFlags.FIN | TcpFlags.RST;
    private static final int[] BITS = {
        TcpFlags.SYN, TcpFlags.FIN, TcpFlags.RST, TcpFlags.PSH, TcpFlags.ACK
    };
    private static final String[] NAMES = {"SYN", "FIN", "RST", "PSH", "ACK"};

    private FlowLog() {}

    static boolean isDebug() {
        return LOG.isDebugEnabled();
    }

    static boolean isTrace() {
        return LOG.isTraceEnabled();
    }

    static void debug(Object who, String what) {
        LOG.debug("{}: {}", who, what);
    }

    static void debug(Object who, String what, Object detail) {
        LOG.debug("{}: {} {}", who, what, detail);
    }

    static void info(Object who, String what) {
        LOG.info("{}: {}", who, what);
    }

    static void warn(Object who, String what, Throwable cause) {
        LOG.warn("{}: {}", who, what, cause);
    }

    /// An IPv4 packet, before its TCP segment is looked at.
    static void packetReceived(IpPacket packet) {
        LOG.trace("IP packet received: {}", packet);
    }

    static void segmentVerified(TcpSegment segment) {
        LOG.trace(
                "TCP segment verified: {}",
                Endpoints.flow(
                        segment.srcHigh(),
                        segment.srcLow(),
                        segment.srcPort(),
                        segment.dstHigh(),
                        segment.dstLow(),
                        segment.dstPort()));
    }

    /// A segment of a connection; the bases make its numbers relative.
    static void segment(Object who, String verb, TcpSegment segment, int seqBase, int ackBase) {
        if (LOG.isTraceEnabled()) {
            LOG.trace("{}: {} {}", who, verb, SegmentFormat.format(segment, seqBase, ackBase));
        }
        boolean step = (segment.flags() & CONTROL) != 0 || endsHandshake(segment, seqBase, ackBase);
        if (step && LOG.isDebugEnabled()) {
            LOG.debug("{}: {} {}", who, flags(segment), verb);
        }
    }

    /// The third segment of the handshake, which has no flag that tells it from any other ACK.
    private static boolean endsHandshake(TcpSegment segment, int seqBase, int ackBase) {
        return segment.seq() == seqBase + 1
                && segment.ack() == ackBase + 1
                && segment.has(TcpFlags.ACK)
                && !segment.payload().isReadable();
    }

    private static String flags(TcpSegment segment) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < BITS.length; i++) {
            if (segment.has(BITS[i])) {
                text.append(text.isEmpty() ? "" : "|").append(NAMES[i]);
            }
        }
        return text.toString();
    }
}
