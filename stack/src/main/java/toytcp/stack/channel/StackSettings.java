package toytcp.stack.channel;

import org.jspecify.annotations.Nullable;

import toytcp.stack.ip.IpPrefix;
import toytcp.stack.ip.PacketLink.PortRange;
import toytcp.stack.tcp.EntropySource;
import toytcp.stack.tcp.TcpConfig;

import java.util.List;

/// What a [TcpStack.Builder] was told.
///
/// @param addresses our addresses; may be empty on a link that knows them
/// @param mtu the largest packet in octets, or 0 to leave it to the link
/// @param ephemeralPorts the ports of active opens, or null to leave them to the link
/// @param memory how many octets all connections may hold together
/// @param config where the settings of each connection begin
/// @param entropy for secrets
record StackSettings(
        List<IpPrefix> addresses,
        int mtu,
        @Nullable PortRange ephemeralPorts,
        long memory,
        TcpConfig config,
        EntropySource entropy) {}
