package toytcp.codec;

/// Why a packet or segment was dropped; each reason has a counter in [DropCounters].
public enum DropReason {
    /// Fewer octets than the header needs, or than its own length fields claim.
    IP_TRUNCATED,
    /// The version is not 4.
    IP_VERSION,
    /// The header length is below 20 octets or beyond the total length.
    IP_HEADER_LENGTH,
    /// The header checksum is wrong (RFC 1122, 3.2.1.2).
    IP_CHECKSUM,
    /// A fragment: this stack does not reassemble.
    IP_FRAGMENT,
    /// A source address that no host can have: broadcast, multicast or loopback (RFC 1122, 3.2.1.3).
    IP_SOURCE,
    /// A source route that does not end here: another host is to get the packet, by way of this one.
    IP_SOURCE_ROUTE,
    /// A packet for an address that is not ours.
    IP_DESTINATION,
    /// The protocol has no handler in this pipeline.
    IP_PROTOCOL,
    /// Fewer octets than a TCP header has.
    TCP_TRUNCATED,
    /// The data offset is below 5 or beyond the end of the packet.
    TCP_DATA_OFFSET,
    /// The checksum is wrong (RFC 9293, 3.1, MUST-3).
    TCP_CHECKSUM,
    /// An option whose length is below 2, beyond the header, or wrong for its kind (MUST-7).
    TCP_OPTION_LENGTH,
    /// Source or destination port 0.
    TCP_PORT_ZERO,
    /// Control bits that no host sends together: SYN with FIN or RST.
    TCP_FLAGS,
    /// An ICMP error with fewer octets than it needs, or without the first eight octets of the segment that it quotes.
    ICMP_TRUNCATED,
    /// An ICMP error whose checksum is wrong (RFC 792).
    ICMP_CHECKSUM,
    /// An ICMP error that quotes no TCP segment.
    ICMP_QUOTE,
    /// A Source Quench, which nobody may act on (RFC 6633).
    ICMP_SOURCE_QUENCH,
    /// An ICMP error about a segment of no connection that is here.
    ICMP_NO_FLOW,
    /// An ICMP error about a segment that is not outstanding: late, or forged (RFC 5927, 4.1).
    ICMP_SEQUENCE,
    /// An ICMP error with an MTU that cannot be, or that is no news (RFC 5927, 7.2; RFC 1191, 6.4).
    ICMP_MTU,
    /// No flow and no listener: answered by RST where the RFC allows it.
    NO_FLOW,
    /// A half-open connection that had to go when its listener's queue of these was full.
    SYN_QUEUE_FULL,
    /// The application does not accept as fast as connections come: a SYN or the ACK of a handshake was ignored.
    ACCEPT_QUEUE_FULL,
    /// The ACK of a handshake without data, where TCP_DEFER_ACCEPT waits for data.
    ACCEPT_DEFERRED,
    /// A pending connection attempt that the application dropped.
    PENDING_DROPPED,
    /// A pending connection attempt that the application did not decide in time.
    PENDING_EXPIRED,
    /// No challenge ACK was sent for a half-open connection, since too many were lately (RFC 5961, 7).
    CHALLENGE_RATE_LIMITED,
    /// No RST was sent for a segment without a flow, since too many were lately.
    RESET_RATE_LIMITED,
    /// A segment in LISTEN that is neither SYN, ACK nor RST (RFC 9293, 3.10.7.2, fourth).
    LISTEN_UNEXPECTED,
    /// An RST that matches no connection attempt or lies outside the window (RFC 9293, 3.5.3).
    RST_INVALID,
    /// A sequence number outside the receive window (RFC 9293, 3.10.7.4, first).
    SEQUENCE_OUTSIDE_WINDOW,
    /// A timestamp older than the last one (PAWS: RFC 7323, 5.3).
    TIMESTAMP_TOO_OLD,
    /// Timestamps were negotiated, and the segment has none (RFC 7323, 3.2).
    TIMESTAMP_MISSING,
    /// A synchronized connection got a SYN: answered by a challenge ACK (RFC 9293, 3.10.7.4, fourth).
    SYN_UNEXPECTED,
    /// SYN-SENT got a segment without SYN or RST (RFC 9293, 3.10.7.3, fifth).
    SYN_MISSING,
    /// No ACK flag where one is needed (RFC 9293, 3.10.7.4, fifth).
    ACK_MISSING,
    /// An acknowledgement of something never sent, or far too old (RFC 5961, 5).
    ACK_UNACCEPTABLE,
    /// Out-of-order data beyond what the reassembly queue may hold.
    REASSEMBLY_FULL,
    /// Data within the window for which the memory of the stack has no room.
    MEMORY_LIMIT,
    /// Out-of-order data that was held, and given up for want of memory.
    MEMORY_RECLAIMED,
    /// Data for a connection that the user has closed: answered by RST (RFC 9293, 3.6.1).
    DATA_AFTER_CLOSE,
    /// A message that is not a packet, or could not be encoded.
    UNSUPPORTED_MESSAGE
}
