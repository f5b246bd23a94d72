package toytcp.stack.channel;

import toytcp.codec.Ipv4Codec;
import toytcp.stack.tcp.TcpConfig;

import java.util.function.Consumer;

/// What the options of a channel say of its connection; immutable, and the same for the children of
/// a listener until they say otherwise.
///
/// @param tcp what TCP itself knows
/// @param trafficClass the traffic class of what is sent: the option IP_TOS, its ECN bits 0
/// @param ttl the time to live of what is sent, the option IP_TTL: 1 to 255
/// @param maximumSegment the option TCP_MAXSEG: 88 to 32767 octets, or 0 to leave it to the route
/// @param reports the option TCP_REPORTS
record FlowSettings(TcpConfig tcp, int trafficClass, int ttl, int maximumSegment, boolean reports) {
    /// A segment of the least size that every peer takes (RFC 9293, 3.7.1).
    private static final int LEAST_CREDIT = 536;

    /// No options yet.
    FlowSettings(TcpConfig tcp) {
        this(tcp, 0, Ipv4Codec.DEFAULT_TTL, 0, false);
    }

    FlowSettings with(Consumer<TcpConfig.Draft> change) {
        return new FlowSettings(tcp.with(change), trafficClass, ttl, maximumSegment, reports);
    }

    FlowSettings withTrafficClass(int value) {
        return new FlowSettings(tcp, value, ttl, maximumSegment, reports);
    }

    FlowSettings withTtl(int value) {
        return new FlowSettings(tcp, trafficClass, value, maximumSegment, reports);
    }

    FlowSettings withMaximumSegment(int value) {
        return new FlowSettings(tcp, trafficClass, ttl, value, reports);
    }

    FlowSettings withReports(boolean value) {
        return new FlowSettings(tcp, trafficClass, ttl, maximumSegment, value);
    }

    /// How many octets a connection takes before it was asked.
    int initialCredit() {
        long mark = tcp.notSentLowWater();
        int most = tcp.initialSendBuffer();
        return mark == 0 ? most : Math.clamp(mark, Math.min(LEAST_CREDIT, most), most);
    }

    /// The largest segment on a route that takes segments of `routed` octets.
    int maximumSegmentSize(int routed) {
        return maximumSegment == 0 ? routed : Math.min(maximumSegment, routed);
    }
}
