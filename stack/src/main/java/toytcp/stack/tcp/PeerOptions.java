package toytcp.stack.tcp;

import toytcp.codec.TcpSegment;

/// What a SYN says about its sender.
///
/// @param irs the sequence number of the SYN
/// @param window the window, never scaled in a SYN
/// @param mss the MSS option, or -1
/// @param windowScale the shift, or -1
/// @param sackPermitted whether selective acknowledgements are understood
/// @param hasTimestamps whether timestamps are understood
/// @param tsVal the first timestamp
record PeerOptions(
        int irs,
        int window,
        int mss,
        int windowScale,
        boolean sackPermitted,
        boolean hasTimestamps,
        int tsVal) {
    /// RFC 7323, 2.3: "If a Window Scale option is received with a shift.cnt value larger than 14,
    /// the TCP SHOULD log the error but MUST use 14 instead of the specified value."
    static final int MAX_SHIFT = 14;

    private static final int MAX_UNSCALED = 65535;

    static PeerOptions of(TcpSegment syn) {
        return new PeerOptions(
                syn.seq(),
                syn.window(),
                syn.mss(),
                syn.windowScale(),
                syn.sackPermitted(),
                syn.hasTimestamps(),
                syn.tsVal());
    }

    /// The smallest shift with which `buffer` fits into the window field.
    static int shiftFor(int buffer) {
        int shift = 0;
        while (shift < MAX_SHIFT && buffer >> shift > MAX_UNSCALED) {
            shift++;
        }
        return shift;
    }

    /// The window field of our own SYN.
    static int synWindow(int buffer) {
        return Math.min(buffer, MAX_UNSCALED);
    }

    /// Writes our own SYN's options: all that we offer, or what we agree to if `peer` offered first.
    static TcpSegment offer(TcpSegment syn, TcpConfig config, PeerOptions peer) {
        syn.mss(config.maximumSegmentSize()).window(synWindow(config.receiveBuffer()));
        if (config.windowScaling() && (peer == null || peer.windowScale >= 0)) {
            syn.windowScale(shiftFor(config.receiveBuffer()));
        }
        return syn.sackPermitted(config.sack() && (peer == null || peer.sackPermitted));
    }
}
