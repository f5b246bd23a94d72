package toytcp.stack.channel;

import toytcp.codec.IcmpError;
import toytcp.codec.TcpSegment;

/// What the [FlowTable] holds: the two ends of a connection, as seen from here.
///
/// Either a [FlowDriver] with a whole connection or a [HalfOpenEntry] that waits for the last
/// segment of the handshake.
abstract sealed class FlowEntry permits FlowOutput, HalfOpenEntry {
    final long localHigh;
    final long localLow;
    final int localPort;
    final long remoteHigh;
    final long remoteLow;
    final int remotePort;

    FlowEntry(
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort) {
        this.localHigh = localHigh;
        this.localLow = localLow;
        this.localPort = localPort;
        this.remoteHigh = remoteHigh;
        this.remoteLow = remoteLow;
        this.remotePort = remotePort;
    }

    /// Takes an arriving segment, which now belongs to the entry.
    abstract void onSegment(TcpSegment segment, long nowNanos);

    /// An ICMP error about a segment of this connection.
    abstract void onIcmpError(IcmpError error, long nowNanos);

    final boolean matches(
            long localHigh,
            long localLow,
            int localPort,
            long remoteHigh,
            long remoteLow,
            int remotePort) {
        return this.remotePort == remotePort
                && this.localPort == localPort
                && this.remoteLow == remoteLow
                && this.localLow == localLow
                && this.remoteHigh == remoteHigh
                && this.localHigh == localHigh;
    }

    /// `10.0.0.1:61000 -> 10.0.1.1:40000`, the local end first.
    @Override
    public final String toString() {
        return Endpoints.flow(localHigh, localLow, localPort, remoteHigh, remoteLow, remotePort);
    }
}
